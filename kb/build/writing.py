"""Writing: a judged knowledge base as sorted N-Quads, section by section, without ever holding it as a whole.

Lines sort by their subjects, and names are made so that what belongs together sorts together: all that is said of
documents and their sentences, of facts and their evidence, and of terms, plain triples among them, each fills a stretch
of the file of its own. What lies between these stretches is small and held in memory.
"""

from __future__ import annotations

import tempfile
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from heapq import heappop, heappush
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from kb.build.joining import Joined, Source, bounds, with_words
from kb.build.workers import share
from kb.files import sorting
from kb.model import Document, KnowledgeBase
from kb.rdf import dataset, documents, facts, ontology
from kb.rdf import terms as vocabulary
from kb.rdf.iris import KB, Names
from kb.rdf.quads import Quad, iri


class Plan(NamedTuple):
    """What is to be written.

    Args:
        kb: All but facts and documents.
        facts: The facts.
        documents: The documents.
        joined: What judging them found.
        model: How to write statements.
    """

    kb: KnowledgeBase
    facts: Source
    documents: Source
    joined: Joined
    model: facts.Model = "full"

    @property
    def names(self) -> Names:
        """The names of the knowledge base."""
        return Names(self.kb.dataset.base, self.kb.dataset.prefixes)


def nquads(plan: Plan, folder: str, workers: int = 1) -> Iterator[bytes]:
    """Write sorted N-Quads in chunks.

    Args:
        plan: What to write.
        folder: Where temporary files may lie.
        workers: How many processes may write.
    """
    stretches = bounds(plan.facts) if workers > 1 else []
    if len(stretches) > 1:
        return _shared(plan, folder, workers, stretches)
    plain = sorting.Sorter(folder)
    described = sorting.encode_chunks(document_pieces(plan))
    stated = sorting.encode_chunks(fact_pieces(plan, plain.add))
    return assembled(plan, described, stated, plain.sorted_lines)


def _shared(plan: Plan, folder: str, workers: int, stretches: list[tuple[str, str]]) -> Iterator[bytes]:
    """Let workers write a stretch of documents or facts each, and put these together as they become ready, in order."""
    plain: list[str] = []

    def described() -> Iterator[bytes]:
        work = partial(_write_documents, plan, folder)
        return _woven(plan.names, share(work, stretches, workers))

    def stated() -> Iterator[bytes]:
        for path, files in share(partial(_write_facts, plan, folder), stretches, workers):
            plain.extend(files)
            yield from _taken(path)

    return assembled(plan, _later(described), _later(stated), lambda: sorting.merge_lines(map(sorting.read_lines, plain)))


def _write_facts(plan: Plan, folder: str, stretch: tuple[str, str]) -> tuple[str, list[str]]:
    plain = sorting.Sorter(folder)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.writelines(sorting.encode_chunks(fact_pieces(plan, plain.add, *stretch)))
    return file.name, plain.spill_all()


def _write_documents(plan: Plan, folder: str, stretch: tuple[str, str]) -> tuple[str, list[tuple[str, int, int]]]:
    """Write documents one after the other, and tell how long what is inside of each and what is said of it are."""
    sizes = []
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        for document, lines in _documents(plan, *stretch):
            inside = sum(map(file.write, sorting.encode_chunks(lines.inside)))
            sizes.append((document, inside, file.write(lines.node.encode("utf-8"))))
    return file.name, sizes


def _woven(names: Names, files: Iterable[tuple[str, list[tuple[str, int, int]]]]) -> Iterator[bytes]:
    """Put what is said of each document behind what is inside of it and of documents whose names continue its name."""
    pending: list[bytes] = []
    for path, sizes in files:
        with Path(path).open("rb") as file:
            for document, inside, node in sizes:
                start = f"<{names.document(document)}/".encode()
                while pending and pending[0] < start:
                    yield heappop(pending)
                yield file.read(inside)
                heappush(pending, file.read(node))
        Path(path).unlink()
    while pending:
        yield heappop(pending)


def _taken(path: str) -> Iterator[bytes]:
    with Path(path).open("rb") as file:
        yield from sorting.read_chunks(file)
    Path(path).unlink()


def assembled(
    plan: Plan, described: Iterable[bytes], stated: Iterable[bytes], plain: Callable[[], Iterator[bytes]]
) -> Iterator[bytes]:
    """Put the sections into their order, with what is small between them.

    Args:
        plan: What to write.
        described: The section of documents.
        stated: The section of facts.
        plain: Gives the plain triples, sorted, once the facts are written.
    """
    base, small = plan.kb.dataset.base, _small(plan)
    of_terms = f"<{base}term/".encode()
    terms = [line for line in small if line.startswith(of_terms)]
    rest = sorting.merge_lines([[line for line in small if not line.startswith(of_terms)], *_of_documents(plan)])
    sections: list[tuple[bytes, Iterable[bytes]]] = [
        (f"<{base}document/".encode(), described),
        (f"<{base}fact/".encode(), stated),
        (of_terms, _later(lambda: sorting.merge_lines([terms, plain()]))),
    ]
    for line in rest:
        while sections and sections[0][0] < line:
            yield from sections.pop(0)[1]
        yield line
    for _, section in sections:
        yield from section


def _later(make: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    yield from make()


def _documents(plan: Plan, low: str = "", high: str = "") -> Iterator[tuple[str, documents.Lines]]:
    """Compile the documents between two keys, in the order of their names."""
    names, language = plan.names, plan.kb.dataset.language
    known = plan.joined.documents
    first = bisect_left(known, low, key=lambda each: f"fact/{each.id}/")
    for found, described in zip(plan.documents.merged(low, high), islice(known, first, None), strict=False):
        document: Document = with_words(found[0], plan.kb.folder, [])
        flags = zip(document.sentences, described.covered, strict=True)
        covered = {sentence.id for sentence, flag in flags if flag}
        holding = described.verified if plan.model != "plain" else frozenset()
        document = document._replace(verified=tuple(each for each in document.verified if each.fact in holding))
        yield document.id, documents.lines(document, covered, names, language)


def document_pieces(plan: Plan) -> Iterator[str]:
    """Write all documents.

    What is said of a document itself sorts after what is inside of documents whose names continue its name.
    """
    pending: list[str] = []
    for document, lines in _documents(plan):
        start = f"<{plan.names.document(document)}/"
        while pending and pending[0] < start:
            yield heappop(pending)
        yield from lines.inside
        heappush(pending, lines.node)
    while pending:
        yield heappop(pending)


def fact_pieces(plan: Plan, plain: Callable[[str], None], low: str = "", high: str = "") -> Iterator[str]:
    """Write the facts between two keys; hand over their plain triples.

    What is said of a fact itself sorts after what is said of facts whose names continue its name, so it waits for these.
    """
    lines = facts.Compiler(plan.names, plan.kb.predicates, plan.kb.dataset.language, plan.model).lines
    basis = {each.id: each.evidence for each in plan.joined.documents if each.evidence}
    pending: list[str] = []
    for fact, _, _ in plan.facts.merged(low, high):
        evidence, node, bare = lines(fact, basis.get(fact.document, ""))
        while pending and pending[0] < evidence:
            yield heappop(pending)
        if bare:
            plain(bare)
        yield evidence
        heappush(pending, node)
    while pending:
        yield heappop(pending)


def outside(plan: Plan) -> Iterator[bytes]:
    """Write all but documents and facts, sorted: terms, predicates, mappings, the dataset, the words that are used."""
    return sorting.merge_lines([_small(plan), *_of_documents(plan)])


def _of_documents(plan: Plan) -> Iterator[Iterator[bytes]]:
    ids = sorted((each.id for each in plan.joined.documents), key=lambda each: f"{each}>")
    for series in dataset.document_lines(ids, plan.names):
        yield (lines.encode("utf-8") for lines in series)


def _small(plan: Plan) -> list[bytes]:
    """Write terms, predicates, mappings, the dataset and the words of the vocabulary that are used."""
    kb, names, joined = plan.kb, plan.names, plan.joined
    language = kb.dataset.language
    counts = dataset.Counts(joined.facts, len(kb.terms), joined.sentences, joined.decided)
    quads = list(
        chain(
            chain.from_iterable(vocabulary.compile_term(each, names, language) for each in kb.terms.values()),
            chain.from_iterable(vocabulary.compile_predicate(each, names, language) for each in kb.predicates.values()),
            chain.from_iterable(vocabulary.compile_mapping(each, names) for each in kb.mappings),
            dataset.compile_dataset(kb.dataset, counts, names),
        )
    )
    used = {term for quad in quads for term in (quad.predicate, quad.object)}
    words = joined.words if plan.model == "plain" else joined.words | joined.fact_words
    used.update(iri(KB + word) for word in words)
    quads.extend(ontology.compile_used(used, names))
    return sorted({_line(quad) for quad in quads})


def _line(quad: Quad) -> bytes:
    return f"{' '.join(quad)} .\n".encode()
