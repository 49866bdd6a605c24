"""The gate lets in only what the text states, whoever proposes it and whatever the proposal says of itself."""

from __future__ import annotations

from typing import Any

import pytest

from kb import pipeline, resources
from kb.model import KnowledgeBase
from kb.proposals import gate, readers
from kb.schema import vocabulary

RASH = "In rare cases, zelorin may cause a serious skin rash."


@pytest.fixture(scope="module")
def zelorin() -> KnowledgeBase:
    return pipeline.load(resources.example())._replace(facts=())


def check(kb: KnowledgeBase, **value: Any) -> gate.Verdict:
    return gate.check(kb, {"proposer": "model:example", "subject": "zelorin", "predicate": "has side effect", **value})


def code(verdict: gate.Verdict) -> str:
    return verdict.problems[0].code


def test_words_become_ids_and_what_is_left_out_is_filled_in(zelorin: KnowledgeBase) -> None:
    verdict = check(zelorin, subject="Zelorin", object="skin rash", frequency="in rare cases", quote=RASH)
    assert (verdict.verdict, verdict.document) == ("ready", "zelorin-leaflet")
    assert verdict.fact == {
        "subject": "zelorin",
        "predicate": "has-side-effect",
        "object": "skin-rash",
        "modality": "may",
        "frequency": "rare",
        "evidence": [{"sentence": "s4.3"}],
    }
    assert verdict.claim == "zelorin has side effect skin rash (may; frequency: rare)"


def test_a_pronoun_is_declared_for_its_antecedent(zelorin: KnowledgeBase) -> None:
    words = "It is used to treat glimmer fever"
    verdict = check(zelorin, predicate="used-to-treat", object="glimmer fever", quote=words)
    assert verdict.verdict == "ready"


def test_a_pronoun_is_not_taken_for_another_thing_of_the_kind_of_the_topic(zelorin: KnowledgeBase) -> None:
    words = "It is used to treat glimmer fever"
    for quote in (words, [{"words": words, "as": {"subject": "It"}}]):
        assert not check(
            zelorin, subject="medicine", predicate="used-to-treat", object="glimmer fever", quote=quote
        ).is_acceptable


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"object": "skin rash", "quote": "zelorin will cause a serious skin rash"}, "KB435"),
        ({"object": "dry mouth", "quote": RASH}, "KB437"),
        ({"object": "drowsiness", "quote": "Zelorin does not cause drowsiness."}, "KB437"),
        ({"object": "drowsiness", "quote": "Zelorin does cause drowsiness."}, "KB431"),
        ({"object": "skin rash", "modality": "is", "quote": RASH}, "KB437"),
        ({"object": "skin rash", "frequency": "common", "quote": RASH}, "KB437"),
        ({"object": "skin rash", "frequency": "purple", "quote": RASH}, "KB204"),
        ({"object": "skin rash", "quote": RASH, "document": "other"}, "KB303"),
        ({"object": "skin rash", "quote": {"words": RASH}}, "KB203"),
        ({"object": "itching", "quote": [{"words": RASH, "as": {"object": "skin rash"}}]}, "KB446"),
        ({"object": "itching", "quote": [{"words": RASH, "as": {"predicate": "may"}}]}, "KB446"),
        ({"object": "skin rash", "quote": [{"words": RASH, "sentence": "s4.1"}]}, "KB427"),
        ({"object": "skin-rash", "population": "three-days", "quote": RASH}, "KB437"),
        ({"object": "skin rash", "quote": RASH, "accept": "yes"}, "KB202"),
    ],
)
def test_what_the_text_does_not_state_is_refused(zelorin: KnowledgeBase, value: dict[str, Any], reason: str) -> None:
    verdict = check(zelorin, **value)
    assert (verdict.verdict, code(verdict), verdict.is_acceptable) == ("refused", reason, False)


def test_a_denied_claim_is_ready_if_the_proposal_denies_it(zelorin: KnowledgeBase) -> None:
    verdict = check(zelorin, object="drowsiness", polarity="negated", quote="Zelorin does not cause drowsiness.")
    assert verdict.verdict == "ready"
    assert verdict.claim.startswith("denied: ")


def test_a_claim_that_is_a_fact_already_is_refused() -> None:
    verdict = check(pipeline.load(resources.example()), object="skin rash", quote=RASH)
    assert code(verdict) == "KB311"


def test_a_new_term_comes_with_its_fact(zelorin: KnowledgeBase) -> None:
    terms = {name: term for name, term in zelorin.terms.items() if name != "skin-rash"}
    verdict = check(zelorin._replace(terms=terms), object="skin rash", quote=RASH)
    assert (verdict.verdict, code(verdict)) == ("needs a term", "KB301")
    assert [term["id"] for term in verdict.terms] == ["skin-rash"]
    assert verdict.is_acceptable


def test_what_cannot_be_compared_needs_a_person(zelorin: KnowledgeBase) -> None:
    words = zelorin.predicates["leads-to"]._replace(id="dims-the-glow", label="dims the glow of")
    kb = zelorin._replace(predicates={**zelorin.predicates, words.id: words})
    verdict = check(
        kb, predicate=words.id, object="skin-tingling", quote="a messenger that makes the skin tingle", subject="sparkin"
    )
    assert verdict.verdict in {"needs a person", "refused"}
    assert check(zelorin, predicate="soothes", object="skin rash", quote=RASH).verdict == "needs a person"


def test_positions_of_others_only_choose_among_places_with_the_same_words(zelorin: KnowledgeBase) -> None:
    right = check(zelorin, object="skin rash", quote=[{"words": RASH, "start": 3}])
    assert right.verdict == "ready"
    assert right.fact == check(zelorin, object="skin rash", quote=RASH).fact


def test_a_claim_without_words_is_looked_for_in_the_texts(zelorin: KnowledgeBase) -> None:
    verdict = check(zelorin, object="skin rash")
    assert (verdict.verdict, verdict.locations[0].sentence) == ("ready", "s4.3")
    assert code(check(zelorin, object="glimmer fever")) == "KB436"


def test_an_edge_of_kgx_is_looked_for_by_its_identifiers(zelorin: KnowledgeBase) -> None:
    edge = {"id": "e1", "subject": "zelorin", "predicate": "interacts-with", "object": "moon-tea", "knowledge_level": "assertion"}
    (value,) = readers.convert(edge) or []
    assert gate.check(zelorin, {**value, "proposer": "tool:kgx"}).verdict == "ready"


def test_the_schema_of_proposals_has_every_qualifier() -> None:
    schema = resources.schema("proposal")
    assert set(vocabulary.qualifiers()) <= set(schema["properties"])
    for name in ("literal", "number"):
        assert schema["$defs"][name] == resources.schema("fact")["$defs"][name]
    quantity = {key: value for key, value in resources.schema("fact")["$defs"]["quantity"].items() if key != "x-class"}
    assert schema["$defs"]["quantity"] == quantity
