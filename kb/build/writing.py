"""Compile a checked knowledge base in bounded memory: as statements, or as sorted N-Quads, section by section.

Lines sort by their subjects. IRIs are made so that a sorted file has three large sections: documents with their sentences,
facts with their evidence, and terms with the plain triples. The lines between the sections are few and held in memory.
"""

from __future__ import annotations

import tempfile
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from heapq import heappop, heappush
from itertools import chain, islice
from pathlib import Path
from typing import AnyStr

from kb.build.joining import JoinResult, MergedRecords, choose_bounds, complete
from kb.build.workers import share
from kb.files import sorting
from kb.model import Document, KnowledgeBase
from kb.rdf import dataset, documents
from kb.rdf.compilation import compile_rest
from kb.rdf.facts import Compiler, Model
from kb.rdf.iris import Names, names_of, word_iri
from kb.rdf.quads import Quad, iri

# The start of the lines about the inside of a document, these lines, and those about the document itself.
_DocumentPart = tuple[AnyStr, Iterable[AnyStr], AnyStr]

_NOTHING = ("", "")  # of its document


@dataclass(frozen=True)
class BuildPlan:
    """What a build writes: a checked knowledge base whose facts and documents need not fit into memory.

    Args:
        kb: The knowledge base without facts and documents.
        joined: The result of checking facts and documents.
        model: How facts are written.
        folder: The folder for temporary files.
        workers: How many processes may write lines.
    """

    kb: KnowledgeBase
    facts: MergedRecords
    documents: MergedRecords
    joined: JoinResult
    model: Model = "full"
    folder: str = ""
    workers: int = 1

    @cached_property
    def names(self) -> Names:
        """The names of the knowledge base, made once: a table of prefixes costs as much as some facts."""
        return names_of(self.kb)

    @cached_property
    def inherited(self) -> dict[str, tuple[str, str]]:
        """What facts have of their documents, by id: the standing and the kind of evidence, where a document states one."""
        documents = self.joined.documents
        return {each.id: (each.standing, each.evidence) for each in documents if each.standing or each.evidence}

    def compiler(self) -> Compiler:
        """Make the compiler of the facts."""
        return Compiler(self.names, self.kb.predicates, self.kb.dataset.language, self.model, self.kb.terms)

    def quads(self) -> Iterator[Quad]:
        """Compile all statements, in no order, for writers that sort statements themselves."""
        compiler = self.compiler()
        for fact, _, _ in self.facts.merge():
            standing, basis = self.inherited.get(fact.document, _NOTHING)
            yield from chain.from_iterable(compiler.quads(fact.stated_in(standing), basis))
        for _, compiled in _compile_documents(self):
            yield from compiled.quads()
        yield from _compile_rest(self)
        yield from chain.from_iterable(_members(self))

    def lines(self) -> Iterator[bytes]:
        """Write sorted N-Quads in chunks of whole lines."""
        ranges = choose_bounds(self.facts.runs) if self.workers > 1 else []
        if len(ranges) > 1:
            return _share(self, ranges)
        plain = sorting.Sorter(self.folder)
        document_lines = sorting.encode_chunks(_interleave(_write_documents(self)))
        fact_lines = sorting.encode_chunks(write_facts(self, plain.add))
        return assemble_sections(self, document_lines, fact_lines, plain.sorted_lines)


def lines_of_documents(plan: BuildPlan) -> Iterator[str]:
    """Write the documents and their facts as unsorted N-Quads, without what describes the whole knowledge base."""
    plain: list[str] = []
    yield from write_facts(plan, plain.append)
    for _, inside, node in _write_documents(plan):
        yield from inside
        yield node
    yield from plain


def _share(plan: BuildPlan, ranges: list[tuple[str, str]]) -> Iterator[bytes]:
    """Let workers write a range of documents or facts each, and read these in order as they are finished."""
    plain: list[str] = []

    def document_lines() -> Iterator[bytes]:
        work = partial(_write_document_file, plan)
        return _interleave(_read_documents(plan.names, share(work, ranges, plan.workers)))

    def fact_lines() -> Iterator[bytes]:
        for path, files in share(partial(_write_fact_file, plan), ranges, plan.workers):
            plain.extend(files)
            yield from _read_once(path)

    return assemble_sections(
        plan, _defer(document_lines), _defer(fact_lines), lambda: sorting.merge_lines(map(sorting.read_lines, plain))
    )


def _write_fact_file(plan: BuildPlan, bounds: tuple[str, str]) -> tuple[str, list[str]]:
    plain = sorting.Sorter(plan.folder)
    with tempfile.NamedTemporaryFile(dir=plan.folder, delete=False) as file:
        file.writelines(sorting.encode_chunks(write_facts(plan, plain.add, *bounds)))
    return file.name, plain.spill_all()


def _write_document_file(plan: BuildPlan, bounds: tuple[str, str]) -> tuple[str, list[tuple[str, int, int]]]:
    """Write documents one after the other; return the file, and for each document its id and the sizes of its two parts."""
    sizes = []
    with tempfile.NamedTemporaryFile(dir=plan.folder, delete=False) as file:
        for document, compiled in _compile_documents(plan, *bounds):
            written = compiled.lines()
            inside = sum(map(file.write, sorting.encode_chunks(written.inside)))
            sizes.append((document, inside, file.write(written.node.encode("utf-8"))))
    return file.name, sizes


def _read_documents(names: Names, files: Iterable[tuple[str, list[tuple[str, int, int]]]]) -> Iterator[_DocumentPart[bytes]]:
    """Read the files of :func:`_write_document_file`, and remove each."""
    for path, sizes in files:
        with Path(path).open("rb") as file:
            for document, inside, node in sizes:
                yield f"<{names.document(document)}/".encode(), (file.read(inside),), file.read(node)
        Path(path).unlink()


def _interleave(parts: Iterable[_DocumentPart[AnyStr]]) -> Iterator[AnyStr]:
    """Sort documents: the lines about one follow those about its sentences, and those about names that start with its name."""
    pending: list[AnyStr] = []
    for start, inside, node in parts:
        while pending and pending[0] < start:
            yield heappop(pending)
        yield from inside
        heappush(pending, node)
    while pending:
        yield heappop(pending)


def _read_once(path: str) -> Iterator[bytes]:
    with Path(path).open("rb") as file:
        yield from sorting.read_chunks(file)
    Path(path).unlink()


def assemble_sections(
    plan: BuildPlan, document_lines: Iterable[bytes], fact_lines: Iterable[bytes], plain: Callable[[], Iterator[bytes]]
) -> Iterator[bytes]:
    """Put the sections into their order, with the remaining lines between them.

    ``plain`` returns the sorted plain triples, after the facts are written.
    """
    base, small = plan.kb.dataset.base, sorted({_encode_line(quad) for quad in _compile_rest(plan)})
    of_terms = f"<{base}term/".encode()
    terms = [line for line in small if line.startswith(of_terms)]
    rest = sorting.merge_lines([[line for line in small if not line.startswith(of_terms)], *_member_lines(plan)])
    sections: list[tuple[bytes, Iterable[bytes]]] = [
        (f"<{base}document/".encode(), document_lines),
        (f"<{base}fact/".encode(), fact_lines),
        (of_terms, _defer(lambda: sorting.merge_lines([terms, plain()]))),
    ]
    for line in rest:
        while sections and sections[0][0] < line:
            yield from sections.pop(0)[1]
        yield line
    for _, section in sections:
        yield from section


def _defer(make: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    yield from make()


def _compile_documents(plan: BuildPlan, low: str = "", high: str = "") -> Iterator[tuple[str, documents.DocumentRows]]:
    """Compile the documents between two keys, in the order of their names."""
    names, language = plan.names, plan.kb.dataset.language
    summaries = plan.joined.documents
    first = bisect_left(summaries, low, key=lambda summary: f"fact/{summary.id}/")
    for entry, summary in zip(plan.documents.merge(low, high), islice(summaries, first, None), strict=False):
        document: Document = complete(entry[0], plan.kb.folder, [])
        flags = zip(document.sentences, summary.covered, strict=True)
        covered = {sentence.id for sentence, flag in flags if flag}
        current = summary.verified if plan.model != "plain" else frozenset()
        document = document._replace(verified=tuple(result for result in document.verified if result.fact in current))
        yield document.id, documents.compile_document(document, covered, names, language)


def _write_documents(plan: BuildPlan) -> Iterator[_DocumentPart[str]]:
    for document, compiled in _compile_documents(plan):
        yield f"<{plan.names.document(document)}/", *compiled.lines()


def write_facts(plan: BuildPlan, plain: Callable[[str], None], low: str = "", high: str = "") -> Iterator[str]:
    """Write the facts between two keys as sorted lines.

    The lines about a fact itself sort after those about facts whose paths continue its path. ``plain`` takes the line of each
    plain triple, which belongs to another section.
    """
    compile_fact, inherited = plan.compiler().lines, plan.inherited
    pending: list[str] = []
    for fact, _, _ in plan.facts.merge(low, high):
        standing, basis = inherited.get(fact.document, _NOTHING)
        evidence, node, bare = compile_fact(fact.stated_in(standing), basis)
        while pending and pending[0] < evidence:
            yield heappop(pending)
        if bare:
            plain(bare)
        yield evidence
        heappush(pending, node)
    while pending:
        yield heappop(pending)


def write_rest(plan: BuildPlan) -> Iterator[bytes]:
    """Write the sorted lines of everything but documents and facts."""
    return sorting.merge_lines([sorted({_encode_line(quad) for quad in _compile_rest(plan)}), *_member_lines(plan)])


def _member_lines(plan: BuildPlan) -> Iterator[Iterator[bytes]]:
    return (map(_encode_line, members) for members in _members(plan))


def _members(plan: BuildPlan) -> tuple[Iterator[Quad], ...]:
    names = sorted((document.id for document in plan.joined.documents), key=lambda name: f"{name}>")
    return dataset.compile_members(names, plan.names)


def _compile_rest(plan: BuildPlan) -> list[Quad]:
    """Compile what is neither a fact nor a document."""
    joined = plan.joined
    counts = dataset.DatasetCounts(joined.facts, len(plan.kb.terms), joined.sentences, joined.decided)
    words, agents = (joined.words, ()) if plan.model == "plain" else (joined.words | joined.fact_words, joined.agents)
    used = [*map(word_iri, words), *map(plan.names.agent, agents)]
    return compile_rest(plan.kb, counts, map(iri, used), plan.names)


def _encode_line(quad: Quad) -> bytes:
    return f"{' '.join(quad)} .\n".encode()
