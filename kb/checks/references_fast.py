"""Decides fast whether the references of a fact are valid; ``references`` explains why a fact is refused.

Combinations that many facts share (a predicate with a value of a qualifier, the parts that evidence supports) are checked
once and cached. A test compares the verdict with that of :func:`kb.checks.references.check_fact`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kb.model import Fact, Predicate, Term
from kb.schema import vocabulary

# How many shapes of evidence are cached; there are a few dozen in practice.
_MOST_CACHED = 10_000
# The qualifiers of a fact, and for each piece of its evidence the parts that it supports and its modality.
_Shape = tuple[tuple[str, ...], tuple[tuple[tuple[str, ...], str], ...]]


@dataclass(frozen=True, slots=True)
class _Signature:
    """The kinds of subject and object, and the qualifiers, that a predicate accepts, and the values that were accepted before."""

    subject: frozenset[str]
    object: frozenset[str]
    requires: tuple[str, ...]
    qualifiers: frozenset[str]
    accepted: set[tuple[str, str]]


class Acceptance:
    """Checks the references of facts to terms and predicates, by id. It can be pickled and sent to other processes."""

    def __init__(self, terms: Mapping[str, Term], predicates: Mapping[str, Predicate]) -> None:
        self._kinds = {name: term.kind for name, term in terms.items()}
        self._signatures = {name: _signature(predicate) for name, predicate in predicates.items()}
        self._kinds_of_values = {
            name: frozenset(qualifier.kinds) for name, qualifier in vocabulary.qualifiers().items() if qualifier.kinds
        }
        self._evidence: dict[_Shape, bool] = {}
        self._words: set[str] = set()

    def accepts(self, fact: Fact, sentences: Collection[str] | None = None) -> bool:
        """Return whether the references of a fact are valid; without sentences of its document, any sentence is accepted."""
        signature = self._signatures.get(fact.predicate)
        if signature is None or self._kinds.get(fact.subject) not in signature.subject:
            return False
        if (self._kinds.get(fact.object) if isinstance(fact.object, str) else "literal") not in signature.object:
            return False
        for item in fact.qualifiers.items():
            if item not in signature.accepted and not self._accepts_qualifier(signature, item):
                return False
        for name in signature.requires:
            if name not in fact.qualifiers:
                return False
        if sentences is not None:
            for piece in fact.evidence:
                if piece.sentence not in sentences:
                    return False
        return self._is_supported(fact)

    def used_words(self) -> set[str]:
        """Return the words of the vocabulary that the accepted facts use: qualifiers, their listed values, parts."""
        words = set(self._words)
        pairs = {item for signature in self._signatures.values() for item in signature.accepted}
        words |= {name for name, _ in pairs} | {value for name, value in pairs if name not in self._kinds_of_values}
        for shape in self._evidence:
            words.update(part for supports, _ in shape[1] for part in supports)
            words.update(modality for _, modality in shape[1] if modality)
        return words

    def _accepts_qualifier(self, signature: _Signature, item: tuple[str, str]) -> bool:
        name, value = item
        kinds = self._kinds_of_values.get(name)
        if name not in signature.qualifiers or (kinds is not None and self._kinds.get(value) not in kinds):
            return False
        signature.accepted.add(item)
        return True

    def _is_supported(self, fact: Fact) -> bool:
        """Return whether the evidence supports exactly the parts of the fact, and no sentence supports the same parts twice."""
        evidence = fact.evidence
        if len(evidence) > 1 and len({piece.sentence for piece in evidence}) < len(evidence):
            supported = [(piece.sentence, frozenset(piece.supports)) for piece in evidence]
            if len(set(supported)) < len(supported):
                return False
        shape = (tuple(fact.qualifiers), tuple([(piece.supports, piece.modality) for piece in evidence]))
        is_supported = self._evidence.get(shape)
        if is_supported is None:
            if len(self._evidence) >= _MOST_CACHED:
                self._words = self.used_words()
                self._evidence.clear()
            is_supported = self._evidence[shape] = _supports_all(fact)
        return is_supported


def _signature(predicate: Predicate) -> _Signature:
    qualifiers = frozenset(("modality", "polarity", *predicate.qualifiers))
    return _Signature(frozenset(predicate.subject), frozenset(predicate.object), predicate.requires, qualifiers, set())


def _supports_all(fact: Fact) -> bool:
    parts = {"claim", *fact.qualifiers}
    supported = {part for piece in fact.evidence for part in piece.supports}
    hedged = {part for piece in fact.evidence if piece.modality for part in piece.supports}
    return supported == parts and not hedged & {"claim", "modality"}
