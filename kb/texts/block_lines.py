"""The lines that a reader of markup makes, each with what its block is, and how they become a normal form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from kb.texts import marks
from kb.texts.blocks import Block, BlockKind
from kb.texts.tables import TableCell, TableRow, arrange, find_headers

_BLANKS = re.compile(r"[ \t\n\f\r]+")  # white space of the HTML standard, which keeps no-break spaces
# Headings up to this level govern on after the elements that hold them, by the roles of these: h1 in a div heads the page.
_LASTING = {"box": 0, "section": 0, "outer-section": 0, "header": 9}


@dataclass(slots=True)
class BlockLine:
    """A line of the normal form, which is a block; the values are those of :class:`kb.texts.blocks.Block`."""

    kind: BlockKind
    level: int
    text: str
    code: str = ""
    cells: Sequence[TableCell[BlockLine]] = ()
    ends: int = 0


@dataclass(slots=True)
class Flow:
    """The lines of the text, of a cell or of a note, and the pieces of the line that is being read."""

    lines: list[BlockLine] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    kind: BlockKind = "paragraph"
    depth: int = 1  # the level of the blocks of the innermost list that are no items
    level: int = 1
    code: str = ""
    blank: int = 0  # the number of blank pieces at the start, so that none is searched twice
    is_prefix: bool = False  # what was read belongs to the next block
    notes: list[str] = field(default_factory=list)
    headings: list[tuple[int, int]] = field(default_factory=list)  # the index and level of those that govern what comes next

    @property
    def is_blank(self) -> bool:
        """Whether the line has no words yet."""
        return self.blank == len(self.pieces)

    def add(self, text: str) -> None:
        """Add a piece of the line."""
        self.blank += self.is_blank and not text.strip()
        self.pieces.append(text)

    def cut(self, at: int) -> str:
        """Remove the pieces from an index on, and return what they say."""
        removed = "".join(self.pieces[at:])
        del self.pieces[at:]
        self.blank = min(self.blank, at)
        return removed

    def begin(self, kind: BlockKind, level: int = 0, code: str = "") -> None:
        """Begin a block; a paragraph at the start of an item or caption is part of that."""
        level = level or self.depth
        if self.is_prefix:
            kind, level = (kind, level) if self.kind == "paragraph" else (self.kind, self.level)
        elif kind != "paragraph" or not self.is_blank:
            self.end()
        else:
            kind, level = self.kind, self.level
        self.kind, self.level, self.code = kind, level, code

    def end(self) -> None:
        """End the current block."""
        text = join_pieces(self.cut(0))
        if text:
            self.add_lines([BlockLine(self.kind, self.level, text, self.code)])
        self.kind, self.level, self.code, self.is_prefix = "paragraph", self.depth, "", False

    def add_lines(self, lines: Iterable[BlockLine]) -> None:
        """Add lines."""
        for line in lines:
            if line.kind == "heading":
                self.headings.append((len(self.lines), line.level))
            self.lines.append(line)

    def close(self, first: int, role: str) -> None:
        """End the reach of the headings from a line on with the element that holds them, unless it holds nothing else."""
        is_wrapper = bool(self.headings) and self.headings[-1][0] == len(self.lines) - 1
        if is_wrapper and role not in {"section", "outer-section"}:
            return
        lasting, kept = _LASTING.get(role, 1), list[tuple[int, int]]()
        while self.headings and self.headings[-1][0] >= first:
            at, level = self.headings.pop()
            if level <= lasting:
                kept = [(at, level)]  # one is enough, since each is in the same elements
            else:
                self.lines[-1].ends = min(level, self.lines[-1].ends or level)
        self.headings += kept

    def nest(self, lists: int) -> None:
        """Note how many lists surround what follows."""
        self.depth = 1 + lists
        self.level = self.depth if self.kind == "paragraph" and self.is_blank else self.level


def join_pieces(text: str) -> str:
    """Return a line of the normal form, whose white space is one space, and whose breaks are line ends."""
    parts = (_BLANKS.sub(" ", part).strip(" ") for part in marks.join_fractions(text).split("\v"))
    return "\n".join(filter(None, parts))


def list_table_lines(rows: Sequence[TableRow[BlockLine]], level: int) -> Iterator[BlockLine]:
    """Yield the lines of a table: its rows, on the level of its surroundings, or the blocks of its cells if it is layout."""
    cells = [cell for row in rows for cell in row.cells]
    is_list = all(len(row.cells) <= 1 for row in rows) and not any(cell.is_header or cell.rows > 1 for cell in cells)
    if is_list or any(line.kind == "row" for cell in cells for line in cell.lines):
        yield from (line for cell in cells for line in cell.lines)
        return
    for cell in cells:
        cell.text = "\n".join(line.text for line in cell.lines).replace("\t", " ")
    notes = [row for row in rows if row.part == "foot" and len(row.cells) == 1]
    placed = arrange(row for row in rows if row not in notes)
    find_headers(placed)
    for row in placed:
        yield BlockLine("row", level, "\t".join(cell.text for cell in row.cells).strip("\t"), cells=row.cells)
    yield from (line for row in notes for line in row.cells[0].lines)


def place_lines(lines: Sequence[BlockLine]) -> tuple[str, list[Block]]:
    """Join lines to the normal form, and return it with its blocks."""
    starts = [0, *accumulate(len(line.text) + 1 for line in lines)]
    for line, start in zip(lines, starts, strict=False):
        at = start - next((index for index, cell in enumerate(line.cells) if cell.text), 0)  # tabs at the start are dropped
        for cell in line.cells:
            cell.start = at
            at += len(cell.text) + 1
    cells = [tuple(cell.locate() for cell in line.cells if cell.text) for line in lines]
    blocks = [
        Block(line.kind, start, start + len(line.text), 0, line.level, line.code, located, line.ends)
        for line, start, located in zip(lines, starts, cells, strict=False)
    ]
    return "".join(f"{line.text}\n" for line in lines), blocks
