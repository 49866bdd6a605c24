"""The blocks of plain text: headings, paragraphs, list items and table rows, recognised by their layout.

The text is not changed. The blocks are a proposal: the curator sees them in the document's record and can move every
boundary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from kb.texts.blocks import Block, BlockKind

_BULLET = re.compile(r"\s*(?:[•◦▪▫‣⁃∙●○■□–—*+-]|o(?=[ \t]))[ \t]+(?=\S)")
_NUMBER = re.compile(r"\s*(?:[•◦▪▫‣●][ \t]*)?(?P<number>\(?\d{1,3}(?:\.\d{1,3})*[.)])(?!\d)[ \t]*(?=\S)")
_SECTION_NUMBER = re.compile(r"\s*\d{1,3}(?:\.\d{1,3})*[.)]?[ \t]+")
_RULE = re.compile(r"[\s=~_*#|+:.-]+")
_UNDERLINE = re.compile(r"\s*([=~-])\1{2,}\s*")
_GAPS = re.compile(r"\S(?:\t| {3,}| *\| *)\S|^\s*\|")
_STOPS = (".", "!", "?", "…", ":", ";", "。", "！", "？", "।", "؟")
_CLOSERS = "\"'”’»)]*_"
# Words in lower case that may stand between the capitalised words of a heading.
_LOWER_CASE = re.compile(
    "an?|and|as|at|but|by|for|from|if|in|into|its|nor|of|off|on|or|per|the|to|up|via|vs|with|your"
    "|y|de|la|el|los|del|e|o|und|der|die|das|von|zu|im|für|et|du|des|les|le|à|aux?|en"
)
_WORD = re.compile(r"[^\W\d_](?:[\w'’.-]*\w)?")
_MOST_HEADING_WORDS = 12


class _Line(NamedTuple):
    text: str
    start: int

    def span(self, skipped: int = 0) -> tuple[int, int]:
        """Return the span of the words, after a number of skipped characters."""
        inner = self.text[skipped:]
        left = skipped + len(inner) - len(inner.lstrip())
        return self.start + left, self.start + len(self.text.rstrip())


class _NumberedBlock(NamedTuple):
    """A block, and how many characters the number takes with which it starts."""

    kind: BlockKind
    start: int
    end: int
    number: int = 0


def blocks(text: str) -> tuple[str, list[Block]]:
    """Return the text unchanged, and its blocks."""
    lines, position = [], 0
    for line in text.split("\n"):
        lines.append(_Line(line, position))
        position += len(line) + 1
    groups = (list(group) for is_blank, group in groupby(lines, lambda line: not line.text.strip()) if not is_blank)
    pieces = [piece for group in groups for piece in _pieces(group)]
    return text, [Block(piece.kind, piece.start, piece.end) for piece in _split_headings(text, pieces)]


def _pieces(group: list[_Line]) -> Iterator[_NumberedBlock]:
    """Divide a group of lines into blocks."""
    width = max(len(line.text) for line in group)
    current: _NumberedBlock | None = None
    for index, line in enumerate(group):
        if _RULE.fullmatch(line.text):
            continue
        before = group[index - 1] if index else None
        started = _start_block(group, index, before)
        if started is None and current is not None and before is not None and _continues(before, line, width):
            current = current._replace(end=line.span()[1])
            continue
        if current is not None:
            yield current
        current = started or _NumberedBlock("paragraph", *line.span())
        if current.kind in {"heading", "row"}:
            yield current
            current = None
    if current is not None:
        yield current


def _start_block(group: list[_Line], index: int, before: _Line | None) -> _NumberedBlock | None:
    """Return the block that a line starts by its own layout, if it does."""
    line = group[index]
    after = group[index + 1] if index + 1 < len(group) else None
    neighbours = [neighbour for neighbour in (before, after) if neighbour is not None]
    if _GAPS.search(line.text) and ("\t" in line.text.strip() or any(_GAPS.search(neighbour.text) for neighbour in neighbours)):
        return _NumberedBlock("row", *line.span())
    free = before is None or _ends(before.text) or bool(_BULLET.match(before.text) or _NUMBER.match(before.text))
    if match := _NUMBER.match(line.text) if free else None:
        start = line.start + match.start("number")
        if after is None and _looks_like_heading(line.text[match.end() :]):
            return _NumberedBlock("heading", start, line.span()[1])
        return _NumberedBlock("item", start, line.span()[1], line.start + match.end() - start)
    if match := _BULLET.match(line.text):
        return _NumberedBlock("item", *line.span(match.end()))
    underlined = after is not None and _UNDERLINE.fullmatch(after.text)
    alone = after is None or (after.text.lstrip()[:1].isupper() and len(line.text) < 0.7 * len(after.text))
    if (underlined or (free and alone and not _BULLET.match(after.text if after else ""))) and _looks_like_heading(line.text):
        return _NumberedBlock("heading", *line.span())
    return None


def _looks_like_heading(text: str) -> bool:
    """Return whether a line could be a heading: short, starting with a capital or number, not ending like a sentence."""
    words = text.strip()
    if not words or _ends(words) or words.endswith(","):
        return False
    if len(words) > 100 or len(words.split()) > _MOST_HEADING_WORDS:
        return False
    first = _SECTION_NUMBER.sub("", words)[:1]
    return first.isupper() or not first.islower()


def _ends(text: str) -> bool:
    return text.rstrip().rstrip(_CLOSERS).endswith(_STOPS)


def _continues(before: _Line, line: _Line, width: int) -> bool:
    """Return whether a line continues the block of the line before it."""
    words = line.text.split()
    if _ends(before.text) or words[0][:1].islower():
        return True
    return len(before.text) + 1 + len(words[0]) > 0.9 * width


def _split_headings(text: str, pieces: list[_NumberedBlock]) -> Iterator[_NumberedBlock]:
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
            yield piece._replace(start=body)
            continue
        yield _NumberedBlock("heading", piece.start, body + run)
        start = body + run + len(text[body + run : piece.end]) - len(text[body + run : piece.end].lstrip())
        yield _NumberedBlock("paragraph", start, piece.end)


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
    if not match or not re.search(r"[^\W\d_]{4,}", match[0]) or match[0] != match[0].upper():
        return 0
    words = match[0].split()
    return len(match[0].rstrip(" ,/&-")) if len(words) > 1 or len(words[0]) > 6 else 0
