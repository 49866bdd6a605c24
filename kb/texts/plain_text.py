"""The blocks of plain text: headings, paragraphs, list items and table rows, recognised by their layout.

The text is not changed. The blocks are a proposal: the curator sees them in the document's record and can move every
boundary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

from kb.resources import language_data
from kb.texts.blocks import UNNUMBERED, Block
from kb.texts.lead_ins import is_frequency
from kb.texts.tables import TableCell, TableRow, arrange, find_headers

_LINE = re.compile("^.*$", re.MULTILINE)
_BULLET = re.compile(r"\s*(?:[•◦▪▫‣⁃∙●○■□–—*+-]|o(?=[ \t]))[ \t]+(?=\S)")
_NUMBER = re.compile(r"\s*(?:[•◦▪▫‣●][ \t]*)?(?P<number>\(?\d{1,3}(?:\.\d{1,3})*[.)])(?!\d)[ \t]*(?=\S)")
_SECTION_NUMBER = re.compile(r"\s*\d{1,3}(?:\.\d{1,3})*[.)]?[ \t]+")
_RULE = re.compile(r"[\s=~_*#|+:.-]+")
_UNDERLINE = re.compile(r"\s*([=~-])\1{2,}\s*")
_GAPS = re.compile(r"\S(?:\t| {3,}| *\| *)\S|^\s*\|")
_CELL = re.compile(r"[^\s|](?:(?! {3,}|\t| *\|).)*")
_STOPS = (".", "!", "?", "…", ":", ";", *"。！？：；।॥؟۔։።፧។။")
_INNER_STOP = re.compile("[。！？।॥؟۔።]")  # inside of a line: it has several sentences
_LABELLED = re.compile(r"[^\W\d_a-z][^:：\n]{2,60}[:：]\s+\S")  # "Very common (may affect more than 1 in 10): headache"
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_LONGEST_HEADING, _LONGEST_UNSPACED_HEADING = 100, 30
_CLOSERS = "\"'”’»)]*_"
# Words in lower case that may stand between the capitalised words of a heading.
_LOWER_CASE = re.compile(
    "an?|and|as|at|but|by|for|from|if|in|into|its|nor|of|off|on|or|per|the|to|up|via|vs|with|your"
    "|y|de|la|el|los|del|e|o|und|der|die|das|von|zu|im|für|et|du|des|les|le|à|aux?|en"
)
_WORD = re.compile(r"[^\W\d_](?:[\w'’.-]*\w)?")
_MOST_HEADING_WORDS = 12
# So many lines of a list have no marks, at least.
_FEWEST_UNMARKED = 2
# A line of so many characters is not wrapped: in a text with several such lines, each line is a block.
_WIDEST = 150
# So many lines before one that begins in lower case tell how wide the lines of a wrapped text are.
_FEWEST_WRAPPED = 3
_DIGITS = re.compile(r"\d+")
_SHORT_TITLE = re.compile(r"(?=[^\W\d_a-z])(?:[\w'’-]+ ){0,4}[\w'’-]+:")  # 'Blood tests may show:'
# So many columns further right than the item before it, an item is inside that item.
_INDENTED = 2


class _Layout(NamedTuple):
    """How long the lines of a text are, if that is known, and whether they were wrapped; if not, each is a block."""

    width: int
    is_wrapped: bool


class _Line(NamedTuple):
    text: str
    start: int

    def span(self, skipped: int = 0) -> tuple[int, int]:
        """Return the span of the words, after a number of skipped characters."""
        inner = self.text[skipped:]
        left = skipped + len(inner) - len(inner.lstrip())
        return self.start + left, self.start + len(self.text.rstrip())


def find_blocks(text: str) -> list[Block]:
    """Return the blocks of a text."""
    lines = [_Line(match[0], match.start()) for match in _LINE.finditer(text)]
    layout = _find_layout(lines)
    groups = (list(group) for is_blank, group in groupby(lines, lambda line: not line.text.strip()) if not is_blank)
    pieces = [piece for group in groups for piece in _find_cells(_pieces(group, layout), text)]
    return _nest_items(text, [block._replace(level=_heading_level(text, block)) for block in _split_headings(text, pieces)])


def _find_layout(lines: list[_Line]) -> _Layout:
    """Return how a text is laid out; lines before one in lower case tell how wide the lines of a wrapped text are."""
    long = [line for line in lines if len(line.text) > _WIDEST]
    wrapped = [len(line.text) for line, after in pairwise(lines) if line.text.strip() and after.text.lstrip()[:1].islower()]
    width = round(median(wrapped)) if len(wrapped) >= _FEWEST_WRAPPED else 0
    return _Layout(width, is_wrapped=len(long) <= max(1, len(lines) // 50))


def _nest_items(text: str, blocks: list[Block]) -> list[Block]:
    """Set the levels of items: one further right than another, or with a mark of its own after a colon, is inside the other.

    An item in lower case after one with a capital and a colon is inside it too: 'Bleeding:', 'from the nose'.
    """
    outer: list[tuple[int, str]] = []
    nested: list[Block] = []
    for block in blocks:
        if block.kind != "item":
            outer = []
            nested.append(block)
            continue
        before = text[text.rfind("\n", 0, block.start) + 1 : block.start].expandtabs()
        column, mark = len(before) - len(before.lstrip()), _DIGITS.sub("1", before.strip())
        is_below_title = _SHORT_TITLE.fullmatch(text[nested[-1].start : nested[-1].end]) if outer else None
        if outer and text[block.start].islower() and (is_below_title or outer[-1][1] == f"{mark}a"):
            mark += "a"
        while len(outer) > 1 and column + _INDENTED <= outer[-1][0]:
            outer.pop()
        is_inside = bool(outer) and (
            column >= outer[-1][0] + _INDENTED
            or (mark not in {known for _, known in outer} and text[: block.start - len(before)].rstrip().endswith(":"))
        )
        if not is_inside and mark in {known for _, known in outer}:
            while outer[-1][1] != mark:
                outer.pop()
        outer = [*outer, (column, mark)] if is_inside or not outer else [*outer[:-1], (column, mark)]
        nested.append(block._replace(level=len(outer)))
    return nested


def _heading_level(text: str, block: Block) -> int:
    """Return the level of a heading by the depth of its number; 1 for other blocks."""
    if block.kind != "heading":
        return 1
    number = _SECTION_NUMBER.match(text[block.start : block.end])
    return number[0].strip().rstrip(".)").count(".") + 1 if number else UNNUMBERED


def _find_cells(pieces: Iterable[Block], text: str) -> Iterator[Block]:
    """Set the cells of rows; rows in sequence are a table."""
    for is_table, run in groupby(pieces, lambda piece: piece.kind == "row"):
        blocks = list(run)
        rows: list[TableRow[None]] = []
        for block in blocks if is_table else ():
            cells = [
                TableCell[None](match[0], start=block.start + match.start())
                for match in _CELL.finditer(text[block.start : block.end])
            ]
            rows.append(TableRow("body", cells))
        rows = arrange(rows)
        find_headers(rows)
        yield from (
            block._replace(cells=tuple(cell.locate() for cell in row.cells)) for block, row in zip(blocks, rows, strict=False)
        )
        yield from blocks[len(rows) :]


def _pieces(group: list[_Line], layout: _Layout) -> Iterator[Block]:
    """Divide a group of lines into blocks."""
    layout = layout._replace(width=max(layout.width, *(len(line.text) for line in group)))
    unmarked = _find_unmarked_items(group, layout)
    current: Block | None = None
    for index, line in enumerate(group):
        if _RULE.fullmatch(line.text):
            continue
        before = group[index - 1] if index else None
        started = Block("item", *line.span()) if index in unmarked else _start_block(group, index, before, layout)
        if started is None and current is not None and before is not None and _continues(current, before, line, layout):
            current = current._replace(end=line.span()[1])
            continue
        if current is not None:
            yield current
        current = started or Block("paragraph", *line.span())
        if current.kind in {"heading", "row"}:
            yield current
            current = None
    if current is not None:
        yield current


def _find_unmarked_items(group: list[_Line], layout: _Layout) -> set[int]:
    """Return the lines that are items of a list without marks: several short lines below one that ends with a colon.

    A line that ends like a sentence is none of them, and neither are the lines of a wrapped sentence.
    """
    found = set[int]()
    for index, line in enumerate(group):
        run = index + 1
        if not line.text.rstrip().endswith((":", "：")) and not is_frequency(line.text):
            continue
        while run < len(group) and _is_unmarked_item(group, run) and not _is_full(group[run - 1], group[run], layout):
            run += 1
        found.update(range(index + 1, run) if run - index > _FEWEST_UNMARKED else ())
    return found


def _is_unmarked_item(group: list[_Line], index: int) -> bool:
    """Return whether a line is short, or one of those that end with semicolons; the last of them can end with a full stop."""
    text, before = group[index].text.rstrip(), group[index - 1].text.rstrip()
    is_marked = _is_item(text) or is_frequency(text)
    return _is_short(text) or (not is_marked and text.endswith((";", "." if before.endswith(";") else ";")))


def _is_short(text: str) -> bool:
    """Return whether a line is a few words without a mark before them or a stop after them, as items are."""
    is_marked = _is_item(text) or _has_gaps(text) or _RULE.fullmatch(text) or _LABELLED.match(text) or is_frequency(text)
    return not (is_marked or _ends(text) or text.rstrip().endswith(",")) and len(text.split()) <= _MOST_HEADING_WORDS


def _start_block(group: list[_Line], index: int, before: _Line | None, layout: _Layout) -> Block | None:
    """Return the block that a line starts by its own layout, if it does."""
    line = group[index]
    after = group[index + 1] if index + 1 < len(group) else None
    neighbours = [neighbour for neighbour in (before, after) if neighbour is not None]
    if _has_gaps(line.text) and ("\t" in line.text.strip() or any(_has_gaps(neighbour.text) for neighbour in neighbours)):
        return Block("row", *line.span())
    free = before is None or _ends(before.text) or _is_item(before.text) or not layout.is_wrapped
    if match := _NUMBER.match(line.text) if free else None:
        start = line.start + match.start("number")
        is_section = after is None or not (_is_item(after.text) or (before and _NUMBER.match(before.text)))
        if is_section and _looks_like_heading(line.text[match.end() :]) and not (after and _continues_line(line, after, layout)):
            return Block("heading", start, line.span()[1])
        return Block("item", start, line.span()[1], line.start + match.end() - start)
    leads = after is not None and bool(_BULLET.match(after.text))  # "Common: may affect up to 1 in 10 people" above its items
    is_labelled = not leads and sum(bool(_LABELLED.match(one.text)) for one in group[max(0, index - 3) : index + 4]) > 1
    if match := _BULLET.match(line.text) or (_LABELLED.match(line.text, 0, 0 if not is_labelled else len(line.text))):
        return Block("item", *line.span(match.end() if match.re is _BULLET else 0))
    underlined = after is not None and _UNDERLINE.fullmatch(after.text)
    alone = (after is None and before is None) or (
        after is not None and after.text.lstrip()[:1].isupper() and len(line.text) < 0.7 * len(after.text)
    )
    is_asking = _asks(line.text) and not (before and before.text.rstrip().endswith(":"))
    alone = alone or (is_asking and after is not None and (_ends(after.text) or _is_item(after.text)))
    is_before_text = is_asking or not _BULLET.match(after.text if after else "")
    if (underlined or (free and alone and is_before_text)) and _looks_like_heading(line.text):
        return Block("heading", *line.span())
    is_lead_in = is_frequency(line.text) or (leads and _LABELLED.match(line.text))
    return Block("paragraph", *line.span()) if is_lead_in else None


def _is_item(text: str) -> bool:
    """Return whether a line begins as the items of lists do."""
    return bool(_BULLET.match(text) or _NUMBER.match(text))


def _has_gaps(text: str) -> bool:
    """Return whether gaps divide a line into cells; that after a bullet or number does not."""
    mark = _BULLET.match(text) or _NUMBER.match(text)
    return bool(_GAPS.search(text, mark.end() if mark and "\t" not in mark[0] else 0))


def _looks_like_heading(text: str) -> bool:
    """Return whether a line could be a heading: short, starting with a capital or number, not ending like a sentence."""
    words = text.strip()
    longest = _LONGEST_UNSPACED_HEADING if _UNSPACED.search(words) else _LONGEST_HEADING
    if not words or words.endswith(",") or _INNER_STOP.search(words) or (_ends(words) and not _asks(words)):
        return False
    if len(words) > longest or len(words.split()) > _MOST_HEADING_WORDS:
        return False
    return not _SECTION_NUMBER.sub("", words)[:1].islower()


def _asks(text: str) -> bool:
    """Return whether a line asks as titles of sections do: 'What are the side effects of X?', not 'Does X cause nausea?'."""
    first = re.split(r"\W", text.lstrip("¿¡ "), maxsplit=1)[0].casefold()
    return text.endswith(("?", "？")) and first in language_data()["lists"]["questions"]


def _ends(text: str) -> bool:
    return text.rstrip().rstrip(_CLOSERS).endswith(_STOPS)


def _continues(current: Block, before: _Line, line: _Line, layout: _Layout) -> bool:
    """Return whether a line continues the block of the line before it.

    A sentence that begins a line continues a paragraph, but not an item whose last line has room for its first word.
    """
    is_outside = current.kind == "item" and layout.width and line.text[:1].isupper()
    if _ends(before.text) and (not layout.is_wrapped or is_outside):
        return layout.is_wrapped and _is_full(before, line, layout)
    return _ends(before.text) or _continues_line(before, line, layout)


def _continues_line(before: _Line, line: _Line, layout: _Layout) -> bool:
    """Return whether a line continues the sentence of the line before it."""
    return line.text.lstrip()[:1].islower() or (layout.is_wrapped and _is_full(before, line, layout))


def _is_full(before: _Line, line: _Line, layout: _Layout) -> bool:
    """Return whether a line has no room for the first word of the next."""
    return len(before.text) + 1 + len(line.text.split()[0]) > 0.9 * layout.width


def _split_headings(text: str, pieces: list[Block]) -> Iterator[Block]:
    """Separate headings from the sentence that follows them on the same line.

    A paragraph of an outline starts with a number and a heading in capitalised words. Where most numbered paragraphs do,
    the first sentence of the others, if short, is their heading too.
    """
    numbered = [piece for piece in pieces if piece.number]
    ends = {piece.start: _run_in(text[piece.start + piece.number : piece.end]) for piece in numbered}
    outline = len(numbered) > 1 and sum(end > 0 for end in ends.values()) * 2 > len(numbered)
    for piece in pieces:
        run, body = 0, piece.start + piece.number
        if piece.number and outline:
            run = ends[piece.start] or _first_sentence(text[body : piece.end])
        elif piece.kind == "paragraph":
            run = _capitals(text[body : piece.end])
        if not run:
            yield piece._replace(start=body, number=0)
            continue
        yield Block("heading", piece.start, body + run)
        start = body + run + len(text[body + run : piece.end]) - len(text[body + run : piece.end].lstrip())
        yield Block("paragraph", start, piece.end)


def _run_in(text: str) -> int:
    """Return the end of a heading in capitalised words at the start of the text; 0 if there is none."""
    capitals: list[re.Match[str]] = []
    end = 0
    for word in _WORD.finditer(text):
        if text[end : word.start()].strip(" "):  # punctuation: a sentence has started
            return 0
        end = word.end()
        if word[0][0].isupper():
            capitals.append(word)
        elif not _LOWER_CASE.fullmatch(word[0]) or not capitals:
            break
        if len(capitals) > _MOST_HEADING_WORDS:
            return 0
    else:
        return 0
    if len(capitals) < 2 or text[capitals[-2].end() : capitals[-1].start()].strip(" "):
        return 0  # the last capitalised word does not start the sentence
    return capitals[-2].end()


def _first_sentence(text: str) -> int:
    """Return the end of the first sentence if it is short enough for a heading; 0 otherwise."""
    match = re.match(r"[^.!?\n]{3,80}[.!?](?=\s+\S)", text)
    return match.end() if match and len(match[0].split()) <= _MOST_HEADING_WORDS else 0


def _capitals(text: str) -> int:
    """Return the end of a heading in capital letters at the start of the text; 0 if there is none."""
    match = re.match(r"(?:[^\W\d_a-z]{2,}[ ,/&-]+)+(?=[^\W\d_a-z][^\W\d_A-Z]+ )", text)
    if not match or not re.search(r"[^\W\d_]{4,}", match[0]) or match[0] != match[0].upper() or match[0] == match[0].lower():
        return 0
    words = match[0].split()
    return len(match[0].rstrip(" ,/&-")) if len(words) > 1 or len(words[0]) > 6 else 0
