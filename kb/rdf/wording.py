"""A claim in words: the one place where subject, predicate, object and qualifiers become a phrase.

The words of two facts that differ in polarity, modality or a restriction differ, whatever the labels of terms are: a label that
could be read as something else stands in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from kb.metadata import Review
from kb.model import DISPUTE, SEPARATOR, STANDING, STATUS, Evidence, Fact, LiteralObject, Predicate, Term
from kb.rdf import quantities, value_groups
from kb.schema import vocabulary

#: The qualifier whose only value denies a claim.
DENIAL = "polarity"
_DENIED = "denied"

_OPEN_LIST = "open-list"
_UNNAMED = {"modality", DENIAL, "listing"}  # their values say what they mean without a name
# How modalities hedge a value where the label of the modality before it would not be English.
_AS_HEDGES = {
    "can": "can be",
    "may": "may be",
    "can-sometimes": "can sometimes be",
    "should": "should be",
    "potential": "potentially",
    "helps-to": "helps to be",
    "can-help-to": "can help to be",
    "important-to": "important to be",
}
_MARKS = re.compile('[;:()"]')


class QualifierWords(NamedTuple):
    """The qualifiers of a fact in words, without its terms, so that facts with the same qualifiers share them.

    Args:
        denial: The denial; empty if there is none.
        limits: All other qualifiers, the modality included, each with the hedge of its own evidence.
        restrictions: What denies, restricts, hedges or leaves open the claim, as in ``negated; severity: usually mild``.
    """

    denial: str
    limits: str
    restrictions: str


def word_qualifiers(
    qualifiers: Mapping[str, str], hedges: Mapping[str, tuple[str, ...]], terms: Mapping[str, Term]
) -> QualifierWords:
    """Put qualifiers into words, with the hedges that :func:`find_hedges` finds."""
    is_denied = DENIAL in qualifiers  # then each grade restricts: "no severe nausea" does not deny nausea
    worded = [(name, *_word_qualifier(name, value, hedges.get(name, ()), terms)) for name, value in qualifiers.items()]
    limits = [(name != DENIAL, words, restricts or (is_denied and name != "modality")) for name, words, restricts in worded]
    return QualifierWords(
        _DENIED if is_denied else "",
        "; ".join([words for is_limit, words, _ in limits if is_limit]),
        "; ".join([words for _, words, restricts in sorted(limits) if restricts]),
    )


def word_fact(
    fact: Fact, terms: Mapping[str, Term], predicates: Mapping[str, Predicate], words: QualifierWords | None = None
) -> str:
    """Put a fact into words: ``denied: aspirin causes ataxia (can; severity: usually mild; population: dogs)``.

    A denial comes first, so that the first words of a claim are not its opposite; modality and every other qualifier follow in
    parentheses, each with the hedge of its own evidence. Callers that have the words of the qualifiers give them.
    """
    words = words or word_qualifiers(fact.qualifiers, find_hedges(fact), terms)
    subject = _label(fact.subject, terms)
    obj = fact.object.value if isinstance(fact.object, LiteralObject) else _label(fact.object, terms)
    if f"{_DENIED}: " in subject:
        subject = _quote(subject)
    if words.denial:
        subject = f"{words.denial}: {subject}"
    return f"{subject} {predicates[fact.predicate].label} {obj} ({words.limits})"


def find_hedges(fact: Fact) -> dict[str, tuple[str, ...]]:
    """Find the qualifiers that the evidence hedges otherwise than the fact's own modality does, each with its hedges.

    One hedged sentence is enough: what another sentence says flatly is not taken to reach further.
    """
    hedges: dict[str, tuple[str, ...]] = {}
    for piece in fact.evidence:
        if piece.modality not in {"", "is", fact.qualifiers["modality"]}:
            for name in piece.supports:
                if name in fact.qualifiers and name != "modality" and piece.modality not in hedges.get(name, ()):
                    hedges[name] = (*hedges.get(name, ()), piece.modality)
    if any(len(own) > 1 for own in hedges.values()):  # in the order of the schema, whatever the order of the evidence
        order = list(vocabulary.values("modality"))
        return {name: tuple(sorted(own, key=order.index)) for name, own in hedges.items()}
    return hedges


def spell_qualifiers(fact: Fact) -> dict[str, str]:
    """Return the qualifiers as records spell them, each with the hedges of its own evidence before it: ``usually mild``."""
    hedges = find_hedges(fact)
    return {name: word_hedged(spell_value(value), hedges.get(name, ())) for name, value in fact.qualifiers.items()}


def word_hedged(label: str, hedges: Iterable[str]) -> str:
    """Put a qualifier's value into words with the modalities of its own evidence: ``usually mild``, ``may be severe``."""
    own = " or ".join(map(_word_hedge, hedges))
    return f"{own} {label}" if own else label


def _word_hedge(modality: str) -> str:
    return _AS_HEDGES.get(modality) or vocabulary.values("modality")[modality].label


def _word_qualifier(name: str, value: str, hedges: tuple[str, ...], terms: Mapping[str, Term]) -> tuple[str, bool]:
    """Return the words of a qualifier, and whether it denies, restricts, hedges or leaves open the claim."""
    if name == STANDING:
        return f"document: {vocabulary.values(name)[value].label}", True
    if name == DISPUTE:
        return vocabulary.values(name)[value].label, True
    if name == STATUS:
        return f"{name}: {value}", True
    qualifier = vocabulary.qualifiers()[name]
    words = word_hedged(word_value(name, value, terms, _quote_unclear), hedges)
    return words if name in _UNNAMED else f"{qualifier.label}: {words}", qualifier.restricts or bool(
        hedges
    ) or value == _OPEN_LIST


def word_value(name: str, value: str, terms: Mapping[str, Term], quote: Callable[[str], str] = str) -> str:
    """Put the value of a qualifier into words: the label of a word or term, which may need quotes, or a quantity."""
    if quantities.MARK in value:
        return quantities.word(value)
    if SEPARATOR in value:
        return value_groups.word(value, lambda member: _quote_member(_label(member, terms)))
    return _value_labels(name).get(value) or quote(_label(value, terms))


@vocabulary.by_vocabulary
def _value_labels(name: str) -> dict[str, str]:
    """Return the labels of the values of a qualifier, if they are listed."""
    listed = vocabulary.qualifiers()[name].listed
    return {word: value.label for word, value in vocabulary.values(name).items()} if listed else {}


def spell_value(value: str, mint: Callable[[str], str] = str) -> str:
    """Return the value of a qualifier as records spell it, or the words of a quantity, or of several values."""
    if SEPARATOR in value:
        return value_groups.word(value, mint)
    return quantities.word(value) if quantities.MARK in value else value


def _label(name: str, terms: Mapping[str, Term]) -> str:
    return terms[name].label if name in terms else name


def _quote_unclear(label: str) -> str:
    """Quote a label that could be taken for more than the value of a qualifier, or for a hedged value."""
    hedges = (f"{words} " for name, value in vocabulary.values("modality").items() for words in (value.label, _word_hedge(name)))
    return _quote(label) if _MARKS.search(label) or label.startswith(tuple(hedges)) else label


def _quote_member(label: str) -> str:
    """Quote a label that could be taken for several, or for more than a value."""
    return _quote(label) if _MARKS.search(label) or "," in label else label


def _quote(label: str) -> str:
    return '"{}"'.format(label.replace('"', '""'))


def word_evidence(piece: Evidence) -> str:
    """Put a piece of evidence into words, with its type if it is not that of its document."""
    hedge = " ".join(filter(None, (piece.modality, "disputes" if piece.disputes else "")))
    words = word_support(piece.sentence, hedge, piece.supports or piece.disputes)
    return f"{words} ({piece.basis})" if piece.basis else words


def word_review(review: Review, *, is_current: bool) -> str:
    """Put a review into words: ``agreed: person:me, 2026-11-29 (review of an earlier version)``."""
    return f"{review.verdict}: {review.by}, {review.on}{'' if is_current else ' (review of an earlier version)'}"


def word_support(sentence: str, hedge: str, supports: Iterable[str]) -> str:
    """Put what a sentence supports into words, with its own hedge: ``s3.3 usually: severity, course``."""
    return f"{' '.join(filter(None, (sentence, hedge)))}: {', '.join(supports)}"
