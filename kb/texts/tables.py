"""The cells of tables, and the headers under which each stands.

A cell that spans several rows stands in each of them. Its headers are the cells of the header rows over its columns, the
header of its row, and the last row before it that has a single cell, such as "Nervous system disorders".
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, NamedTuple, TypeVar

Span = tuple[int, int]
Line = TypeVar("Line")

_NUMBER = re.compile(r"[<>≤≥~±+−-]?\s*\d[\d\s.,/()%±–-]*(?:\^?[a-z*†]|\[\w+\])?")
# How much the cells that span rows may repeat, and how many headers of each sort a cell has at most.
_MOST_REPEATED, _COST = 20_000_000, 40
_MOST_HEADER_ROWS, _MOST_ABOVE, _MOST_LABELS = 10, 20, 3


class Cell(NamedTuple):
    """A cell of a row: its span of code points, and the spans of its headers, the most general first."""

    start: int
    end: int
    headers: tuple[Span, ...] = ()


TablePart = Literal["head", "body", "foot"]


class StructureError(ValueError):
    """A text whose elements would take too much time or memory."""


@dataclass(slots=True, eq=False)
class TableCell(Generic[Line]):
    """A cell while its table is read: its lines and text, its place in the grid, and where its text starts in the normal form."""

    text: str
    rows: int = 1
    columns: int = 1
    is_header: bool = False
    column: int = 0
    start: int = 0
    lines: list[Line] = field(default_factory=list)
    headers: list[TableCell[Line]] = field(default_factory=list)

    def locate(self) -> Cell:
        """Return its position, when those of all cells are known."""
        spans = ((header.start, header.start + len(header.text)) for header in self.headers)
        return Cell(self.start, self.start + len(self.text), tuple(spans))


class TableRow(NamedTuple, Generic[Line]):
    """A row of a table, and the part of the table that it belongs to."""

    part: TablePart
    cells: list[TableCell[Line]]


def arrange(rows: Iterable[TableRow[Line]]) -> list[TableRow[Line]]:
    """Place cells in the columns of a grid, repeat those that span rows, and return the rows that have text.

    Raises:
        StructureError: The cells that span rows would have to be repeated too often.
    """
    arranged: list[TableRow[Line]] = []
    carried: list[TableCell[Line]] = []  # cells of rows before that reach into this one
    repeated = 0
    for row in rows:
        placed: list[TableCell[Line]] = []
        waiting, column = carried, 0
        for cell in [*row.cells, None]:
            while waiting and (cell is None or waiting[0].column <= column):
                above, waiting = waiting[0], waiting[1:]
                placed.append(TableCell(above.text, above.rows - 1, above.columns, above.is_header, above.column))
                column = max(column, above.column + above.columns)
                repeated += _COST + len(above.text)
            if cell is not None:
                cell.column = column
                column += cell.columns
                placed.append(cell)
        if repeated > _MOST_REPEATED:
            message = f"Cells that span rows repeat more than {_MOST_REPEATED:,} characters."
            raise StructureError(message)
        carried = [cell for cell in placed if cell.rows > 1]
        if any(cell.text for cell in placed):
            arranged.append(TableRow(row.part, placed))
    return arranged


def find_headers(rows: Sequence[TableRow[Line]]) -> None:
    """Set the headers of each cell of a table whose cells are placed."""
    heads = _count_header_rows(rows)
    group: list[TableCell[Line]] = []
    is_wide = any(sum(bool(cell.text) for cell in row.cells) > 1 for row in rows[heads:])
    for at, row in enumerate(rows):
        filled = [cell for cell in row.cells if cell.text]
        if at >= heads and len(filled) == 1 and is_wide:
            group = filled
            continue
        label = ([cell for cell in filled if cell.is_header] or filled[:1])[:_MOST_LABELS] if at >= heads else []
        for cell in filled:
            above = [head for other in rows[: min(at, heads)] for head in _find_above(other, cell)]
            beside = [other for other in label if other.column < cell.column]
            cell.headers = list({header.text: header for header in (*above, *group, *beside)}.values())


def _count_header_rows(rows: Sequence[TableRow[Line]]) -> int:
    """Count the header rows: those of the head, else those at the top of header cells alone, else a first over numbers."""
    heads = sum(row.part == "head" for row in rows)
    if not heads:
        while heads < len(rows) and all(cell.is_header for cell in rows[heads].cells if cell.text):
            heads += 1
    if 0 < heads < len(rows):
        return min(heads, _MOST_HEADER_ROWS)
    below: dict[int, bool] = {}  # whether a column holds nothing but numbers
    for cell in (cell for row in rows[1:] for cell in row.cells if cell.text):
        below[cell.column] = below.get(cell.column, True) and bool(_NUMBER.fullmatch(cell.text))
    first = (cell for cell in rows[0].cells if cell.column and cell.text) if rows else ()
    return int(any(below.get(cell.column) and not _NUMBER.fullmatch(cell.text) for cell in first))


def _find_above(row: TableRow[Line], cell: TableCell[Line]) -> Iterator[TableCell[Line]]:
    """Yield the cells of a header row over the columns of a cell."""
    first = max(0, bisect_right(row.cells, cell.column, key=lambda head: head.column) - 1)
    for head in row.cells[first : first + _MOST_ABOVE]:
        if head.text and head.column < cell.column + cell.columns and cell.column < head.column + head.columns:
            yield head
