"""The blocks of a text: headings, paragraphs, list items, table rows and captions, which no sentence crosses."""

from __future__ import annotations

from typing import Literal, NamedTuple

from kb.texts.tables import Cell

BlockKind = Literal["heading", "paragraph", "item", "row", "caption"]


#: The level of a heading of plain text without a number, which is below those of numbered headings, whatever their depth.
UNNUMBERED = 9


class Block(NamedTuple):
    """A block of a normal form: its kind, and the span of its code points.

    ``number`` is how many characters the number takes with which a block of plain text starts, until it is cut off. ``level``
    is the level of a heading, from 1, or how deep an item is nested in lists; other blocks inside an item are one deeper.
    ``code`` is the code of the section that a heading begins, such as ``LOINC:34067-9``. ``cells`` are those of a row that have
    text. Headings of level ``ends`` and below govern nothing after the block, if that is not 0: the element that holds them ends.
    """

    kind: BlockKind
    start: int
    end: int
    number: int = 0
    level: int = 1
    code: str = ""
    cells: tuple[Cell, ...] = ()
    ends: int = 0
