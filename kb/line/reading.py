"""Reading: the pieces of a knowledge base into parts, by as many processes as there are workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.line import parts, runs
from kb.line.joining import Source
from kb.line.parts import Part
from kb.line.pieces import Piece, cut
from kb.links import resolve
from kb.model import BiolinkProfile, Dataset, KnowledgeBase, Record
from kb.problems import Place, Problem
from kb.records import folder

KINDS = ("kb", "document", "term", "predicate", "fact", "mapping")


@dataclass(frozen=True)
class Reading:
    """What was read of a knowledge base.

    Args:
        folder: Where it lies.
        pieces: The pieces of its files, in order.
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

    def found(self) -> Iterator[Problem]:
        """Give what is wrong with files and with each record on its own."""
        yield from self.problems
        for part in self.parts:
            yield from part.problems

    def source(self, kind: str) -> Source:
        """Give the runs of a kind with their pieces."""
        both = [(part.run, piece) for piece, part in zip(self.pieces, self.parts, strict=True) if piece.kind == kind]
        return Source([run for run, _ in both], [piece for _, piece in both])

    def values(self, kind: str) -> Iterator[Any]:
        """Give the values of a kind as they were read, each with its record."""
        source = self.source(kind)
        for run, piece in zip(*source, strict=True):
            yield from parts.located(kind, runs.read(run), piece)

    def about(self) -> Dataset | None:
        """Give what the knowledge base says of itself, if that keeps its schema."""
        return next(map(resolve.dataset, self.values("kb")), None)

    def stand_in(self) -> Dataset | None:
        """Give something to go on with where it does not."""
        odd = [value for part in self.parts for value in part.odd]
        return next((found for value in odd if (found := resolve.stand_in(Record("kb", value, Place(""))))), None)

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


def read(path: Path) -> Reading:
    """Read a knowledge base.

    Args:
        path: The folder that holds ``kb.yaml``.

    Raises:
        KbError: There is no knowledge base at all.
    """
    parts.forget()
    problems: list[Problem] = []
    pieces = tuple(cut(folder.files(path, problems)))
    return Reading(path, pieces, tuple(map(parts.read, pieces)), tuple(problems))
