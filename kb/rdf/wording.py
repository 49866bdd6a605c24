"""A claim in words: the one place where subject, predicate, object and qualifiers become a phrase."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kb.model import Evidence, Fact, KnowledgeBase, LiteralObject
from kb.schema import vocabulary


@dataclass(frozen=True, slots=True)
class ClaimStyle:
    """How a claim is written.

    Args:
        between: What separates subject, predicate and object.
        separator: What separates qualifiers.
        unnamed: The qualifiers whose value is written without their name.
        has_all: Whether every qualifier is written, or only the modality and those that restrict the claim.
        has_labels: Whether values of controlled lists are written as their labels, or as records spell them.
        denial: What a denied claim begins with, so that its first words are not its opposite; if empty, the polarity is written
            as a qualifier.
    """

    between: str
    separator: str
    unnamed: frozenset[str] = frozenset()
    has_all: bool = False
    has_labels: bool = True
    denial: str = ""


#: Reports for people: ``denied: clonazepam | has side effect | ataxia (can, trigger: stopping)``.
REPORT = ClaimStyle(" | ", ", ", frozenset({"modality"}), denial="denied: ")
#: Explanations of answers, and titles of pages: ``denied: clonazepam has side effect ataxia (can, trigger: stopping)``.
EXPLANATION = ClaimStyle(" ", ", ", frozenset({"modality"}), denial="denied: ")
#: Labels in RDF: ``clonazepam has side effect ataxia (modality: can; polarity: negated; frequency: rare)``.
LABEL = ClaimStyle(" ", "; ", has_all=True, has_labels=False)


#: The qualifier whose only value denies a claim.
DENIAL = "polarity"

_OPEN_LIST = "open-list"
_UNNAMED = {DENIAL, "listing"}  # their values say what they mean without a name


def word_claim(subject: str, predicate: str, obj: str, style: ClaimStyle, qualifiers: Iterable[tuple[str, str]] = ()) -> str:
    """Put a claim into words.

    Args:
        subject: The label of the subject.
        predicate: The label of the predicate.
        obj: The label of the object, or the text of a literal.
        style: How to write it.
        qualifiers: Name and label of each qualifier to write, in order.
    """
    known = dict(qualifiers)
    denial = style.denial if style.denial and known.pop(DENIAL, "") else ""
    claim = denial + style.between.join((subject, predicate, obj))
    limits = style.separator.join(word_qualifier(name, label, style) for name, label in known.items())
    return f"{claim} ({limits})" if limits else claim


def word_qualifier(name: str, label: str, style: ClaimStyle) -> str:
    """Put a qualifier into words."""
    return label if name in style.unnamed else f"{name}: {label}"


def word_hedged(label: str, hedges: Iterable[str]) -> str:
    """Put a qualifier's value into words with the hedges of its own evidence: ``usually mild``."""
    own = " or ".join(dict.fromkeys(hedges))
    return f"{own} {label}" if own else label


def word_fact(fact: Fact, kb: KnowledgeBase, style: ClaimStyle = REPORT) -> str:
    """Put a fact into words, with its qualifiers."""
    obj = fact.object.value if isinstance(fact.object, LiteralObject) else kb.terms[fact.object].label
    limiting = ("modality", *vocabulary.restricting_qualifiers())
    qualifiers = (
        (name, find_label(name, value, kb, spelled=not style.has_labels))
        for name, value in fact.qualifiers.items()
        if style.has_all or name in limiting
    )
    return word_claim(kb.terms[fact.subject].label, kb.predicates[fact.predicate].label, obj, style, qualifiers)


def find_label(qualifier: str, value: str, kb: KnowledgeBase, *, spelled: bool = False) -> str:
    """Return the label of a qualifier's value, be it a term or a word of a controlled list.

    Args:
        qualifier: The name of the qualifier.
        value: Its value.
        kb: The knowledge base.
        spelled: Whether a word of a controlled list is given as records spell it.
    """
    if not vocabulary.qualifiers()[qualifier].listed:
        return kb.terms[value].label
    return value if spelled else vocabulary.values(qualifier)[value].label


def word_restrictions(fact: Fact, labels: Mapping[str, str]) -> str:
    """Put into words what denies, restricts, hedges or leaves open a claim: ``denied; population: dogs; severity: usually mild``.

    Args:
        fact: The fact.
        labels: The labels of terms, by id.

    Returns:
        The words, a denial first; empty if the claim is stated without any of these.
    """
    parts = set()
    for name, value in fact.qualifiers.items():
        qualifier = vocabulary.qualifiers()[name]
        hedges = {piece.modality for piece in fact.evidence if piece.modality and name in piece.supports}
        if qualifier.restricts or hedges or value == _OPEN_LIST:
            label = vocabulary.values(name)[value].label if qualifier.listed else labels.get(value, value)
            for hedge in hedges or {""}:
                words = word_hedged(label, [vocabulary.values("modality")[hedge].label] if hedge else ())
                parts.add((name != DENIAL, words if name in _UNNAMED else f"{name}: {words}"))
    return "; ".join(words for _, words in sorted(parts))


def word_evidence(piece: Evidence) -> str:
    """Put a piece of evidence into words."""
    return word_support(piece.sentence, piece.modality, piece.supports)


def word_support(sentence: str, hedge: str, supports: Iterable[str]) -> str:
    """Put what a sentence supports into words, with its own hedge: ``s3.3 usually: severity, course``."""
    return f"{' '.join(filter(None, (sentence, hedge)))}: {', '.join(supports)}"
