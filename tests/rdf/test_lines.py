"""Lines of N-Quads in parts that can be sorted as wholes: sorting the parts sorts the lines."""

from __future__ import annotations

import pickle
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from kb.build.step import Step
from kb.document_parts import Sentence
from kb.metadata import Dataset
from kb.model import Document, KnowledgeBase, Predicate
from kb.rdf import documents, ontology
from kb.rdf.facts import Model
from kb.rdf.iris import KB, Names
from kb.rdf.quads import iri
from kb.records.resolve import parse_fact_value
from kb.schema import vocabulary

_IDS = st.sampled_from(["a", "a-2", "a0", "a1", "a10", "ab", "evidence", "polarity"])
_LITERALS = st.fixed_dictionaries({"value": st.sampled_from(["a", "evidence", "1", "é"])})

_AMOUNTS: st.SearchStrategy[Any] = st.sampled_from(
    [{"value": 1, "unit": "mg"}, {"value": "1.5", "unit": "%"}, {"low": 1, "high": 2, "unit": "mg"}]
)


@st.composite
def _facts(draw: st.DrawFn) -> dict[str, Any]:
    optional: dict[str, Any] = dict.fromkeys(("trigger", "condition", "population", "timing"), _IDS) | {
        "polarity": st.just("negated")
    }
    optional |= dict.fromkeys(("dose", "frequency", "schedule", "duration"), _AMOUNTS)
    keys = {"document": _IDS, "subject": _IDS, "predicate": st.just("p"), "object": _IDS | _LITERALS | _AMOUNTS}
    fact: dict[str, Any] = draw(st.fixed_dictionaries({**keys, "modality": st.sampled_from(["is", "may"])}, optional=optional))
    sentences = draw(st.lists(st.sampled_from(["s1.1", "s1.10", "s1.2", "s10.1"]), min_size=1, max_size=3, unique=True))
    supports = st.lists(st.sampled_from(["claim", *[name for name in vocabulary.qualifiers() if name in fact]]), unique=True)
    return fact | {"evidence": [{"sentence": each, "supports": draw(supports)} for each in sentences]}


MODELS: tuple[Model, ...] = get_args(Model)


def _step(model: Model) -> Step:
    about = Dataset("d", "", "", "", "https://example.org/", "", "en", "", (), {})
    step: Step = pickle.loads(pickle.dumps(Step(about, {}, {"p": Predicate("p", "", "", (), (), plain=("is",))}, model)))
    return step


STEPS: dict[str, Step] = {model: _step(model) for model in MODELS}


@given(model=st.sampled_from(MODELS), values=st.lists(_facts(), min_size=1, max_size=6))
def test_sorting_the_parts_of_facts_sorts_their_lines(model: str, values: list[dict[str, Any]]) -> None:
    facts = {fact.path: fact for fact in (parse_fact_value(value, "") for value in values)}
    document = Document("d", "", "en", "", "held-elsewhere", "", 0, 0, ())
    parts = {part for fact in facts.values() for part in STEPS[model].compile(fact, document) if part}
    lines = [line for part in parts for line in part.splitlines()]
    assert [line for part in sorted(parts) for line in part.splitlines()] == sorted(lines)
    assert len(set(lines)) == len(lines)


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12)), unique=True))
def test_a_document_is_written_in_the_order_of_its_lines(numbers: list[tuple[int, int]]) -> None:
    sentences = tuple(Sentence(f"s{section}.{number}", 0, 1, "") for section, number in numbers)
    document = Document("d", "t", "en", "r", "held-elsewhere", "", 0, 0, sentences)
    inside, node = documents.compile_document(document, (), Names("https://example.org/", {}), "en").lines()
    lines = "".join([*inside, node]).splitlines()
    assert lines == sorted(lines)


def test_words_that_accepted_facts_use_are_known(shipped: KnowledgeBase) -> None:
    step = Step(shipped.dataset, shipped.terms, shipped.predicates)
    assert all(step.accepts(fact) for fact in shipped.facts)
    text = "".join("".join(step.compile(fact, shipped.documents[fact.document])) for fact in shipped.facts)
    words = {iri(entry.iri) for entry in ontology.list_entries()}
    used = {each for line in text.splitlines() for each in line.split() if each in words}
    assert used == {iri(KB + word) for word in step.used_words()} & words
