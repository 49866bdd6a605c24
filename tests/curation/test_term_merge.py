"""A term is merged into another: every record follows, nothing gets stronger, and what is not decided is refused as a whole."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rdflib import OWL, RDF, SKOS, Dataset, Literal, URIRef
from rdflib.namespace import DCTERMS, XSD

import kb as api
from kb import pipeline, queries
from kb.curation import term_merge
from kb.problems import KbError
from kb.proposals import review, store
from tests.conftest import small_kb

Run = Callable[..., subprocess.CompletedProcess[str]]
Base = Callable[..., Path]

BASE = "https://example.org/small/"
(FACT,) = small_kb()["facts/leaflet.yaml"]
OLD: dict[str, Any] = {
    "id": "pruritus",
    "kind": "symptom",
    "label": "pruritus",
    "aliases": ["itchiness", "Itch"],
    "definition": "A wish to scratch, in Latin.",
}
MOVED = {**FACT, "object": "pruritus", "evidence": [{"sentence": "s1.2"}]}
HEADING = "#mapping_set_id: https://example.org/hp\n"
COLUMNS = "subject_id\tsubject_label\tpredicate_id\tobject_id\tmapping_justification\tobject_source_version\tmapping_date\n"
PROPOSAL = {"document": "leaflet", "subject": "examplol", "predicate": "has-side-effect", "object": "pruritus"}
PROPOSAL |= {"quote": "It can cause pruritus.", "proposer": "tool:x"}


def row(term: str, match: str, thing: str) -> str:
    return f"term:{term}\t{term}\tskos:{match}\t{thing}\tsemapv:ManualMappingCuration\tHP 2026\t2026-11-25\n"


@pytest.fixture
def base(make_kb: Base, run_kb: Run) -> Base:
    """Make a knowledge base with two terms for one thing, in canonical YAML."""

    def make(*facts: Any, old: dict[str, Any] = OLD, **files: Any) -> Path:
        own = {"facts/leaflet.yaml": [FACT, *facts], "terms/old.yaml": [old]}
        top = make_kb(**{**own, **{name.replace("__", "/"): value for name, value in files.items()}})
        assert run_kb("format", "--content", str(top)).returncode == 0
        assert [problem for problem in pipeline.check(top).problems if problem.code not in {"KB320", "KB325", "KB334"}] == []
        return top

    return make


def merge(top: Path, old: str = "pruritus", new: str = "itch", *, dry_run: bool = False) -> str:
    return "".join(term_merge.merge_terms(top, old, new, lambda: review.read_waiting(top), dry_run=dry_run))


def contents(top: Path) -> dict[str, bytes]:
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def refuse(top: Path, *names: str) -> list[tuple[str, str]]:
    """Merge, and return the problems; nothing may be written."""
    before = contents(top)
    with pytest.raises(KbError) as caught:
        merge(top, *names)
    assert contents(top) == before
    return [(problem.code, problem.message) for problem in caught.value.problems]


def test_the_graph_after_a_merge_has_the_claim_of_the_successor_and_a_tombstone(base: Base) -> None:
    top = base({**MOVED, "severity": "mild", "frequency": "common", "trigger": "stopping"})
    merge(top)
    graph = Dataset(default_union=True)
    graph.parse(data=pipeline.export(top, "trig"), format="trig")
    old, new = URIRef(f"{BASE}term/pruritus"), URIRef(f"{BASE}term/itch")
    assert set(graph.objects(old, DCTERMS.isReplacedBy)) == {new}
    assert set(graph.objects(old, OWL.deprecated)) == {Literal("true", datatype=XSD.boolean)}
    assert set(graph.subjects(RDF.object, old)) == set()
    assert {str(fact).removeprefix(BASE) for fact in graph.subjects(RDF.object, new)} == {
        "fact/leaflet/examplol/has-side-effect/itch",
        "fact/leaflet/examplol/has-side-effect/itch/trigger/stopping",
    }
    assert {str(label) for label in graph.objects(new, SKOS.altLabel)} == {"pruritus", "itchiness"}
    assert set(graph.objects(old, SKOS.altLabel)) == set()


def test_questions_answer_after_a_merge_by_the_names_of_the_merged_term(base: Base, run_kb: Run) -> None:
    other = {**OLD, "id": "otherol", "kind": "drug", "label": "otherol", "aliases": []}
    top = base({**MOVED, "subject": "otherol"}, **{"terms/more.yaml": [other]})
    before = api.query("side-effects", content=top)
    assert sorted((row["drug"], row["effect"]) for row in before) == [("examplol", "itch"), ("otherol", "pruritus")]
    merge(top)
    after = api.query("side-effects", content=top)
    assert sorted((row["drug"], row["effect"], row["modality"], row["frequency"]) for row in after) == [
        ("examplol", "itch", "can", "rare"),
        ("otherol", "itch", "can", "rare"),
    ]
    for name in ("itchiness", "Pruritus", "itch"):
        assert len(api.query("side-effects", content=top, effect=name)) == 2
    told = run_kb("query", "side-effects", "-p", "effect=term:pruritus", "--content", str(top))
    assert "is retired. Use 'itch'." in told.stderr
    assert "replaced by: itch" in run_kb("show", "term:pruritus", "--content", str(top)).stdout


def test_comments_and_layout_stay(base: Base) -> None:
    top = base({**MOVED, "trigger": "stopping"})
    facts = top / "facts/leaflet.yaml"
    text = "# All facts.\n\n" + facts.read_text(encoding="utf-8").replace("object: pruritus", "object: pruritus # an itch?")
    text = text.replace("    - sentence: s1.2\n\n", "    # of the second sentence\n    - sentence: s1.2\n\n")
    facts.write_text(text.replace("modality: can", "modality:   'can'"), encoding="utf-8")  # not canonical, and stays so
    before = facts.read_text(encoding="utf-8")
    merge(top)
    assert facts.read_text(encoding="utf-8") == before.replace("object: pruritus # an itch?", "object: itch # an itch?")


def test_every_kind_of_reference_follows(base: Base) -> None:
    document = {**small_kb()["documents/leaflet.yaml"], "topic": ["examplol", "pruritus"]}
    older = {
        **OLD,
        "id": "scabies",
        "label": "old word",
        "aliases": [],
        "deprecated": True,
        "replaced-by": "pruritus",
        "note": "Old.",
    }
    top = base(
        **{
            "documents/leaflet.yaml": document,
            "terms/older.yaml": [older],
            "biolink.yaml": {"terms": {"pruritus": "PhenotypicFeature"}},
            "mappings/hp.sssom.tsv": HEADING + COLUMNS + row("pruritus", "exactMatch", "HP:0000989"),
            "facts/more.jsonl": json.dumps({**MOVED, "document": "leaflet", "trigger": "stopping"}) + "\n",
            "proposals/leaflet.jsonl": json.dumps(PROPOSAL) + "\n",
            "queries/mine.rq": "# title: Mine\nSELECT ?s { ?s ?p term:pruritus }\n",
        }
    )
    told = merge(top)
    kb = pipeline.load(top)
    assert kb.documents["leaflet"].topic == ("examplol", "itch")
    assert {name: term.replaced_by for name, term in kb.retired.items()} == {"pruritus": "itch", "scabies": "itch"}
    assert dict(kb.biolink.terms) == {"itch": "PhenotypicFeature"}
    (mapping,) = kb.mappings
    assert (mapping.subject, mapping.match, mapping.object) == ("term:itch", "skos:exactMatch", "HP:0000989")
    assert mapping.record
    assert mapping.record.value["subject_label"] == "itch"
    assert {fact.object for fact in kb.facts} == {"itch"}
    (proposal,) = store.read_records(top, "proposals", [])
    assert proposal.value == {**PROPOSAL, "object": "itch"}
    assert "mine.rq names term:pruritus: change it by hand." in told
    assert "Records changed: biolink 1, document 1, fact 1, mapping 1, proposal 1, term 1." in told


def test_a_decided_proposal_stays_as_it_was_decided(base: Base) -> None:
    top = base()
    (top / "proposals").mkdir()
    (top / "proposals/leaflet.jsonl").write_text(json.dumps(PROPOSAL), encoding="utf-8")
    (record,) = store.read_records(top, "proposals", [])
    decision = {"proposal": store.digest_proposal(record), "decision": "rejected", "by": "person:me", "proposer": "tool:x"}
    (top / "decisions").mkdir()
    (top / "decisions/leaflet.jsonl").write_text(json.dumps({**decision, "when": "2026-01-31T00:00:00Z"}), encoding="utf-8")
    merge(top)
    assert [each.value for each in store.read_records(top, "proposals", [])] == [PROPOSAL]


@pytest.mark.parametrize("text", ["topic: [pruritus, itch]", "topic: [itch, pruritus]", "topic:\n  - itch\n  - pruritus"])
def test_a_topic_is_named_once(base: Base, text: str) -> None:
    top = base()
    path = top / "documents/leaflet.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}{text}\n", encoding="utf-8")
    merge(top)
    assert pipeline.load(top).documents["leaflet"].topic == ("itch",)


def test_facts_that_become_equal_are_joined_with_the_parts_that_each_sentence_supports(base: Base) -> None:
    first = {**FACT, "evidence": [{"sentence": "s1.1"}], "note": "One."}
    second = {
        **MOVED,
        "evidence": [{"sentence": "s1.1", "supports": ["claim", "modality"]}, {"sentence": "s1.2"}],
        "note": "Two.",
    }
    top = base(second, **{"facts/leaflet.yaml": [first, second]})
    told = merge(top)
    assert "claims the same as fact/leaflet/examplol/has-side-effect/itch (KB311): their evidence is joined." in told
    (fact,) = pipeline.load(top).facts
    assert [(piece.sentence, piece.supports) for piece in fact.evidence] == [
        ("s1.1", ("claim", "modality", "frequency")),
        ("s1.1", ("claim", "modality")),
        ("s1.2", ("claim", "frequency")),
    ]
    assert (fact.qualifiers, fact.note) == ({"modality": "can", "frequency": "rare"}, "One. Two.")


def test_equal_evidence_is_joined_once(base: Base) -> None:
    top = base({**MOVED, "evidence": [{"sentence": "s1.1", "as": {"object": "pruritus"}}, *FACT["evidence"][1:]]})
    merge(top)
    (fact,) = pipeline.load(top).facts
    assert [(piece.sentence, piece.supports, piece.wordings) for piece in fact.evidence] == [
        ("s1.1", ("claim", "modality"), (("object", "pruritus"),)),
        ("s1.2", ("frequency",), ()),
    ]


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({"modality": "may"}, "modality"),
        ({"frequency": "common"}, "frequency"),
        ({"review": [{"by": "person:me", "on": "2026-01-31", "verdict": "disagreed", "digest": "0" * 64}]}, "review"),
        ({"status": {"is": "disputed", "reason": "It is another."}}, "status"),
        ({"severity": "mild", "frequency": "common"}, "frequency, severity"),
    ],
)
def test_facts_that_differ_are_never_joined(base: Base, change: dict[str, str], keys: str) -> None:
    ((code, message),) = refuse(base({**MOVED, **change}))
    assert code == "KB814"
    assert message.endswith(f"but differs in {keys}.")


def test_things_that_a_fact_relates_are_not_one_thing(base: Base) -> None:
    predicates = [{**small_kb()["predicates.yaml"][0], "subject": ["drug", "symptom"]}]
    top = base({**MOVED, "subject": "itch"}, **{"predicates.yaml": predicates})
    ((code, message),) = refuse(top)
    assert (code, "so they are not one thing" in message) == ("KB814", True)


def test_the_kinds_that_predicates_take_hold_after_a_merge(base: Base) -> None:
    assert [code for code, _ in refuse(base({**MOVED, "trigger": "stopping"}), "pruritus", "stopping")] == ["KB306"]


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        (("exactMatch", "HP:1"), None, {("exactMatch", "HP:1")}),
        (("exactMatch", "HP:1"), ("exactMatch", "HP:1"), {("exactMatch", "HP:1")}),
        (("exactMatch", "HP:1"), ("closeMatch", "HP:1"), {("closeMatch", "HP:1")}),
        (("closeMatch", "HP:1"), ("exactMatch", "HP:1"), {("closeMatch", "HP:1")}),
        (("relatedMatch", "HP:1"), ("closeMatch", "HP:1"), {("relatedMatch", "HP:1")}),
        (("broadMatch", "HP:1"), ("narrowMatch", "HP:1"), set()),
        (("broadMatch", "HP:1"), ("exactMatch", "HP:1"), set()),
        (("exactMatch", "HP:1"), ("exactMatch", "HP:2"), {("exactMatch", "HP:2")}),
        (("closeMatch", "HP:1"), ("exactMatch", "HP:2"), {("closeMatch", "HP:1"), ("exactMatch", "HP:2")}),
        (("exactMatch", "ECO:1"), ("exactMatch", "HP:2"), {("exactMatch", "ECO:1"), ("exactMatch", "HP:2")}),
    ],
)
def test_of_mappings_that_conflict_the_weaker_stays_or_none(
    base: Base, old: tuple[str, str], new: tuple[str, str] | None, kept: set[tuple[str, str]]
) -> None:
    rows = row("pruritus", *old) + (row("itch", *new) if new else "")
    top = base(**{"mappings/hp.sssom.tsv": HEADING + COLUMNS + rows})
    told = merge(top)
    mappings = pipeline.load(top).mappings
    assert {(mapping.match.removeprefix("skos:"), mapping.object) for mapping in mappings} == kept
    assert {mapping.subject for mapping in mappings} <= {"term:itch"}
    assert told.count("Removed the mapping") == 1 + bool(new) - len(kept)


def test_a_mapping_that_several_contradict_is_removed_once(base: Base) -> None:
    same = "HP:1\t\tskos:exactMatch\tHP:2\tsemapv:ManualMappingCuration\tHP 2026\t2026-11-25\n"
    rows = row("itch", "narrowMatch", "HP:1") + row("stopping", "closeMatch", "HP:9")
    rows += row("pruritus", "broadMatch", "HP:1") + row("pruritus", "relatedMatch", "HP:2") + same
    top = base(**{"mappings/hp.sssom.tsv": HEADING + COLUMNS + rows})
    merge(top)
    assert [(mapping.subject, mapping.object) for mapping in pipeline.load(top).mappings] == [("term:stopping", "HP:9")]


def test_labels_that_name_another_term_are_left_out_and_told(base: Base) -> None:
    other = {**OLD, "id": "restlessness", "label": "restlessness", "aliases": ["Itchiness"]}
    top = base(**{"terms/other.yaml": [other]})
    assert "'itchiness' names 'restlessness' too, so it is no alias of 'itch' (KB320)." in merge(top)
    kb = pipeline.load(top)
    assert kb.terms["itch"].aliases == ("pruritus",)
    assert kb.retired["pruritus"].aliases == ("itchiness",)


def test_names_in_other_languages_are_carried_in_them(base: Base) -> None:
    label = {"en": "pruritus", "fr": "prurit"}
    top = base(old={**OLD, "label": label, "aliases": {"en": ["itchiness"], "fr": ["Démangeaison"]}})
    merge(top)
    kb = pipeline.load(top)
    assert kb.terms["itch"].aliases == ("pruritus", "itchiness")
    assert kb.terms["itch"].translations == (("aliases", "fr", "prurit"), ("aliases", "fr", "Démangeaison"))
    assert kb.retired["pruritus"].translations == (("label", "fr", "prurit"),)
    assert len(api.query("side-effects", content=top, effect="démangeaison")) == 1


def test_terms_with_the_same_label_are_merged(base: Base) -> None:
    merge(base(old={**OLD, "label": "itch", "aliases": []}))


def test_a_retired_term_that_is_still_named_is_merged_too(base: Base) -> None:
    retired = {**OLD, "deprecated": True, "note": "Latin."}
    top = base({**MOVED, "trigger": "stopping"}, old=retired)
    assert [problem.code for problem in pipeline.check(top).problems] == ["KB334"]
    merge(top)
    kb = pipeline.load(top)
    assert (kb.retired["pruritus"].replaced_by, kb.retired["pruritus"].note) == ("itch", "Latin.")
    assert {fact.object for fact in kb.facts} == {"itch"}


def test_a_dry_run_says_the_same_and_writes_nothing(base: Base, run_kb: Run) -> None:
    top = base({**MOVED, "trigger": "stopping"})
    before = contents(top)
    dry = run_kb("term", "merge", "Pruritus", "term:itch", "--dry-run", "--content", str(top))
    assert (dry.returncode, contents(top)) == (0, before)
    done = run_kb("term", "merge", "pruritus", "itch", "--content", str(top))
    assert (done.returncode, dry.stdout) == (0, f"{done.stdout}Nothing was written.\n")
    assert contents(top) != before


@pytest.mark.parametrize(
    ("names", "code"), [(("itch", "itch"), "KB814"), (("nothing", "itch"), "KB705"), (("itch", "nothing"), "KB705")]
)
def test_names_that_make_no_merge_are_refused(base: Base, names: tuple[str, str], code: str) -> None:
    assert [found for found, _ in refuse(base(), *names)] == [code]


def test_no_term_is_merged_into_a_retired_one(base: Base) -> None:
    top = base(old={**OLD, "deprecated": True, "replaced-by": "itch", "note": "Latin."})
    assert [found for found, _ in refuse(top, "stopping", "pruritus")] == ["KB705"]


def test_records_that_cannot_be_edited_are_refused(base: Base) -> None:
    import gzip

    line = gzip.compress(json.dumps({**MOVED, "document": "leaflet", "trigger": "stopping"}).encode())
    assert [code for code, _ in refuse(base(**{"facts/more.jsonl.gz": line}))] == ["KB812"]


def test_a_fact_that_its_sentence_no_longer_states_is_refused(tmp_path: Path, run_kb: Run) -> None:
    top = str(tmp_path / "kb")
    run_kb("init", top)
    add = ("term", "add", "--kind", "symptom", "--content", top, "--definition", "A wish to scratch.")
    run_kb(*add, "scratching", "--alias", "Itching")  # so that the label of the merged term cannot be carried
    run_kb(*add, "pruritus")
    assert {code for code, _ in refuse(tmp_path / "kb", "itching", "pruritus")} == {"KB442"}


def test_outside_of_a_knowledge_base_nothing_is_merged(tmp_path: Path, run_kb: Run) -> None:
    done = run_kb("term", "merge", "a", "b", "--content", str(tmp_path))
    assert (done.returncode, "KB112" in done.stderr) == (3, True)
    assert not list(tmp_path.iterdir())


def test_named_queries_count_the_facts_of_both(base: Base) -> None:
    top = base({**MOVED, "trigger": "stopping"})
    merge(top)
    compiled = queries.compile_base(pipeline.load(top))
    answer = queries.ask(compiled, "SELECT (COUNT(*) AS ?n) { ?fact a kb:Fact ; rdf:object term:itch }")
    assert answer.rows[0][0] == f'"2"^^<{XSD.integer}>'


def test_a_review_does_not_outlive_the_claim_that_was_reviewed(base: Base, run_kb: Run) -> None:
    top = base({**MOVED, "trigger": "stopping"})
    path = "has-side-effect/pruritus/trigger/stopping"
    done = run_kb("fact", "review", path, "--by", "person:me", "--content", str(top))
    assert done.returncode == 0, done.stderr
    assert not pipeline.check(top).warnings
    merge(top)
    assert [problem.code for problem in pipeline.check(top).warnings] == ["KB336"]
