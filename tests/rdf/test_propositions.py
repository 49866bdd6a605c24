"""Facts of one claim share a proposition, whichever document states it and however firmly; nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rdflib import RDF, Dataset, Namespace, URIRef

from kb import pipeline, query
from kb.rdf.facts import Model
from tests.conftest import small_kb

BASE = "https://example.org/small/"
KB = Namespace("https://w3id.org/linked-kb/ontology#")
SMALL = small_kb()
(FACT,) = SMALL["facts/leaflet.yaml"]
PREDICATE = {**SMALL["predicates.yaml"][0], "object": ["symptom", "quantity", "literal"], "symmetric": False}
PREDICATE["qualifiers"] = [*PREDICATE["qualifiers"], "dose", "temporal"]


def propositions(make_kb: Callable[..., Path], changes: dict[str, Any], model: Model = "full") -> list[set[str]]:
    """The propositions of a fact, and of a changed one of another document."""
    plain = {key: value for key, value in FACT.items() if key != "frequency"} | {"evidence": [{"sentence": "s1.1"}]}
    top = make_kb(**{
        "documents/study.yaml": {**SMALL["documents/leaflet.yaml"], "id": "study"},
        "facts/leaflet.yaml": [{**plain, **changes.get("both", {})}],
        "facts/study.yaml": [{**plain, **changes.get("both", {}), **changes.get("study", {})}],
        "predicates.yaml": [PREDICATE],
    })  # fmt: skip
    graph = Dataset(default_union=True).parse(data=pipeline.export(top, "nquads", model), format="nquads")
    facts = [f"{BASE}fact/{document}/" for document in ("leaflet", "study")]
    stated = [(str(fact), str(one)) for fact, one in graph.subject_objects(KB.proposition)]
    assert {URIRef(fact) for fact, _ in stated} == set(graph.subjects(RDF.type, KB.Fact))
    assert not {URIRef(one) for _, one in stated} & set(graph.subjects())  # nothing asserts it
    return [{one for fact, one in stated if fact.startswith(start)} for start in facts]


DOSE = {"dose": {"value": "5", "unit": "mg"}}
SAME: dict[str, dict[str, Any]] = {
    "nothing": {},
    "modality": {"study": {"modality": "is"}},
    "frequency": {"study": {"frequency": "rare"}},
    "dose": {"both": DOSE},
    "denial": {"both": {"polarity": "negated"}},
    "condition": {"both": {"trigger": "stopping"}},
    "literal": {"both": {"object": {"value": "a long one " * 20, "language": "en"}}},
    "quantity": {"both": {"object": {"value": "5", "unit": "mg"}}},
}
DIFFERENT: dict[str, dict[str, Any]] = {
    "object": {"study": {"object": {"value": "itch", "language": "en"}}},
    "denial": {"study": {"polarity": "negated"}},
    "condition": {"study": {"trigger": "stopping"}},
    "dose": {"both": DOSE, "study": {"dose": {"value": "10", "unit": "mg"}}},
    "language": {"both": {"object": {"value": "x", "language": "en"}}, "study": {"object": {"value": "x", "language": "de"}}},
}


@pytest.mark.parametrize("case", SAME)
def test_one_claim_of_two_documents_has_one_proposition(case: str, make_kb: Callable[..., Path]) -> None:
    one, other = propositions(make_kb, SAME[case])
    assert one == other
    assert len(one) == 1


@pytest.mark.parametrize("case", DIFFERENT)
def test_another_claim_has_another(case: str, make_kb: Callable[..., Path]) -> None:
    one, other = propositions(make_kb, DIFFERENT[case])
    assert (len(one), len(other), one & other) == (1, 1, set())


@pytest.mark.parametrize("model", ["full", "named-graphs", "rdf12", "nanopubs"])
def test_each_model_that_describes_facts_has_it(model: Model, make_kb: Callable[..., Path]) -> None:
    top = make_kb()
    line = (
        f"<{BASE}fact/leaflet/examplol/has-side-effect/itch> <{KB.proposition}> <{BASE}proposition/examplol/has-side-effect/itch>"
    )
    assert pipeline.export(top, "nquads", model).count(line) == 1


@pytest.mark.parametrize("case", ["dose", "nothing", "denial", "modality"])
def test_the_question_of_agreement_finds_both_facts(case: str, make_kb: Callable[..., Path], tmp_path: Path) -> None:
    propositions(make_kb, SAME[case])
    (row,) = query("agreement", content=tmp_path / "kb")
    assert (row["subject"], row["object"]) == ("examplol", "itch")


@pytest.mark.parametrize("case", ["denial", "condition", "dose"])
def test_what_differs_does_not_agree(case: str, make_kb: Callable[..., Path], tmp_path: Path) -> None:
    propositions(make_kb, DIFFERENT[case])
    assert list(query("agreement", content=tmp_path / "kb")) == []
