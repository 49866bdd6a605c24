"""The blocks of a text: stretches that no sentence crosses."""

from __future__ import annotations

from typing import Literal, NamedTuple

BlockKind = Literal["heading", "paragraph", "item", "row"]


class Block(NamedTuple):
    """A block of a normal form: its kind, the code point at which it starts, and the code point before which it ends."""

    kind: BlockKind
    start: int
    end: int
