"""Checks records against each other: every name exists, fits where it is used, and is defined once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from kb.checks import identifiers
from kb.model import Document, Fact, KnowledgeBase, LiteralObject, OutsideMatch, Predicate, Record, Term
from kb.problems import Place, Problem
from kb.rdf.iris import Names
from kb.schema import vocabulary
from kb.suggestions import did_you_mean

_NO_PLACE = Place("kb")

#: For how many unknown names of one run a similar one is suggested. More of them have one cause, which is not a typing error.
MOST_SUGGESTIONS = 100


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
        self._broken = broken
        self._suggestions = iter(range(MOST_SUGGESTIONS))

    def problems(self, place: Place, code: str, kind: str, name: str, remedy: str) -> Iterator[Problem]:
        """Report that a name does not exist; the remedy is used if no known name is similar."""
        if (kind, name) not in self._broken:
            yield Problem(place, code, f"There is no {kind} '{name[:100]}'.", self.suggest(name, self._known[kind], remedy))

    def suggest(self, name: str, known: Collection[str], remedy: str) -> str:
        """Suggest the most similar known name; return the remedy if there is none, or after too many suggestions."""
        return remedy if next(self._suggestions, None) is None else did_you_mean(name, known, remedy)


def check(
    kb: KnowledgeBase, names: Names, broken: Collection[tuple[str, str]] = (), documents: Collection[str] | None = None
) -> Iterator[Problem]:
    """Check every reference of facts, mappings and predicates; the other arguments are those of :class:`UnknownNames`."""
    unknown, first = UnknownNames(kb, broken, documents), dict[tuple[str, str, str], OutsideMatch]()
    for fact in kb.facts:
        yield from check_fact(fact, kb, unknown)
    for mapping in kb.mappings:
        yield from _mapping(mapping, kb, names, unknown)
        key = (mapping.subject, mapping.match, mapping.object)
        if key in first:
            message = f"The same mapping stands at {_at(first[key].record)}."
            yield Problem(_at(mapping.record, "object_id"), "KB317", message, "Keep one.")
        first.setdefault(key, mapping)
    for predicate in kb.predicates.values():
        yield from _predicate(predicate)


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
        if predicate and "literal" not in predicate.object:
            message = f"'{predicate.id}' takes a term as object, not a literal."
            yield Problem(_at(fact.record, "object"), "KB306", message, f"Name a term of kind {_or(predicate.object)}.")
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
        message = f"'{name}' is of kind {term.kind}; '{fact.predicate}' takes {_or(kinds)} as {key}."
        yield Problem(_at(fact.record, key), code, message, "Use another term or predicate, or widen the predicate.")


def _qualifiers(fact: Fact, kb: KnowledgeBase, unknown: UnknownNames) -> Iterator[Problem]:
    predicate = kb.predicates.get(fact.predicate)
    for name, value in fact.qualifiers.items():
        if predicate and name not in ("modality", "polarity", *predicate.qualifiers):
            message = f"'{predicate.id}' does not take the qualifier '{name}'."
            allowed = ", ".join(("modality", "polarity", *predicate.qualifiers))
            remedy = f"Remove it, or add it to the predicate; allowed: {allowed}."
            yield Problem(_at(fact.record, name), "KB307", message, remedy)
        kinds = vocabulary.qualifiers()[name].kinds
        if not kinds:
            continue
        term = kb.terms.get(value)
        if term is None:
            yield from unknown.problems(_at(fact.record, name), "KB301", "term", value, "Declare it in terms/.")
        elif term.kind not in kinds:
            message = f"'{value}' is of kind {term.kind}; the qualifier '{name}' takes {_or(kinds)}."
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
    supported: set[tuple[str, tuple[str, ...]]] = set()
    for index, piece in enumerate(fact.evidence):
        if sentences is not None and piece.sentence not in sentences:
            place = _at(fact.record, "evidence", index, "sentence")
            message = f"'{fact.document}' has no sentence '{piece.sentence}'."
            yield Problem(place, "KB304", message, unknown.suggest(piece.sentence, sentences, "Check the document's record."))
        yield from (_make_absent_part_problem(fact, index, part) for part in piece.supports if part not in carried)
        if piece.modality and not {"claim", "modality"}.isdisjoint(piece.supports):
            message = "Evidence for the claim has a modality of its own; the modality of the claim is that of the fact."
            remedy = "Set the fact's modality to it, or name in 'supports' the qualifiers that it applies to."
            yield Problem(_at(fact.record, "evidence", index, "modality"), "KB322", message, remedy)
        key = (piece.sentence, tuple(sorted(piece.supports)))
        if key in supported:
            place = _at(fact.record, "evidence", index)
            yield Problem(place, "KB318", f"'{piece.sentence}' supports the same parts twice.", "Keep one.")
        supported.add(key)
    for part in sorted(carried.difference(*(piece.supports for piece in fact.evidence))):
        remedy = f"Name '{part}' in 'supports' of the sentence that says it."
        yield Problem(_at(fact.record, "evidence"), "KB313", f"No sentence supports the fact's {part}.", remedy)


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
    if name not in (kb.terms if kind == "term" else kb.predicates):
        place, remedy = _at(mapping.record, "subject_id"), "Declare it, or remove the row."
        yield from unknown.problems(place, "KB316", kind, name, remedy)
    yield from _curie(mapping.object, names, mapping.record, "object_id")


def _curie(curie: str, names: Names, record: Record | None, key: str) -> Iterator[Problem]:
    """Check the prefix (KB315) and the IRI (KB502) of a CURIE; an empty one is accepted."""
    iri = names.expand(curie)
    if curie and iri is None:
        prefix = curie.partition(":")[0]
        remedy = did_you_mean(prefix, names.prefixes, "Declare it under 'prefixes' in kb.yaml.")
        yield Problem(_at(record, key), "KB315", f"The prefix '{prefix}' is not declared.", remedy)
    elif iri and (what := identifiers.find_iri_error(iri)):
        yield identifiers.make_iri_problem(_at(record, key), curie, iri, what)


def find_shared_labels(kb: KnowledgeBase) -> Iterator[Problem]:
    """Find terms of one kind, or predicates, that share their preferred label (KB320)."""
    first: dict[tuple[str, str], str] = {}
    labelled = [(f"terms of kind {term.kind}", term.label, term.id, term.record) for term in kb.terms.values()]
    labelled += [("predicates", predicate.label, predicate.id, predicate.record) for predicate in kb.predicates.values()]
    for group, label, name, record in labelled:
        other = first.setdefault((group, label.casefold()), name)
        if other != name:
            message = f"'{other}' and '{name}', both {group}, have the same label."
            yield Problem(_at(record, "label"), "KB320", message, "Give them different labels, or merge them.")


def _or(words: Iterable[str]) -> str:
    return " or ".join(words)
