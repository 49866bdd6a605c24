"""Checks records against each other: every name exists, fits where it is used, and is defined once.

:class:`Acceptance` decides fast whether the references of a fact are valid, and :func:`check_fact` explains why one is refused.
Combinations that many facts share (a predicate with a value of a qualifier, the parts that evidence supports) are checked once
and cached. A test compares the verdicts of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf

from kb.checks import identifiers, mapping_checks, retired_terms
from kb.checks.document_checks import check_topic
from kb.model import (
    ONLY_DISPUTED,
    Document,
    Evidence,
    Fact,
    KnowledgeBase,
    LiteralObject,
    OutsideMatch,
    Predicate,
    Record,
    Term,
    split_values,
)
from kb.problems import Place, Problem
from kb.rdf import quantities
from kb.rdf.iris import Names, names_of
from kb.schema import vocabulary
from kb.suggestions import did_you_mean

_NO_PLACE = Place("kb")

#: For how many unknown names of one run a similar one is suggested. More of them have one cause, which is not a typing error.
MOST_SUGGESTIONS = 100


# The rules about names that do not exist any more, or never did.
_UNKNOWN = frozenset(("KB301", "KB302", "KB303", "KB304", "KB316", "KB334"))
# How many shapes of evidence are cached; there are a few dozen in practice.
_MOST_CACHED = 10_000
#: The parts of a fact whose modality is that of the fact.
_CLAIM = {"claim", "modality", "polarity"}
# The qualifiers of a fact, and for each piece of its evidence the parts that it supports and its modality.
_Shape = tuple[tuple[str, ...], tuple[tuple[tuple[str, ...], str], ...]]


class UnknownNames:
    """Reports names that do not exist, with a suggestion for the first of them.

    ``broken`` are kind and id of the records that exist but break their schema; they are not reported as unknown.
    ``documents`` are the ids of all documents, where the knowledge base does not hold all of them.
    """

    def __init__(
        self, kb: KnowledgeBase, broken: Collection[tuple[str, str]] = (), documents: Collection[str] | None = None
    ) -> None:
        known_documents = kb.documents if documents is None else documents
        self._known: dict[str, Collection[str]] = {"term": kb.terms, "predicate": kb.predicates, "document": known_documents}
        self._broken, self._retired = broken, kb.retired
        self._suggestions = iter(range(MOST_SUGGESTIONS))

    def problems(self, place: Place, code: str, kind: str, name: str, remedy: str) -> Iterator[Problem]:
        """Report that a name does not exist; the remedy is used if no known name is similar."""
        if kind == "term" and (retired := self._retired.get(name)):
            yield retired_terms.report(place, retired)
        elif (kind, name) not in self._broken:
            yield Problem(place, code, f"There is no {kind} '{name[:100]}'.", self.suggest(name, self._known[kind], remedy))

    def suggest(self, name: str, known: Collection[str], remedy: str) -> str:
        """Suggest the most similar known name; return the remedy if there is none, or after too many suggestions."""
        return remedy if next(self._suggestions, None) is None else did_you_mean(name, known, remedy)


def check(
    kb: KnowledgeBase, names: Names, broken: Collection[tuple[str, str]] = (), documents: Collection[str] | None = None
) -> Iterator[Problem]:
    """Check every reference of facts, mappings and predicates; the other arguments are those of :class:`UnknownNames`.

    A name that is unknown in several places is reported once.
    """
    unknown = defaultdict[tuple[str, str], list[Problem]](list)
    for problem in _check(kb, names, broken, documents):
        if problem.code in _UNKNOWN:
            unknown[problem.code, problem.message].append(problem)
        else:
            yield problem
    for (_, message), problems in unknown.items():
        first, *others = sorted(problems)
        places = (problem.place for problem in others[:3])
        also = ", ".join(f"line {place.line}" if place.file == first.place.file else str(place) for place in places)
        count = "one other place" if len(others) == 1 else f"{len(others)} other places"
        more = f" It is named in {count}: {also}{', …' if len(others) > 3 else ''}." if others else ""
        yield first._replace(message=message + more)


def _check(
    kb: KnowledgeBase, names: Names, broken: Collection[tuple[str, str]], documents: Collection[str] | None
) -> Iterator[Problem]:
    unknown, first = UnknownNames(kb, broken, documents), dict[tuple[str, str, str], OutsideMatch]()
    for fact in kb.facts:
        yield from check_fact(fact, kb, unknown)
    conflicts = dict[Problem, None]()
    for mapping in (*kb.mappings, *kb.outside):
        yield from _mapping(mapping, kb, names, unknown)
        conflicts |= dict.fromkeys(_find_conflicts(mapping, names))
        key = (mapping.subject, mapping.match, mapping.object)
        if key in first:
            message = f"The same mapping stands at {_at(first[key].record)}."
            yield Problem(_at(mapping.record, "object_id"), "KB317", message, "Keep one.")
        first.setdefault(key, mapping)
    yield from conflicts
    yield from mapping_checks.check(kb)
    for predicate in kb.predicates.values():
        yield from _predicate(predicate)
    for term in kb.retired.values():
        if term.replaced_by and term.replaced_by not in kb.terms:
            place = _at(term.record, "replaced-by")
            yield from unknown.problems(place, "KB301", "term", term.replaced_by, "Name the term that takes its place.")


def check_evidence_type(document: Document, names: Names) -> Iterator[Problem]:
    """Check the CURIE that a document gives for the type of its evidence (KB315, KB502)."""
    return _curie(document.evidence, names, document.record, "evidence")


def check_fact(fact: Fact, kb: KnowledgeBase, unknown: UnknownNames | None = None) -> Iterator[Problem]:
    """Check one fact against the terms, predicates and documents that it names."""
    unknown = unknown or UnknownNames(kb)
    yield from _ends(fact, kb, unknown)
    yield from _qualifiers(fact, kb, unknown)
    yield from _evidence(fact, kb, unknown)


def find_duplicate_ids(kind: str, values: Iterable[Document | Term | Predicate]) -> Iterator[Problem]:
    """Find documents, terms or predicates that share an id (KB312)."""
    first: dict[str, Document | Term | Predicate] = {}
    for value in values:
        if value.id in first:
            message = f"There is another {kind} '{value.id}' at {_at(first[value.id].record)}."
            yield Problem(_at(value.record, "id"), "KB312", message, "Rename one, or merge them.")
        first.setdefault(value.id, value)


def make_duplicate_problem(fact: Fact, other: Fact) -> Problem:
    """Return the problem of a fact that claims the same as another (KB311)."""
    message = f"The same claim by the same document stands at {_at(other.record)}."
    return Problem(_at(fact.record), "KB311", message, "Merge their qualifiers and evidence into one fact.")


def _at(record: Record | None, *path: str | int) -> Place:
    return record.at(*path) if record else _NO_PLACE


def _ends(fact: Fact, kb: KnowledgeBase, unknown: UnknownNames) -> Iterator[Problem]:
    predicate = kb.predicates.get(fact.predicate)
    if predicate is None:
        place, remedy = _at(fact.record, "predicate"), "Declare it in predicates.yaml."
        yield from unknown.problems(place, "KB302", "predicate", fact.predicate, remedy)
    if isinstance(fact.object, LiteralObject):
        kind, place = fact.object.kind, _at(fact.record, "object")
        if predicate and kind not in predicate.object:
            message = f"'{predicate.id}' takes no {kind} as object."
            yield Problem(place, "KB306", message, f"It takes: {', '.join(predicate.object)}.")
        yield from (Problem(place, *error) for error in quantities.find_errors("object", fact.object.quantity))
    else:
        yield from _end(fact, "object", fact.object, kb, unknown)
    yield from _end(fact, "subject", fact.subject, kb, unknown)


def _end(fact: Fact, key: str, name: str, kb: KnowledgeBase, unknown: UnknownNames) -> Iterator[Problem]:
    term, predicate = kb.terms.get(name), kb.predicates.get(fact.predicate)
    kinds = (predicate.subject if key == "subject" else predicate.object) if predicate else ()
    if term is None:
        yield from unknown.problems(_at(fact.record, key), "KB301", "term", name, "Declare it in terms/.")
    elif predicate and term.kind not in kinds:
        code = "KB305" if key == "subject" else "KB306"
        message = f"'{name}' is of kind {term.kind}; '{fact.predicate}' takes {' or '.join(kinds)} as {key}."
        yield Problem(_at(fact.record, key), code, message, "Use another term or predicate, or widen the predicate.")


def _qualifiers(fact: Fact, kb: KnowledgeBase, unknown: UnknownNames) -> Iterator[Problem]:
    predicate = kb.predicates.get(fact.predicate)
    for name, value in fact.qualifiers.items():
        if predicate and name not in ("modality", "polarity", *predicate.qualifiers):
            message = f"'{predicate.id}' does not take the qualifier '{name}'."
            allowed = ", ".join(("modality", "polarity", *predicate.qualifiers))
            remedy = f"Remove it, or add it to the predicate; allowed: {allowed}."
            yield Problem(_at(fact.record, name), "KB307", message, remedy)
        if quantities.MARK in value:
            yield from (Problem(_at(fact.record, name), *error) for error in quantities.find_errors(name, value))
        kinds = vocabulary.qualifiers()[name].kinds
        if not kinds:
            continue
        for one in split_values(value):
            term = kb.terms.get(one)
            if term is None:
                yield from unknown.problems(_at(fact.record, name), "KB301", "term", one, "Declare it in terms/.")
            elif term.kind not in kinds:
                message = f"'{one}' is of kind {term.kind}; the qualifier '{name}' takes {' or '.join(kinds)}."
                yield Problem(_at(fact.record, name), "KB309", message, "Use another term or qualifier.")
    for name in predicate.requires if predicate else ():
        if name not in fact.qualifiers:
            message = f"'{fact.predicate}' needs the qualifier '{name}'."
            yield Problem(_at(fact.record), "KB308", message, f"Add '{name}': {vocabulary.qualifiers()[name].definition}")


def _evidence(fact: Fact, kb: KnowledgeBase, unknown: UnknownNames) -> Iterator[Problem]:
    document = kb.documents.get(fact.document)
    if document is None:
        remedy = "Add its record to documents/, or name another with 'document'."
        yield from unknown.problems(_at(fact.record, "document"), "KB303", "document", fact.document, remedy)
    sentences = [sentence.id for sentence in document.sentences] if document else None
    carried = {"claim", *fact.qualifiers}
    for index, piece in enumerate(fact.evidence):
        if sentences is not None and piece.sentence not in sentences:
            place = _at(fact.record, "evidence", index, "sentence")
            message = f"'{fact.document}' has no sentence '{piece.sentence}'."
            remedy = f"It has {sentences[0]} to {sentences[-1]}." if sentences else "Its record has none."
            yield Problem(place, "KB304", message, unknown.suggest(piece.sentence, sentences, remedy))
        if piece.rests_claim_on_heading:
            remedy = "Name the sentence below it that states the claim; it inherits what the heading says."
            place = _at(fact.record, "evidence", index, "sentence")
            yield Problem(place, "KB323", f"'{piece.sentence}' is a heading, which states nothing.", remedy)
        if piece.basis:
            yield from _curie(piece.basis, names_of(kb), fact.record, "evidence", index, "basis")
        parts = (*piece.supports, *piece.disputes)
        yield from (_make_absent_part_problem(fact, index, part) for part in parts if part not in carried)
        if piece.modality and not _CLAIM.isdisjoint(piece.supports):
            message = "Evidence for the claim or its denial has a modality of its own; that of both is the modality of the fact."
            remedy = "Set the fact's modality to it, or name in 'supports' the qualifiers that it applies to."
            yield Problem(_at(fact.record, "evidence", index, "modality"), "KB322", message, remedy)
    for index in _find_repeated(fact.evidence):
        message = f"'{fact.evidence[index].sentence}' supports the same parts twice."
        remedy = "Keep one, or give each a span of its own (start, end), in the order of the sentence."
        yield Problem(_at(fact.record, "evidence", index), "KB318", message, remedy)
    unsupported = carried.difference(*(piece.supports for piece in fact.evidence)) if fact.dispute != ONLY_DISPUTED else ()
    for part in sorted(unsupported):
        remedy = f"Name '{part}' in 'supports' of the sentence that says it."
        yield Problem(_at(fact.record, "evidence"), "KB313", f"No sentence supports the fact's {part}.", remedy)


def _find_repeated(evidence: Iterable[Evidence]) -> Iterator[int]:
    """Yield the index of each piece that supports the same parts as one before, and is not a later span of the same sentence."""
    ends: dict[tuple[str, frozenset[str]], float] = {}
    for index, piece in enumerate(evidence):
        key = (piece.sentence, frozenset(piece.supports))
        if key in ends and (piece.start is None or piece.start < ends[key]):
            yield index
        ends[key] = inf if piece.end is None else piece.end


def _make_absent_part_problem(fact: Fact, index: int, part: str) -> Problem:
    supports = fact.record.value["evidence"][index].get("supports", ()) if fact.record else ()
    index_of_part = (supports.index(part),) if part in supports else ()
    message = f"The fact has no '{part}' that a sentence could support."
    place = _at(fact.record, "evidence", index, "supports", *index_of_part)
    return Problem(place, "KB314", message, f"Add the qualifier '{part}', or remove it here.")


def _predicate(predicate: Predicate) -> Iterator[Problem]:
    for index, name in enumerate(predicate.requires):
        if name not in ("modality", "polarity", *predicate.qualifiers):
            message = f"'{predicate.id}' requires the qualifier '{name}' but does not allow it."
            place = _at(predicate.record, "requires", index)
            yield Problem(place, "KB307", message, "Add it to 'qualifiers', or remove it here.")


def _mapping(mapping: OutsideMatch, kb: KnowledgeBase, names: Names, unknown: UnknownNames) -> Iterator[Problem]:
    prefix, _, name = mapping.subject.partition(":")
    kind = "term" if prefix == "term" else "predicate"
    if not mapping.is_ours:
        yield from _curie(mapping.subject, names, mapping.record, "subject_id")
    elif name not in (kb.terms if kind == "term" else kb.predicates):
        place, remedy = _at(mapping.record, "subject_id"), "Declare it, or remove the row."
        yield from unknown.problems(place, "KB316", kind, name, remedy)
    yield from _curie(mapping.object, names, mapping.record, "object_id")


def _find_conflicts(mapping: OutsideMatch, names: Names) -> Iterator[Problem]:
    """Find prefixes that the file of a mapping declares otherwise than the knowledge base."""
    for prefix, start in mapping.prefixes.items():
        if names.prefixes.get(prefix, start) not in {start, names.base}:  # that of invalid metadata is not known
            message = f"The file's curie_map takes '{prefix}:' for {start}, kb.yaml for {names.prefixes[prefix]}."
            remedy = "Correct the one that is wrong, or rename the prefix in the file."
            yield Problem(_at(mapping.record, "curie_map", prefix), "KB326", message, remedy)


def _curie(curie: str, names: Names, record: Record | None, *path: str | int) -> Iterator[Problem]:
    """Check the prefix (KB315) and the IRI (KB502) of a CURIE; an empty one is accepted."""
    iri = names.expand(curie)
    if curie and iri is None:
        prefix = curie.partition(":")[0]
        remedy = did_you_mean(prefix, names.prefixes, "Declare it under 'prefixes' in kb.yaml.")
        yield Problem(_at(record, *path), "KB315", f"The prefix '{prefix}' is not declared.", remedy)
    elif iri and (what := identifiers.find_iri_error(iri)):
        yield identifiers.make_iri_problem(_at(record, *path), curie, iri, what)


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
        self._kinds_of_values = {
            name: frozenset(qualifier.kinds) for name, qualifier in vocabulary.qualifiers().items() if qualifier.kinds
        }
        self._bases = {"", *prefixes}
        self._evidence: dict[_Shape, bool] = {}
        self._words: set[str] = set()

    def accepts(self, fact: Fact, sentences: Collection[str] | None = None) -> bool:
        """Return whether the references of a fact are valid; without sentences of its document, any sentence is accepted."""
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
            is_known = sentences is None or piece.sentence in sentences
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
        if is_repeating and list(_find_repeated(evidence)):
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


def keep_sound(kb: KnowledgeBase, names: Names) -> KnowledgeBase:
    """Return a knowledge base without facts and mappings that name what does not exist or does not fit."""
    acceptance, unknown = Acceptance(kb.terms, kb.predicates), UnknownNames(kb)
    sentences = {name: {sentence.id for sentence in document.sentences} for name, document in kb.documents.items()}
    checked = (
        (one, (*check_evidence_type(one, names), *check_topic(one, kb.terms, kb.retired))) for one in kb.documents.values()
    )
    documents = {one.id: one._replace(evidence="", topic=()) if any(problems) else one for one, problems in checked}
    is_sound = (fact.document in sentences and acceptance.accepts(fact, sentences[fact.document]) for fact in kb.facts)
    facts = {fact.path: fact for fact, sound in zip(kb.facts, is_sound, strict=True) if sound}
    found = ((mapping, (*_mapping(mapping, kb, names, unknown), *_find_conflicts(mapping, names))) for mapping in kb.mappings)
    mappings = tuple(mapping for mapping, problems in found if not problems)
    return kb._replace(documents=documents, facts=tuple(facts.values()), mappings=mappings)


def _signature(predicate: Predicate) -> _Signature:
    qualifiers = frozenset(("modality", "polarity", *predicate.qualifiers))
    return _Signature(frozenset(predicate.subject), frozenset(predicate.object), predicate.requires, qualifiers, set())


def _supports_all(fact: Fact) -> bool:
    parts = {"claim", *fact.qualifiers}
    supported = {part for piece in fact.evidence for part in piece.supports}
    hedged = {part for piece in fact.evidence if piece.modality for part in piece.supports}
    disputed = {part for piece in fact.evidence for part in piece.disputes}
    is_supported = supported == parts or (fact.dispute == ONLY_DISPUTED and not supported)
    return is_supported and disputed <= parts and not hedged & _CLAIM
