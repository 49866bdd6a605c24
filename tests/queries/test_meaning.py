"""Answers compared with the facts in another way: a few lines of Python over the records, without SPARQL."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import permutations, product
from pathlib import Path

import pytest

from kb import pipeline
from kb.model import Fact, KnowledgeBase

HERE = Path(__file__).parent
LIMITS = ("trigger", "condition", "population")
GRADES = ("frequency", "severity", "seriousness", "course")
Rows = Iterable[tuple[str, ...]]


@pytest.fixture(scope="module")
def kb() -> KnowledgeBase:
    return pipeline.load(HERE / "two-documents")


def stated(kb: KnowledgeBase, predicate: str = "") -> list[Fact]:
    """The facts that deny nothing, of a predicate or of all."""
    return [fact for fact in kb.facts if "polarity" not in fact.qualifiers and predicate in {"", fact.predicate}]


def claim(fact: Fact) -> tuple[str, str, object]:
    return fact.subject, fact.predicate, fact.object


def label(kb: KnowledgeBase, *names: object) -> tuple[str, ...]:
    """The labels of terms, predicates and documents."""
    things = [kb.terms.get(str(name)) or kb.predicates.get(str(name)) for name in names]
    return tuple(thing.label if thing else kb.documents[str(name)].title for name, thing in zip(names, things, strict=True))


def pairs(facts: Iterable[Fact]) -> Iterator[tuple[Fact, Fact]]:
    """Facts of two documents that claim the same under the same conditions."""
    for one, other in permutations(facts, 2):
        limits = [{fact.qualifiers.get(name) for name in LIMITS} for fact in (one, other)]
        if claim(one) == claim(other) and one.document < other.document and limits[0] == limits[1]:
            yield one, other


def effects(kb: KnowledgeBase) -> set[tuple[str, str]]:
    return {(fact.subject, str(fact.object)) for fact in stated(kb, "has-side-effect")}


def agreement(kb: KnowledgeBase) -> Rows:
    return (
        label(kb, *claim(one), one.document, other.document)
        for one, other in pairs(kb.facts)
        if len({"polarity" in fact.qualifiers for fact in (one, other)}) == 1
    )


def differing_hedges(kb: KnowledgeBase) -> Rows:
    for one, other in pairs(stated(kb)):
        if one.qualifiers["modality"] != other.qualifiers["modality"]:
            yield label(kb, *claim(one), one.document, other.document)


def contested(kb: KnowledgeBase) -> Rows:
    for one, other in pairs(kb.facts):
        denied = ["polarity" in fact.qualifiers for fact in (one, other)]
        grades = [name for name in GRADES if name in one.qualifiers and name in other.qualifiers]
        differing = [name for name in grades if one.qualifiers[name] != other.qualifiers[name] and not any(denied)]
        for _ in ["polarity"] if denied[0] != denied[1] else differing:
            sides = (other, one) if denied[1] else (one, other)  # what denies comes first
            yield label(kb, *claim(one), *(fact.document for fact in sides))


def effects_together(kb: KnowledgeBase) -> Rows:
    return (label(kb, drug, one, other) for (drug, one), (same, other) in permutations(effects(kb), 2) if drug == same)


def effects_of_one_only(kb: KnowledgeBase) -> Rows:
    known = effects(kb)
    drugs = {fact.subject for fact in kb.facts if fact.predicate == "has-side-effect"}
    for (drug, effect), other in product(known, drugs):
        if drug != other and (other, effect) not in known:
            yield label(kb, drug, other, effect)


def one_document_only(kb: KnowledgeBase) -> Rows:
    claims = {(fact.document, *claim(fact)) for fact in kb.facts}
    speaks = {(fact.document, fact.subject) for fact in kb.facts}
    for fact, silent in product(kb.facts, kb.documents):
        if silent != fact.document and (silent, fact.subject) in speaks and (silent, *claim(fact)) not in claims:
            yield label(kb, fact.document, *claim(fact), silent)


def shared_effects(kb: KnowledgeBase) -> Rows:
    for (one, effect), (other, same) in permutations(effects(kb), 2):
        if effect == same and one != other:
            yield label(kb, effect, one, other)


def symptom_of_stopping(kb: KnowledgeBase) -> Rows:
    for fact in stated(kb, "has-withdrawal-symptom"):
        yield label(kb, fact.subject, fact.qualifiers["trigger"], fact.object)


def side_effects(kb: KnowledgeBase) -> Rows:
    return (label(kb, fact.subject, fact.object) for fact in stated(kb, "has-side-effect"))


def unused_terms(kb: KnowledgeBase) -> Rows:
    used = {name for fact in kb.facts for name in (fact.subject, fact.object, *fact.qualifiers.values())}
    return (label(kb, name) for name in kb.terms if name not in used)


MEANINGS: dict[str, tuple[str, Callable[[KnowledgeBase], Rows]]] = {
    "agreement": ("subject predicate object one other", agreement),
    "differing-hedges": ("subject predicate object one other", differing_hedges),
    "contested": ("subject predicate object one other", contested),
    "effects-together": ("drug one other", effects_together),
    "effects-of-one-only": ("drug other effect", effects_of_one_only),
    "one-document-only": ("document subject predicate object silent", one_document_only),
    "shared-effects": ("effect one other", shared_effects),
    "withdrawal": ("drug trigger symptom", symptom_of_stopping),
    "side-effects": ("drug effect", side_effects),
    "unused-terms": ("term", unused_terms),
}


#: They have a row for each modality and restriction under which the claims are made.
OF_CLAIMS = {"effects-together", "effects-of-one-only", "shared-effects"}


@pytest.mark.parametrize("name", MEANINGS)
def test_an_answer_says_what_the_facts_say_and_no_more(name: str, kb: KnowledgeBase) -> None:
    columns, meaning = MEANINGS[name]
    with (HERE / "answers" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        reviewed = Counter(tuple(row[column] for column in columns.split()) for row in csv.DictReader(file))
    assert reviewed
    if name in OF_CLAIMS:
        assert set(meaning(kb)) == set(reviewed)
    else:
        assert Counter(meaning(kb)) == reviewed
