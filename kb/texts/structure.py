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
from kb.texts.blocks import UNNUMBERED, Block
from kb.texts.lead_ins import LeadIns, begins_condition, begins_with_frequency, is_frequency, is_usual_title
from kb.texts.normal_form import Text
from kb.texts.tables import Cell

# A line of each page, such as the version of the text, and on how many pages it stands at least.
_PAGE_LINE, _PAGES = re.compile(r"[A-Z0-9][A-Z0-9 ./_-]{0,19}"), 3


def find_contexts(sentences: Sequence[Sentence], text: Text) -> Mapping[str, tuple[str, ...]]:
    """Return the sentences under which each sentence stands, the nearest first, by id.

    Args:
        sentences: The sentences of a record, in the order of the text.
        text: Their text, which tells where blocks begin.
    """
    starts = [block.start for block in text.blocks]
    numbered = ((max(0, bisect_right(starts, sentence.start) - 1), sentence) for sentence in sentences)
    groups = groupby(numbered, lambda pair: pair[0]) if starts else ()
    blocks = {at: [sentence for _, sentence in group] for at, group in groups}
    repeated = _find_page_lines((text.blocks[at] for at in blocks), text.words)
    kept: list[tuple[Block, list[Sentence]]] = []
    for at, block in enumerate(text.blocks):
        if at in blocks and text.words[block.start : block.end] not in repeated:
            kept.append((block, blocks[at]))
        elif block.ends and kept:
            before, above = kept[-1]
            kept[-1] = (before._replace(ends=min(block.ends, before.ends or block.ends)), above)
    contexts = {sentence.id: tuple[str, ...]() for sentence in sentences}
    return contexts | dict(_walk(kept, text.words))


def list_cells(sentences: Iterable[Sentence], text: Text) -> dict[str, tuple[Sentence, Cell]]:
    """Return the cells of rows with the sentence that each row is, by their names, such as ``s3.4[2]``."""
    cells = {block.start: block.cells for block in text.blocks}
    return {f"{row.id}[{at}]": (row, cell) for row in sentences for at, cell in enumerate(cells.get(row.start, ()), 1)}


def _walk(blocks: Sequence[tuple[Block, list[Sentence]]], words: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    headings: list[tuple[int, str]] = []
    graded: set[str] = set()  # the headings such as 'Rare side effects'
    announcing = ""  # and the sentence before the first of them: 'The following were reported if you take X for Y.'
    lead_ins, table = LeadIns(words), _TableContext()
    for at, (block, sentences) in enumerate(blocks):
        after = blocks[at + 1][0] if at + 1 < len(blocks) else None
        next_item = after.level if after and after.kind == "item" else 0
        title = words[block.start : block.end]
        is_title = block.kind == "heading" or sentences[0].is_heading
        if block.kind == "paragraph" and is_usual_title(title):
            headings = [pair for pair in headings if pair[0] < UNNUMBERED]  # 'If you forget to take X:' in a line of its own
        is_label = is_title and bool(next_item) and is_frequency(title)  # 'Rare' leads in a list of the section
        is_heading = is_title and not is_label
        if is_title:
            is_graded = begins_with_frequency(title)
            found = lead_ins.find_announcing() if is_heading and is_graded else ""
            ended = announcing if found or not is_graded else ""
            headings = [
                pair
                for pair in headings
                if pair[1] != ended and (pair[0] < block.level or (is_label and _is_above_label(pair, graded)))
            ]
            headings += [(block.level - 1, found)] if found else []
            announcing = found or announcing
        kind, level = ("paragraph", 1) if is_label else ("heading" if is_heading else block.kind, block.level)
        is_open = bool(next_item) and after is not None and begins_condition(words[after.start : after.end])
        above = lead_ins.add(kind, level, sentences, next_item, is_open=is_open)
        inherited = [*above, *table.add(block, sentences), *(name for _, name in reversed(headings))]
        for sentence in sentences:
            yield sentence.id, tuple(inherited)
        if is_heading:
            headings.append((block.level, sentences[0].id))
            graded |= {sentences[0].id} if begins_with_frequency(title) else set()
        if block.ends:
            headings = [pair for pair in headings if pair[0] < block.ends]


def _is_above_label(heading: tuple[int, str], graded: set[str]) -> bool:
    """Return whether the title of a section stands above a frequency in a line of its own, where neither has a number."""
    return heading[0] == UNNUMBERED and heading[1] not in graded


def _find_page_lines(blocks: Iterable[Block], words: str) -> frozenset[str]:
    """Return what stands on every page, such as 'V8': short lines in capitals or numbers that recur, and introduce nothing."""
    texts = (words[block.start : block.end] for block in blocks if block.kind in {"paragraph", "heading"})
    counts = Counter(text for text in texts if _PAGE_LINE.fullmatch(text))
    return frozenset(text for text, count in counts.items() if count >= _PAGES)


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
