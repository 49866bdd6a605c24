"""Records against each other: everything that is named exists, fits, and is said once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from kb.checks import identifiers
from kb.model import Document, Fact, KnowledgeBase, LiteralObject, OutsideMatch, Predicate, Record, Term
from kb.problems import Place, Problem
from kb.rdf.iris import Names
from kb.schema import vocabulary

_NO_PLACE = Place("kb")
#: The folder of a knowledge base that lies in none.
NOWHERE = Path()

#: For how many unknown words of one run the nearest is looked for: more of them have one cause, and it is no slip.
MOST_SUGGESTIONS = 100

# With how many known words one is compared; if there are more, they are some that begin or end as it does.
_MOST_COMPARED = 500

Suggest = Callable[[str, Collection[str], str], str]


def check(kb: KnowledgeBase, names: Names, broken: frozenset[tuple[str, str]] = frozenset()) -> Iterator[Problem]:
    """Check every reference of facts, mappings and predicates.

    Args:
        kb: The knowledge base.
        names: Its names.
        broken: Kind and id of the records that are there but break their schema: they are not called unknown.
    """
    suggest, first = _suggester(), dict[tuple[str, str, str], OutsideMatch]()
    known_to_be_broken = {_unknown(kind, name) for kind, name in broken}
    for fact in kb.facts:
        yield from (each for each in check_fact(fact, kb, suggest) if each.message not in known_to_be_broken)
    for mapping in kb.mappings:
        found = _mapping(mapping, kb, names, suggest)
        yield from (each for each in found if each.message not in known_to_be_broken)
        key = (mapping.subject, mapping.match, mapping.object)
        if key in first:
            message = f"The same mapping stands at {_at(first[key].record)}."
            yield Problem(_at(mapping.record, "object_id"), "KB317", message, "Keep one.")
        first.setdefault(key, mapping)
    for predicate in kb.predicates.values():
        yield from _predicate(predicate)


def basis(document: Document, names: Names) -> Iterator[Problem]:
    """Check what a document says of the kind of its evidence (KB315, KB502)."""
    return _curie(document.evidence, names, document.record, "evidence")


def _suggester() -> Suggest:
    left = iter(range(MOST_SUGGESTIONS))
    return lambda word, known, otherwise: otherwise if next(left, None) is None else nearest(word, known, otherwise)


def _unknown(kind: str, name: str) -> str:
    return f"There is no {kind} '{name[:100]}'."


def nearest(word: str, known: Collection[str], otherwise: str) -> str:
    """Suggest the nearest of the known words."""
    word = word[:100]
    alike: Iterable[str] = known
    if len(known) > _MOST_COMPARED:
        alike = islice((each for each in known if _is_alike(each, word)), _MOST_COMPARED)
    near = get_close_matches(word, alike, n=1)
    return f"Did you mean '{near[0]}'?" if near else otherwise


def _is_alike(one: str, other: str) -> bool:
    return abs(len(one) - len(other)) <= 3 and (one[:3] == other[:3] or one[-3:] == other[-3:])


def check_fact(fact: Fact, kb: KnowledgeBase, suggest: Suggest = nearest) -> Iterator[Problem]:
    """Check one fact against the terms, predicates and documents that it names."""
    yield from _ends(fact, kb, suggest)
    yield from _qualifiers(fact, kb, suggest)
    yield from _evidence(fact, kb, suggest)


def duplicate_ids(kind: str, values: Iterable[Document | Term | Predicate]) -> Iterator[Problem]:
    """Find documents, terms or predicates that share an id (KB312)."""
    first: dict[str, Document | Term | Predicate] = {}
    for value in values:
        if value.id in first:
            message = f"There is another {kind} '{value.id}' at {_at(first[value.id].record)}."
            yield Problem(_at(value.record, "id"), "KB312", message, "Rename one, or merge them.")
        first.setdefault(value.id, value)


def duplicate(fact: Fact, other: Fact) -> Problem:
    """Say that a fact claims the same as another (KB311)."""
    message = f"The same claim by the same document stands at {_at(other.record)}."
    return Problem(_at(fact.record), "KB311", message, "Merge their qualifiers and evidence into one fact.")


def _at(record: Record | None, *path: str | int) -> Place:
    return record.at(*path) if record else _NO_PLACE


def _ends(fact: Fact, kb: KnowledgeBase, suggest: Suggest) -> Iterator[Problem]:
    predicate = kb.predicates.get(fact.predicate)
    if predicate is None:
        remedy = suggest(fact.predicate, kb.predicates, "Declare it in predicates.yaml.")
        yield Problem(_at(fact.record, "predicate"), "KB302", _unknown("predicate", fact.predicate), remedy)
    if isinstance(fact.object, LiteralObject):
        if predicate and "literal" not in predicate.object:
            message = f"'{predicate.id}' takes a term as object, not a literal."
            yield Problem(_at(fact.record, "object"), "KB306", message, f"Name a term of kind {_or(predicate.object)}.")
    else:
        yield from _end(fact, "object", fact.object, kb, suggest)
    yield from _end(fact, "subject", fact.subject, kb, suggest)


def _end(fact: Fact, key: str, name: str, kb: KnowledgeBase, suggest: Suggest) -> Iterator[Problem]:
    term, predicate = kb.terms.get(name), kb.predicates.get(fact.predicate)
    kinds = (predicate.subject if key == "subject" else predicate.object) if predicate else ()
    if term is None:
        yield _unknown_term(fact, key, name, kb, suggest)
    elif predicate and term.kind not in kinds:
        code = "KB305" if key == "subject" else "KB306"
        message = f"'{name}' is of kind {term.kind}; '{fact.predicate}' takes {_or(kinds)} as {key}."
        yield Problem(_at(fact.record, key), code, message, "Use another term or predicate, or widen the predicate.")


def _unknown_term(fact: Fact, key: str, name: str, kb: KnowledgeBase, suggest: Suggest) -> Problem:
    remedy = suggest(name, kb.terms, "Declare it in terms/.")
    return Problem(_at(fact.record, key), "KB301", _unknown("term", name), remedy)


def _qualifiers(fact: Fact, kb: KnowledgeBase, suggest: Suggest) -> Iterator[Problem]:
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
            yield _unknown_term(fact, name, value, kb, suggest)
        elif term.kind not in kinds:
            message = f"'{value}' is of kind {term.kind}; the qualifier '{name}' takes {_or(kinds)}."
            yield Problem(_at(fact.record, name), "KB309", message, "Use another term or qualifier.")
    yield from _required(fact, predicate)


def _required(fact: Fact, predicate: Predicate | None) -> Iterator[Problem]:
    for name in predicate.requires if predicate else ():
        if name not in fact.qualifiers:
            message = f"'{fact.predicate}' needs the qualifier '{name}'."
            yield Problem(_at(fact.record), "KB308", message, f"Add '{name}': {vocabulary.qualifiers()[name].definition}")


def _evidence(fact: Fact, kb: KnowledgeBase, suggest: Suggest) -> Iterator[Problem]:
    document = kb.documents.get(fact.document)
    if document is None:
        remedy = suggest(fact.document, kb.documents, "Add its record to documents/, or name another with 'document'.")
        yield Problem(_at(fact.record, "document"), "KB303", _unknown("document", fact.document), remedy)
    sentences = [sentence.id for sentence in document.sentences] if document else None
    carried = {"claim", *fact.qualifiers}
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for index, piece in enumerate(fact.evidence):
        if sentences is not None and piece.sentence not in sentences:
            place = _at(fact.record, "evidence", index, "sentence")
            message = f"'{fact.document}' has no sentence '{piece.sentence}'."
            yield Problem(place, "KB304", message, suggest(piece.sentence, sentences, "Check the document's record."))
        yield from (_absent_part(fact, index, part) for part in piece.supports if part not in carried)
        if piece.modality and not {"claim", "modality"}.isdisjoint(piece.supports):
            message = "Evidence for the claim has a hedge of its own; how firmly the claim is made is the fact's modality."
            remedy = "Set the fact's modality to it, or name in 'supports' the qualifiers that alone are hedged."
            yield Problem(_at(fact.record, "evidence", index, "modality"), "KB322", message, remedy)
        key = (piece.sentence, tuple(sorted(piece.supports)))
        if key in seen:
            place = _at(fact.record, "evidence", index)
            yield Problem(place, "KB318", f"'{piece.sentence}' supports the same parts twice.", "Keep one.")
        seen.add(key)
    for part in sorted(carried.difference(*(piece.supports for piece in fact.evidence))):
        remedy = f"Name '{part}' in 'supports' of the sentence that says it."
        yield Problem(_at(fact.record, "evidence"), "KB313", f"No sentence supports the fact's {part}.", remedy)


def _absent_part(fact: Fact, index: int, part: str) -> Problem:
    supports = fact.record.value["evidence"][index].get("supports", ()) if fact.record else ()
    where = (supports.index(part),) if part in supports else ()
    message = f"The fact has no '{part}' that a sentence could support."
    place = _at(fact.record, "evidence", index, "supports", *where)
    return Problem(place, "KB314", message, f"Add the qualifier '{part}', or remove it here.")


def _predicate(predicate: Predicate) -> Iterator[Problem]:
    for index, name in enumerate(predicate.requires):
        if name not in ("modality", "polarity", *predicate.qualifiers):
            message = f"'{predicate.id}' requires the qualifier '{name}' but does not allow it."
            yield Problem(
                _at(predicate.record, "requires", index), "KB307", message, "Add it to 'qualifiers', or remove it here."
            )


def _mapping(mapping: OutsideMatch, kb: KnowledgeBase, names: Names, suggest: Suggest) -> Iterator[Problem]:
    prefix, _, name = mapping.subject.partition(":")
    sort = "term" if prefix == "term" else "predicate"
    known: Mapping[str, object] = kb.terms if sort == "term" else kb.predicates
    if name not in known:
        remedy = suggest(name, known, "Declare it, or remove the row.")
        yield Problem(_at(mapping.record, "subject_id"), "KB316", _unknown(sort, name), remedy)
    yield from _curie(mapping.object, names, mapping.record, "object_id")


def _curie(curie: str, names: Names, record: Record | None, key: str) -> Iterator[Problem]:
    """Find a CURIE whose prefix is unknown (KB315) or that does not make an IRI (KB502); none at all is fine."""
    iri = names.expand(curie)
    if curie and iri is None:
        prefix = curie.partition(":")[0]
        remedy = nearest(prefix, names.prefixes, "Declare it under 'prefixes' in kb.yaml.")
        yield Problem(_at(record, key), "KB315", f"The prefix '{prefix}' is not declared.", remedy)
    elif iri and (what := identifiers.flaw(iri)):
        yield identifiers.problem(_at(record, key), curie, iri, what)


def shared_labels(kb: KnowledgeBase) -> Iterator[Problem]:
    """Find terms of one kind, or predicates, that share their preferred label (KB320)."""
    first: dict[tuple[str, str], str] = {}
    labelled = [(f"terms of kind {term.kind}", term.label, term.id, term.record) for term in kb.terms.values()]
    labelled += [("predicates", each.label, each.id, each.record) for each in kb.predicates.values()]
    for sort, label, name, record in labelled:
        other = first.setdefault((sort, label.casefold()), name)
        if other != name:
            message = f"'{other}' and '{name}', both {sort}, have the same label."
            yield Problem(_at(record, "label"), "KB320", message, "Tell them apart, or merge them.")


def _or(words: Iterable[str]) -> str:
    return " or ".join(words)
