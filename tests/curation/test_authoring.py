"""A fact is added checked and in canonical form, or not at all; prompts and completion."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kb import cli, pipeline, resources
from kb.curation import reviewing
from kb.curation.canonical import canonicalize
from kb.files import locks
from kb.queries.result import query
from tests.terminal import converse

Captured = pytest.CaptureFixture[str]
UNSTATED = 1  # the fact is written, and its sentence does not state it
GOOD = {"subject": "medicine", "predicate": "has-side-effect", "object": "itching", "modality": "may", "evidence": "s1.2"}


@pytest.fixture
def top(tmp_path: Path) -> Path:
    shutil.copytree(resources.starter(), tmp_path / "kb")
    return tmp_path / "kb"


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)


def flags(**values: str) -> list[str]:
    return [word for key, value in values.items() for word in (f"--{key}", value)]


def test_a_fact_is_written_in_canonical_form_and_sorted_in(top: Path, capsys: Captured) -> None:
    assert cli.run(["fact", "add", "--content", str(top), *flags(**{**GOOD, "evidence": "s1.1"})]) == UNSTATED
    path = top / "facts/leaflet.yaml"
    text = path.read_text(encoding="utf-8")
    assert canonicalize(text, "fact", "facts") == text
    written = capsys.readouterr().out
    assert written.startswith("- subject: medicine\n  predicate: has-side-effect\n  object: itching\n  modality: may\n")
    assert text.index(written) < text.index("sentence: s1.2")
    assert len(pipeline.load(top).facts) == 3


def test_evidence_names_the_parts_that_it_supports_and_its_hedge(top: Path, capsys: Captured) -> None:
    pieces = ["--frequency", "rare", "--evidence", "s1.2:frequency:usually"]
    assert cli.run(["fact", "add", "--content", str(top), *flags(**{**GOOD, "evidence": "s1.1"}), *pieces]) == UNSTATED
    assert "    - sentence: s1.2\n      supports: [frequency]\n      modality: usually\n" in capsys.readouterr().out


@pytest.mark.parametrize("span", ["0-5", "20-30", "30-25", "25-9999", "99-5"])
def test_a_span_outside_of_its_sentence_is_refused_before_anything_is_written(span: str, top: Path, capsys: Captured) -> None:
    before = (top / "facts/leaflet.yaml").read_bytes()
    assert cli.run(["fact", "add", "--content", str(top), *flags(**{**GOOD, "evidence": f"s1.2@{span}"})]) == 1
    assert f"KB446 {span} is not inside of s1.2" in capsys.readouterr().err
    assert (top / "facts/leaflet.yaml").read_bytes() == before


def test_options_write_several_terms_who_entered_the_fact_and_what_disputes_it(top: Path, capsys: Captured) -> None:
    predicates = top / "predicates.yaml"
    text = predicates.read_text(encoding="utf-8")
    predicates.write_text(text.replace("qualifiers: [frequency", "qualifiers: [condition, frequency"), encoding="utf-8")
    more = ["--condition", "any-of: Examplol,itching", "--curator", "person:ana", "--disputes", "s1.1"]
    assert cli.run(["fact", "add", "--content", str(top), *flags(**GOOD), *more]) == UNSTATED
    capsys.readouterr()
    (fact,) = (each for each in pipeline.load(top).facts if each.subject == "medicine")
    assert fact.curation
    assert (fact.curation.curator, fact.curation.added) == ("person:ana", reviewing.today())
    assert fact.qualifiers["condition"] == "any-of,examplol,itching"
    assert [(piece.sentence, bool(piece.disputes)) for piece in fact.evidence] == [("s1.2", False), ("s1.1", True)]
    asked = """SELECT ?member ?dispute { ?fact rdf:subject term:medicine ; kb:condition ?group ; kb:dispute ?dispute .
      ?group a kb:AnyOf ; ?contains ?member . ?member a kb:Term }"""
    found = query(asked, content=top)
    assert {row["member"].rpartition("/")[2] for row in found} == {"examplol", "itching"}


@pytest.mark.parametrize("words", ["any-of:itching", "all-of:itching,nothing", "any-of:,itching"])
def test_several_terms_that_are_none_are_refused(words: str, top: Path, capsys: Captured) -> None:
    before = (top / "facts/leaflet.yaml").read_bytes()
    assert cli.run(["fact", "add", "--content", str(top), *flags(**GOOD), "--condition", words]) in {1, 2}
    assert re.search("KB(2|7)[0-9]+", capsys.readouterr().err)
    assert (top / "facts/leaflet.yaml").read_bytes() == before


def test_terms_and_predicates_may_be_named_by_label(top: Path, capsys: Captured) -> None:
    values = {**GOOD, "subject": "MEDICINE", "predicate": "has side effect"}
    assert cli.run(["fact", "add", "--content", str(top), *flags(**values)]) == UNSTATED
    assert "- subject: medicine\n  predicate: has-side-effect\n" in capsys.readouterr().out


def test_a_literal_is_accepted_where_the_predicate_allows_one(top: Path, capsys: Captured) -> None:
    predicates = top / "predicates.yaml"
    more = "- {id: starts, label: starts, definition: When., subject: [drug], object: [literal]}\n"
    predicates.write_text(predicates.read_text(encoding="utf-8") + more, encoding="utf-8")
    values = {"subject": "medicine", "predicate": "starts", "modality": "is", "evidence": "s1.1", "literal": "2026-01-31"}
    assert cli.run(["fact", "add", "--content", str(top), *flags(**values, datatype="xsd:date")]) == UNSTATED
    assert '  object: {value: "2026-01-31", datatype: xsd:date}\n' in capsys.readouterr().out
    assert cli.run(["fact", "add", "--content", str(top), *flags(**values, object="itching")]) == 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"object": "medicine"}, "KB306"),
        ({"object": "itsching"}, "KB705"),
        ({"predicate": "causes"}, "KB705"),
        ({"evidence": "s9.9"}, "KB304"),
        ({"evidence": "s1.2:frequency"}, "KB314"),
        ({"evidence": "a:b:c:d"}, "KB811"),
        ({"trigger": "itching"}, "KB307"),
        ({"subject": "examplol"}, "KB311"),
        ({"document": "leaflets"}, "KB303"),
        ({"note": "\x1b[31m"}, "KB108"),
    ],
    ids=str,
)
def test_a_fact_with_problems_is_not_written(wrong: dict[str, str], code: str, top: Path, capsys: Captured) -> None:
    before = {path: path.read_bytes() for path in top.rglob("*") if path.is_file()}
    assert cli.run(["fact", "add", "--content", str(top), *flags(**{**GOOD, **wrong})]) in {1, 2, 3}
    captured = capsys.readouterr()
    assert code in captured.err
    assert not captured.out
    assert {path: path.read_bytes() for path in top.rglob("*") if path.is_file()} == before


def test_a_fact_on_an_exempted_sentence_is_not_written(top: Path, capsys: Captured) -> None:
    record = top / "documents/leaflet.yaml"
    facts = top / "facts/leaflet.yaml"
    facts.write_text(facts.read_text(encoding="utf-8").partition("\n\n")[2], encoding="utf-8")
    end = "003971ea}"
    assert end in record.read_text(encoding="utf-8")
    exempted = record.read_text(encoding="utf-8").replace(end, f"{end[:-1]}, exempt: {{reason: no-claim}}}}")
    record.write_text(exempted, encoding="utf-8")
    assert cli.run(["fact", "add", "--content", str(top), *flags(**{**GOOD, "evidence": "s1.1"})]) == 1
    assert "KB404" in capsys.readouterr().err


def test_missing_parts_are_named_with_their_options(top: Path, capsys: Captured) -> None:
    assert cli.run(["fact", "add", "--content", str(top), "--subject", "medicine"]) == 2
    assert "--predicate, --object, --modality, --evidence" in capsys.readouterr().err


def test_a_file_that_is_not_canonical_gets_only_the_new_record(top: Path) -> None:
    path = top / "facts/leaflet.yaml"
    own = "# my own form\n" + path.read_text(encoding="utf-8").replace("frequency: rare", "frequency: 'rare'")
    path.write_text(own, encoding="utf-8")
    assert cli.run(["fact", "add", "--content", str(top), *flags(**GOOD)]) == UNSTATED
    assert path.read_text(encoding="utf-8").startswith(own)
    assert len(pipeline.load(top).facts) == 3


def test_the_first_fact_of_a_document_creates_its_file(top: Path) -> None:
    (top / "facts/leaflet.yaml").unlink()
    assert cli.run(["fact", "add", "--content", str(top), *flags(**GOOD)]) == UNSTATED
    assert len(pipeline.load(top).facts) == 1


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("--predicate has-side-effect --object ", {"itching"}),
        ("--predicate has-side-effect --subject ", {"examplol", "medicine"}),
        ("--predicate is", {"is-a-type-of"}),
        ("--modality can-", {"can-sometimes", "can-help-to"}),
        ("--evidence s", {"s1.1", "s1.2"}),
        ("--document ", {"leaflet"}),
    ],
)
def test_shell_completion_offers_what_the_knowledge_base_declares(words: str, offered: set[str], top: Path) -> None:
    typed = ["kb", "fact", "add", "--content", str(top), *words.split(" ")]
    completion = {"_KB_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(typed), "COMP_CWORD": str(len(typed) - 1)}
    done = subprocess.run(
        [sys.executable, "-m", "kb"], capture_output=True, text=True, env={**os.environ, **completion}, check=True
    )
    assert {line.partition(",")[2] for line in done.stdout.splitlines()} == offered


def test_prompts_ask_for_missing_parts_with_completion(top: Path) -> None:
    no_sentence = ["", ""]  # it is asked for again
    answers = ["medicine", "has-s\t", "itch\t", "may", "", "", "", "", *no_sentence, "s1.2", "", "", "", "", "", "n"]
    screen = _converse([sys.executable, "-m", "kb", "fact", "add", "--content", str(top)], answers)
    assert "frequency" in screen
    (fact,) = (fact for fact in pipeline.load(top).facts if fact.subject == "medicine")
    assert (fact.predicate, fact.object, fact.qualifiers, fact.sentences) == (
        "has-side-effect",
        "itching",
        {"modality": "may"},
        ("s1.2",),
    )


def _converse(command: list[str], answers: list[str]) -> str:
    """Run a command at a terminal; type an answer whenever it waits for one."""
    left = list(answers)
    screen = converse(command, lambda screen, *_: f"{left.pop(0)}\n".encode() if left and screen.endswith(b": ") else b"")
    assert not left, screen
    return screen


def run_fact(top: Path, *words: str) -> int:
    return cli.run(["fact", words[0], "--content", str(top), *words[1:]])


def test_declared_words_and_spans_are_written_with_their_sentence(top: Path, capsys: Captured) -> None:
    assert run_fact(top, "remove", "has-side-effect/itching") == 0
    values = {**GOOD, "subject": "examplol", "modality": "can", "evidence": "s1.2@24-60", "as": "s1.2:subject=It"}
    assert run_fact(top, "add", *flags(**values)) == 0
    written = capsys.readouterr().out
    assert "    - sentence: s1.2\n      start: 24\n      end: 60\n      as: {subject: It}\n" in written


@pytest.mark.parametrize("words", ["subject", "subject=", "s1.1:subject=It", "=It"])
def test_declared_words_of_another_form_or_sentence_are_refused(words: str, top: Path, capsys: Captured) -> None:
    assert run_fact(top, "add", *flags(**{**GOOD, "as": words})) == 2
    assert "KB811" in capsys.readouterr().err


def test_a_part_that_is_given_twice_is_refused_and_not_dropped(top: Path, capsys: Captured) -> None:
    assert run_fact(top, "add", *flags(**GOOD), "--trigger", "itching", "--trigger", "medicine") == 2
    assert "has one of them" in capsys.readouterr().err


def test_several_facts_are_added_from_a_file_or_none_of_them(top: Path, tmp_path: Path, capsys: Captured) -> None:
    before = (top / "facts/leaflet.yaml").read_text(encoding="utf-8")
    facts = [{**GOOD, "subject": name, "evidence": [{"sentence": "s1.2"}]} for name in ("medicine", "itching")]
    more = tmp_path / "more.yaml"
    more.write_text(json.dumps(facts), encoding="utf-8")
    assert run_fact(top, "add", "--from", str(more)) == 1
    assert "KB305" in capsys.readouterr().err
    assert (top / "facts/leaflet.yaml").read_text(encoding="utf-8") == before
    more.write_text(json.dumps([facts[0], {**facts[0], "polarity": "negated"}]), encoding="utf-8")
    assert run_fact(top, "add", "--from", str(more)) == UNSTATED
    assert len(pipeline.load(top).facts) == 4


def test_a_fact_is_held_against_the_text_that_the_user_names(top: Path, tmp_path: Path, capsys: Captured) -> None:
    record = top / "documents/leaflet.yaml"
    record.write_text(record.read_text(encoding="utf-8").replace("text: shipped", "text: held-elsewhere"), encoding="utf-8")
    (top / "documents/leaflet.txt").rename(tmp_path / "held.txt")
    assert run_fact(top, "add", *flags(**GOOD)) == 0
    assert run_fact(top, "remove", "medicine/has-side-effect/itching") == 0
    assert run_fact(top, "add", *flags(**GOOD), "--text", f"leaflet={tmp_path / 'held.txt'}") == UNSTATED
    assert "KB442" in capsys.readouterr().err


def test_facts_are_listed_with_their_claim_and_sentences(top: Path, capsys: Captured) -> None:
    assert run_fact(top, "list", "--sentence", "s1.2", "-f", "json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["fact"] == "leaflet/examplol/has-side-effect/itching"
    assert row["claim"] == "examplol has side effect itching (can; frequency: rare)"


def test_a_fact_is_changed_in_its_place_and_comments_are_kept(top: Path, capsys: Captured) -> None:
    path = top / "facts/leaflet.yaml"
    text = path.read_text(encoding="utf-8").replace("  frequency: rare\n", "  frequency: rare # the leaflet says so\n")
    path.write_text(f"# ours\n{text}", encoding="utf-8")
    assert run_fact(top, "edit", "examplol/has-side-effect/itching", "--without", "frequency", "--note", "A doubt.") == 0
    changed = path.read_text(encoding="utf-8")
    assert "frequency" not in changed
    assert changed.startswith("# ours\n")
    assert "# the leaflet says so\n" in changed
    assert "  note: A doubt.\n" in capsys.readouterr().out
    assert run_fact(top, "edit", "itching", "--object", "medicine") == 1
    assert "KB306" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == changed


EDITOR = """import pathlib, subprocess, sys
kb = [sys.executable, "-m", "kb", "fact"]
subprocess.run([*kb, *sys.argv[1:-1]], check=True)
file = pathlib.Path(sys.argv[-1])
file.write_text(file.read_text().replace("modality: is", "modality: is\\n  note: By hand."))
"""


def edit_by_hand(top: Path, monkeypatch: pytest.MonkeyPatch, *meanwhile: str) -> str:
    """Edit a fact at a terminal with an editor that runs another command before it saves; return what is shown."""
    editor = top.parent / "editor.py"
    editor.write_text(EDITOR, encoding="utf-8")
    monkeypatch.setenv("EDITOR", " ".join([sys.executable, str(editor), *meanwhile, "--content", str(top)]))
    return _converse([sys.executable, "-m", "kb", "fact", "edit", "is-a-type-of/medicine", "--content", str(top)], [])


def test_other_commands_write_while_a_fact_is_edited_by_hand(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = edit_by_hand(top, monkeypatch, "edit", "itching", "--note", "Meanwhile.")
    assert "Written to" in screen
    notes = {fact.object: fact.note for fact in pipeline.load(top).facts}
    assert notes == {"medicine": "By hand.", "itching": "Meanwhile."}


def test_a_fact_that_changed_while_it_was_edited_by_hand_is_kept_and_so_are_the_words(
    top: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = edit_by_hand(top, monkeypatch, "edit", "is-a-type-of/medicine", "--note", "Meanwhile.")
    assert "KB708" in screen
    assert "note: By hand." in screen
    assert {fact.object: fact.note for fact in pipeline.load(top).facts}["medicine"] == "Meanwhile."


def test_facts_on_standard_input_are_read_before_the_knowledge_base_is_locked(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class SlowInput(io.StringIO):
        def read(self, _size: int | None = -1) -> str:
            assert not locks.is_locked(top)
            return super().read()

    monkeypatch.setattr("sys.stdin", SlowInput(json.dumps({**GOOD, "evidence": [{"sentence": "s1.2"}]})))
    assert run_fact(top, "add", "--from", "-") == UNSTATED
    assert len(pipeline.load(top).facts) == 3


def test_a_removed_fact_leaves_the_others_and_an_empty_list_takes_new_ones(top: Path) -> None:
    path = top / "facts/leaflet.yaml"
    kept = "- subject: examplol\n  predicate: is-a-type-of"
    assert run_fact(top, "remove", "itching") == 0
    assert path.read_text(encoding="utf-8").startswith(kept)
    assert run_fact(top, "remove", "medicine") == 0
    assert path.read_text(encoding="utf-8") == "[]\n"
    assert run_fact(top, "add", *flags(**GOOD)) == UNSTATED
    assert len(pipeline.load(top).facts) == 1


@pytest.mark.parametrize(("name", "code"), [("nothing", "KB705"), ("leaflet", "KB705")])
def test_an_unknown_fact_is_neither_changed_nor_removed(name: str, code: str, top: Path, capsys: Captured) -> None:
    assert run_fact(top, "remove", name) == 2
    assert code in capsys.readouterr().err


def test_a_term_is_added_checked(top: Path, capsys: Captured) -> None:
    words = ["term", "add", "--content", str(top), "--kind", "symptom", "--definition", "Red spots."]
    assert cli.run([*words, "rash", "--alias", "skin rash"]) == 0
    assert "  aliases: [skin rash]\n" in capsys.readouterr().out
    assert pipeline.load(top).terms["rash"].aliases == ("skin rash",)
    assert cli.run([*words, "rash"]) == 1
    assert "KB312" in capsys.readouterr().err
    assert cli.run([*words, "spots", "--label", "itching"]) == 1
    assert "KB320" in capsys.readouterr().err
    assert cli.run([*words, "spots", "--file", "../../out.yaml"]) == 2


def test_wrong_answers_are_reported_at_once_and_the_others_are_kept(top: Path) -> None:
    answers = [
        "medizin",
        "medicine",
        "has-side-effect",
        "examplol",
        "itching",
        "maybe",
        "may",
        "",
        "",
        "",
        "",
        "s9.9",
        "s1.2",
        "rash",
        "",
    ]
    answers += ["subject=It", "", "", "", "modality", "can"]
    answers += ["y", "is-a-type-of", "medicine", "is", "", "s1.1", "", "", "", "", "", "n"]
    screen = _converse([sys.executable, "-m", "kb", "fact", "add", "--content", str(top)], answers)
    for words in ("no term 'medizin'", "'examplol' does not fit as object", "'maybe' does not fit", "no sentence 's9.9'"):
        assert words in screen
    assert "s1.2  It can cause itching, which is rare." in screen
    assert "'rash' is not in the sentence" in screen
    facts = {fact.path.removeprefix("fact/leaflet/"): fact for fact in pipeline.load(top).facts}
    assert facts["medicine/has-side-effect/itching"].evidence[0].wordings == (("subject", "It"),)
