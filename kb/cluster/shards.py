"""What workers of a cluster do: read a piece into a part, slice parts by document, check a shard, compile it.

Reading, checking and compiling are those of the local build (:mod:`kb.build`); only moving values between workers is
different. A shard is a range of documents with all their facts. Plain triples, which several documents may state, are in shards
of their own, each in one of them. The quads of a shard are sorted, so that merging the shards gives the bytes of a build on one
machine.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any
from zlib import crc32

from kb.build import joining, parts
from kb.build.chunks import Piece
from kb.build.joining import Joiner, JoinResult, MergedRecords, complete
from kb.build.parts import Part
from kb.build.sorted_runs import SortedRun
from kb.build.step import Step
from kb.cluster import edges

#: The size of a shard in bytes of encoded facts and documents, if the number of shards is not given.
SHARD_BYTES = 8 * 1024 * 1024

_CHUNK = 500  # blocks of statements that are passed to Spark at once

#: The key of the document with which a shard begins and the key before which it ends; empty where it is open.
Bounds = tuple[str, str]
#: A part of a run: its kind, the number of its piece, its values.
Slice = tuple[str, int, SortedRun]


def slice_part(numbered: tuple[int, Part], bounds: Sequence[Bounds]) -> Iterator[tuple[int, Slice]]:
    """Slice a part by shards at its marks, without decoding its batches: batches around a bound go to both shards."""
    number, part = numbered
    run = part.run
    keys = [mark.key for mark in run.marks]
    for shard, (low, high) in enumerate(bounds):
        first = max(0, bisect_right(keys, low) - 1)
        last = bisect_left(keys, high) if high else len(keys)
        if marks := run.marks[first:last]:
            start, end = marks[0].start, run.marks[last].start if last < len(keys) else run.size
            moved = tuple(mark._replace(start=mark.start - start) for mark in marks)
            yield shard, (run.kind, number, SortedRun(run.kind, moved, end - start, run.data[start:end]))


@dataclass(frozen=True, slots=True)
class ShardContext:
    """What all shards of a build have in common; the folder is that of the knowledge base, for the texts that ship."""

    bounds: Sequence[Bounds]
    pieces: Sequence[Piece]
    step: Step
    folder: Path


class Shard:
    """A shard, by its number and its slices: its documents, with the facts of all parts about them."""

    def __init__(self, number: int, slices: Iterable[tuple[int, Slice]], context: ShardContext) -> None:
        by_number = {at: run for _, (_, at, run) in slices}
        self._low, self._high = context.bounds[number]
        self._step, self._folder = context.step, context.folder
        self._facts, self._documents = (_source(kind, by_number, context.pieces) for kind in ("fact", "document"))

    def check(self) -> JoinResult:
        """Check its facts and documents."""
        return Joiner(self._facts, self._documents, self._step, self._folder).check(self._low, self._high)

    def pairs(self) -> Iterator[joining.Pair]:
        """Return each document with its facts."""
        return joining.pair_documents(self._facts, self._documents, self._low, self._high)

    def quads(self) -> Iterator[str]:
        """Compile the shard into sorted N-Quads without plain triples, in chunks of text."""
        return join_texts(sorted(self._blocks()))

    def _blocks(self) -> Iterator[str]:
        for pair in self.pairs():
            document = complete(pair.documents[-1][0], self._folder, [])
            cited: set[str] = set()
            for fact, _, _ in pair.facts:
                cited.update(piece.sentence for piece in fact.evidence)
                yield from filter(None, self._step.compile(fact, document)[:2])
            inside, node = self._step.compile_document(document, cited)
            yield from inside
            yield node

    def claims(self) -> Iterator[str]:
        """Return the lines of its plain triples, which other shards may have as well."""
        for pair in self.pairs():
            document = pair.documents[-1][0]
            yield from filter(None, (self._step.compile(fact, document).plain for fact, _, _ in pair.facts))

    def edges(self) -> Iterator[tuple[Any, ...]]:
        """Return its facts as rows of the edge table."""
        for pair in self.pairs():
            stated = (fact.stated_in(pair.documents[-1][0].standing) for fact, _, _ in pair.facts)
            yield from (edges.edge_row(fact, self._step.predicates[fact.predicate]) for fact in stated)


def choose_claims_shard(line: str, shards: int) -> int:
    """Choose the shard of a plain triple by its digest, so that the same triple of several documents comes together."""
    return crc32(line.encode("utf-8")) % shards


def write_claims(lines: Iterable[tuple[str, None]]) -> Iterator[str]:
    """Write sorted plain triples, each once, in chunks of text."""
    return join_texts(line for line, _ in groupby(line for line, _ in lines))


def join_texts(texts: Iterable[str]) -> Iterator[str]:
    """Join statements into texts of a size that suits Spark."""
    rest = iter(texts)
    while chunk := list(islice(rest, _CHUNK)):
        yield "".join(chunk)


def _source(kind: str, by_number: Mapping[int, SortedRun], pieces: Sequence[Piece]) -> MergedRecords:
    """Return the slices of a kind, empty where a piece has none, so that slices and pieces have the same numbers."""
    numbers = [number for number, piece in enumerate(pieces) if piece.kind == kind]
    return MergedRecords([by_number.get(number, SortedRun(kind)) for number in numbers], [pieces[number] for number in numbers])


def read_piece(numbered: tuple[int, Piece]) -> tuple[int, Part]:
    """Read a piece, and return its number with its part."""
    return numbered[0], parts.read_part(numbered[1])
