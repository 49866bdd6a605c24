"""The context of sentences: the headings, lead-ins of lists and table headers under which they stand.

A sentence inherits what these say: an item "headache" under "Common side effects" is a common side effect.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from kb.document_parts import Sentence
from kb.texts.blocks import Block
from kb.texts.normal_form import Text
from kb.texts.tables import Cell

_FOOTNOTE = re.compile(r"\[\w{1,2}\]|[*†‡§^]")


def find_contexts(sentences: Sequence[Sentence], text: Text) -> Mapping[str, tuple[str, ...]]:
    """Return the sentences under which each sentence stands, the nearest first, by id.

    Args:
        sentences: The sentences of a record, in the order of the text.
        text: Their text, which tells where blocks begin.
    """
    starts = [block.start for block in text.blocks]
    numbered = ((max(0, bisect_right(starts, sentence.start) - 1), sentence) for sentence in sentences)
    groups = groupby(numbered, lambda pair: pair[0]) if starts else ()
    blocks = [(text.blocks[at], [sentence for _, sentence in group]) for at, group in groups]
    return dict(_walk(blocks, text.words))


def list_cells(sentences: Iterable[Sentence], text: Text) -> dict[str, tuple[Sentence, Cell]]:
    """Return the cells of rows with the sentence that each row is, by their names, such as ``s3.4[2]``."""
    cells = {block.start: block.cells for block in text.blocks}
    return {f"{row.id}[{at}]": (row, cell) for row in sentences for at, cell in enumerate(cells.get(row.start, ()), 1)}


def _walk(blocks: Sequence[tuple[Block, list[Sentence]]], words: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    headings: list[tuple[int, str]] = []
    lead_ins: list[tuple[int, str]] = []
    table = _TableContext()
    before = ""
    is_open = False
    for at, (block, sentences) in enumerate(blocks):
        is_before_items = at + 1 < len(blocks) and blocks[at + 1][0].kind == "item"
        first, last = sentences[0], sentences[-1]
        is_heading = block.kind == "heading" or first.is_heading
        introduces, is_open_again = block.kind == "paragraph" and _is_lead_in(words, last), _ends_open(words, last)
        is_line = (
            introduces and is_open and not is_open_again and before == "paragraph" and not is_before_items
        )  # below "Common:"
        if is_heading:
            headings = [pair for pair in headings if pair[0] < block.level]
            lead_ins = []
        elif block.kind == "item":
            lead_ins = [pair for pair in lead_ins if pair[0] < block.level]
        elif before != "paragraph" or (introduces and not is_line):
            lead_ins = lead_ins if before == "paragraph" and is_open_again and not is_open else []  # a title, then a lead-in
        inherited = (
            [name for _, name in reversed(lead_ins)] + table.add(block, sentences) + [name for _, name in reversed(headings)]
        )
        for sentence in sentences:
            yield sentence.id, tuple(inherited)
        if is_heading:
            headings.append((block.level, first.id))
        elif block.kind == "item":
            lead_ins.append((block.level, first.id))
        elif block.kind == "paragraph" and not is_line:
            lead_ins = [*lead_ins, (0, last.id)] if introduces else []
        before = "heading" if is_heading else block.kind
        is_open = is_open_again or is_line


class _TableContext:
    """The captions of the current table, and its rows by the positions of their cells."""

    def __init__(self) -> None:
        self._captions: list[str] = []
        self._rows: dict[int, str] = {}

    def add(self, block: Block, sentences: Sequence[Sentence]) -> list[str]:
        """Add a block of a table, and return the sentences above it; another block ends the table."""
        if block.kind != "row" and (block.kind != "caption" or self._rows):
            self._captions, self._rows = [], {}
        rows = [self._rows[start] for cell in block.cells for start, _ in cell.headers if start in self._rows]
        above = [*dict.fromkeys(rows), *self._captions] if block.kind == "row" else []
        self._rows |= {cell.start: sentences[0].id for cell in block.cells}
        self._captions += [sentence.id for sentence in sentences if block.kind == "caption"]
        return above


def _ends_open(words: str, sentence: Sentence) -> bool:
    """Return whether a sentence ends with a colon: what follows belongs to it, however short."""
    return words[sentence.start : sentence.end].rstrip().endswith((":", "："))


def _is_lead_in(words: str, sentence: Sentence) -> bool:
    """Return whether a sentence introduces what follows: it ends with a colon, or is a few words without a full stop."""
    text = words[sentence.start : sentence.end].rstrip()
    if _FOOTNOTE.match(text):
        return False
    return _ends_open(words, sentence) or (not text.endswith((".", "!", "?", ";", "。")) and len(text.split()) <= 12)
