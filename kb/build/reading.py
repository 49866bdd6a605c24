"""Read the pieces of a knowledge base into parts, in as many processes as there are workers."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
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

#: How many bytes of values are held in memory; further parts are written to files.
MOST_HELD = 32 * 1024 * 1024

#: The least size of the input, in bytes, for which more than one process is started.
LEAST_SHARED = 4 * 1024 * 1024

KINDS = ("kb", "document", "term", "predicate", "fact", "mapping")


@dataclass(frozen=True)
class BuildInput:
    """What was read of a knowledge base.

    Args:
        pieces: The pieces of its files, in order; a piece that was read as several parts occurs as often.
        parts: The part of each piece.
        problems: The problems of the folder itself.
        documents: The documents to process, with their facts; all by default.
    """

    folder: Path
    pieces: tuple[Piece, ...]
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]
    documents: Container[str] | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each kind were read."""
        counts = Counter[str]()
        for piece, part in zip(self.pieces, self.parts, strict=True):
            counts[piece.kind] += part.records
        return {kind: counts[kind] for kind in KINDS}

    @property
    def is_complete(self) -> bool:
        """Whether everything could be read."""
        return not self.problems and not any(part.unreadable for part in self.parts)

    @property
    def broken(self) -> frozenset[tuple[str, str]]:
        """Kind and id of the records that break their schema."""
        both = zip(self.pieces, self.parts, strict=True)
        return frozenset((piece.kind, name) for piece, part in both for name in part.broken)

    def source(self, kind: str) -> MergedRecords:
        """Return the runs of a kind with their pieces."""
        both = [(part.run, piece) for piece, part in zip(self.pieces, self.parts, strict=True) if piece.kind == kind]
        return MergedRecords([run for run, _ in both], [piece for _, piece in both], self.documents)

    def values(self, kind: str) -> Iterator[Any]:
        """Yield the values of a kind as they were read, each with its record."""
        source = self.source(kind)
        for run, piece in zip(source.runs, source.pieces, strict=True):
            yield from parts.locate(kind, sorted_runs.read(run), piece)

    def dataset(self) -> Dataset | None:
        """Return the metadata of the knowledge base, if they are valid."""
        return next(map(resolve.parse_dataset, self.values("kb")), None)

    def placeholder_dataset(self) -> Dataset | None:
        """Return a placeholder for invalid metadata, so that the rest can be checked."""
        invalid_metadata = [value for part in self.parts for value in part.invalid_metadata]
        datasets = (resolve.placeholder_dataset(Record("kb", value, Place(""))) for value in invalid_metadata)
        return next(filter(None, datasets), None)

    def vocabulary(self, about: Dataset) -> KnowledgeBase:
        """Return the knowledge base without its facts and documents."""
        terms = sorted(self.values("term"), key=lambda term: str(term.id))
        predicates = sorted(self.values("predicate"), key=lambda predicate: str(predicate.id))
        mappings = sorted(self.values("mapping"), key=lambda row: (row.subject, row.match, row.object))
        return KnowledgeBase(
            self.folder,
            about,
            {},
            {term.id: term for term in terms},
            {predicate.id: predicate for predicate in predicates},
            (),
            tuple(mappings),
            next(map(resolve.parse_biolink, self.values("biolink")), BiolinkProfile()),
            tuple(self.values("cue")),
        )


def read(
    path: Path, folder: str = "", workers: int = 1, facts: Sequence[str] = (), only: Callable[[Path, str], bool] | None = None
) -> BuildInput:
    """Read a knowledge base.

    Args:
        path: The folder that holds ``kb.yaml``.
        folder: The folder for parts that do not fit into memory; empty to hold all of them in memory.
        workers: How many processes may read.
        facts: Files of more facts, folders or patterns.
        only: Whether to read a file of a kind; by default all are.

    Raises:
        KbError: The folder holds no knowledge base.
    """
    parts.forget_reread()
    problems: list[Problem] = []
    files = chain(records.find_files(path, problems), records.match_files(facts, "fact", problems))
    pieces = tuple(cut(file for file in files if only is None or only(*file)))
    total = sum(map(_size, pieces))
    if workers > 1 and folder and total > LEAST_SHARED:
        work = share(lambda piece: [spill(part, folder) for part in part_cache.read_parts(piece)], pieces, workers)
        both = track("reading", zip(pieces, work, strict=True), lambda pair: _size(pair[0]), total)
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
    """Write the values of a part to a file."""
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
        file.write(part.run.data)
    return part._replace(run=part.run._replace(data=b"", path=file.name))
