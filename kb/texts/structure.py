"""The context of sentences: the headings, lead-ins of lists and table headers under which they stand.

A sentence inherits what these say: an item "headache" under "Common side effects" is a common side effect.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from kb.document_parts import Sentence
from kb.texts.blocks import Block
from kb.texts.normal_form import Text
from kb.texts.tables import Cell

_ANNOUNCES = re.compile(r"\b(?:following|below|folgende[nr]?|unten|suivante?s?|ci-dessous)\b", re.IGNORECASE)
# How many words a lead-in has without a colon, elsewhere and right before items, and one that says nothing: 'For example:'.
_FEW, _LONG, _SHORT = 12, 25, 3
# A line of each page, such as the version of the text, and on how many pages it stands at least.
_PAGE_LINE, _PAGES = re.compile(r"[A-Z0-9][A-Z0-9 ./_-]{0,19}"), 3
# The depth at which an item of level 1 is open: lead-ins before lists have 0, those inside the item one more.
_ITEM = 2
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
    repeated = _find_page_lines(blocks, text.words)
    contexts = {sentence.id: tuple[str, ...]() for sentence in sentences}
    return contexts | dict(
        _walk([pair for pair in blocks if text.words[pair[0].start : pair[0].end] not in repeated], text.words)
    )


def list_cells(sentences: Iterable[Sentence], text: Text) -> dict[str, tuple[Sentence, Cell]]:
    """Return the cells of rows with the sentence that each row is, by their names, such as ``s3.4[2]``."""
    cells = {block.start: block.cells for block in text.blocks}
    return {f"{row.id}[{at}]": (row, cell) for row in sentences for at, cell in enumerate(cells.get(row.start, ()), 1)}


def _walk(blocks: Sequence[tuple[Block, list[Sentence]]], words: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    headings: list[tuple[int, str]] = []
    lead_ins, table = _LeadIns(words), _TableContext()
    for at, (block, sentences) in enumerate(blocks):
        is_before_items = at + 1 < len(blocks) and blocks[at + 1][0].kind == "item"
        is_heading = block.kind == "heading" or sentences[0].is_heading
        if is_heading:
            headings = [pair for pair in headings if pair[0] < block.level]
        above = lead_ins.add("heading" if is_heading else block.kind, block.level, sentences, is_before_items=is_before_items)
        inherited = [*above, *table.add(block, sentences), *(name for _, name in reversed(headings))]
        for sentence in sentences:
            yield sentence.id, tuple(inherited)
        if is_heading:
            headings.append((block.level, sentences[0].id))


def _find_page_lines(blocks: Iterable[tuple[Block, list[Sentence]]], words: str) -> frozenset[str]:
    """Return what stands on every page, such as 'V8': short lines in capitals or numbers that recur, and introduce nothing."""
    texts = (words[block.start : block.end] for block, _ in blocks if block.kind in {"paragraph", "heading"})
    counts = Counter(text for text in texts if _PAGE_LINE.fullmatch(text))
    return frozenset(text for text, count in counts.items() if count >= _PAGES)


class _LeadIns:
    """The lead-ins and items under which the next block stands, the outermost first.

    A lead-in such as 'These were reported:' stays above the lead-ins 'Common:' and 'Rare:' below it, each with its own items.
    """

    def __init__(self, words: str) -> None:
        self._words = words
        self._open: list[tuple[int, str]] = []
        self._outer: list[tuple[int, str]] = []
        self._before = ""
        self._is_open = False

    def add(self, kind: str, level: int, sentences: Sequence[Sentence], *, is_before_items: bool) -> list[str]:
        """Add a block, and return the sentences above it, the nearest first."""
        if kind not in {"heading", "item"} and level > 1:
            return self._add_inside(level - 1, sentences, is_before_items=is_before_items)
        last = sentences[-1]
        is_open_again = _ends_open(self._words, last)
        introduces = kind == "paragraph" and self._introduces(last, is_before_items=is_before_items)
        is_after = self._before == "paragraph"
        is_line = introduces and self._is_open and not is_open_again and is_after and not is_before_items  # below "Common:"
        if kind == "heading":
            self._open = []
        elif kind == "item":
            self._open = [pair for pair in self._open if pair[0] < _ITEM * level]
        elif not is_after or (introduces and not is_line):
            is_below = is_after and (is_before_items if self._is_open else is_open_again)  # a lead-in or title, then a lead-in
            self._open = self._open if is_below else self._outer if introduces and self._before == "item" else []
        above = [name for _, name in reversed(self._open)]
        if kind == "item":
            self._open += [(_ITEM * level, one.id) for at, one in enumerate(sentences) if not at or _ends_open(self._words, one)]
        elif kind == "paragraph" and not is_line:
            self._open = [*self._open, *self._lead(sentences)] if introduces else []
        if kind == "heading" or (kind == "paragraph" and not introduces):
            self._outer = []
        elif introduces and above and is_after:
            self._outer = self._open[:1]
        self._before, self._is_open = kind, is_open_again or is_line
        return above

    def _add_inside(self, level: int, sentences: Sequence[Sentence], *, is_before_items: bool) -> list[str]:
        """Add a block that stands inside an item, below what it says itself; it can lead in items of its own."""
        self._open = [pair for pair in self._open if pair[0] <= _ITEM * level]
        above = [name for _, name in reversed(self._open)]
        if self._introduces(sentences[-1], is_before_items=is_before_items):
            self._open += [(_ITEM * level + 1, name) for _, name in self._lead(sentences)]
        self._before, self._is_open = "item", False
        return above

    def _introduces(self, sentence: Sentence, *, is_before_items: bool) -> bool:
        """Return whether the last sentence of a paragraph introduces what follows."""
        is_announcing = is_before_items and bool(_ANNOUNCES.search(self._words, sentence.start, sentence.end))
        return is_announcing or _is_lead_in(self._words, sentence, _LONG if is_before_items else _FEW)

    def _lead(self, sentences: Sequence[Sentence]) -> list[tuple[int, str]]:
        """Return the sentences of a paragraph that introduce what follows: the last, and the one before 'For example:'."""
        is_short = len(self._words[sentences[-1].start : sentences[-1].end].split()) <= _SHORT
        return [(0, sentence.id) for sentence in sentences[-2 if is_short else -1 :]]


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


def _is_lead_in(words: str, sentence: Sentence, most: int) -> bool:
    """Return whether a sentence introduces what follows: it ends with a colon, or is a few words without a full stop."""
    text = words[sentence.start : sentence.end].rstrip()
    if _FOOTNOTE.match(text):
        return False
    return _ends_open(words, sentence) or (not text.endswith((".", "!", "?", ";", "。")) and len(text.split()) <= most)
