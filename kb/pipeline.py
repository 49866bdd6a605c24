"""The order of the line, on one page: load, validate, resolve, compile, export.

Rooms do not know each other; only this module does. They meet in plain values: records, values of the model, quads,
problems.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kb.checks import documents as document_checks
from kb.checks import labels, references, schema, shacl
from kb.formats import lines
from kb.formats.table import Format
from kb.graph import dataset, documents, facts, ontology, vocabulary
from kb.iris import Names
from kb.links import resolve
from kb.model import KnowledgeBase, Record
from kb.problems import KbError, Place, Problem
from kb.quads import Quad
from kb.records import folder, text

_RESOLVERS: dict[str, Callable[[Record], Any]] = {
    "document": resolve.document,
    "term": resolve.term,
    "predicate": resolve.predicate,
    "fact": resolve.fact,
    "mapping": resolve.mapping,
}


class Checked(NamedTuple):
    """A knowledge base, if one could be made of the records, its problems, and how much was read."""

    kb: KnowledgeBase | None
    problems: list[Problem]
    counts: dict[str, int]


def names_of(kb: KnowledgeBase) -> Names:
    """Give the names of a knowledge base."""
    return Names(kb.dataset.base, kb.dataset.prefixes)


def check(path: Path, *, shapes: bool = False) -> Checked:
    """Read and check a knowledge base; find all problems in one run.

    Args:
        path: The folder that holds ``kb.yaml``.
        shapes: Whether to hold the compiled graph against the SHACL shapes too, if all else is well.

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
    kb = _assemble(path, good)
    if kb is not None and not unreadable:  # with a file missing, half of what is named would seem unknown
        problems.extend(_check_together(kb, bad))
        if shapes and not problems:
            problems.extend(shacl.check("".join(lines.quads(compile_all(kb), names_of(kb))), Place(str(path))))
    return Checked(kb, sorted(set(problems)), counts)


def _check_together(kb: KnowledgeBase, bad: Iterable[Record]) -> Iterator[Problem]:
    names = names_of(kb)
    broken = frozenset((each.kind, each.value["id"]) for each in bad if isinstance(each.value, dict) and isinstance(each.value.get("id"), str))
    yield from references.check(kb, names, broken)
    yield from references.shared_labels(kb)
    yield from document_checks.check(kb)
    yield from _basis(kb, names)


def _basis(kb: KnowledgeBase, names: Names) -> Iterator[Problem]:
    for document in kb.documents.values():
        if document.evidence and names.expand(document.evidence) is None and document.record:
            yield references.unknown_prefix(document.evidence, names, document.record.at("evidence"))


def _assemble(path: Path, records: Iterable[Record]) -> KnowledgeBase | None:
    """Resolve each record on its own and put the values together."""
    about = None
    values: dict[str, list[Any]] = {kind: [] for kind in _RESOLVERS}
    for record in records:
        if record.kind == "kb":
            about = resolve.dataset(record)
        else:
            values[record.kind].append(_RESOLVERS[record.kind](record))
    if about is None:
        return None
    return KnowledgeBase(
        folder=path,
        dataset=about,
        documents={each.id: each for each in sorted(values["document"], key=lambda each: each.id)},
        terms={each.id: each for each in sorted(values["term"], key=lambda each: each.id)},
        predicates={each.id: each for each in sorted(values["predicate"], key=lambda each: each.id)},
        facts=tuple(sorted(values["fact"], key=lambda each: each.path)),
        mappings=tuple(sorted(values["mapping"], key=lambda each: (each.subject, each.match, each.object))),
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
    step = facts.compiler(names, kb.predicates, kb.documents, language, model)
    covered = kb.covered()
    quads = [quad for fact in kb.facts for quad in step(fact)]
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


