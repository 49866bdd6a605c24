"""BuildInput: the pieces of a knowledge base into parts, by as many processes as there are workers."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from kb.build import part_cache, parts, sorted_runs
from kb.build.chunks import Piece, cut
from kb.build.joining import MergedRecords
from kb.build.parts import Part
from kb.build.workers import share
from kb.model import BiolinkProfile, Dataset, KnowledgeBase, Record
from kb.problems import Place, Problem
from kb.progress import track
from kb.records import folder as records
from kb.records import parquet, resolve

#: How many bytes of values are held in memory; beyond that, parts go to files.
MOST_HELD = 32 * 1024 * 1024

#: How many bytes of input are worth more than one process.
LEAST_SHARED = 4 * 1024 * 1024

KINDS = ("kb", "document", "term", "predicate", "fact", "mapping")


@dataclass(frozen=True)
class BuildInput:
    """What was read of a knowledge base.

    Args:
        folder: Where it lies.
        pieces: The pieces of its files, in order; one that was read as several parts stands as often.
        parts: What was read from each.
        problems: What is wrong with the folder itself.
    """

    folder: Path
    pieces: tuple[Piece, ...]
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each kind were read."""
        met = Counter[str]()
        for piece, part in zip(self.pieces, self.parts, strict=True):
            met[piece.kind] += part.records
        return {kind: met[kind] for kind in KINDS}

    @property
    def is_whole(self) -> bool:
        """Whether everything could be read."""
        return not self.problems and not any(part.unreadable for part in self.parts)

    @property
    def broken(self) -> frozenset[tuple[str, str]]:
        """Kind and id of the records that break their schema."""
        both = zip(self.pieces, self.parts, strict=True)
        return frozenset((piece.kind, name) for piece, part in both for name in part.broken)

    def all_problems(self) -> Iterator[Problem]:
        """Give what is wrong with files and with each record on its own."""
        yield from self.problems
        for part in self.parts:
            yield from part.problems

    def source(self, kind: str) -> MergedRecords:
        """Give the runs of a kind with their pieces."""
        both = [(part.run, piece) for piece, part in zip(self.pieces, self.parts, strict=True) if piece.kind == kind]
        return MergedRecords([run for run, _ in both], [piece for _, piece in both])

    def values(self, kind: str) -> Iterator[Any]:
        """Give the values of a kind as they were read, each with its record."""
        source = self.source(kind)
        for run, piece in zip(*source, strict=True):
            yield from parts.locate(kind, sorted_runs.read(run), piece)

    def about(self) -> Dataset | None:
        """Give what the knowledge base says of itself, if that keeps its schema."""
        return next(map(resolve.dataset, self.values("kb")), None)

    def stand_in(self) -> Dataset | None:
        """Give something to go on with where it does not."""
        odd = [value for part in self.parts for value in part.odd]
        return next((found for value in odd if (found := resolve.placeholder_dataset(Record("kb", value, Place(""))))), None)

    def vocabulary(self, about: Dataset) -> KnowledgeBase:
        """Give all but facts and documents."""
        terms = sorted(self.values("term"), key=lambda each: str(each.id))
        predicates = sorted(self.values("predicate"), key=lambda each: str(each.id))
        mappings = sorted(self.values("mapping"), key=lambda each: (each.subject, each.match, each.object))
        return KnowledgeBase(
            self.folder,
            about,
            {},
            {each.id: each for each in terms},
            {each.id: each for each in predicates},
            (),
            tuple(mappings),
            next(map(resolve.biolink, self.values("biolink")), BiolinkProfile()),
            tuple(self.values("cue")),
        )


def read(path: Path, folder: str = "", workers: int = 1, facts: Sequence[str] = ()) -> BuildInput:
    """Read a knowledge base.

    Args:
        path: The folder that holds ``kb.yaml``.
        folder: Where parts may be put that are too many for memory; empty to hold all of them in memory.
        workers: How many processes may read.
        facts: Files of more facts, folders or patterns.

    Raises:
        KbError: There is no knowledge base at all.
    """
    parts.forget_reread()
    problems: list[Problem] = []
    pieces = tuple(cut(chain(records.files(path, problems), records.match_files(facts, "fact", problems))))
    total = sum(map(_size, pieces))
    if workers > 1 and folder and total > LEAST_SHARED:
        work = share(lambda piece: [spill(part, folder) for part in part_cache.read_parts(piece)], pieces, workers)
        both = track("reading", zip(pieces, work, strict=True), lambda each: _size(each[0]), total)
        made = [(piece, part) for piece, parts_ in both for part in parts_]
    else:
        made, held = [], 0
        for piece in track("reading", pieces, _size, total):
            for part in part_cache.read_parts(piece):
                held += len(part.run.data)
                made.append((piece, spill(part, folder) if folder and held > MOST_HELD else part))
    part_cache.prune()
    return BuildInput(path, tuple(piece for piece, _ in made), tuple(part for _, part in made), tuple(problems))


def _size(piece: Piece) -> int:
    try:
        if piece.end < 0:
            return os.stat(piece.path).st_size
        return (piece.end - piece.start) * (parquet.ROW if parquet.is_parquet(piece.path) else 1)
    except OSError:
        return 0


def spill(part: Part, folder: str) -> Part:
    """Put the values of a part into a file."""
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
        file.write(part.run.data)
    return part._replace(run=part.run._replace(data=b"", path=file.name))
