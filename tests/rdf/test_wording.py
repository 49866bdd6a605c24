"""A claim in words keeps everything that denies, restricts or grades it."""

from __future__ import annotations

import pytest

from kb.model import KnowledgeBase
from kb.rdf.wording import EXPLANATION, LABEL, REPORT, ClaimStyle, word_claim, word_fact
from kb.schema import vocabulary


@pytest.mark.parametrize("style", [REPORT, EXPLANATION, LABEL])
def test_every_style_names_what_denies_or_restricts_a_claim(style: ClaimStyle, brightol: KnowledgeBase) -> None:
    for fact in brightol.facts:
        words = word_fact(fact, brightol, style)
        for name in {"modality", *vocabulary.restricting_qualifiers()} & fact.qualifiers.keys():
            value = fact.qualifiers[name]
            label = vocabulary.values(name)[value].label if vocabulary.qualifiers()[name].listed else brightol.terms[value].label
            assert label in words or value in words or (name == "polarity" and words.startswith("denied: "))


def test_a_label_has_all_qualifiers_and_a_report_those_that_limit_the_claim(brightol: KnowledgeBase) -> None:
    for fact in brightol.facts:
        assert all(f"{name}: " in word_fact(fact, brightol, LABEL) for name in fact.qualifiers)
        limiting = {"modality", *vocabulary.restricting_qualifiers()} & fact.qualifiers.keys()
        assert word_fact(fact, brightol).rpartition(" (")[2].count(", ") == len(limiting - {"polarity"}) - 1


def test_styles_differ_in_separators_and_in_qualifiers_without_a_name() -> None:
    qualifiers = [("modality", "can"), ("polarity", "negated"), ("trigger", "stopping")]
    assert word_claim("a", "causes", "b", REPORT, qualifiers) == "denied: a | causes | b (can, trigger: stopping)"
    assert word_claim("a", "causes", "b", EXPLANATION, qualifiers) == "denied: a causes b (can, trigger: stopping)"
    assert word_claim("a", "causes", "b", LABEL, qualifiers) == "a causes b (modality: can; polarity: negated; trigger: stopping)"
    assert word_claim("a", "causes", "b", LABEL) == "a causes b"
