"""The order of the line, on one page: load, validate, resolve, compile, export; asking is the next floor.

Rooms do not know each other; only this module does. They meet in plain values: records, values of the model, quads,
problems.
"""

from __future__ import annotations

import tempfile
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from heapq import nsmallest
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast
from zlib import crc32

from kb.build import reading, writing
from kb.build.joining import Complete, Joined, Joiner, add_results, complete, judge
from kb.build.reading import Reading
from kb.build.step import Step
from kb.build.writing import BuildPlan
from kb.checks import biolink_profile, references, shacl
from kb.files import atomic
from kb.formats import nquads, streaming
from kb.formats.registry import Format
from kb.formats.registry import find as find_format
from kb.model import Dataset, Document, KnowledgeBase
from kb.problems import KbError, Place, Problem
from kb.progress import track
from kb.rdf import facts
from kb.rdf.compilation import Compilation
from kb.rdf.iris import Names, names_of
from kb.rdf.quads import Quad

#: How much of a graph is held against its shapes.
Shapes = Literal["none", "sample", "all"]

#: SHACL engines are slow; since JSON Schema and shapes agree, of a larger knowledge base a sample of this size is enough.
LARGEST_SHAPED = 200


class Checked(NamedTuple):
    """What a check found.

    Args:
        kb: The knowledge base, if one could be made of the records and was asked for.
        about: What it says of itself, if that keeps its schema.
        problems: Everything that is wrong, in order.
        counts: How many records of each kind were read.
        shaped: How many facts were held against the SHACL shapes.
        outdated: How many results of verification no longer hold.
    """

    kb: KnowledgeBase | None
    about: Dataset | None
    problems: list[Problem]
    counts: dict[str, int]
    shaped: int = 0
    outdated: int = 0


def check(path: Path | str, *, shapes: Shapes = "none", keep: bool = True, workers: int = 1, more: Sequence[str] = ()) -> Checked:
    """Read and check a knowledge base; find all problems in one run.

    Args:
        path: The folder that holds ``kb.yaml``.
        shapes: Whether to hold the compiled graph against the SHACL shapes too, if all else is well: not at all, a
            sample of a large knowledge base, or all of it.
        keep: Whether to give the knowledge base, and so to hold all of it in memory.
        workers: How many processes may work on it, if it is not kept.
        more: Files of more facts, folders or patterns such as ``more/*.jsonl``.

    Raises:
        KbError: There is no knowledge base at all.
    """
    if keep:
        return _check(Path(path), shapes, Bulk(more=more), keep=True)[0]
    with tempfile.TemporaryDirectory(prefix="kb-") as folder:
        return _check(Path(path), shapes, Bulk(folder, workers, more))[0]


def check_records(path: Path) -> Checked:
    """Read and check the records of a knowledge base without the texts of its documents.

    Args:
        path: The folder that holds ``kb.yaml``.

    Raises:
        KbError: There is no knowledge base at all.
    """
    return _check(path, "none", complete=add_results, keep=True)[0]


class Bulk(NamedTuple):
    """How a knowledge base is gone through that need not fit into memory: where files may lie, by whom, with which more facts."""

    folder: str = ""
    workers: int = 1
    more: Sequence[str] = ()


def _check(
    path: Path, shapes: Shapes, how: Bulk = Bulk(), complete: Complete = complete, *, keep: bool = False
) -> tuple[Checked, BuildPlan | None]:
    """Check a knowledge base, and give what writing it needs."""
    read = reading.read(path, *how)
    counts, problems = read.counts, list(found_alone(read))
    about = read.about()
    base = about or read.stand_in()
    if base is None:
        return Checked(None, None, sorted(set(problems)), counts), None
    kb, joined, kept = read.vocabulary(base), Joined(), None
    keep = keep and about is not None
    if read.is_whole:  # with a file missing, half of what is named would seem unknown
        step = Step(kb.dataset, kb.terms, kb.predicates)
        joiner = Joiner(read.source("fact"), read.source("document"), step, path, add_results if keep else complete)
        joined = judge(joiner, read.source("fact"), how.workers)
        problems.extend(explain(read, kb, joined))
    if keep:
        kept = _whole(read, kb, problems, complete)
    elif not read.is_whole:
        _described(read, kb, problems, complete)
    shaped = 0
    if shapes != "none" and not problems:
        part = _whole(read, kb) if shapes == "all" else sample(read, kb)
        shaped = len(part.facts)
        graph = "".join(nquads.quads(compile_all(part), names_of(part)))
        problems.extend(shacl.check(graph, lambda iri: _place_of(iri, part)))
    checked = Checked(kept, about, sorted(set(problems)), counts, shaped, joined.outdated)
    return checked, BuildPlan(kb, read.source("fact"), read.source("document"), joined)


def build(  # noqa: PLR0913 - each of them is a choice of the caller
    path: Path,
    output: Path,
    *,
    fmt: str = "",
    model: facts.Model = "full",
    shapes: Shapes = "none",
    workers: int = 1,
    more: Sequence[str] = (),
) -> Checked:
    """Check a knowledge base and write it in one format, in bounded memory.

    Args:
        path: The folder that holds ``kb.yaml``.
        output: The file, whose suffixes decide on format and compression.
        fmt: The format, where the suffix does not tell it.
        model: How to write statements.
        shapes: How much to hold against the SHACL shapes before.
        workers: How many processes may work on it; the bytes do not depend on it.
        more: Files of more facts, folders or patterns such as ``more/*.jsonl``.

    Raises:
        KbError: There are problems, all of them; or the file cannot be written.
    """
    target = streaming.find(output.name, fmt, model)
    with stream(path, model=model, shapes=shapes, workers=workers, more=more) as (checked, statements):
        pieces = target.write(statements, statements.names)
        atomic.write_file(output, track("writing", pieces, len))
    return checked


class Statements:
    """The statements of a checked knowledge base, compiled when they are read.

    Args:
        plan: What to compile.
        folder: The folder for temporary files.
        workers: How many processes may write lines.
    """

    def __init__(self, plan: BuildPlan, folder: str, workers: int) -> None:
        self._plan, self._folder, self._workers = plan, folder, workers
        self.names = plan.names

    def lines(self) -> Iterator[bytes]:
        """Give them as sorted N-Quads, in chunks of whole lines."""
        return writing.lines(self._plan, self._folder, self._workers)

    def quads(self) -> Iterator[Quad]:
        """Give them in no order."""
        return writing.quads(self._plan)


@contextmanager
def stream(
    path: Path, *, model: facts.Model = "full", shapes: Shapes = "none", workers: int = 1, more: Sequence[str] = ()
) -> Iterator[tuple[Checked, Statements]]:
    """Check a knowledge base and give its statements, in bounded memory.

    Args:
        path: The folder that holds ``kb.yaml``.
        model: How to write statements.
        shapes: How much to hold against the SHACL shapes before.
        workers: How many processes may work on it; the bytes do not depend on it.
        more: Files of more facts, folders or patterns such as ``more/*.jsonl``.

    Yields:
        What the check found, and the statements.

    Raises:
        KbError: There are problems; all of them.
    """
    with tempfile.TemporaryDirectory(prefix="kb-") as folder:
        checked, plan = _check(path, shapes, Bulk(folder, workers, more))
        if plan is None or checked.problems:
            raise KbError(checked.problems)
        yield checked, Statements(replace(plan, model=model), folder, workers)


def found_alone(read: Reading) -> Iterator[Problem]:
    """Tell what is wrong with files and records before facts and documents are brought together."""
    yield from read.found()
    yield from references.duplicate_ids("term", read.values("term"))
    yield from references.duplicate_ids("predicate", read.values("predicate"))
    if read.is_whole and not read.counts["fact"] and not read.counts["document"]:
        yield Problem(Place(str(read.folder)), "KB405", "It has neither facts nor documents.", "Add some.")


def explain(read: Reading, kb: KnowledgeBase, joined: Joined) -> Iterator[Problem]:
    """Explain what was refused when facts and documents were brought together, here or by many workers."""
    facts_ = read.source("fact")
    yield from joined.problems
    refused = tuple(facts_.located(each.found) for each in joined.refused)
    described = {each.document.id: each.document for each in joined.refused if each.document}
    named = {name: described.get(name, name) for part in read.parts for name in part.ids}
    stated = kb._replace(facts=refused, documents=cast("dict[str, Document]", named))
    yield from references.check(stated, names_of(kb), read.broken)
    for later, first in joined.twice:
        yield references.duplicate(facts_.located(later), facts_.located(first))
    yield from references.shared_labels(kb)
    yield from biolink_profile.check(kb)
    if joined.unexplained:
        message = f"{joined.unexplained:,} more facts name what does not exist or does not fit."
        yield Problem(Place(str(kb.folder)), "KB781", message, "Correct those that are told, and check again.")


def _whole(
    read: Reading, kb: KnowledgeBase, problems: list[Problem] | None = None, complete: Complete = complete
) -> KnowledgeBase:
    """Return a knowledge base with all its facts and documents; problems of texts and results are appended to ``problems``."""
    facts_ = read.source("fact")
    stated = [facts_.located(found) for found in facts_.merged()]
    return kb._replace(
        facts=tuple(sorted(stated, key=lambda each: str(each.path))),
        documents={each.id: each for each in _described(read, kb, [] if problems is None else problems, complete)},
    )


def _described(
    read: Reading,
    kb: KnowledgeBase,
    problems: list[Problem],
    complete: Complete = complete,
    only: Container[str] | None = None,
) -> list[Document]:
    """Return the documents, or some of them, completed with what is not in their records."""
    source = read.source("document")
    found = (source.located(each) for each in source.merged() if only is None or each[0].id in only)
    last = {each.id: each for each in sorted(found, key=lambda each: str(each.id))}
    return [complete(each, kb.folder, problems) for each in last.values()]


def sample(read: Reading, kb: KnowledgeBase) -> KnowledgeBase:
    """Give a small knowledge base whole, or facts out of all of a large one with all that they name.

    Facts are drawn by the digest of their name, so that a change elsewhere does not change the sample.
    """
    facts_ = read.source("fact")
    if read.counts["fact"] <= LARGEST_SHAPED:
        return _whole(read, kb)
    found = nsmallest(LARGEST_SHAPED // 2, facts_.merged(), key=lambda each: crc32(each[0].path.encode()))
    picked = sorted((facts_.located(each) for each in found), key=lambda each: str(each.path))
    named = {name for fact in picked for name in (fact.subject, fact.object, *fact.qualifiers.values())}
    cited = {(fact.document, sentence) for fact in picked for sentence in fact.sentences}
    described = _described(read, kb, [], only={fact.document for fact in picked})
    return kb._replace(
        facts=tuple(picked),
        terms={name: term for name, term in kb.terms.items() if name in named},
        documents={
            each.id: each._replace(sentences=tuple(one for one in each.sentences if (each.id, one.id) in cited))
            for each in described
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


def load(path: Path | str) -> KnowledgeBase:
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
    return Compilation(kb).quads(model)


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
