"""Two knowledge bases become one: nothing is lost, nothing gets stronger, and whatever clashes is told with both places."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb import pipeline, resources
from kb.curation.base_joining import MergeOptions
from kb.curation.base_merge import merge_bases
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.rdf.compilation import Compilation
from kb.schema import vocabulary
from tests.conftest import small_kb
from tests.importers.drawn_bases import draw_base, write_base

Run = Callable[..., subprocess.CompletedProcess[str]]
Base = Callable[..., Path]
Files = dict[str, bytes]

SMALL = small_kb()
DOCUMENT, TERMS, (FACT,) = SMALL["documents/leaflet.yaml"], SMALL["terms/terms.yaml"], SMALL["facts/leaflet.yaml"]
TRIAL = {**DOCUMENT, "id": "trial", "title": "A trial"}
LONGER = {**DOCUMENT, "sentences": [*DOCUMENT["sentences"][:2], {**DOCUMENT["sentences"][2], "end": 71}]}
CLAIM = "fact/leaflet/examplol/has-side-effect/itch"
QUERY = {"queries/q.rq": "SELECT * { ?s ?p ?o }"}
RASH = {"id": "rash", "kind": "symptom", "label": "rash", "definition": "Red spots."}
OTHER_FACT = {**FACT, "document": "trial", "modality": "is", "evidence": [{"sentence": "s1.1"}]}
MAPPED = "#mapping_set_id: https://example.org/hp\n#license: https://example.org/terms\n"
COLUMNS = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tmapping_date\n"


def row(term: str, thing: str, match: str = "exactMatch") -> str:
    return f"{term}\tskos:{match}\t{thing}\tsemapv:ManualMappingCuration\t2026-11-25\n"


def merge(a: Path, b: Path, output: Path | None, **options: Any) -> str:
    return "".join(merge_bases((a, b), output, MergeOptions(**options), lambda _: ()))


def clashes(a: Path, b: Path, **options: Any) -> list[str]:
    """The messages of the clashes, of which every one names both places."""
    with pytest.raises(KbError) as caught:
        merge(a, b, a.parent / "refused", **options)
    assert not (a.parent / "refused").exists()
    assert {problem.code for problem in caught.value.problems} == {"KB825"}
    for problem in caught.value.problems:
        assert problem.place.file.startswith(f"{a}/")
        assert f"; the other is at {b}/" in problem.message
    return [problem.message.partition(";")[0] for problem in caught.value.problems]


def read(top: Path) -> Files:
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def statements(kb: KnowledgeBase) -> set[tuple[str, ...]]:
    return {tuple(quad) for quad in Compilation(kb).full}


def rewrite(top: Path, choose: Callable[[str, dict[str, Any]], bool], form: str) -> None:
    """Keep some of the records of a drawn knowledge base, in another form and in other files."""
    for path in [*top.rglob("*.jsonl")]:
        kind = "predicates" if path.parent == top else path.parent.name
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        chosen = [record for record in records if choose(kind, record)]
        path.unlink()
        if form == "yaml":
            path.with_suffix(".yaml").write_text(json.dumps(chosen), encoding="utf-8")
        elif chosen:
            text = "".join(f"{json.dumps(record)}\n" for record in reversed(chosen)).encode()
            name = path.with_name(f"more-{path.name}" if path.parent != top else path.name)
            (name.write_bytes(text) if form == "jsonl" else name.with_name(f"{name.name}.gz").write_bytes(gzip.compress(text)))


@settings(max_examples=settings().max_examples // 10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_the_facts_of_both_are_those_of_the_result(
    data: st.DataObject, good_facts: Any, good_terms: Any, good_predicates: Any
) -> None:
    drawn = data.draw(draw_base(good_facts, good_terms, good_predicates))
    documents = [one["id"] for one in drawn["document"]]
    homes = {name: data.draw(st.sampled_from(["a", "b", "ab"])) for name in documents}
    homes[documents[0]] = "ab"  # a knowledge base has a document
    stated = [data.draw(st.sampled_from(homes[fact["document"]])) for fact in drawn["fact"]]
    for document in drawn["document"]:
        document.pop("replaces", None)
    with TemporaryDirectory() as folder:
        top = Path(folder)
        for name in ("whole", "a", "b"):
            write_base(drawn, top / name)
        for side in ("a", "b"):
            own = [json.dumps(fact) for fact, home in zip(drawn["fact"], stated, strict=True) if home == side]

            def is_of(kind: str, record: dict[str, Any], side: str = side, own: list[str] = own) -> bool:
                if kind == "documents":
                    return side in homes[record["id"]]
                return kind != "facts" or json.dumps(record) in own

            rewrite(top / side, is_of, data.draw(st.sampled_from(["yaml", "jsonl", "gz"])))
            for text in (top / side / "documents").glob("*.txt"):
                if side not in homes[text.stem]:
                    text.unlink()
        whole = pipeline.load(top / "whole")
        merge(top / "a", top / "b", top / "ab")
        merge(top / "b", top / "a", top / "ba")
        assert statements(pipeline.load(top / "ab")) == statements(whole)
        both = [{path: content for path, content in read(top / name).items() if path != "kb.yaml"} for name in ("ab", "ba")]
        assert both[0] == both[1]
        merge(top / "whole", top / "whole", top / "same")
        assert statements(pipeline.load(top / "same")) == statements(whole)


@pytest.mark.parametrize("base", [resources.content(), resources.example(), resources.starter()], ids=lambda base: base.name)
def test_a_knowledge_base_and_itself_are_the_same_files(base: Path, tmp_path: Path) -> None:
    merge(base, base, tmp_path / "same")
    for path in read(base):
        if not path.startswith((".", "schemas/", "README")):
            made = (tmp_path / "same" / path).read_text(encoding="utf-8").partition("# yaml-language-server:")[2]
            text = (base / path).read_text(encoding="utf-8")
            assert text in {made, made.partition("\n")[2], (tmp_path / "same" / path).read_text(encoding="utf-8")} or (
                text.partition("\n")[2] == made.partition("\n")[2]
            )


def test_what_one_has_is_in_the_result_with_its_comments(make_kb: Base, run_kb: Run, tmp_path: Path) -> None:
    a = make_kb("a", **{"queries/mine.rq": "# title: Mine\nSELECT * { ?s ?p ?o }\n"})
    b = make_kb("b", **{"documents/trial.yaml": TRIAL, "facts/trial.yaml": [OTHER_FACT], "terms/terms.yaml": [*TERMS, RASH]})
    for top in (a, b):
        assert run_kb("format", "--content", str(top)).returncode == 0
    terms = b / "terms" / "terms.yaml"
    terms.write_text(terms.read_text(encoding="utf-8").replace("- id: rash", "# Not hives.\n- id: rash"), encoding="utf-8")
    line = {"proposal": "0" * 16, "decision": "rejected", "by": "person:jo", "when": "2026-01-01", "proposer": "tool:x"}
    for top, reason in ((a, "No."), (b, "Never.")):
        (top / "decisions").mkdir()
        (top / "decisions" / "leaflet.jsonl").write_text(json.dumps({**line, "reason": reason}) + "\n", encoding="utf-8")
    done = run_kb("merge", str(a), str(b), "-o", str(tmp_path / "both"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Together: 2 documents, 4 terms, 1 predicate, 2 facts. Records that both had: 6. Terms joined: 0.\n"
    kb = pipeline.load(tmp_path / "both")
    assert {fact.path for fact in kb.facts} == {fact.path for top in (a, b) for fact in pipeline.load(top).facts}
    assert "# Not hives.\n- id: rash\n" in (tmp_path / "both" / "terms" / "terms.yaml").read_text(encoding="utf-8")
    assert (tmp_path / "both" / "queries" / "mine.rq").exists()
    decided = (tmp_path / "both" / "decisions" / "leaflet.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(each)["reason"] for each in decided} == {"No.", "Never."}
    assert run_kb("format", "--check", "--content", str(tmp_path / "both")).returncode == 0


def test_a_trial_run_writes_nothing(make_kb: Base, run_kb: Run, tmp_path: Path) -> None:
    a, b = make_kb("a"), make_kb("b", **{"documents/trial.yaml": TRIAL})
    done = run_kb("merge", str(a), str(b), "--dry-run")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Nothing was written.")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
    for words in (["--dry-run", "-o", "x"], []):
        assert run_kb("merge", str(a), str(b), *words, cwd=str(tmp_path)).returncode == 2
    assert run_kb("merge", str(a), str(b), "-o", str(b)).returncode == 2  # KB831


def with_term(**changes: Any) -> list[Any]:
    return [{**TERMS[0], **changes}, *TERMS[1:]]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"terms/terms.yaml": with_term(definition="A medicine.")}, "'definition' of term examplol differs"),
        ({"terms/terms.yaml": with_term(label="Examplol H")}, "'label' of term examplol differs"),
        (
            {"terms/terms.yaml": [TERMS[0], TERMS[1], {**TERMS[2], "kind": "concept"}]},
            "'kind' of term stopping differs",
        ),
        ({"predicates.yaml": [{**SMALL["predicates.yaml"][0], "plain": ["is"]}]}, "'plain' of predicate has-side-effect differs"),
        ({"documents/leaflet.yaml": {**DOCUMENT, "sha256": "0" * 64}}, "'sha256' of document leaflet differs"),
        ({"documents/leaflet.yaml": {**DOCUMENT, "rights": "Theirs."}}, "'rights' of document leaflet differs"),
        ({"documents/leaflet.yaml": LONGER}, "The division of 'leaflet' into sentences differs"),
        ({"facts/leaflet.yaml": [{**FACT, "modality": "may"}]}, f"'modality' of {CLAIM} differs"),
        ({"facts/leaflet.yaml": [{**FACT, "frequency": "common"}]}, f"'frequency' of {CLAIM} differs"),
        ({"kb.yaml": {**SMALL["kb.yaml"], "license": "https://creativecommons.org/licenses/by/4.0/"}}, "The licence differs"),
        ({"kb.yaml": {**SMALL["kb.yaml"], "language": "de"}}, "The language differs"),
        ({"kb.yaml": {**SMALL["kb.yaml"], "prefixes": {**SMALL["kb.yaml"]["prefixes"], "HP": "https://example.org/hp/"}}},
         "What the prefix 'HP' stands for differs"),
        ({"queries/q.rq": "SELECT * { ?s a ?o }"}, "The content of this file differs"),
        ({"terms/more.yaml": [{**TERMS[1], "id": "itching", "label": "Itch"}], "terms/terms.yaml": [TERMS[0], TERMS[2]],
          "facts/leaflet.yaml": [{**FACT, "object": "itching"}]}, "'itch' and 'itching' have the same label 'Itch'"),
    ],
)  # fmt: skip
def test_what_clashes_is_told_with_both_places(files: dict[str, Any], message: str, make_kb: Base) -> None:
    a, b = make_kb("a", **QUERY), make_kb("b", **{**QUERY, **files})
    for told in (clashes(a, b), clashes(b, a)):
        assert [sorted(each.casefold().split()) for each in told] == [sorted(message.casefold().split())]


@pytest.mark.parametrize("prefer", ["a", "b"])
@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_text_is_that_of_the_preferred_one(prefer: str, order: str, make_kb: Base, tmp_path: Path) -> None:
    tops = {
        "a": make_kb("a", **{"terms/terms.yaml": with_term(label="one", aliases=["x"], definition="A.")}),
        "b": make_kb("b", **{"terms/terms.yaml": with_term(label="two", aliases=["y"], definition="B.", note="Mine.")}),
    }
    merge(tops[order[0]], tops[order[1]], tmp_path / "both", prefer="ab"[order.index(prefer)])
    term = pipeline.load(tmp_path / "both").terms["examplol"]
    chosen = {"a": ("one", "A.", "two"), "b": ("two", "B.", "one")}[prefer]
    assert (term.label, term.definition, term.note) == (*chosen[:2], "Mine.")
    assert set(term.aliases) == {"x", "y", chosen[2]}


def test_what_means_different_things_gets_another_id(make_kb: Base, run_kb: Run, tmp_path: Path) -> None:
    b = make_kb("b", **{
        "documents/leaflet.yaml": {**DOCUMENT, "sha256": "0" * 64, "topic": ["itch"]},
        "terms/terms.yaml": [TERMS[0], {**TERMS[1], "kind": "behavior", "label": "scratching"}, TERMS[2]],
        "predicates.yaml": [{**SMALL["predicates.yaml"][0], "object": ["behavior"], "label": "leads to", "plain": []}],
        "facts/leaflet.yaml": [{**FACT, "trigger": "stopping"}],
        "mappings/hp.sssom.tsv": MAPPED + COLUMNS + row("term:itch", "HP:1", "closeMatch"),
    })  # fmt: skip
    a = make_kb("a")
    names = {"document/leaflet": "leaflet-b", "term/itch": "scratching", "predicate/has-side-effect": "leads-to"}
    words = [word for old, new in names.items() for word in ("--rename", f"b:{old}={new}")]
    done = run_kb("merge", str(a), str(b), "-o", str(tmp_path / "both"), *words)
    assert (done.returncode, done.stderr) == (0, "")
    kb = pipeline.load(tmp_path / "both")
    assert {fact.path for fact in kb.facts} == {CLAIM, "fact/leaflet-b/examplol/leads-to/scratching/trigger/stopping"}
    assert kb.documents["leaflet-b"].topic == ("scratching",)
    assert [mapping.subject for mapping in kb.mappings] == ["term:scratching"]
    assert (tmp_path / "both" / "facts" / "leaflet-b.yaml").exists()
    for wrong, message in (("b:term/nothing=x", "is no term of"), ("b:term/itch=stopping", "which is in use")):
        refused = run_kb("merge", str(a), str(b), "-o", str(tmp_path / "no"), "--rename", wrong)
        assert (refused.returncode, message in refused.stderr) == (1, True)
    for wrong in ("c:term/itch=x", "b:itch=x", "b:word/itch=x", "b:term/itch", "b:term/itch=A B"):
        assert run_kb("merge", str(a), str(b), "-o", str(tmp_path / "no"), "--rename", wrong).returncode == 2


PRURITUS = {**TERMS[1], "id": "pruritus", "label": "pruritus", "definition": "The same, in Latin."}
LATIN = {
    "terms/terms.yaml": [TERMS[0], PRURITUS, TERMS[2]],
    "facts/leaflet.yaml": [{**FACT, "object": "pruritus", "evidence": [{"sentence": "s1.2"}]}],
}


@pytest.mark.parametrize("prefer", ["", "b"])
def test_terms_with_the_same_exact_match_become_one(prefer: str, make_kb: Base, tmp_path: Path) -> None:
    maps = {
        name: {"mappings/hp.sssom.tsv": MAPPED + COLUMNS + row(f"term:{name}", "HP:0000989")} for name in ("itch", "pruritus")
    }
    a, b = make_kb("a", **maps["itch"]), make_kb("b", **LATIN, **maps["pruritus"])
    merge(a, b, tmp_path / "both", prefer=prefer)
    kb = pipeline.load(tmp_path / "both")
    new, old = ("pruritus", "itch") if prefer else ("itch", "pruritus")
    assert old in kb.terms[new].aliases
    assert (kb.retired[old].replaced_by, [row.subject for row in kb.mappings]) == (new, [f"term:{new}"])
    (fact,) = kb.facts
    assert (fact.object, {piece.sentence for piece in fact.evidence}) == (new, {"s1.1", "s1.2"})
    table = (tmp_path / "both" / "mappings" / "hp.sssom.tsv").read_text(encoding="utf-8")
    assert table.startswith(MAPPED)  # a narrower licence stays


@pytest.mark.parametrize("subject", ["term:pruritus", "https://example.org/small/term/pruritus", "B:pruritus"])
def test_a_file_of_sssom_says_which_terms_are_equal(subject: str, make_kb: Base, run_kb: Run, tmp_path: Path) -> None:
    a, b = make_kb("a"), make_kb("b", **LATIN)
    path = tmp_path / "equal.sssom.tsv"
    heading = "#curie_map:\n#  B: https://example.org/small/term/\n"
    path.write_text(
        heading + COLUMNS + row(subject, "term:itch") + row("term:stopping", "term:x", "closeMatch"), encoding="utf-8"
    )
    assert run_kb("merge", str(a), str(b), "-o", str(tmp_path / "both"), "--mapping", str(path)).returncode == 0
    kb = pipeline.load(tmp_path / "both")
    assert [fact.object for fact in kb.facts] == ["itch"]
    path.write_text(COLUMNS + row("term:nothing", "term:itch"), encoding="utf-8")
    refused = run_kb("merge", str(a), str(b), "-o", str(tmp_path / "no"), "--mapping", str(path))
    assert (refused.returncode, "KB316 'term:nothing' and 'term:itch' are not a term of each" in refused.stderr) == (1, True)


LEADS = {**SMALL["predicates.yaml"][0], "id": "leads-to", "label": "leads to"}


@pytest.mark.parametrize("by_row", [False, True])
def test_predicates_that_are_equal_become_one_by_what_they_take(*, by_row: bool, make_kb: Base, tmp_path: Path) -> None:
    maps = {} if by_row else {name: row(f"pred:{name}", "ECO:1") for name in ("has-side-effect", "leads-to")}
    files = {name: {"mappings/hp.sssom.tsv": MAPPED + COLUMNS + text} for name, text in maps.items()}
    other = {
        "predicates.yaml": [LEADS],
        "facts/leaflet.yaml": [{**FACT, "predicate": "leads-to", "evidence": [{"sentence": "s1.2"}]}],
    }
    a, b = make_kb("a", **files.get("has-side-effect", {})), make_kb("b", **other, **files.get("leads-to", {}))
    path = tmp_path / "equal.sssom.tsv"
    path.write_text(COLUMNS + row("pred:leads-to", "pred:has-side-effect"), encoding="utf-8")
    options: dict[str, Any] = {"mappings": (path,)} if by_row else {}
    assert clashes(a, b, **options) == ["'label' of predicate has-side-effect differs"]
    told = merge(a, b, tmp_path / "both", prefer="b", **options)
    assert "The predicate 'has-side-effect' of" in told
    kb = pipeline.load(tmp_path / "both")
    assert list(kb.predicates) == ["leads-to"]
    (fact,) = kb.facts
    assert (fact.path, {piece.sentence for piece in fact.evidence}) == ("fact/leaflet/examplol/leads-to/itch", {"s1.1", "s1.2"})
    assert {mapping.subject for mapping in kb.mappings} == (set() if by_row else {"pred:leads-to"})


def test_equal_predicates_that_are_plain_under_other_hedges_clash(make_kb: Base, tmp_path: Path) -> None:
    a, b = (
        make_kb("a"),
        make_kb(
            "b", **{"predicates.yaml": [{**LEADS, "plain": ["is"]}], "facts/leaflet.yaml": [{**FACT, "predicate": "leads-to"}]}
        ),
    )
    path = tmp_path / "equal.sssom.tsv"
    path.write_text(COLUMNS + row("pred:leads-to", "pred:has-side-effect"), encoding="utf-8")
    assert clashes(a, b, prefer="a", mappings=(path,)) == ["'plain' of predicate has-side-effect differs"]
    c = make_kb("c", **{"predicates.yaml": [LEADS, *SMALL["predicates.yaml"]]})
    assert clashes(a, c, mappings=(path,)) == [
        "'has-side-effect' and 'leads-to' would become one, and with them two predicates of one knowledge base"
    ]


def test_terms_that_differ_in_kind_or_would_join_others_are_not_joined(make_kb: Base, tmp_path: Path) -> None:
    a, b = make_kb("a"), make_kb("b", **{"terms/more.yaml": [PRURITUS, {**RASH, "kind": "condition"}]})
    path = tmp_path / "equal.sssom.tsv"
    path.write_text(COLUMNS + row("term:itch", "term:pruritus"), encoding="utf-8")
    assert clashes(a, b, mappings=(path,)) == [
        "'itch' and 'pruritus' would become one, and with them two terms of one knowledge base"
    ]
    path.write_text(COLUMNS + row("term:itch", "term:rash"), encoding="utf-8")
    c = make_kb("c", **LATIN, **{"terms/more.yaml": [{**RASH, "kind": "condition"}]})
    assert clashes(a, c, mappings=(path,)) == ["'itch' and 'rash' would become one, and are of different kinds"]


def test_one_claim_has_the_evidence_and_the_reviews_of_both(make_kb: Base, tmp_path: Path) -> None:
    pieces = [[{"sentence": "s1.1"}, {"sentence": "s1.2", "supports": ["frequency"]}], [{"sentence": "s1.2"}]]
    review = [{"by": f"person:{name}", "on": "2026-01-01", "verdict": "agreed", "digest": "0" * 64} for name in ("jo", "al")]
    tops = [make_kb(name, **{"facts/leaflet.yaml": [{**FACT, "evidence": own, "review": [each], "note": f"Of {name}."}]})
            for name, own, each in zip("ab", pieces, review, strict=True)]  # fmt: skip
    merge(tops[0], tops[1], tmp_path / "both")
    (fact,) = pipeline.load(tmp_path / "both").facts
    assert {(piece.sentence, piece.supports) for piece in fact.evidence} == {
        ("s1.1", ("claim", "modality")), ("s1.2", ("frequency",)), ("s1.2", ("claim", "modality", "frequency"))
    }  # fmt: skip
    assert fact.curation is not None
    assert {each.by for each in fact.curation.reviews} == {"person:jo", "person:al"}
    assert set(fact.note.split()) == {"Of", "a.", "b."}


def test_a_sentence_with_a_fact_of_the_other_is_not_exempted(make_kb: Base, tmp_path: Path) -> None:
    def exempting(*names: str, reason: str) -> dict[str, Any]:
        document: dict[str, Any] = deepcopy(DOCUMENT)
        for sentence in document["sentences"]:
            if sentence["id"] in names:
                sentence["exempt"] = {"reason": reason}
        return document

    reasons = list(vocabulary.values("reason"))
    a = make_kb("a", **{"facts/leaflet.yaml": [], "documents/leaflet.yaml": exempting("s1.1", "s1.2", reason=reasons[0])})
    b = make_kb("b", **{"facts/leaflet.yaml": [{**FACT, "evidence": [{"sentence": "s1.1"}]}]})
    told = merge(a, b, tmp_path / "both")
    assert "s1.1 of 'leaflet' is no longer exempted" in told
    sentences = {one.id: one.exempt for one in pipeline.load(tmp_path / "both").documents["leaflet"].sentences}
    assert {name for name, exempt in sentences.items() if exempt} == {"s1.2"}
    c = make_kb("c", **{"facts/leaflet.yaml": [], "documents/leaflet.yaml": exempting("s1.1", "s1.2", reason=reasons[1])})
    assert set(clashes(a, c)) == {f"The exemption of {name} of 'leaflet' differs" for name in ("s1.1", "s1.2")}
    merge(a, c, tmp_path / "chosen", prefer="b")
    chosen = pipeline.load(tmp_path / "chosen").documents["leaflet"].sentences
    assert [one.exempt and one.exempt.reason for one in chosen] == [None, reasons[1], reasons[1]]


def test_a_set_of_mappings_keeps_its_licence_and_its_own_table(make_kb: Base, tmp_path: Path) -> None:
    own = "https://creativecommons.org/licenses/by-sa/4.0/"
    a = make_kb("a", **{"mappings/hp.sssom.tsv": COLUMNS + row("term:itch", "HP:1", "closeMatch")})
    b = make_kb("b", **{
        "kb.yaml": {**SMALL["kb.yaml"], "license": own},
        "mappings/hp.sssom.tsv": COLUMNS + row("term:itch", "HP:2", "closeMatch"),
    })  # fmt: skip
    merge(a, b, tmp_path / "both", license=SMALL["kb.yaml"]["license"])
    kb = pipeline.load(tmp_path / "both")
    assert {row.object: row.foreign_set(kb.dataset) for row in kb.mappings} == {"HP:1": "", "HP:2": own}
    assert kb.dataset.license == SMALL["kb.yaml"]["license"]


def test_results_of_verification_are_those_of_both(make_kb: Base, tmp_path: Path) -> None:
    def found(when: str, *names: str, rules: int = 1) -> dict[str, Any]:
        facts = [{"fact": name, "digest": "0" * 64, "verdict": "passed", "when": when} for name in names]
        return {
            "verification/leaflet.yaml": {"document": "leaflet", "sha256": DOCUMENT["sha256"], "rules": rules, "facts": facts}
        }

    a, b = make_kb("a", **found("2026-01-01T00:00:00Z", "x/y/z", "u/v/w")), make_kb("b", **found("2026-01-02T00:00:00Z", "x/y/z"))
    c = make_kb("c", **found("2026-01-02T00:00:00Z", "x/y/z", rules=2))
    for name, other in (("both", b), ("newer", c)):
        told = merge(a, other, tmp_path / name)
        results = pipeline.load(tmp_path / name).documents["leaflet"].verified
        expected = {"both": {"x/y/z": "2026-01-02", "u/v/w": "2026-01-01"}, "newer": {"x/y/z": "2026-01-02"}}[name]
        assert {result.fact: result.when[:10] for result in results} == expected
        assert ("older results" in told) == (name == "newer")


def test_two_bases_have_one_base_iri_and_all_creators(make_kb: Base, tmp_path: Path) -> None:
    about = {**SMALL["kb.yaml"], "id": "other", "base": "https://example.org/other/", "prefixes": {"EFO": "https://e.org/efo/"}}
    a, b = make_kb("a"), make_kb("b", **{"kb.yaml": {**about, "creators": [{"id": "jo", "name": "Jo"}]}})
    assert "also those that began with https://example.org/other/" in merge(a, b, tmp_path / "both")
    dataset = pipeline.load(tmp_path / "both").dataset
    assert (dataset.base, dataset.id) == ("https://example.org/small/", "small")
    assert {creator.id for creator in dataset.creators} == {"curator", "jo"}
    assert {"HP", "EFO", "ECO"} <= set(dataset.prefixes)


def test_problems_of_either_or_of_the_result_are_told(make_kb: Base, tmp_path: Path) -> None:
    a, b = make_kb("a"), make_kb("b", **{"facts/leaflet.yaml": [{**FACT, "object": "nothing"}]})
    with pytest.raises(KbError, match="KB301"):
        merge(a, b, tmp_path / "no")
    maps = [make_kb(name, **{"mappings/hp.sssom.tsv": COLUMNS + row("term:itch", "HP:1", match)})
            for name, match in (("c", "exactMatch"), ("d", "broadMatch"))]  # fmt: skip
    with pytest.raises(KbError, match=rf"{tmp_path}/no/mappings/hp.*KB325"):
        merge(maps[0], maps[1], tmp_path / "no")
    assert not (tmp_path / "no").exists()
