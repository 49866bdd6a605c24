"""Checks records against each other: every name exists, fits where it is used, and is defined once.

:class:`Acceptance` decides fast whether the references of a fact are valid, and :func:`check_fact` explains why one is refused.
Combinations that many facts share (a predicate with a value of a qualifier, the parts that evidence supports) are checked once
and cached. A test compares the verdicts of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from kb.checks import identifiers, mapping_checks, retired_terms
from kb.checks.acceptance import CLAIM_PARTS, Acceptance, find_repeated
from kb.checks.document_checks import check_topic
from kb.document_parts import Sentence
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
    elif predicate and term.kind not in vocabulary.with_subkinds(kinds):
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
    sentences = {sentence.id: sentence for sentence in document.sentences} if document else None
    carried = {"claim", *fact.qualifiers}
    for index, piece in enumerate(fact.evidence):
        if sentences is not None:
            yield from _span(fact, index, piece, sentences, unknown)
        if piece.rests_claim_on_heading:
            remedy = "Name the sentence below it that states the claim; it inherits what the heading says."
            place = _at(fact.record, "evidence", index, "sentence")
            yield Problem(place, "KB323", f"'{piece.sentence}' is a heading, which states nothing.", remedy)
        if piece.basis:
            yield from _curie(piece.basis, names_of(kb), fact.record, "evidence", index, "basis")
        parts = (*piece.supports, *piece.disputes)
        yield from (_make_absent_part_problem(fact, index, part) for part in parts if part not in carried)
        if piece.modality and not CLAIM_PARTS.isdisjoint(piece.supports):
            message = "Evidence for the claim or its denial has a modality of its own; that of both is the modality of the fact."
            remedy = "Set the fact's modality to it, or name in 'supports' the qualifiers that it applies to."
            yield Problem(_at(fact.record, "evidence", index, "modality"), "KB322", message, remedy)
    for index in find_repeated(fact.evidence):
        message = f"'{fact.evidence[index].sentence}' supports the same parts twice."
        remedy = "Keep one, or give each a span of its own (start, end), in the order of the sentence."
        yield Problem(_at(fact.record, "evidence", index), "KB318", message, remedy)
    unsupported = carried.difference(*(piece.supports for piece in fact.evidence)) if fact.dispute != ONLY_DISPUTED else ()
    for part in sorted(unsupported):
        remedy = f"Name '{part}' in 'supports' of the sentence that says it."
        yield Problem(_at(fact.record, "evidence"), "KB313", f"No sentence supports the fact's {part}.", remedy)


def _span(fact: Fact, index: int, piece: Evidence, sentences: dict[str, Sentence], unknown: UnknownNames) -> Iterator[Problem]:
    """Check that the document has the sentence of a piece of evidence, and that its span is inside of it."""
    sentence = sentences.get(piece.sentence)
    if sentence is None:
        message = f"'{fact.document}' has no sentence '{piece.sentence}'."
        remedy = f"It has {next(iter(sentences))} to {next(reversed(sentences))}." if sentences else "Its record has none."
        place = _at(fact.record, "evidence", index, "sentence")
        yield Problem(place, "KB304", message, unknown.suggest(piece.sentence, sentences, remedy))
    elif not piece.is_inside(sentence):
        message = f"{piece.start}-{piece.end} is not inside of {piece.sentence}, which is {sentence.start}-{sentence.end}."
        yield Problem(_at(fact.record, "evidence", index, "start"), "KB446", message, "Let 'kb cite' find the span.")


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
            message = f"The file's curie_map takes '{prefix}:' for {start}, kb.yaml or another file for {names.prefixes[prefix]}."
            remedy = "Correct the one that is wrong, or rename the prefix in the file."
            yield Problem(_at(mapping.record, "curie_map", prefix), "KB326", message, remedy)


def _curie(curie: str, names: Names, record: Record | None, *path: str | int) -> Iterator[Problem]:
    """Check the prefix (KB315) and the IRI (KB502) of a CURIE; an empty one is accepted."""
    iri = names.expand(curie)
    if curie and iri is None:
        prefix = curie.partition(":")[0]
        remedy = did_you_mean(prefix, names.prefixes, "Declare it under 'prefixes' in kb.yaml, or in the curie_map of the file.")
        remedy = "Write a CURIE instead of an IRI." if curie.startswith(f"{prefix}://") else remedy
        yield Problem(_at(record, *path), "KB315", f"The prefix '{prefix}' is not declared.", remedy)
    elif iri and (what := identifiers.find_iri_error(iri)):
        yield identifiers.make_iri_problem(_at(record, *path), curie, iri, what)


def keep_sound(kb: KnowledgeBase, names: Names) -> KnowledgeBase:
    """Return a knowledge base without facts and mappings that name what does not exist or does not fit."""
    acceptance, unknown = Acceptance(kb.terms, kb.predicates), UnknownNames(kb)
    sentences = {name: {sentence.id: sentence for sentence in document.sentences} for name, document in kb.documents.items()}
    checked = (
        (one, (*check_evidence_type(one, names), *check_topic(one, kb.terms, kb.retired))) for one in kb.documents.values()
    )
    documents = {one.id: one._replace(evidence="", topic=()) if any(problems) else one for one, problems in checked}
    is_sound = (fact.document in sentences and acceptance.accepts(fact, sentences[fact.document]) for fact in kb.facts)
    facts = {fact.path: fact for fact, sound in zip(kb.facts, is_sound, strict=True) if sound}
    found = ((mapping, (*_mapping(mapping, kb, names, unknown), *_find_conflicts(mapping, names))) for mapping in kb.mappings)
    mappings = tuple(mapping for mapping, problems in found if not problems)
    return kb._replace(documents=documents, facts=tuple(facts.values()), mappings=mappings)
