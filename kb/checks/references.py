"""Records against each other: everything that is named exists, fits, and is said once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import combinations

from kb import contracts
from kb.iris import Names
from kb.model import Fact, KnowledgeBase, LiteralObject, OutsideMatch, Predicate, Record
from kb.problems import Place, Problem

_NO_PLACE = Place("kb")


def check(kb: KnowledgeBase, names: Names, broken: frozenset[tuple[str, str]] = frozenset()) -> Iterator[Problem]:
    """Check every reference of a knowledge base.

    Args:
        kb: The knowledge base.
        names: Its names.
        broken: Kind and id of the records that are there but break their schema: they are not called unknown.
    """
    for fact in kb.facts:
        if ("predicate", fact.predicate) not in broken and ("document", fact.document) not in broken:
            yield from (each for each in check_fact(fact, kb) if not _is_about(each, broken))
    yield from duplicates(kb.facts)
    seen: dict[tuple[str, str, str], Place] = {}
    for mapping in kb.mappings:
        yield from (each for each in _mapping(mapping, kb, names) if not _is_about(each, broken))
        key = (mapping.subject, mapping.match, mapping.object)
        if key in seen:
            place = _at(mapping.record, "object_id")
            yield Problem(place, "KB317", f"The same mapping stands at {seen[key]}.", "Keep one.")
        seen.setdefault(key, _at(mapping.record))


def _is_about(problem: Problem, broken: frozenset[tuple[str, str]]) -> bool:
    return any(problem.message == _unknown(kind, name) for kind, name in broken)


def _unknown(kind: str, name: str) -> str:
    return f"There is no {kind} '{name}'."


def check_fact(fact: Fact, kb: KnowledgeBase) -> Iterator[Problem]:
    """Check one fact against the terms, predicates and documents that it names."""
    yield from _ends(fact, kb)
    yield from _qualifiers(fact, kb)
    yield from _evidence(fact, kb)


def nearest(word: str, known: Iterable[str], otherwise: str) -> str:
    """Suggest the nearest of the known words."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"Did you mean '{near[0]}'?" if near else otherwise


def duplicate_ids(records: Iterable[Record]) -> Iterator[Problem]:
    """Find records of one kind that share an id (KB312)."""
    first: dict[tuple[str, str], Place] = {}
    for record in records:
        if record.kind in {"document", "term", "predicate"}:
            key = (record.kind, record.value["id"])
            if key in first:
                message = f"There is another {record.kind} '{key[1]}' at {first[key]}."
                yield Problem(record.at("id"), "KB312", message, "Rename one, or merge them.")
            first.setdefault(key, record.place)


def duplicates(facts: Iterable[Fact]) -> Iterator[Problem]:
    """Find facts that claim the same (KB311)."""
    first: dict[str, Place] = {}
    for fact in facts:
        if fact.path in first:
            message = f"The same claim by the same document stands at {first[fact.path]}."
            yield Problem(_at(fact.record), "KB311", message, "Merge their qualifiers and evidence into one fact.")
        first.setdefault(fact.path, _at(fact.record))


def _at(record: Record | None, *path: str | int) -> Place:
    return record.at(*path) if record else _NO_PLACE


def _ends(fact: Fact, kb: KnowledgeBase) -> Iterator[Problem]:
    predicate = kb.predicates.get(fact.predicate)
    if predicate is None:
        remedy = nearest(fact.predicate, kb.predicates, "Declare it in predicates.yaml.")
        yield Problem(_at(fact.record, "predicate"), "KB302", _unknown("predicate", fact.predicate), remedy)
    if isinstance(fact.object, LiteralObject):
        if predicate and "literal" not in predicate.object:
            message = f"'{predicate.id}' takes a term as object, not a literal."
            yield Problem(_at(fact.record, "object"), "KB306", message, f"Name a term of kind {_or(predicate.object)}.")
    else:
        yield from _end(fact, "object", fact.object, predicate and predicate.object, kb)
    yield from _end(fact, "subject", fact.subject, predicate and predicate.subject, kb)


def _end(fact: Fact, key: str, name: str, kinds: tuple[str, ...] | None, kb: KnowledgeBase) -> Iterator[Problem]:
    term = kb.terms.get(name)
    if term is None:
        yield _unknown_term(fact, key, name, kb)
    elif kinds is not None and term.kind not in kinds:
        code = "KB305" if key == "subject" else "KB306"
        message = f"'{name}' is of kind {term.kind}; '{fact.predicate}' takes as {key} {_or(kinds)}."
        yield Problem(_at(fact.record, key), code, message, "Use another term or predicate, or widen the predicate.")


def _unknown_term(fact: Fact, key: str, name: str, kb: KnowledgeBase) -> Problem:
    remedy = nearest(name, kb.terms, "Declare it in terms/.")
    return Problem(_at(fact.record, key), "KB301", _unknown("term", name), remedy)


def _qualifiers(fact: Fact, kb: KnowledgeBase) -> Iterator[Problem]:
    predicate = kb.predicates.get(fact.predicate)
    for name, value in fact.qualifiers.items():
        if predicate and name not in ("modality", "polarity", *predicate.qualifiers):
            message = f"'{predicate.id}' does not take the qualifier '{name}'."
            remedy = f"Remove it, or add it to the predicate; allowed: {_or(('modality', 'polarity', *predicate.qualifiers))}."
            yield Problem(_at(fact.record, name), "KB307", message, remedy)
        kinds = contracts.qualifiers()[name].kinds
        if not kinds:
            continue
        term = kb.terms.get(value)
        if term is None:
            yield _unknown_term(fact, name, value, kb)
        elif term.kind not in kinds:
            message = f"'{value}' is of kind {term.kind}; the qualifier '{name}' takes {_or(kinds)}."
            yield Problem(_at(fact.record, name), "KB309", message, "Use another term or qualifier.")
    yield from _required(fact, predicate)


def _required(fact: Fact, predicate: Predicate | None) -> Iterator[Problem]:
    for name in predicate.requires if predicate else ():
        if name not in fact.qualifiers:
            message = f"'{fact.predicate}' needs the qualifier '{name}'."
            yield Problem(_at(fact.record), "KB308", message, f"Add '{name}': {contracts.qualifiers()[name].definition}")


def _evidence(fact: Fact, kb: KnowledgeBase) -> Iterator[Problem]:
    document = kb.documents.get(fact.document)
    if document is None:
        place = _at(fact.record, "document")
        remedy = nearest(fact.document, kb.documents, "Add its record to documents/, or name another with 'document'.")
        yield Problem(place, "KB303", _unknown("document", fact.document), remedy)
    sentences = {sentence.id for sentence in document.sentences} if document else None
    carried = {"claim", *fact.qualifiers}
    supported: set[str] = set()
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for index, piece in enumerate(fact.evidence):
        if sentences is not None and piece.sentence not in sentences:
            place = _at(fact.record, "evidence", index, "sentence")
            message = f"'{fact.document}' has no sentence '{piece.sentence}'."
            yield Problem(place, "KB304", message, nearest(piece.sentence, sentences, "Check the document's record."))
        for part in piece.supports:
            if part not in carried:
                place = _at(fact.record, "evidence", index, "supports")
                message = f"The fact has no '{part}' that a sentence could support."
                yield Problem(place, "KB314", message, f"Add the qualifier '{part}', or remove it here.")
        key = (piece.sentence, tuple(sorted(set(piece.supports))))
        if key in seen:
            place = _at(fact.record, "evidence", index)
            yield Problem(place, "KB318", f"'{piece.sentence}' supports the same parts twice.", "Keep one.")
        seen.add(key)
        supported.update(piece.supports)
    for part in sorted(carried - supported):
        message = f"No sentence supports the fact's {part}."
        yield Problem(
            _at(fact.record, "evidence"), "KB313", message, f"Name '{part}' in 'supports' of the sentence that says it."
        )


def _mapping(mapping: OutsideMatch, kb: KnowledgeBase, names: Names) -> Iterator[Problem]:
    prefix, _, name = mapping.subject.partition(":")
    sort = "term" if prefix == "term" else "predicate"
    known: Mapping[str, object] = kb.terms if sort == "term" else kb.predicates
    if name not in known:
        remedy = nearest(name, known, "Declare it, or remove the row.")
        yield Problem(_at(mapping.record, "subject_id"), "KB316", _unknown(sort, name), remedy)
    if names.expand(mapping.object) is None:
        yield unknown_prefix(mapping.object, names, _at(mapping.record, "object_id"))


def unknown_prefix(curie: str, names: Names, place: Place) -> Problem:
    """Say that a CURIE's prefix is unknown (KB315)."""
    prefix = curie.partition(":")[0]
    remedy = nearest(prefix, names.prefixes, "Declare it under 'prefixes' in kb.yaml.")
    return Problem(place, "KB315", f"The prefix '{prefix}' is not declared.", remedy)


def shared_labels(kb: KnowledgeBase) -> Iterator[Problem]:
    """Find terms of one kind, or predicates, that share their preferred label (KB320)."""
    labels = Counter((term.kind, term.label.casefold()) for term in kb.terms.values())
    by_label: dict[tuple[str, str], list[str]] = {}
    for term in kb.terms.values():
        key = (term.kind, term.label.casefold())
        if labels[key] > 1:
            by_label.setdefault(key, []).append(term.id)
    for (kind, _), ids in by_label.items():
        for first, second in combinations(sorted(ids), 2):
            message = f"'{first}' and '{second}', both of kind {kind}, have the same label."
            yield Problem(_at(kb.terms[second].record, "label"), "KB320", message, "Tell them apart, or merge them.")


def _or(words: Iterable[str]) -> str:
    return " or ".join(words)
