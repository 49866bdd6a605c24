"""Reads the elements of a markup language into blocks, by the roles that ``markup_roles.toml`` gives them.

A block is a line of the normal form. Inside a block, each run of spaces, tabs and line ends becomes one space, a break becomes
a line end, and tabs separate the cells of a table row. A table that holds other tables, or has one column and no header, is
layout: its cells are blocks. Roles are those of HTML elements where these have one; besides:

``outer``, ``outer-section``, ``section``
    The element surrounds sections or text. A section is one level deeper; outer ones hold no text themselves.
``deeper``, ``prefix``, ``note``, ``noteref``
    An item below its term; the label of the block that follows; a footnote, which becomes a paragraph after its block.
``inline``, ``block``, ``box``, ``header``, ``skip``
    Part of a line; a paragraph; one whose headings govern nothing else, such as an aside; the words around a heading; left out.
``quote``, ``lines``
    Words in quotation marks, which are not in the text; paragraphs that keep their line ends.

A heading governs no more where the element that holds it and other words ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice
from typing import NamedTuple, cast

from kb import resources
from kb.texts import marks
from kb.texts.block_lines import BlockLine, Flow, list_table_lines, place_lines
from kb.texts.blocks import Block
from kb.texts.tables import TableCell, TablePart, TableRow

_OUTER = frozenset(("outer", "outer-section", "section"))
_SILENT = frozenset(("skip", "inline", "outer"))
_LOINC = "2.16.840.1.113883.6.1"  # the OID of its code system
_MARKS = frozenset(("sup", "sub", "citation", "deleted", "inserted", "formula", "break", "noteref", "quote"))
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
        """Return the role of an element, or nothing; the look of a cell, heading or the like does not change what it is."""
        own = self.roles.get(f"{parent}/{element.name}") or self.roles.get(element.name, "")
        roles = self._list_roles(element)
        return next((role for role in roles if role == "skip" or own in {"", "inline"}), own)

    def find_change(self, element: Element) -> str:
        """Return whether an attribute says that what an element holds was ``deleted`` or ``inserted``, or nothing."""
        return next((role for role in self._list_roles(element) if role in {"deleted", "inserted"}), "")

    def _list_roles(self, element: Element) -> list[str]:
        return [
            role
            for name, pattern, role in self.attributes
            if name in element.attributes and pattern.search(element.attributes[name] or "")
        ]


@cache
def load_markup(name: str) -> Markup:
    """Load the roles of a markup language, by its name in ``markup_roles.toml``."""
    data = resources.markup_languages()
    parts = [data["html"], data[name]] if name == "fhir" else [data[name]]
    roles = {key: role for part in parts for role, keys in part["roles"].items() for key in keys.split()}
    patterns = [(key, re.compile(pattern), role) for part in parts for key, pattern, role in part.get("attributes", ())]
    return Markup(roles, tuple(patterns), data[name]["inside"], data[name]["outside"])


def read_line(markup: str, tokens: Iterable[Token]) -> str:
    """Return what the first element of tokens holds on one line, whatever its role."""
    words, _ = BlockReader(load_markup(markup), is_inside=True).read(islice(tokens, 1, None))
    return " ".join(words.split())


class _Open(NamedTuple):
    name: str
    role: str
    is_inside: bool
    at: int  # the number of pieces before it
    first: int = 0  # the number of lines before it
    change: str = ""  # that an attribute states beside its role


class BlockReader:
    """Reads tokens into the lines of a normal form."""

    def __init__(self, markup: Markup, notes: Mapping[str, int] | None = None, *, is_inside: bool = False) -> None:
        """Prepare for the tokens of a text, or of what is inside an element of it that has text.

        ``notes`` are the numbers of its footnotes by their ids.
        """
        self._markup = markup
        self._notes = notes or {}
        self._open = [_Open("", "block", is_inside=True, at=0)] if is_inside else []
        self._flows = [Flow()]
        self._tables: list[list[TableRow[BlockLine]]] = []
        self._part: TablePart = "body"
        self._depth = self._lists = self._struck = self._captions = self._noted = self._lined = 0
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
        return place_lines(self._flows[0].lines)

    def _read_text(self, text: str) -> None:
        opened = self._open[-1] if self._open else None
        if not opened or opened.role in {"skip", "formula"} or not opened.is_inside:
            return
        text = text.replace("\v", " ")  # a vertical tab marks a line end inside a block
        text = text.replace("\n", "\v") if self._lined else text
        flow = self._flows[-1]
        flow.add(marks.strike(text) if self._struck else text)
        flow.is_prefix = flow.is_prefix and not text.strip()

    def _start(self, element: Element) -> None:
        parent = self._open[-1] if self._open else _Open("", "", is_inside=False, at=0)
        role = "skip" if parent.role in {"skip", "formula"} else self._markup.find_role(element, parent.name)
        role = role or (self._markup.inside if parent.is_inside else self._markup.outside)
        flow = self._flows[-1]
        is_inside = parent.is_inside or role not in _OUTER | _SILENT
        change = "" if role == "skip" else self._markup.find_change(element)
        change = "" if change == role else change
        self._open.append(_Open(element.name, role, is_inside, len(flow.pieces), len(flow.lines), change))
        if element.name == "code" and parent.name == "section" and element.attributes.get("codeSystem") == _LOINC:
            self._code = f"LOINC:{element.attributes.get('code') or ''}"
        if role in _MARKS:
            self._begin_mark(role, element, flow)
        elif role in _FLOWS:
            self._begin_flow(role, element, flow)
        elif role not in _SILENT:
            self._begin_block(role, element, flow)
        if change:
            self._begin_mark(change, element, self._flows[-1])

    def _end(self, opened: _Open) -> None:
        role, flow = opened.role, self._flows[-1]
        if opened.change:
            self._end_mark(opened.change, opened.at, flow)
        if role in _MARKS:
            self._end_mark(role, opened.at, flow)
        elif role in _FLOWS:
            self._end_flow(opened, flow)
        elif role == "prefix":
            label = flow.cut(opened.at)
            flow.add(label if any(map(str.isalnum, label)) else "")  # else a bullet
            flow.is_prefix = not flow.is_blank
            flow.add(" ")
        elif role not in _SILENT:
            self._end_block(opened, flow)
            self._depth -= role in {"section", "outer-section"}
            if role in {"list", "deeper"}:
                self._lists -= 1
                flow.nest(self._lists)
            self._captions -= role == "caption"
            self._lined -= role == "lines"

    def _begin_block(self, role: str, element: Element, flow: Flow) -> None:
        if role in {"section", "outer-section"}:
            self._depth += 1
            self._code = ""
        if role in {"list", "deeper"}:
            flow.end()
            self._lists += 1
            flow.nest(self._lists)
        self._captions += role == "caption"
        self._lined += role == "lines"
        if role == "heading" and not self._captions:
            number = element.name[1:]
            flow.begin("heading", self._depth + (int(number) if number.isdigit() else 1), self._code)
            flow.add(element.attributes.get("value") or "")  # of FHIR
            self._code = ""
        elif role in {"item", "deeper"}:
            flow.begin("item", max(1, self._lists))
        else:
            flow.begin("caption" if self._captions else "paragraph")

    def _end_block(self, opened: _Open, flow: Flow) -> None:
        flow.end()
        if len(self._flows) == 1 and not self._tables:
            flow.add_lines(BlockLine("paragraph", 1, note) for note in flow.notes)
            flow.notes.clear()
        flow.close(opened.first, opened.role)

    def _begin_mark(self, role: str, element: Element, flow: Flow) -> None:
        if role == "break":
            flow.add("\v")
        elif role == "quote":
            flow.add(marks.QUOTED[0])
        elif role == "deleted":
            self._struck += 1
        elif role == "inserted":
            flow.add(marks.INSERTED[0])
            flow.is_prefix = True
        elif role == "formula" and not "".join(flow.pieces[-3:]).rstrip().endswith(marks.FORMULA):
            flow.add(marks.FORMULA)
        elif role == "noteref":
            flow.add(f"[{self._notes.get(element.attributes.get('IDREF') or '', '?')}]")

    def _end_mark(self, role: str, at: int, flow: Flow) -> None:
        if role in {"sup", "sub", "citation"}:
            inner = flow.cut(at)
            flow.add(marks.mark(role, inner, "".join(flow.pieces[-_BEFORE:])))
        elif role == "deleted":
            self._struck -= 1
        elif role == "quote":
            flow.add(marks.QUOTED[1])
        elif role == "inserted":
            flow.is_prefix = False
            if flow.lines and flow.is_blank:  # blocks were inserted
                flow.lines[-1].text += marks.INSERTED[1]
            else:
                flow.add(marks.INSERTED[1])

    def _begin_flow(self, role: str, element: Element, flow: Flow) -> None:
        if role == "note":
            self._noted += 1
            flow.add(f"[{self._noted}]")
            self._flows.append(Flow())
        elif role == "table":
            flow.end()
            self._tables.append([])
        elif role in {"head", "foot"}:
            self._part = cast("TablePart", role)
        elif self._tables and role == "row":
            self._tables[-1].append(TableRow(self._part, []))
        elif self._tables:
            rows, columns = (_read_span(element.attributes.get(name)) for name in ("rowspan", "colspan"))
            cell: TableCell[BlockLine] = TableCell(
                "", min(rows or _MOST_ROWS, _MOST_ROWS), min(columns or 1, _MOST_COLUMNS), role == "headcell"
            )
            self._tables[-1] = self._tables[-1] or [TableRow(self._part, [])]
            self._tables[-1][-1].cells.append(cell)
            self._flows.append(Flow())
        else:
            flow.begin("paragraph")

    def _end_flow(self, opened: _Open, flow: Flow) -> None:
        role = opened.role
        if role == "note":
            flow.end()
            self._flows.pop()
            self._flows[0].notes.append(f"[{self._noted}] " + " ".join(line.text for line in flow.lines))
        elif role in {"head", "foot"}:
            self._part = "body"
        elif role == "table":
            flow.end()
            flow.add_lines(list_table_lines(self._tables.pop(), flow.depth))
            self._end_block(opened, flow)
        elif role in {"cell", "headcell"} and len(self._flows) > 1:
            flow.end()
            flow.close(0, role)
            self._flows.pop()
            self._tables[-1][-1].cells[-1].lines = flow.lines


def _read_span(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() else 1
