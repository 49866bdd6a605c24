"""Whether the references of facts are valid, without saying why not: the fast twin of :mod:`kb.checks.references`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf

from kb.document_parts import Sentence
from kb.model import ONLY_DISPUTED, Evidence, Fact, Predicate, Term, split_values
from kb.rdf import quantities
from kb.schema import vocabulary

# How many shapes of evidence are cached; there are a few dozen in practice.
_MOST_CACHED = 10_000
#: The parts of a fact whose modality is that of the fact.
CLAIM_PARTS = {"claim", "modality", "polarity"}
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
    """Checks the references of facts to terms, predicates and prefixes. It can be pickled and sent to other processes."""

    def __init__(self, terms: Mapping[str, Term], predicates: Mapping[str, Predicate], prefixes: Collection[str] = ()) -> None:
        self.kinds = {name: term.kind for name, term in terms.items()}
        self._signatures = {name: _signature(predicate) for name, predicate in predicates.items()}
        self._kinds_of_values = {name: frozenset(kinds) for name, kinds in vocabulary.term_qualifiers().items()}
        self._bases = {"", *prefixes}
        self._evidence: dict[_Shape, bool] = {}
        self._words: set[str] = set()

    def accepts(self, fact: Fact, sentences: Mapping[str, Sentence] | None = None) -> bool:
        """Return whether the references of a fact are valid; without sentences of its document, any is accepted."""
        signature = self._signatures.get(fact.predicate)
        if signature is None or self.kinds.get(fact.subject) not in signature.subject:
            return False
        obj = fact.object
        kind = self.kinds.get(obj) if isinstance(obj, str) else obj.kind
        if kind not in signature.object or (not isinstance(obj, str) and quantities.find_errors("object", obj.quantity)):
            return False
        for item in fact.qualifiers.items():
            if item not in signature.accepted and not self._accepts_qualifier(signature, item):
                return False
        for name in signature.requires:
            if name not in fact.qualifiers:
                return False
        for piece in fact.evidence:
            sentence = sentences.get(piece.sentence) if sentences is not None else None
            is_known = sentences is None or (sentence is not None and piece.is_inside(sentence))
            if piece.rests_claim_on_heading or not is_known or piece.basis.partition(":")[0] not in self._bases:
                return False
        return self._is_supported(fact)

    def used_words(self) -> set[str]:
        """Return the words of the vocabulary that the accepted facts use: qualifiers, their listed values, parts."""
        words = set(self._words)
        pairs = {item for signature in self._signatures.values() for item in signature.accepted}
        words |= {name for name, _ in pairs} | {value for name, value in pairs if name not in self._kinds_of_values}
        words |= {quantities.parse(value).band for value in words if quantities.MARK in value}
        for shape in self._evidence:
            words.update(part for supports, _ in shape[1] for part in supports)
            words.update(modality for _, modality in shape[1] if modality)
        return words

    def _accepts_qualifier(self, signature: _Signature, item: tuple[str, str]) -> bool:
        name, value = item
        kinds = self._kinds_of_values.get(name)
        if name not in signature.qualifiers or (
            kinds is not None and any(self.kinds.get(one) not in kinds for one in split_values(value))
        ):
            return False
        if quantities.MARK in value and quantities.find_errors(name, value):
            return False
        signature.accepted.add(item)
        return True

    def _is_supported(self, fact: Fact) -> bool:
        """Return whether the evidence supports exactly the parts of the fact, and no sentence supports the same parts twice."""
        evidence = fact.evidence
        is_repeating = len(evidence) > 1 and len({piece.sentence for piece in evidence}) < len(evidence)
        if is_repeating and list(find_repeated(evidence)):
            return False
        if fact.dispute:
            self._words |= {fact.dispute, *(part for piece in evidence for part in piece.disputes)}
            return _supports_all(fact)
        shape = (tuple(fact.qualifiers), tuple([(piece.supports, piece.modality) for piece in evidence]))
        is_supported = self._evidence.get(shape)
        if is_supported is None:
            if len(self._evidence) >= _MOST_CACHED:
                self._words = self.used_words()
                self._evidence.clear()
            is_supported = self._evidence[shape] = _supports_all(fact)
        return is_supported


def find_repeated(evidence: Iterable[Evidence]) -> Iterator[int]:
    """Yield the index of each piece that supports the same parts as one before, and is not a later span of the same sentence."""
    ends: dict[tuple[str, frozenset[str]], float] = {}
    for index, piece in enumerate(evidence):
        key = (piece.sentence, frozenset(piece.supports))
        if key in ends and (piece.start is None or piece.start < ends[key]):
            yield index
        ends[key] = inf if piece.end is None else piece.end


def _signature(predicate: Predicate) -> _Signature:
    qualifiers = frozenset(("modality", "polarity", *predicate.qualifiers))
    subject, obj = (frozenset(vocabulary.with_subkinds(kinds)) for kinds in (predicate.subject, predicate.object))
    return _Signature(subject, obj, predicate.requires, qualifiers, set())


def _supports_all(fact: Fact) -> bool:
    parts = {"claim", *fact.qualifiers}
    supported = {part for piece in fact.evidence for part in piece.supports}
    hedged = {part for piece in fact.evidence if piece.modality for part in piece.supports}
    disputed = {part for piece in fact.evidence for part in piece.disputes}
    is_supported = supported == parts or (fact.dispute == ONLY_DISPUTED and not supported)
    return is_supported and disputed <= parts and not hedged & CLAIM_PARTS
