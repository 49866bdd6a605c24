"""Parts: what was read from one piece of input, its values in order and what is wrong with it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from kb.build import sorted_runs, step
from kb.build.chunks import SIZE, Piece, count_lines_before
from kb.build.sorted_runs import SortedRun
from kb.files import text_file
from kb.model import Record, Trail
from kb.problems import KbError, Place, Problem
from kb.records import folder, jsonlines


class Part(NamedTuple):
    """What was read from a piece.

    Args:
        run: The values of the records that keep their schema.
        records: How many records there were.
        problems: What is wrong with the piece and with each record on its own.
        unreadable: Whether something could not be read at all.
        broken: The ids of the records that are there but break their schema.
        odd: The values of records of the knowledge base itself that break their schema.
        ids: The ids of the documents.
    """

    run: SortedRun
    records: int = 0
    problems: tuple[Problem, ...] = ()
    unreadable: bool = False
    broken: tuple[str, ...] = ()
    odd: tuple[Any, ...] = ()
    ids: tuple[str, ...] = ()


class _Collector:
    """Collects what is read from a piece."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.entries: list[tuple[str, bytes]] = []
        self.records = 0
        self.problems: list[Problem] = []
        self.broken: list[str] = []
        self.odd: list[Any] = []
        self.ids: list[str] = []

    def keep(self, value: Any, where: int) -> None:
        key = sorted_runs.KEYS[self.piece.kind](value) if self.piece.kind in sorted_runs.KEYS else ""
        self.entries.append((key, sorted_runs.encode(value, where)))

    def take(self, record: Record, where: int) -> None:
        """Judge a record on its own, and keep its value if it is good."""
        self.records += 1
        value, problems = step.resolve_record(record, is_clean=isinstance(record, LazyRecord))  # what is read fast is clean
        self.problems.extend(problems)
        if value is not None:
            if record.kind == "document":
                self.ids.append(value.id)
            self.keep(value, where)
            return
        refused = record.value
        if isinstance(refused, dict) and isinstance(refused.get("id"), str):
            self.broken.append(refused["id"])
        if record.kind == "kb":
            self.odd.append(refused)

    def part(self, *, unreadable: bool) -> Part:
        run = sorted_runs.pack(self.piece.kind, self.entries)
        problems, broken = tuple(self.problems), tuple(self.broken)
        return Part(run, self.records, problems, unreadable, broken, tuple(self.odd), tuple(self.ids))


def read_part(piece: Piece) -> Part:
    """Read a piece as one part."""
    return next(read_parts(piece, sys.maxsize))


def read_parts(piece: Piece, most: int = SIZE) -> Iterator[Part]:
    """Read a piece as one or more parts; what cannot be read becomes a problem of the last.

    Args:
        piece: The piece.
        most: How many bytes of lines make a part, about: a compressed file cannot be cut into pieces.
    """
    collector = _Collector(piece)
    problems: list[Problem] = []
    try:
        if piece.has_lines:
            for _ in _read_lines(piece, collector, problems, most):
                yield collector.part(unreadable=False)
                collector.clear()
        elif (values := folder.read_values(Path(piece.path), piece.kind)) is not None:
            for index, value in enumerate(values):
                collector.take(LazyRecord(piece, index, value), index)
        else:
            for index, record in enumerate(folder.read_file(Path(piece.path), piece.kind)):
                collector.take(record, index)
    except KbError as error:
        problems.extend(error.problems)
    except OSError as error:
        problems.extend(text_file.unreadable(error, piece.path).problems)
    collector.problems.extend(problems)
    yield collector.part(unreadable=bool(problems))


def _read_lines(piece: Piece, collector: _Collector, problems: list[Problem], most: int) -> Iterator[None]:
    """Read a stretch of JSON Lines; what a line that cannot be read tells goes to ``problems``; pause when much is held."""
    is_fact, path, stem = piece.kind == "fact", piece.path, piece.stem
    long: list[Problem] = []
    met, pause = False, piece.start + most
    for line in jsonlines.read_lines(Path(path), long, piece.start, piece.end):
        if len(problems) + len(long) >= text_file.MOST_PROBLEMS:
            break
        met = True
        if line.offset >= pause:
            yield
            pause = line.offset + most
        if is_fact:
            found = step.read_fact(line, path, stem)
            if found.fact is not None:
                collector.records += 1
                collector.keep(found.fact, line.offset)
                continue
        try:
            collector.take(_record(piece, line), line.offset)
        except KbError as error:
            problems.extend(error.problems)
    before = count_lines_before(path, piece.start) if long and piece.start else 0
    problems.extend(each._replace(place=each.place._replace(line=each.place.line + before)) for each in long)
    if not met and not problems and not piece.start:
        raise text_file.empty(path)


def _record(piece: Piece, line: jsonlines.Line) -> Record:
    """Read a line as a record whose places are found when somebody asks for them."""
    value = jsonlines.decode_fast(line.data) if piece.kind != "fact" else None
    if value is not None:
        return LazyRecord(piece, line.offset, value)
    if piece.start:
        line = line._replace(number=line.number + count_lines_before(piece.path, piece.start))
    return jsonlines.parse_record(piece.kind, line, piece.path, piece.stem)


class LazyRecord(Record):
    """A record that is read again when more than its kind is needed, since few records need their places.

    Args:
        piece: The piece that it was read from.
        where: The offset of its line, or its number in the file.
        value: Its value, if that is known.
    """

    def __init__(self, piece: Piece, where: int, value: Any = None) -> None:
        vars(self).update(kind=piece.kind, stem=piece.stem, _piece=piece, _where=where, _known=value)

    def __reduce__(self) -> tuple[Any, ...]:
        return LazyRecord, (self._piece, self._where, self._known)

    _piece: Piece
    _where: int
    _known: Any

    @property
    def value(self) -> Any:
        """The plain value."""
        return reread(self._piece, self._where).value if self._known is None else self._known

    @property
    def place(self) -> Place:
        """The place where it begins."""
        return reread(self._piece, self._where).place

    @property
    def places(self) -> Mapping[Trail, Place]:
        """The place of each value inside it."""
        return reread(self._piece, self._where).places


@lru_cache(maxsize=64)
def reread(piece: Piece, where: int) -> Record:
    """Read a record of a piece once more, strictly, for the places of its values.

    Args:
        piece: The piece.
        where: The offset of its line, or its place in the list of the file.
    """
    if not piece.has_lines:
        return _records(piece.kind, piece.path)[where]
    line = jsonlines.Line(jsonlines.read_line(piece.path, where), where, count_lines_before(piece.path, where) + 1)
    return jsonlines.parse_record(piece.kind, line, piece.path, piece.stem)


@lru_cache(maxsize=4)
def _records(kind: str, path: str) -> list[Record]:
    found: list[Record] = []
    with suppress(KbError):  # single rows; told already
        found.extend(folder.read_file(Path(path), kind))
    return found


def forget_reread() -> None:
    """Forget what was read again: files may have changed."""
    reread.cache_clear()
    _records.cache_clear()


def locate(kind: str, values: Iterable[tuple[Any, int]], piece: Piece) -> Iterator[Any]:
    """Give values with the records that they come from; of what the knowledge base says of itself, the records alone."""
    if step.is_resolved(kind):
        return (value._replace(record=LazyRecord(piece, where)) for value, where in values)
    return (LazyRecord(piece, where, value) for value, where in values)
