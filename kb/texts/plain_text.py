"""The blocks of plain text: headings, paragraphs, items of lists, rows of tables, told by their layout alone.

Nothing of the text is changed. What is told here is a proposal: the curator sees it in the document's record and can
move every boundary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kb.texts.normal_form import Block, Kind

_BULLET = re.compile(r"\s*(?:[•◦▪▫‣⁃∙●○■□–—*+-]|o(?=[ \t]))[ \t]+(?=\S)")
_NUMBER = re.compile(r"\s*(?:[•◦▪▫‣●][ \t]*)?(?P<number>\(?\d{1,3}(?:\.\d{1,3})*[.)])(?!\d)[ \t]*(?=\S)")
_SECTION_NUMBER = re.compile(r"\s*\d{1,3}(?:\.\d{1,3})*[.)]?[ \t]+")
_RULE = re.compile(r"[\s=~_*#|+:.-]+")
_UNDERLINE = re.compile(r"\s*([=~-])\1{2,}\s*")
_GAPS = re.compile(r"\S(?:\t| {3,}| *\| *)\S|^\s*\|")
_STOPS = (".", "!", "?", "…", ":", ";", "。", "！", "？", "।", "؟")
_CLOSERS = "\"'”’»)]*_"
#: Small words that may stand between the capitalised words of a heading.
_SMALL = re.compile(
    "an?|and|as|at|but|by|for|from|if|in|into|its|nor|of|off|on|or|per|the|to|up|via|vs|with|your"
    "|y|de|la|el|los|del|e|o|und|der|die|das|von|zu|im|für|et|du|des|les|le|à|aux?|en"
)
_WORD = re.compile(r"[^\W\d_](?:[\w'’.-]*\w)?")
_MOST_WORDS = 12  # of a heading


class _Line(NamedTuple):
    text: str
    start: int

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()

    def span(self, skipped: int = 0) -> tuple[int, int]:
        """Where its words stand, after the marks that are skipped."""
        inner = self.text[skipped:]
        left = skipped + len(inner) - len(inner.lstrip())
        return self.start + left, self.start + len(self.text.rstrip())


class _Piece(NamedTuple):
    """A block in the making; ``number`` tells how many characters of a number it begins with."""

    kind: Kind
    start: int
    end: int
    number: int = 0


def blocks(text: str) -> tuple[str, list[Block]]:
    """Give the text as it stands, and its blocks."""
    lines, position = [], 0
    for line in text.split("\n"):
        lines.append(_Line(line, position))
        position += len(line) + 1
    pieces = [piece for group in _groups(lines) for piece in _pieces(group)]
    return text, [Block(*each[:3]) for each in _open_outline(text, pieces)]


def _groups(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Part the lines where blank ones stand."""
    group: list[_Line] = []
    for line in lines:
        if line.is_blank:
            if group:
                yield group
            group = []
        else:
            group.append(line)
    if group:
        yield group


def _pieces(group: list[_Line]) -> Iterator[_Piece]:
    """Part a group of lines into blocks."""
    width = max(len(line.text) for line in group)
    current: _Piece | None = None
    for index, line in enumerate(group):
        if _RULE.fullmatch(line.text):
            continue
        before = group[index - 1] if index else None
        begun = _begin(group, index, before)
        if begun is None and current is not None and before is not None and _goes_on(before, line, width):
            current = current._replace(end=line.span()[1])
            continue
        if current is not None:
            yield current
        current = begun or _Piece("paragraph", *line.span())
        if current.kind in {"heading", "row"}:
            yield current
            current = None
    if current is not None:
        yield current


def _begin(group: list[_Line], index: int, before: _Line | None) -> _Piece | None:
    """Make the block that a line begins by its own looks, if it does."""
    line = group[index]
    after = group[index + 1] if index + 1 < len(group) else None
    near = [each for each in (before, after) if each is not None]
    if _GAPS.search(line.text) and ("\t" in line.text.strip() or any(_GAPS.search(each.text) for each in near)):
        return _Piece("row", *line.span())
    free = before is None or _ends(before.text) or bool(_BULLET.match(before.text) or _NUMBER.match(before.text))
    if found := _NUMBER.match(line.text) if free else None:
        start = line.start + found.start("number")
        if after is None and _looks_like_heading(line.text[found.end() :]):
            return _Piece("heading", start, line.span()[1])
        return _Piece("item", start, line.span()[1], line.start + found.end() - start)
    if found := _BULLET.match(line.text):
        return _Piece("item", *line.span(found.end()))
    underlined = after is not None and _UNDERLINE.fullmatch(after.text)
    alone = after is None or (after.text.lstrip()[:1].isupper() and len(line.text) < 0.7 * len(after.text))
    if (underlined or (free and alone and not _BULLET.match(after.text if after else ""))) and _looks_like_heading(line.text):
        return _Piece("heading", *line.span())
    return None


def _looks_like_heading(text: str) -> bool:
    """Tell whether words could be a heading: few, begun with a capital or number, not ended like a sentence."""
    words = text.strip()
    if not words or _ends(words) or words.endswith(","):
        return False
    if len(words) > 100 or len(words.split()) > _MOST_WORDS:
        return False
    first = _SECTION_NUMBER.sub("", words)[:1]
    return first.isupper() or not first.islower()


def _ends(text: str) -> bool:
    return text.rstrip().rstrip(_CLOSERS).endswith(_STOPS)


def _goes_on(before: _Line, line: _Line, width: int) -> bool:
    """Tell whether a line goes on from the one before it: it is wrapped, or it does not matter."""
    words = line.text.split()
    if _ends(before.text) or words[0][:1].islower():
        return True
    return len(before.text) + 1 + len(words[0]) > 0.9 * width


def _open_outline(text: str, pieces: list[_Piece]) -> Iterator[_Piece]:
    """Part headings from the sentences that they run into, where a text is an outline of numbered paragraphs.

    Such a paragraph begins with a number and a heading in capitalised words. Where most of an outline's paragraphs do,
    the others begin with their heading too: it is then their first sentence, if that is short.
    """
    numbered = [piece for piece in pieces if piece.number]
    ends = {piece.start: _run_in(text[piece.start + piece.number : piece.end]) for piece in numbered}
    outline = len(numbered) > 1 and sum(end > 0 for end in ends.values()) * 2 > len(numbered)
    for piece in pieces:
        run = 0
        if piece.number:
            run = ends[piece.start]
            if outline and not run:
                run = _first_sentence(text[piece.start + piece.number : piece.end])
            if not outline:
                run = 0
        elif piece.kind == "paragraph":
            run = _shouted(text[piece.start : piece.end])
        body = piece.start + piece.number
        if not run:
            yield piece._replace(start=body)
            continue
        yield _Piece("heading", piece.start, body + run)
        start = body + run + len(text[body + run : piece.end]) - len(text[body + run : piece.end].lstrip())
        yield _Piece("paragraph", start, piece.end)


def _run_in(text: str) -> int:
    """Find where a heading in capitalised words ends that runs into a sentence, if the text begins with one."""
    capitals: list[re.Match[str]] = []
    end = 0
    for word in _WORD.finditer(text):
        if text[end : word.start()].strip(" "):  # something other than a blank: a sentence has begun
            return 0
        end = word.end()
        if word[0][0].isupper():
            capitals.append(word)
        elif not _SMALL.fullmatch(word[0]) or not capitals:
            break
        if len(capitals) > _MOST_WORDS:
            return 0
    else:
        return 0
    return capitals[-2].end() if len(capitals) > 1 and _parted(text, capitals) else 0


def _parted(text: str, capitals: list[re.Match[str]]) -> bool:
    """Tell whether the last capitalised word begins the sentence: nothing but a blank stands before it."""
    return not text[capitals[-2].end() : capitals[-1].start()].strip(" ")


def _first_sentence(text: str) -> int:
    found = re.match(r"[^.!?\n]{3,80}[.!?](?=\s+\S)", text)
    return found.end() if found and len(found[0].split()) <= _MOST_WORDS else 0


def _shouted(text: str) -> int:
    """Find where a heading in capitals ends that runs into a sentence, if the text begins with one."""
    found = re.match(r"(?:[^\W\d_a-z]{2,}[ ,/&-]+)+(?=[^\W\d_a-z][^\W\d_A-Z]+ )", text)
    if not found or not re.search(r"[^\W\d_]{4,}", found[0]) or found[0] != found[0].upper():
        return 0
    words = found[0].split()
    return len(found[0].rstrip(" ,/&-")) if len(words) > 1 or len(words[0]) > 6 else 0
