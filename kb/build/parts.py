"""Parts: the values that were read from one piece of input, sorted, and its problems."""

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
from kb.files import boundary, text_file
from kb.model import Record, Trail
from kb.problems import MOST_OF_FILE, KbError, Place, Problem, make_omitted
from kb.records import folder, jsonlines

# Records with problems that are only counted, after which a piece is not read on: a small compressed file can hold a billion.
_MOST_UNEXPLAINED = 100_000


class Part(NamedTuple):
    """The result of reading a piece.

    Args:
        run: The values of the valid records.
        problems: The problems of the piece, and of each record on its own.
        unreadable: Whether something could not be read.
        broken: The ids of the records that break their schema.
        invalid_metadata: The values of ``kb.yaml``, if they break their schema.
    """

    run: SortedRun
    records: int = 0
    problems: tuple[Problem, ...] = ()
    unreadable: bool = False
    broken: tuple[str, ...] = ()
    invalid_metadata: tuple[Any, ...] = ()
    ids: tuple[str, ...] = ()


class _Collector:
    """Collects what is read from a piece."""

    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.explained = self.unexplained = 0
        self.clear()

    def clear(self) -> None:
        """Start a new part."""
        self.entries: list[tuple[str, bytes]] = []
        self.records = 0
        self.problems: list[Problem] = []
        self.broken: list[str] = []
        self.invalid_metadata: list[Any] = []
        self.ids: list[str] = []

    def add(self, value: Any, where: int) -> None:
        key = sorted_runs.KEYS[self.piece.kind](value) if self.piece.kind in sorted_runs.KEYS else ""
        self.entries.append((key, sorted_runs.encode(value, where)))

    def take(self, record: Record, where: int) -> None:
        """Validate a record on its own, and add its value if it is valid."""
        self.records += 1
        value = None
        if self.explained >= MOST_OF_FILE and not step.accepts(record):
            self.unexplained += 1
        else:
            is_clean = isinstance(record, LazyRecord)  # the fast reader refuses forbidden characters
            value, problems = step.resolve_record(record, is_clean=is_clean)
            self.problems.extend(problems)
            self.explained += len(problems)
        if value is not None:
            if record.kind == "document":
                self.ids.append(value.id)
            self.add(value, where)
            return
        refused = record.value
        if isinstance(refused, dict) and isinstance(refused.get("id"), str):
            self.broken.append(refused["id"])
        if record.kind == "kb":
            self.invalid_metadata.append(refused)

    def part(self, *, unreadable: bool) -> Part:
        run = sorted_runs.pack(self.piece.kind, self.entries)
        problems, broken = tuple(self.problems), tuple(self.broken)
        return Part(run, self.records, problems, unreadable, broken, tuple(self.invalid_metadata), tuple(self.ids))


def read_part(piece: Piece) -> Part:
    """Read a piece as one part."""
    return next(read_parts(piece, sys.maxsize))


def read_parts(piece: Piece, most: int = SIZE) -> Iterator[Part]:
    """Read a piece as one or more parts, each of about ``most`` bytes of lines; errors become problems of the last one.

    A compressed file cannot be cut into pieces.
    """
    collector = _Collector(piece)
    problems: list[Problem] = []
    try:
        with text_file.report_as_input(piece.path):
            if piece.has_lines:
                for _ in _read_lines(piece, collector, problems, most):
                    yield collector.part(unreadable=False)
                    collector.clear()
            else:
                for index, record in enumerate(folder.read_file(Path(piece.path), piece.kind)):
                    collector.take(record, index)
    except KbError as error:
        problems.extend(error.problems)
    except OSError as error:
        problems.extend(boundary.unreadable_error(error, piece.path).problems)
    collector.problems.extend(problems)
    if collector.unexplained:
        rest = ", and what follows them," if collector.unexplained >= _MOST_UNEXPLAINED else ""
        collector.problems.append(make_omitted(piece.path, collector.unexplained, f"records with problems{rest}"))
    yield collector.part(unreadable=bool(problems))


def _read_lines(piece: Piece, collector: _Collector, problems: list[Problem], most: int) -> Iterator[None]:
    """Read JSON Lines; add errors to ``problems``, and yield whenever a part is large enough."""
    is_fact, path = piece.kind == "fact", piece.path
    long: list[Problem] = []
    is_empty, pause = True, piece.start + most
    for line in jsonlines.read_lines(Path(path), long, piece.start, piece.end):
        if len(problems) + len(long) >= text_file.MOST_PROBLEMS or collector.unexplained >= _MOST_UNEXPLAINED:
            break
        is_empty = False
        if line.offset >= pause:
            yield
            pause = line.offset + most
        if is_fact:
            fact = step.read_fact(line.data, piece.stem)
            if fact is not None:
                collector.records += 1
                collector.add(fact, line.offset)
                continue
        try:
            collector.take(_record(piece, line), line.offset)
        except KbError as error:
            problems.extend(error.problems)
    before = count_lines_before(path, piece.start) if long and piece.start else 0
    problems.extend(problem._replace(place=problem.place._replace(line=problem.place.line + before)) for problem in long)
    if is_empty and not problems and not piece.start:
        raise text_file.empty_error(path)


def _record(piece: Piece, line: jsonlines.Line) -> Record:
    """Read a line as a record; the places in it are read when they are needed."""
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
    """Read a record again with the strict reader, by the offset of its line or its index in the list of the file."""
    if not piece.has_lines:
        return _records(piece.kind, piece.path)[where]
    line = jsonlines.Line(jsonlines.read_line(piece.path, where), where, count_lines_before(piece.path, where) + 1)
    return jsonlines.parse_record(piece.kind, line, piece.path, piece.stem)


@lru_cache(maxsize=4)
def _records(kind: str, path: str) -> list[Record]:
    records: list[Record] = []
    with suppress(KbError):  # of single rows, which are reported already
        records.extend(folder.read_file(Path(path), kind))
    return records


def forget_reread() -> None:
    """Clear the cache of records that were read again, since files may have changed."""
    reread.cache_clear()
    _records.cache_clear()


def locate(kind: str, values: Iterable[tuple[Any, int]], piece: Piece) -> Iterator[Any]:
    """Attach records to values; of a kind that is not resolved, return the records."""
    if step.is_resolved(kind):
        return (value._replace(record=LazyRecord(piece, where)) for value, where in values)
    return (LazyRecord(piece, where, value) for value, where in values)
