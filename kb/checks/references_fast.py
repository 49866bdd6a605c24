"""Whether a fact names only what exists and fits, answered fast; what is refused is explained by ``references``.

What many facts share (a predicate with a value of a qualifier, the way in which evidence supports parts) is judged once
and remembered. A test holds the verdict equal to that of :func:`kb.checks.references.check_fact`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from kb.model import Fact, Predicate, Term
from kb.schema import vocabulary

# So many different ways of supporting parts are remembered at once; there are a few dozen in practice.
_MOST_REMEMBERED = 10_000
# The qualifiers of a fact, and for each piece of its evidence the parts that it supports and its hedge.
_Shape = tuple[tuple[str, ...], tuple[tuple[tuple[str, ...], str], ...]]


class _Takes(NamedTuple):
    """What a predicate takes: kinds of subject and object, needed qualifiers, qualifiers, and those seen to be fine."""

    subject: frozenset[str]
    object: frozenset[str]
    requires: tuple[str, ...]
    qualifiers: frozenset[str]
    fine: set[tuple[str, str]]


class Acceptance:
    """Judges facts against terms and predicates. It can be pickled and sent to other processes.

    Args:
        terms: The terms by id.
        predicates: The predicates by id.
    """

    def __init__(self, terms: Mapping[str, Term], predicates: Mapping[str, Predicate]) -> None:
        self._kinds = {name: term.kind for name, term in terms.items()}
        self._takes = {name: _takes(predicate) for name, predicate in predicates.items()}
        self._of_terms = {name: frozenset(each.kinds) for name, each in vocabulary.qualifiers().items() if each.kinds}
        self._evidence: dict[_Shape, bool] = {}
        self._words: set[str] = set()

    def accepts(self, fact: Fact, sentences: Collection[str] | None = None) -> bool:
        """Tell whether a fact is in order.

        Args:
            fact: The fact, whose record keeps its schema.
            sentences: The ids of the sentences of its document; left out, whether sentences exist is not asked.
        """
        takes = self._takes.get(fact.predicate)
        if takes is None or self._kinds.get(fact.subject) not in takes.subject:
            return False
        if (self._kinds.get(fact.object) if isinstance(fact.object, str) else "literal") not in takes.object:
            return False
        for item in fact.qualifiers.items():
            if item not in takes.fine and not self._is_fine(takes, item):
                return False
        for name in takes.requires:
            if name not in fact.qualifiers:
                return False
        if sentences is not None:
            for piece in fact.evidence:
                if piece.sentence not in sentences:
                    return False
        return self._is_supported(fact)

    def used(self) -> set[str]:
        """Give the words of the vocabulary that the facts judged so far use: qualifiers, their listed values, parts."""
        words = set(self._words)
        pairs = {item for takes in self._takes.values() for item in takes.fine}
        words |= {name for name, _ in pairs} | {value for name, value in pairs if name not in self._of_terms}
        for shape in self._evidence:
            words.update(part for supports, _ in shape[1] for part in supports)
            words.update(modality for _, modality in shape[1] if modality)
        return words

    def _is_fine(self, takes: _Takes, item: tuple[str, str]) -> bool:
        name, value = item
        kinds = self._of_terms.get(name)
        fine = name in takes.qualifiers and (kinds is None or self._kinds.get(value) in kinds)
        if fine:
            takes.fine.add(item)
        return fine

    def _is_supported(self, fact: Fact) -> bool:
        """Tell whether evidence supports every part of the fact, each once, and nothing else."""
        evidence = fact.evidence
        if len(evidence) > 1 and len({piece.sentence for piece in evidence}) < len(evidence):
            supported = [(piece.sentence, frozenset(piece.supports)) for piece in evidence]
            if len(set(supported)) < len(supported):
                return False
        shape = (tuple(fact.qualifiers), tuple([(piece.supports, piece.modality) for piece in evidence]))
        known = self._evidence.get(shape)
        if known is None:
            if len(self._evidence) >= _MOST_REMEMBERED:
                self._words = self.used()
                self._evidence.clear()
            known = self._evidence[shape] = _supports_all(fact)
        return known


def _takes(predicate: Predicate) -> _Takes:
    qualifiers = frozenset(("modality", "polarity", *predicate.qualifiers))
    return _Takes(frozenset(predicate.subject), frozenset(predicate.object), predicate.requires, qualifiers, set())


def _supports_all(fact: Fact) -> bool:
    carried = {"claim", *fact.qualifiers}
    supported = {part for piece in fact.evidence for part in piece.supports}
    hedged = {part for piece in fact.evidence if piece.modality for part in piece.supports}
    return supported == carried and not hedged & {"claim", "modality"}
