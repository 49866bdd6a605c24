"""The order of the line, on one page: load, validate, resolve, compile, export; asking is the next floor.

Rooms do not know each other; only this module does. They meet in plain values: records, values of the model, quads,
problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from kb.checks import biolink, labels, references, schema, shacl
from kb.checks import documents as document_checks
from kb.formats import lines
from kb.formats.table import Format
from kb.formats.table import find as find_format
from kb.graph import dataset, documents, facts, ontology, vocabulary
from kb.iris import Names
from kb.links import resolve
from kb.model import BiolinkProfile, Dataset, KnowledgeBase, Record
from kb.problems import KbError, Place, Problem
from kb.quads import Quad
from kb.records import folder, text
from kb.texts import shelf

_RESOLVERS: dict[str, Callable[[Record], Any]] = {
    "document": resolve.document,
    "term": resolve.term,
    "predicate": resolve.predicate,
    "fact": resolve.fact,
    "mapping": resolve.mapping,
}


#: How much of a graph is held against its shapes.
Shapes = Literal["none", "sample", "all"]

#: SHACL engines are slow; since JSON Schema and shapes agree, of a larger knowledge base a sample of this size is enough.
LARGEST_SHAPED = 200


class Checked(NamedTuple):
    """What a check found.

    Args:
        kb: The knowledge base, if one could be made of the records.
        problems: Everything that is wrong, in order.
        counts: How many records of each kind were read.
        shaped: How many facts were held against the SHACL shapes.
    """

    kb: KnowledgeBase | None
    problems: list[Problem]
    counts: dict[str, int]
    shaped: int = 0


def names_of(kb: KnowledgeBase) -> Names:
    """Give the names of a knowledge base."""
    return Names(kb.dataset.base, kb.dataset.prefixes)


def check(path: Path, *, shapes: Shapes = "none") -> Checked:
    """Read and check a knowledge base; find all problems in one run.

    Args:
        path: The folder that holds ``kb.yaml``.
        shapes: Whether to hold the compiled graph against the SHACL shapes too, if all else is well: not at all, a
            sample of a large knowledge base, or all of it.

    Raises:
        KbError: There is no knowledge base at all.
    """
    records, unreadable = folder.read(path)
    counts = {kind: sum(record.kind == kind for record in records) for kind in ("kb", *_RESOLVERS)}
    problems = list(unreadable)
    good: list[Record] = []
    bad: list[Record] = []
    for record in records:
        found = [*text.characters(record), *schema.check(record)]
        problems.extend(found)
        (bad if found else good).append(record)
    for record in good:
        problems.extend(labels.check(record) if record.kind in {"term", "predicate", "document"} else ())
    problems.extend(references.duplicate_ids(good))
    if not unreadable and not counts["fact"] and not counts["document"]:
        problems.append(Problem(Place(str(path)), "KB405", "It has neither facts nor documents.", "Add some."))
    about = next((resolve.dataset(each) for each in good if each.kind == "kb"), None)
    shaped = 0
    kb = _assemble(path, good, about or next((resolve.stand_in(each) for each in bad if each.kind == "kb"), None))
    if kb is not None:
        kb = _with_words(kb, problems)
    if kb is not None and not unreadable:  # with a file missing, half of what is named would seem unknown
        problems.extend(_check_together(kb, bad))
        if shapes != "none" and not problems:
            part = kb if shapes == "all" else sample(kb)
            shaped = len(part.facts)
            graph = "".join(lines.quads(compile_all(part), names_of(kb)))
            problems.extend(shacl.check(graph, lambda iri: _place_of(iri, kb)))
    return Checked(kb if about else None, sorted(set(problems)), counts, shaped)


def _with_words(kb: KnowledgeBase, problems: list[Problem]) -> KnowledgeBase:
    """Add the texts that ship to their documents."""
    documents_ = dict(kb.documents)
    for name, document in kb.documents.items():
        if document.text == shelf.SHIPPED:
            try:
                text_ = shelf.shipped(document, kb.folder)
            except KbError as error:
                problems.extend(error.problems)
                continue
            documents_[name] = document._replace(words=text_.words)
            problems.extend(document_checks.against_text(document, text_.words, text_.sha256))
    return kb._replace(documents=documents_)


def sample(kb: KnowledgeBase) -> KnowledgeBase:
    """Give a small knowledge base whole, or facts spread over a large one with all that they name."""
    if len(kb.facts) <= LARGEST_SHAPED:
        return kb
    picked = kb.facts[:: len(kb.facts) // (LARGEST_SHAPED // 2)]
    named = {name for fact in picked for name in (fact.subject, fact.object, *fact.qualifiers.values())}
    cited = {(fact.document, sentence) for fact in picked for sentence in fact.sentences}
    documents_ = {name: kb.documents[name] for name in sorted({fact.document for fact in picked})}
    return kb._replace(
        facts=picked,
        terms={name: term for name, term in kb.terms.items() if name in named},
        documents={
            name: each._replace(sentences=tuple(one for one in each.sentences if (name, one.id) in cited))
            for name, each in documents_.items()
        },
        mappings=(),
    )


def _place_of(iri: str, kb: KnowledgeBase) -> Place:
    """Find the record that a node of the graph comes from."""
    path = iri.removeprefix(kb.dataset.base)
    room, _, name = path.partition("/")
    found: Any = None
    if room == "fact":
        found = next((fact for fact in kb.facts if path == fact.path or path.startswith(f"{fact.path}/evidence/")), None)
    elif room in {"term", "predicate", "document"}:
        known: Mapping[str, Any] = {"term": kb.terms, "predicate": kb.predicates, "document": kb.documents}[room]
        found = known.get(name.partition("/")[0])
    return found.record.place if found and found.record else Place(str(kb.folder))


def _check_together(kb: KnowledgeBase, bad: Iterable[Record]) -> Iterator[Problem]:
    names = names_of(kb)
    broken = frozenset(
        (each.kind, each.value["id"]) for each in bad if isinstance(each.value, dict) and isinstance(each.value.get("id"), str)
    )
    yield from references.check(kb, names, broken)
    yield from references.shared_labels(kb)
    yield from document_checks.check(kb)
    yield from biolink.check(kb)


def _assemble(path: Path, records: list[Record], about: Dataset | None) -> KnowledgeBase | None:
    """Resolve each record on its own and put the values together."""
    if about is None:
        return None
    values: dict[str, list[Any]] = {kind: [] for kind in _RESOLVERS}
    for record in records:
        if record.kind in _RESOLVERS:
            values[record.kind].append(_RESOLVERS[record.kind](record))
    return KnowledgeBase(
        folder=path,
        dataset=about,
        documents={each.id: each for each in sorted(values["document"], key=lambda each: each.id)},
        terms={each.id: each for each in sorted(values["term"], key=lambda each: each.id)},
        predicates={each.id: each for each in sorted(values["predicate"], key=lambda each: each.id)},
        facts=tuple(sorted(values["fact"], key=lambda each: each.path)),
        mappings=tuple(sorted(values["mapping"], key=lambda each: (each.subject, each.match, each.object))),
        biolink=next((resolve.biolink(each) for each in records if each.kind == "biolink"), BiolinkProfile()),
    )


def load(path: Path) -> KnowledgeBase:
    """Read a knowledge base that must be in order, for export, query and the like.

    Raises:
        KbError: It has problems; all of them.
    """
    checked = check(path)
    if checked.kb is None or checked.problems:
        raise KbError(checked.problems)
    return checked.kb


def compile_all(kb: KnowledgeBase, model: facts.Model = "full") -> list[Quad]:
    """Compile a knowledge base into quads, unsorted.

    Args:
        kb: The knowledge base.
        model: How to write statements.
    """
    names, language = names_of(kb), kb.dataset.language
    compiler = facts.Compiler(names, kb.predicates, language, model)
    covered = kb.covered()
    quads = [quad for fact in kb.facts for quad in compiler.quads(fact, kb.documents[fact.document].evidence)]
    for term in kb.terms.values():
        quads.extend(vocabulary.compile_term(term, names, language))
    for predicate in kb.predicates.values():
        quads.extend(vocabulary.compile_predicate(predicate, names, language))
    for mapping in kb.mappings:
        quads.extend(vocabulary.compile_mapping(mapping, names))
    for document in kb.documents.values():
        quads.extend(documents.compile_document(document, covered.get(document.id, {}), names, language))
    quads.extend(dataset.compile_dataset(kb, names))
    used = {term for quad in quads for term in (quad.predicate, quad.object)}
    quads.extend(ontology.compile_used(used, names))
    return quads


def write(quads: Iterable[Quad], fmt: Format, names: Names) -> Iterator[str]:
    """Write quads in a format, in pieces of text."""
    return fmt.lines(quads, names)


def export(kb: KnowledgeBase, fmt: str = "turtle", model: facts.Model = "full") -> str:
    """Write a knowledge base as text.

    Args:
        kb: The knowledge base.
        fmt: The format, by name, suffix or media type.
        model: How to write statements.

    Raises:
        KbError: There is no such format.
    """
    return "".join(write(compile_all(kb, model), find_format(fmt), names_of(kb)))
