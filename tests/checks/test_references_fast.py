"""The fast verdict on a fact is that of the checks that explain."""

from __future__ import annotations

import pickle
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kb.checks.acceptance import Acceptance
from kb.checks.references import check_fact
from kb.document_parts import Sentence
from kb.metadata import Dataset
from kb.model import Document, KnowledgeBase, Predicate, Term
from kb.records.resolve import parse_fact_value
from kb.resources import content
from kb.schema import vocabulary

KINDS = ("drug", "symptom", "event", "population")
TERMS = {f"{kind}-{number}": Term(f"{kind}-{number}", kind, "", "") for kind in KINDS for number in (1, 2)}
PREDICATES = {
    "causes": Predicate("causes", "", "", ("drug", "event"), ("symptom", "literal"), ("severity", "trigger"), plain=("is",)),
    "needs": Predicate("needs", "", "", ("drug",), ("event",), ("trigger", "population"), ("trigger",)),
}
SENTENCES = tuple(Sentence(f"s1.{number}", number, number + 1, "") for number in range(3))
DOCUMENT = Document("leaflet", "", "en", "", "held-elsewhere", "", 0, 0, SENTENCES)
PREFIXES = {"ECO": "http://purl.obolibrary.org/obo/ECO_"}
_AMOUNTS: st.SearchStrategy[Any] = st.sampled_from(
    [
        {"value": "10", "unit": "mg"},
        {"value": "10", "unit": "mgg"},
        {"value": "10", "unit": "%"},
        {"low": "5", "high": "4", "unit": "%"},
        {"at-most": 1, "per": 100},
        {"n": 5, "of": 4},
    ]
)
_WORDS = st.sampled_from([*TERMS, "unknown"])


def _kb() -> KnowledgeBase:
    about = Dataset("made-up", "", "", "1", "https://example.org/", "", "en", "", (), PREFIXES)
    return KnowledgeBase(content(), about, {"leaflet": DOCUMENT}, TERMS, PREDICATES, (), ())


@st.composite
def _facts(draw: st.DrawFn) -> dict[str, Any]:
    qualifiers: dict[str, st.SearchStrategy[Any]] = {
        name: st.sampled_from(list(vocabulary.values(name))) if each.listed else _WORDS
        for name, each in vocabulary.qualifiers().items()
        if name in ("polarity", "severity", "trigger", "population")
    }
    qualifiers |= {"dose": _AMOUNTS, "frequency": st.just("rare") | _AMOUNTS}
    fact: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {
                "subject": st.just("drug-1") | _WORDS,
                "predicate": st.sampled_from([*PREDICATES, "unknown"]),
                "object": _WORDS | _AMOUNTS.filter(lambda value: "unit" in value) | st.just({"value": "x"}),
                "modality": st.sampled_from(["is", "can"]),
            },
            optional=qualifiers,
        )
    )
    parts = ["claim", *(name for name in vocabulary.qualifiers() if name in fact)]
    span = st.sampled_from([{}, {"start": 1, "end": 2}, {"start": 0, "end": 3}, {"start": 2, "end": 1}])
    piece = st.fixed_dictionaries(
        {"sentence": st.sampled_from(["s1.0", "s1.1", "s1.2", "s9.9"])},
        optional={
            "supports": st.lists(st.sampled_from([*parts, "manner"]), max_size=3),
            "modality": st.just("usually"),
            "basis": st.sampled_from(["ECO:0000305", "EKO:0000305"]),
        },
    )
    return fact | {"evidence": [one | draw(span) for one in draw(st.lists(piece, min_size=1, max_size=3))]}


@settings(max_examples=settings().max_examples * 2)
@given(st.lists(_facts(), min_size=1, max_size=4))
def test_the_fast_verdict_is_that_of_the_checks_that_explain(values: list[dict[str, Any]]) -> None:
    acceptance, kb, sentences = Acceptance(TERMS, PREDICATES, PREFIXES), _kb(), {each.id: each for each in SENTENCES}
    acceptance = pickle.loads(pickle.dumps(acceptance))
    for fact in [parse_fact_value(value, "leaflet") for value in values]:
        assert acceptance.accepts(fact, sentences) == (not list(check_fact(fact, kb))), fact
        known = fact._replace(
            evidence=tuple(one for one in fact.evidence if one.sentence in sentences and one.is_inside(sentences[one.sentence]))
        )
        if len(known.evidence) == len(fact.evidence):
            assert acceptance.accepts(fact) == acceptance.accepts(fact, sentences)
