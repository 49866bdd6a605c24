"""Each command as users type it: data on standard output, the rest on standard error, the right exit code."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest

import kb
from kb import resources
from kb.build import reading
from kb.cli import options, run
from kb.cli.group import COMMANDS, group
from kb.problems import RULES

GOLDEN = str(Path(__file__).resolve().parents[1] / "golden" / "content")
TWO = str(Path(__file__).resolve().parents[1] / "queries" / "two-documents")
ZELORIN = str(resources.content().parent / "examples" / "zelorin")
Run = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[..., Path]
Captured = pytest.CaptureFixture[str]


def test_help_lists_every_command(run_kb: Run) -> None:
    done = run_kb("--help")
    assert done.returncode == 0
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


def command_lines(command: click.Command, *words: str) -> Iterator[list[str]]:
    """Name a command and all commands below it."""
    yield list(words)
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            inner = command.get_command(click.Context(command), name)
            assert inner is not None
            yield from command_lines(inner, *words, name)


@pytest.mark.parametrize("words", list(command_lines(group)), ids=" ".join)
def test_each_command_has_help_with_examples(words: list[str], capsys: Captured) -> None:
    assert run([*words, "-h"]) == 0
    text = capsys.readouterr().out
    assert " ".join(["kb", *words]) in text.partition("Examples:\n")[2]
    assert "\b" not in text
    assert "\\b" not in text


@pytest.mark.parametrize("name", ["options.tsv", "examples.tsv"])
def test_each_row_of_options_and_examples_is_of_a_command(name: str) -> None:
    known = {" ".join(words) for words in command_lines(group)}
    rows = (Path(options.__file__).parent / name).read_text(encoding="utf-8").splitlines()[1:]
    assert {command for row in rows if (command := row.partition("\t")[0])} - known == set()


def test_the_version_is_that_of_the_distribution(capsys: Captured) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("kb 0.")


@pytest.mark.parametrize(
    "args",
    [
        ["nothing"],
        ["validate", "--nothing"],
        ["validate", "--format", "yaml"],
        ["query", "indications", "-e", "ASK {}"],
        ["query", "indications", "--param", "drug"],
        ["query", "indications", "--param", "=x"],
        ["query", "indications", "--engine", "other"],
        ["query", "indications", "--timeout", "0"],
        ["query", "indications", "--timeout", "nan"],
        ["query", "indications", "--exit-code"],
        ["query", "side-effects", "-p", "effect=drowsiness", "-p", "effect=lethargy"],
        ["query", ""],
        ["query", "-e", ""],
        ["export", "-o", ""],
        ["query", "indications", "-o", "x.csv", "-f", "table"],
        ["show"],
        ["build", "--facts", "more.jsonl"],
        ["build", "-f", "turtle"],
        ["build", "-o", "-"],
    ],
)
def test_wrong_use_is_reported_with_exit_code_2(args: list[str], capsys: Captured) -> None:
    assert run(args) == 2
    captured = capsys.readouterr()
    assert captured.err
    assert "Traceback" not in captured.err
    assert not captured.out


@pytest.mark.parametrize(
    ("args", "code", "hint"),
    [
        (["query", "indication"], "KB601", "Did you mean 'indications'?"),
        (["query", "indications", "-p", "drugs=clonazepam"], "KB607", "It takes: drug."),
        (["query", "indications", "-p", "drug=clonazepan"], "KB705", "Did you mean 'clonazepam'?"),
        (["query", "indications", "-f", "yaml"], "KB702", "table, json, xml, csv, tsv"),
        (["query", "-e", "CONSTRUCT WHERE { ?s ?p ?o }", "-f", "csv"], "KB702", "turtle"),
        (["show", "drowsines"], "KB705", "Did you mean 'drowsiness'?"),
        (["export", "-f", "yaml"], "KB702", "Known are: turtle"),
        (["export", "-o", "x.docx"], "KB702", "Known are: turtle"),
        (["export", "-f", "ttl", "-f", "nt"], "KB702", "slash"),
        (["export", "-f", "ttl", "--statements", "named-graphs"], "KB703", "nquads, trig"),
        (["export", "-f", "jsonld", "--statements", "rdf12"], "KB703", "turtle"),
        (["build", "-o", "x.docx"], "KB782", ".ttl"),
        (["build", "-o", "x.ttl.gz", "--statements", "named-graphs"], "KB703", "nquads, trig"),
    ],
)
def test_an_unknown_name_is_reported_with_a_code_and_a_remedy(args: list[str], code: str, hint: str, capsys: Captured) -> None:
    assert run(args) == 2
    error = capsys.readouterr().err
    assert code in error
    assert hint in error


def test_validate_summarizes_what_it_checked(run_kb: Run) -> None:
    done = run_kb("validate")
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("Checked 1 document, 64 terms, 25 predicates, 60 facts")
    assert done.stdout.endswith("no problems.\n")


def test_validate_writes_problems_as_json(make_kb: Make, capsys: Captured) -> None:
    folder = make_kb(**{"facts/leaflet.yaml": [{"subject": "examplol", "predicate": "has-side-effects"}]})
    assert run(["validate", "--content", str(folder), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["valid"] is False
    assert report["counts"]["fact"] == 1
    assert {problem["code"] for problem in report["problems"]} == {"KB201"}
    assert all(all(problem[key] for key in ("file", "line", "column", "message", "remedy")) for problem in report["problems"])


def test_a_knowledge_base_without_facts_and_documents_is_not_called_valid(make_kb: Make, capsys: Captured) -> None:
    folder = make_kb(**{"facts/leaflet.yaml": None, "documents/leaflet.yaml": None})
    for path in ("facts", "documents"):
        for file in (folder / path).glob("*"):
            file.unlink()
    assert run(["validate", "--content", str(folder)]) == 1
    assert "KB405" in capsys.readouterr().out


def test_the_headings_of_queries_are_validated(make_kb: Make, capsys: Captured) -> None:
    folder = make_kb(**{"queries/odd.rq": "# title: Odd\n# question: What?\n# colums: [a]\nASK {}\n"})
    assert run(["validate", "--content", str(folder)]) == 1
    output = capsys.readouterr().out
    assert "KB609" in output
    assert "colums" in output


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("# title: Odd\n# question: What?\n# columns: [a]\nSELEC ?a { }\n", "KB602", "odd.rq:4:"),
        ("# title: Odd\n# question: What?\n# columns: [a, b]\nSELECT ?a { }\n", "KB609", "the column 'b'"),
        ("# titel: Odd\nSELECT ?a { }\n", "KB609", "no heading"),
        (
            (
                "# title: Odd\n# question: What?\n# columns: [a]\n# parameters:\n"
                "#   x: {type: text, variable: x, description: One.}\nSELECT ?a { }\n"
            ),
            "KB609",
            "VALUES ?x { UNDEF }",
        ),
    ],
)
def test_named_queries_are_validated(text: str, code: str, words: str, make_kb: Make, capsys: Captured) -> None:
    folder = make_kb(**{"queries/odd.rq": text})
    assert run(["validate", "--shapes", "none", "--content", str(folder)]) == exit_code_of(code)
    output = capsys.readouterr().out
    assert code in output
    assert words in output
    assert "odd.rq" in output


def exit_code_of(code: str) -> int:
    return RULES[code].exit


def test_a_violated_shape_is_reported_at_the_record_that_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    shape = tmp_path / "shape.ttl"
    shape.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix kb: <https://w3id.org/linked-kb/ontology#> ."
        "<urn:shape> a sh:NodeShape ; sh:targetClass kb:Fact ; sh:property [ sh:path kb:frequency ; sh:minCount 1 ;"
        " sh:message 'how often is not said' ] .",
        encoding="utf-8",
    )
    monkeypatch.setattr("kb.resources.shapes", lambda: [shape])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert run(["validate", "--content", GOLDEN]) == 1
    output = capsys.readouterr().out
    assert re.search(r"facts/leaflet\.yaml:\d+:3: KB501 .*how often is not said", output)
    assert re.search(r"facts/more\.jsonl:2:1: KB501", output)
    assert not (tmp_path / "cache" / "linked-kb" / "shacl").exists()


def test_a_sample_of_a_large_knowledge_base_is_validated_with_the_shapes(make_kb: Make, capsys: Captured) -> None:
    folder = make_kb(**{"facts/leaflet.yaml": [_numbered(number) for number in range(300)]})
    run(["validate", "--content", str(folder)])
    assert "(100 of 300 facts were validated with the shapes)" in capsys.readouterr().out


def test_a_change_elsewhere_does_not_change_the_sample(make_kb: Make) -> None:
    folders = [
        make_kb(name, **{"facts/leaflet.yaml": [_numbered(number) for number in range(count)]}) for name, count in _SIZES.items()
    ]
    drawn = []
    for folder in folders:
        read = reading.read(folder)
        about = read.dataset()
        assert about
        part = reading.sample(read, read.vocabulary(about))
        assert {fact.subject for fact in part.facts} <= set(part.terms)
        drawn.append({fact.path for fact in part.facts})
    assert [len(paths) for paths in drawn] == [100, 100]
    assert len(drawn[0] - drawn[1]) <= 3


_SIZES = {"a": 300, "b": 301}


def _numbered(number: int) -> dict[str, Any]:
    fact = {"subject": "examplol", "predicate": "has-side-effect", "object": {"value": str(number)}, "modality": "can"}
    return {**fact, "evidence": [{"sentence": "s1.1"}]}


def test_a_hedge_on_the_evidence_for_the_claim_is_refused(make_kb: Make, capsys: Captured) -> None:
    fact = {"subject": "examplol", "predicate": "has-side-effect", "object": "itch", "modality": "is"}
    folder = make_kb(**{"facts/leaflet.yaml": [{**fact, "evidence": [{"sentence": "s1.1", "modality": "may"}]}]})
    assert run(["validate", "--shapes", "none", "--content", str(folder)]) == 1
    assert "KB322" in capsys.readouterr().out


def test_a_record_cannot_bring_a_context_of_its_own(make_kb: Make, capsys: Captured) -> None:
    folder = make_kb(**{"terms/more.yaml": [{"@context": "https://example.org/context.jsonld", "id": "x"}]})
    assert run(["validate", "--shapes", "none", "--content", str(folder)]) == 1
    assert "KB202 This term cannot have '@context'." in capsys.readouterr().out


def test_a_query_with_an_unknown_predicate_reports_it(capsys: Captured) -> None:
    assert run(["query", "withdrawal", "--content", GOLDEN]) == 0
    assert "no predicate" not in capsys.readouterr().err
    assert run(["query", "interactions", "--content", GOLDEN]) == 0
    assert run(["query", "advice", "--content", GOLDEN]) == 0
    assert "no predicate 'calls-for'" in capsys.readouterr().err


def test_a_query_from_standard_input_takes_its_parameters(run_kb: Run) -> None:
    text = (resources.content() / "queries/side-effects.rq").read_text(encoding="utf-8")
    done = run_kb("query", "-", "-p", "effect=drowsiness", "-f", "csv", input=text)
    assert len(done.stdout.splitlines()) == 2, done.stderr


def test_shapes_are_checked_and_a_good_verdict_is_cached(run_kb: Run, tmp_path: Path) -> None:
    own_cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert run_kb("validate", "--content", GOLDEN, env=own_cache).returncode == 0
    (cached,) = (tmp_path / "cache" / "linked-kb" / "shacl").iterdir()
    broken = {**own_cache, "PYTHONPATH": str(tmp_path / "broken")}  # a pyshacl whose import fails
    (tmp_path / "broken" / f"pyshacl-{version('pyshacl')}.dist-info").mkdir(parents=True)
    (tmp_path / "broken" / "pyshacl").mkdir()
    (tmp_path / "broken" / "pyshacl" / "__init__.py").write_text("raise RuntimeError('imported')", encoding="utf-8")
    assert run_kb("validate", "--content", GOLDEN, env=broken).returncode == 0
    cached.unlink()
    assert run_kb("validate", "--content", GOLDEN, env=broken).returncode != 0


def test_coverage_fails_while_a_sentence_is_undecided(make_kb: Make, capsys: Captured) -> None:
    folder = make_kb()
    document: dict[str, Any] = json.loads((folder / "documents/leaflet.yaml").read_text(encoding="utf-8"))
    document["sentences"].append({"id": "s2.1", "start": 71, "end": 80, "sha256": "0" * 64})
    (folder / "documents/leaflet.yaml").write_text(json.dumps(document), encoding="utf-8")
    assert run(["coverage", "--content", str(folder)]) == 1
    captured = capsys.readouterr()
    assert "2 of 3 sentences are decided (67%)" in captured.out
    assert re.search(r"leaflet\.yaml:\d+:\d+: KB403 s2\.1 is neither", captured.err)
    document["sentences"][-1]["exempt"] = {"reason": "no-claim", "note": "A greeting."}
    (folder / "documents/leaflet.yaml").write_text(json.dumps(document), encoding="utf-8")
    assert run(["coverage", "--content", str(folder), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["sentences"], report["decided"], report["share"]) == (3, 3, 1.0)
    assert report["decisions"][-1]["reason"] == "no-claim"
    assert report["decisions"][-1]["note"] == "A greeting."


def test_coverage_of_the_shipped_knowledge_base_is_23_of_23(capsys: Captured) -> None:
    assert run(["coverage"]) == 0
    assert "23 of 23 sentences are decided (100%)" in capsys.readouterr().out


def test_stats_count_facts_and_terms(capsys: Captured) -> None:
    assert run(["stats", "--format", "json"]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert counts["facts in all"] == sum(counts["facts"].values()) == 60
    assert counts["terms in all"] == sum(counts["terms"].values()) == 64
    assert run(["stats"]) == 0
    assert "facts: has-side-effect" in capsys.readouterr().out


def test_show_prints_facts_with_hedges_sentences_and_matches(capsys: Captured) -> None:
    assert run(["show", "Blurred Vision"]) == 0
    output = capsys.readouterr().out
    assert "blurred vision (symptom, term:blurred-vision)" in output
    assert "severity: usually mild" in output
    assert "An overview of clonazepam in six sections, s3.3 usually: severity" in output
    assert "exact match: HP:0000622 (Blurred vision)" in output


def test_show_prints_notes_and_other_labels(capsys: Captured) -> None:
    assert run(["show", "GABA"]) == 0
    assert "also: GABA" in capsys.readouterr().out
    assert run(["show", "alcohol"]) == 0
    assert "note: " in capsys.readouterr().out


def test_show_prints_literals(capsys: Captured) -> None:
    assert run(["show", "brightol", "--content", GOLDEN]) == 0
    output = capsys.readouterr().out
    assert "has half-life in hours 1.50 (is)" in output
    assert "denied: brightol has side effect rash (is)" in output


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("HP:0000622", "blurred vision (symptom, term:blurred-vision)"),
        ("http://purl.obolibrary.org/obo/HP_0000622", "blurred vision (symptom, term:blurred-vision)"),
        ("pred:has-side-effect", "has side effect (predicate, pred:has-side-effect)"),
        ("Has side effect", "has side effect (predicate, pred:has-side-effect)"),
        ("clonazepam-overview s3.3", "clonazepam has side effect drowsiness (can"),
        ("https://w3id.org/linked-kb/clonazepam/document/clonazepam-overview/s3.3", "status: covered"),
        ("fact/clonazepam-overview/clonazepam/has-side-effect/drowsiness", "course: usually self-limiting"),
        ("clonazepam-overview", "An overview of clonazepam in six sections (document, document/clonazepam-overview)"),
        ("s3.3", "An overview of clonazepam in six sections, s3.3 (sentence"),
        ("clonazepam/has-side-effect/drowsiness", "course: usually self-limiting"),
        ("may", "Facts: 4\n  clonazepam has withdrawal symptom anxiety (may; open list; trigger"),
        ("kb:usually", "Facts: 6\n  clonazepam has side effect blurred vision (can"),
        ("Open list", "open list (kb:open-list)\n  One of several"),
        ("severity", "Facts: 6\n"),
        ("kb:Drug", "Things of this kind: 4\n  certain types of pain medications\n  clonazepam\n"),
        ("drug class", "Things of this kind: 1\n  benzodiazepine\n"),
        ("mapping/predicate/alleviates/closeMatch/RO/0003307", "kb:curie: RO:0003307"),
    ],
)
def test_show_finds_a_thing_of_any_sort_by_any_name(name: str, words: str, capsys: Captured) -> None:
    assert run(["show", name]) == 0
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("CHEBI:16236", "is no exact match of a term, but matches term:alcohol (close match)"),
        ("fact/clonazepam-overview/none", "'fact/clonazepam-overview/none'. A fact is named by the end of its IRI"),
        ("s99.1", "A sentence is named by its document and number: 'kb query coverage' lists them."),
        ("clonazepam-overvie s1.1", "Did you mean 'clonazepam-overview'?"),
        ("severe", "No fact of this knowledge base has the word 'severe'."),
        ("kb:Drgu", "There is nothing called 'kb:Drgu'. Name a term, predicate, document, fact, sentence or word"),
        ("insom", "Did you mean 'insomnia'?"),
        ("difficult", "difficulty-concentrating"),
    ],
)
def test_show_refuses_what_names_nothing_with_what_is_near(name: str, message: str, capsys: Captured) -> None:
    assert run(["show", name]) == 2
    assert message in capsys.readouterr().err


def test_show_names_the_documents_of_a_number_that_several_have(capsys: Captured) -> None:
    assert run(["show", "s1.1", "--content", TWO]) == 2
    assert "'s1.1' is the name of several: document/leaflet/s1.1, document/review/s1.1. Use one" in capsys.readouterr().err


def test_show_prints_the_words_of_a_sentence_that_no_fact_rests_on(capsys: Captured) -> None:
    for name in ("zelorin-leaflet s1.0", "zelorin-leaflet#s1.0", "zelorin-leaflet/s1.0"):
        assert run(["show", name, "--content", ZELORIN]) == 0
    assert "  “Zelorin: a leaflet about a made-up medicine”\n\nFacts: 0\n" in capsys.readouterr().out


def test_show_reads_a_store_and_writes_what_python_returns(tmp_path: Path, capsys: Captured) -> None:
    assert run(["build", "--store", str(tmp_path / "store")]) == 0
    capsys.readouterr()
    shown = f"{kb.show('alcohol')}\n"
    assert run(["show", "alcohol", "--store", str(tmp_path / "store")]) == 0
    assert capsys.readouterr().out == shown


def test_queries_are_listed_with_their_questions(capsys: Captured) -> None:
    assert run(["query"]) == 0
    listed = capsys.readouterr().out
    assert run(["query", "--list"]) == 0
    assert capsys.readouterr().out == listed
    assert re.search(r"side-effects +drug +Which side effects", listed)


def test_a_query_is_shown_with_the_prefixes_that_it_uses(capsys: Captured, tmp_path: Path) -> None:
    assert run(["query", "indications", "--show"]) == 0
    text = capsys.readouterr().out
    assert "PREFIX pred: <https://w3id.org/linked-kb/clonazepam/predicate/>" in text
    (tmp_path / "complete.rq").write_text(text, encoding="utf-8")
    assert run(["query", str(tmp_path / "complete.rq"), "-f", "csv"]) == 0
    again = capsys.readouterr().out
    assert run(["query", "indications", "-f", "csv"]) == 0
    assert capsys.readouterr().out == again


def test_a_query_is_read_from_standard_input(run_kb: Run) -> None:
    done = run_kb("query", "-", "-f", "csv", input="SELECT (COUNT(*) AS ?n) { ?fact a kb:Fact }")
    assert done.stdout.splitlines() == ["n", "60"]


@pytest.mark.parametrize(
    ("query", "truth", "code"), [("ASK { ?s a kb:Fact }", "true", 0), ("ASK { ?s a kb:Nothing }", "false", 1)]
)
def test_an_ask_query_sets_the_exit_code_on_request(query: str, truth: str, code: int, capsys: Captured) -> None:
    assert run(["query", "-e", query]) == 0
    assert capsys.readouterr().out == f"{truth}\n"
    assert run(["query", "-e", query, "--exit-code"]) == code


def test_a_graph_is_written_in_the_format_of_the_suffix(tmp_path: Path) -> None:
    for suffix, start in {"nt": "<https://", "jsonld": "{", "ttl": "@base"}.items():
        path = tmp_path / f"graph.{suffix}"
        assert run(["query", "-e", "CONSTRUCT WHERE { term:clonazepam ?p ?o }", "-o", str(path)]) == 0
        assert path.read_text(encoding="utf-8").startswith(start)


def test_rows_are_written_in_the_format_of_the_suffix(tmp_path: Path) -> None:
    for suffix, start in {"csv": "drug,", "tsv": "?drug\t", "json": "{", "xml": "<?xml"}.items():
        path = tmp_path / f"rows.{suffix}"
        assert run(["query", "indications", "-o", str(path)]) == 0
        assert path.read_text(encoding="utf-8").startswith(start)


def test_rows_that_a_query_leaves_unordered_come_in_one_order(run_kb: Run) -> None:
    query = "SELECT ?s ?p ?o { ?s ?p ?o }"
    first, second = (run_kb("query", "-e", query, "-f", "tsv", env={"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2"))
    assert first == second
    assert len(first.splitlines()) > 4000


def test_an_internal_error_names_a_log_and_shows_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    def broken(*_: object) -> None:
        message = "a fault made by this test"
        raise RuntimeError(message)

    monkeypatch.setattr("kb.pipeline.load_sound", broken)
    assert run(["stats"]) == 70
    error = capsys.readouterr().err
    assert "KB900" in error
    assert "Traceback" not in error
    log = Path(error.split()[-1].rstrip("."))
    assert "a fault made by this test" in log.read_text(encoding="utf-8")
    log.unlink()


def test_a_knowledge_base_with_problems_is_not_exported(make_kb: Make, capsys: Captured) -> None:
    folder = make_kb(**{"predicates.yaml": []})
    assert run(["export", "--content", str(folder)]) == 1
    captured = capsys.readouterr()
    assert not captured.out
    assert "KB302" in captured.err


def parameters(name: str) -> list[click.Parameter]:
    command = group.get_command(click.Context(group), name)
    assert command is not None
    return command.params


@pytest.mark.parametrize("name", [name for name in COMMANDS if any(option.name == "content" for option in parameters(name))])
def test_a_missing_folder_is_reported(name: str, capsys: Captured) -> None:
    words = ["clonazepam" for option in parameters(name) if isinstance(option, click.Argument) and option.required]
    words += [
        word
        for option in parameters(name)
        if isinstance(option, click.Option) and option.required
        for word in (option.opts[0], "x")
    ]
    assert run([name, *words, "--content", "/nowhere/at/all"]) == 3
    assert "KB101" in capsys.readouterr().err


def test_commands_work_on_the_knowledge_base_of_the_current_folder(make_kb: Make, run_kb: Run, tmp_path: Path) -> None:
    top, shipped = make_kb(), run_kb("stats", "-f", "json", cwd=tmp_path).stdout
    named = run_kb("stats", "-f", "json", "--content", str(top)).stdout
    assert named != shipped
    assert run_kb("stats", "-f", "json", cwd=top).stdout == named
    assert run_kb("stats", "-f", "json", cwd=tmp_path, env={"KB_CONTENT": str(top)}).stdout == named
    assert run_kb("stats", "-f", "json", "--content", str(resources.content()), cwd=top).stdout == shipped


@pytest.mark.parametrize(("options_", "state"), [((), "shipped"), (("--hold",), "held-elsewhere"), (("--ship",), "shipped")])
def test_a_text_under_an_open_licence_ships_unless_it_is_held(
    run_kb: Run, make_kb: Make, options_: tuple[str, ...], state: str
) -> None:
    folder = make_kb()
    text = folder.parent / "notice.txt"
    text.write_text("Zelorin is a made-up medicine.\n", encoding="utf-8")
    done = run_kb("document", "add", str(text), "--content", str(folder), "--licence", "CC0-1.0", *options_)
    assert (done.returncode, f"text {state}." in done.stdout) == (0, True)
