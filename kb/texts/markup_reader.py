"""Reads the elements of a markup language into blocks, by the roles that ``markup_roles.toml`` gives them.

A block is a line of the normal form. Inside a block, each run of spaces, tabs and line ends becomes one space, a break becomes
a line end, and tabs separate the cells of a table row. A table that holds other tables, or has one column and no header, is
layout: its cells are blocks. Roles are those of HTML elements where these have one; besides:

``outer``, ``outer-section``, ``section``
    The element surrounds sections or text. A section is one level deeper; outer ones hold no text themselves.
``deeper``, ``prefix``, ``note``, ``noteref``
    An item below its term; the label of the block that follows; a footnote, which becomes a paragraph after its block.
``inline``, ``block``, ``skip``
    Part of a line; a paragraph; left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import NamedTuple, cast

from kb import resources
from kb.texts import marks
from kb.texts.blocks import Block, BlockKind
from kb.texts.tables import TableCell, TablePart, TableRow, arrange, find_headers

_BLANKS = re.compile(r"[ \t\n\f\r]+")  # white space of the HTML standard, which keeps no-break spaces
_OUTER = frozenset(("outer", "outer-section", "section"))
_SILENT = frozenset(("skip", "inline", "outer"))
_LOINC = "2.16.840.1.113883.6.1"  # the OID of its code system
_MARKS = frozenset(("sup", "sub", "citation", "deleted", "inserted", "formula", "break", "noteref"))
_FLOWS = frozenset(("table", "head", "foot", "row", "cell", "headcell", "note"))
_MOST_COLUMNS, _MOST_ROWS = 1_000, 65_534  # as in the HTML standard
_BEFORE = 50  # pieces that are searched for an open bracket


class Element(NamedTuple):
    """The start of an element, by its local name."""

    name: str
    attributes: Mapping[str, str | None]


#: An element that starts, a piece of text, or the end of the last open element.
Token = Element | str | None


class Markup(NamedTuple):
    """The roles of the elements of a markup language."""

    roles: Mapping[str, str]
    attributes: tuple[tuple[str, re.Pattern[str], str], ...]
    inside: str
    outside: str

    def find_role(self, element: Element, parent: str) -> str:
        """Return the role of an element, or nothing."""
        for name, pattern, role in self.attributes:
            if name in element.attributes and pattern.search(element.attributes[name] or ""):
                return role
        return self.roles.get(f"{parent}/{element.name}") or self.roles.get(element.name, "")


@cache
def load_markup(name: str) -> Markup:
    """Load the roles of a markup language, by its name in ``markup_roles.toml``."""
    data = resources.markup_languages()
    parts = [data["html"], data[name]] if name == "fhir" else [data[name]]
    roles = {key: role for part in parts for role, keys in part["roles"].items() for key in keys.split()}
    patterns = [(key, re.compile(pattern), role) for part in parts for key, pattern, role in part.get("attributes", ())]
    return Markup(roles, tuple(patterns), data[name]["inside"], data[name]["outside"])


@dataclass(slots=True)
class _Line:
    kind: BlockKind
    level: int
    text: str
    code: str = ""
    cells: Sequence[TableCell[_Line]] = ()


@dataclass(slots=True)
class _Flow:
    """The lines of the text, of a cell or of a note, and the pieces of the line that is being read."""

    lines: list[_Line] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    kind: BlockKind = "paragraph"
    depth: int = 1  # the level of the blocks of the innermost list that are no items
    level: int = 1
    code: str = ""
    blank: int = 0  # the number of blank pieces at the start, so that none is searched twice
    is_prefix: bool = False  # what was read belongs to the next block
    notes: list[str] = field(default_factory=list)

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
        text = _line(self.cut(0))
        if text:
            self.lines.append(_Line(self.kind, self.level, text, self.code))
        self.kind, self.level, self.code, self.is_prefix = "paragraph", self.depth, "", False

    def nest(self, lists: int) -> None:
        """Note how many lists surround what follows."""
        self.depth = 1 + lists
        self.level = self.depth if self.kind == "paragraph" and self.is_blank else self.level


class _Open(NamedTuple):
    name: str
    role: str
    is_inside: bool
    at: int  # the number of pieces before it


class BlockReader:
    """Reads tokens into the lines of a normal form."""

    def __init__(self, markup: Markup, notes: Mapping[str, int] | None = None) -> None:
        """Prepare for the tokens of a text; ``notes`` are the numbers of its footnotes by their ids."""
        self._markup = markup
        self._notes = notes or {}
        self._open: list[_Open] = []
        self._flows = [_Flow()]
        self._tables: list[list[TableRow[_Line]]] = []
        self._part: TablePart = "body"
        self._depth = self._lists = self._struck = self._captions = self._noted = 0
        self._code = ""

    def read(self, tokens: Iterable[Token]) -> tuple[str, list[Block]]:
        """Return the normal form and its blocks.

        Raises:
            StructureError: The cells of its tables span so many rows that repeating them would take too long.
        """
        for token in tokens:
            if isinstance(token, str):
                self._read_text(token)
            elif token is None:
                self._end(self._open.pop())
            else:
                self._start(token)
        self._flows[0].end()
        return _place(self._flows[0].lines)

    def _read_text(self, text: str) -> None:
        opened = self._open[-1] if self._open else None
        if not opened or opened.role in {"skip", "formula"} or not opened.is_inside:
            return
        text = text.replace("\v", " ")  # a vertical tab marks a line end inside a block
        flow = self._flows[-1]
        flow.add(marks.strike(text) if self._struck else text)
        flow.is_prefix = flow.is_prefix and not text.strip()

    def _start(self, element: Element) -> None:
        parent = self._open[-1] if self._open else _Open("", "", is_inside=False, at=0)
        role = "skip" if parent.role in {"skip", "formula"} else self._markup.find_role(element, parent.name)
        role = role or (self._markup.inside if parent.is_inside else self._markup.outside)
        flow = self._flows[-1]
        is_inside = parent.is_inside or role not in _OUTER | _SILENT
        self._open.append(_Open(element.name, role, is_inside, len(flow.pieces)))
        if element.name == "code" and parent.name == "section" and element.attributes.get("codeSystem") == _LOINC:
            self._code = f"LOINC:{element.attributes.get('code') or ''}"
        if role in _MARKS:
            self._begin_mark(role, element, flow)
        elif role in _FLOWS:
            self._begin_flow(role, element, flow)
        elif role not in _SILENT:
            self._begin_block(role, element, flow)

    def _end(self, opened: _Open) -> None:
        role, flow = opened.role, self._flows[-1]
        if role in _MARKS:
            self._end_mark(role, opened.at, flow)
        elif role in _FLOWS:
            self._end_flow(role, flow)
        elif role == "prefix":
            label = flow.cut(opened.at)
            flow.add(label if any(map(str.isalnum, label)) else "")  # else a bullet
            flow.is_prefix = not flow.is_blank
            flow.add(" ")
        elif role not in _SILENT:
            self._end_block(flow)
            self._depth -= role in {"section", "outer-section"}
            if role in {"list", "deeper"}:
                self._lists -= 1
                flow.nest(self._lists)
            self._captions -= role == "caption"

    def _begin_block(self, role: str, element: Element, flow: _Flow) -> None:
        if role in {"section", "outer-section"}:
            self._depth += 1
            self._code = ""
        if role in {"list", "deeper"}:
            flow.end()
            self._lists += 1
            flow.nest(self._lists)
        self._captions += role == "caption"
        if role == "heading" and not self._captions:
            number = element.name[1:]
            flow.begin("heading", self._depth + (int(number) if number.isdigit() else 1), self._code)
            flow.add(element.attributes.get("value") or "")  # of FHIR
            self._code = ""
        elif role in {"item", "deeper"}:
            flow.begin("item", max(1, self._lists))
        else:
            flow.begin("caption" if self._captions else "paragraph")

    def _end_block(self, flow: _Flow) -> None:
        flow.end()
        if len(self._flows) == 1 and not self._tables:
            flow.lines.extend(_Line("paragraph", 1, note) for note in flow.notes)
            flow.notes.clear()

    def _begin_mark(self, role: str, element: Element, flow: _Flow) -> None:
        if role == "break":
            flow.add("\v")
        elif role == "deleted":
            self._struck += 1
        elif role == "inserted":
            flow.add(marks.INSERTED[0])
            flow.is_prefix = True
        elif role == "formula" and not "".join(flow.pieces[-3:]).rstrip().endswith(marks.FORMULA):
            flow.add(marks.FORMULA)
        elif role == "noteref":
            flow.add(f"[{self._notes.get(element.attributes.get('IDREF') or '', '?')}]")

    def _end_mark(self, role: str, at: int, flow: _Flow) -> None:
        if role in {"sup", "sub", "citation"}:
            inner = flow.cut(at)
            flow.add(marks.mark(role, inner, "".join(flow.pieces[-_BEFORE:])))
        elif role == "deleted":
            self._struck -= 1
        elif role == "inserted":
            flow.is_prefix = False
            if flow.lines and flow.is_blank:  # blocks were inserted
                flow.lines[-1].text += marks.INSERTED[1]
            else:
                flow.add(marks.INSERTED[1])

    def _begin_flow(self, role: str, element: Element, flow: _Flow) -> None:
        if role == "note":
            self._noted += 1
            flow.add(f"[{self._noted}]")
            self._flows.append(_Flow())
        elif role == "table":
            flow.end()
            self._tables.append([])
        elif role in {"head", "foot"}:
            self._part = cast("TablePart", role)
        elif self._tables and role == "row":
            self._tables[-1].append(TableRow(self._part, []))
        elif self._tables:
            rows, columns = (_read_span(element.attributes.get(name)) for name in ("rowspan", "colspan"))
            cell: TableCell[_Line] = TableCell(
                "", min(rows or _MOST_ROWS, _MOST_ROWS), min(columns or 1, _MOST_COLUMNS), role == "headcell"
            )
            self._tables[-1] = self._tables[-1] or [TableRow(self._part, [])]
            self._tables[-1][-1].cells.append(cell)
            self._flows.append(_Flow())
        else:
            flow.begin("paragraph")

    def _end_flow(self, role: str, flow: _Flow) -> None:
        if role == "note":
            flow.end()
            self._flows.pop()
            self._flows[0].notes.append(f"[{self._noted}] " + " ".join(line.text for line in flow.lines))
        elif role in {"head", "foot"}:
            self._part = "body"
        elif role == "table":
            flow.end()
            flow.lines.extend(_list_lines(self._tables.pop(), flow.depth))
            self._end_block(flow)
        elif role in {"cell", "headcell"} and len(self._flows) > 1:
            flow.end()
            self._flows.pop()
            self._tables[-1][-1].cells[-1].lines = flow.lines


def _read_span(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() else 1


def _line(text: str) -> str:
    """Return a line of the normal form, whose white space is one space, and whose breaks are line ends."""
    parts = (_BLANKS.sub(" ", part).strip(" ") for part in marks.join_fractions(text).split("\v"))
    return "\n".join(filter(None, parts))


def _list_lines(rows: Sequence[TableRow[_Line]], level: int) -> Iterator[_Line]:
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
        yield _Line("row", level, "\t".join(cell.text for cell in row.cells).strip("\t"), cells=row.cells)
    yield from (line for row in notes for line in row.cells[0].lines)


def _place(lines: Sequence[_Line]) -> tuple[str, list[Block]]:
    """Join lines to the normal form, and return it with its blocks."""
    starts = [0, *accumulate(len(line.text) + 1 for line in lines)]
    for line, start in zip(lines, starts, strict=False):
        at = start - next((index for index, cell in enumerate(line.cells) if cell.text), 0)  # tabs at the start are dropped
        for cell in line.cells:
            cell.start = at
            at += len(cell.text) + 1
    cells = [tuple(cell.locate() for cell in line.cells if cell.text) for line in lines]
    blocks = [
        Block(line.kind, start, start + len(line.text), 0, line.level, line.code, located)
        for line, start, located in zip(lines, starts, cells, strict=False)
    ]
    return "".join(f"{line.text}\n" for line in lines), blocks
