"""Divides blocks into headings and sentences, numbered by section.

A sentence ends with a full stop or a mark like it, with the quotes and brackets that close there, unless one of the rules of
:func:`_is_end` says otherwise: abbreviations, initials, ordinals, open brackets, and what continues in lower case. The words
that these rules know are data, for all languages together (``languages.json``). A sentence never crosses a block. A heading and
a table row are one passage each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest
from typing import NamedTuple

from kb.resources import language_data
from kb.texts import marks
from kb.texts.normal_form import Text

_WIDE = "。！？｡।॥؟۔։።፧។။"  # full stops of scripts, most of which need no space after them
_END = re.compile(
    rf"(?P<stop>(?:[.!?…]\u0336?)+|[{_WIDE}!?]+)"
    r"(?P<close>(?:[\s\u00a0\u202f]»(?=[\s.,;:)]|$)|[»\"'”’)\]）」』》】〉⸣]|[“‘«‹](?=[\s.,;:)]|$))*)"
    r"(?P<cited>(?:\[[\d,;–-]{1,12}\])+|(?<=[a-z]{3}[.!?])(?:\d{1,2}(?:[,–-]\d{1,2})*(?=\s)|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻,]+)|)"
    r"(?P<gap>\s*+)(?=\S)"
)
_TOKEN = re.compile(r"[^\s(\[{«“„\"'‘’/]+$")
_WORD = re.compile(r"[^\W\d_]+")
_LOWER_START = re.compile(r"[a-z]{1,2}[A-Z]")  # mRNA, pH
_OPENERS = "([“„«»‹›\"'‘¿¡*†‡.…⸢"
_CITATION = re.compile(r"\[\d[\d,;–-]*\]")
_CAPITALISED = re.compile(r"[A-Z][a-z]|[“«„][^\W\d_]")
_ADDRESS = re.compile("[/@]|www")
_CLAUSE_END = re.compile("[，。、：]")
_JOINED = re.compile(r"[a-z]{2}[.!?]$")
# A line that begins with a capital, after a line without a full stop.
_LINE = re.compile(r"(?<=[^\W_]|[)%:])[^\S\n]*\n\s*(?=(?P<first>[A-Z][a-zäöüéè]+)\s)")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_HANGUL = re.compile("[\uac00-\ud7a3]")  # each is a syllable, and no initial
_NUMBERED = re.compile(r"§|(?:[A-Z]{1,2}\.?[\s\u00a0]?)?\d|[IVX]+\b")  # after 'Fig.' and 'Art.': 5, S1, L. 5121-1, IV
# Scripts with a full stop of their own, beside which a dot ends no sentence.
_OWN_STOPS = ((re.compile("[\u0900-\u097f]"), "।"), (re.compile("[\u1200-\u137f]"), "።"))
_PAIRS = {")": "(", "]": "[", "）": "（", "」": "「", "』": "『", "》": "《"}
# How far rules look, so that no text takes long.
_LONGEST_BRACKET, _MOST_BRACKETS, _BACK, _SCRIPT = 600, 20, 60, 2_000


class Passage(NamedTuple):
    """A heading (number 0) or a sentence of a section, and its span in code points."""

    section: int
    number: int
    start: int
    end: int

    @property
    def id(self) -> str:
        """The id, such as ``s3.2``."""
        return f"s{self.section}.{self.number}"


def split(text: Text) -> list[Passage]:
    """Divide a text into headings and sentences, numbered by section.

    Every heading starts a section; the text before the first heading is section 1.
    """
    passages: list[Passage] = []
    section = number = 0
    for block, following in zip_longest(text.blocks, text.blocks[1:]):
        if block.kind in {"heading", "row"}:
            spans = [_trim(text.words, block.start, block.end)]
        else:
            is_lead_in = following is not None and following.kind == "item"
            spans = [
                line
                for span in sentences(text.words, block.start, block.end)
                for line in _lines(text.words, *span, after_colons=is_lead_in)
            ]
            spans = [*spans[:-1], *_cut_title(text.words, *spans[-1])] if block.kind == "item" and spans else spans
        for start, end in spans:
            if not any(map(str.isalnum, text.words[start:end])):
                continue
            if block.kind == "heading" or not section:
                section, number = section + 1, 0
            if block.kind != "heading":
                number += 1
            passages.append(Passage(section, number, start, end))
    return passages


def _cut_title(words: str, start: int, end: int) -> list[tuple[int, int]]:
    """Divide an item that ends with the title of the next list: 'dizziness Uncommon (may affect up to 1 in 100 people)'."""
    match = _compile_title().search(words, start, end)
    return [(start, match.start()), (match.end(), end)] if match else [(start, end)]


@cache
def _compile_title() -> re.Pattern[str]:
    """Compile the titles of lists that begin with a frequency and end with its band in brackets."""
    names = sorted((name.capitalize() for name in language_data()["lists"]["frequencies"]), key=len, reverse=True)
    title, band = "|".join(map(re.escape, names)), r"\([^()]*(?:\d|frequency|fréquence|häufigkeit)[^()]*\)"
    return re.compile(rf"(?<=[^\W_]|\))\s+(?=(?:{title})(?!\w)[^.:;()]{{0,40}}{band}:?\Z)")


def sentences(words: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the span of each sentence in a stretch of text."""
    begin, seen = start, start
    open_brackets: list[tuple[str, int]] = []
    for match in _END.finditer(words, start, end):
        for at in range(seen, match.start("gap")):
            _track(words[at], at, open_brackets)
        seen = match.start("gap")
        inside = [at for mark, at in open_brackets if at >= begin and _closes(words, mark, seen, end)]
        if match.end() < end and not inside and _is_end(words, begin, end, match):
            yield _trim(words, begin, match.start("gap"))
            begin = match.end()
    if words[begin:end].strip():
        yield _trim(words, begin, end)


def _lines(words: str, start: int, end: int, *, after_colons: bool) -> Iterator[tuple[int, int]]:
    """Divide what has no full stop where a line begins as only sentences do: 'burning and itching\\nThese are mild'."""
    begin = start
    for match in _LINE.finditer(words, start, end):
        before = words[begin : match.start()].split()
        is_start = match["first"].lower() in _words("starters") and before[-1].lower() not in language_data()["function-words"]
        if is_start or (after_colons and words[match.start() - 1] == ":"):
            yield begin, match.start()
            begin = match.end()
    yield begin, end


def _track(mark: str, at: int, open_brackets: list[tuple[str, int]]) -> None:
    if mark in _PAIRS.values():
        open_brackets.append((mark, at))
        del open_brackets[:-_MOST_BRACKETS]
    elif mark in _PAIRS and open_brackets and open_brackets[-1][0] == _PAIRS[mark]:
        open_brackets.pop()


def _closes(words: str, mark: str, at: int, end: int) -> bool:
    """Return whether an open bracket is closed soon; one that is not is a slip, and hides no sentences."""
    closing = next(right for right, left in _PAIRS.items() if left == mark)
    return words.find(closing, at, min(end, at + _LONGEST_BRACKET)) >= 0


def _is_end(words: str, begin: int, end: int, match: re.Match[str]) -> bool:
    """Return whether a sentence ends at a full stop or a mark like it."""
    stop, gap, after = match["stop"].rstrip(marks.STRUCK), match["gap"], words[match.end() : min(end, match.end() + 40)]
    token = _TOKEN.search(words, max(begin, match.start() - 40), match.start())
    before = token[0] if token else ""
    if stop[-1] in _WIDE:
        is_remark = match["close"][-1:] in {")", "）"} and words[begin] in {"(", "（"}  # the sentence stands in brackets
        return is_remark or _is_wide_end(match["close"], gap, after)
    if stop == "." and any(
        script.match(before[-1:]) and words.find(own, begin, min(end, begin + _SCRIPT)) >= 0 for script, own in _OWN_STOPS
    ):
        return False
    if not gap and not match["cited"] and not (stop[-1] in "?!…" and _UNSPACED.match(after)):
        is_joined = _JOINED.search(words, match.start() - 2, match.start() + 1) and _CAPITALISED.match(after)
        return bool(is_joined) and not _ADDRESS.search(before)
    first = after.lstrip(_OPENERS)[:1] or after[:1]
    if (first.islower() and not _LOWER_START.match(after)) or first in ":;," or _CITATION.match(after):
        return False
    if match["close"] and _HANGUL.match(after) and _is_said(after):
        return False
    return stop != "." or not _is_abbreviation(words, begin, match.start(), before, after)


def _is_wide_end(close: str, gap: str, after: str) -> bool:
    """Return whether a sentence ends at a full stop of Chinese, Hindi or the like: not within brackets, or before "he said"."""
    if gap or not close:
        return True
    return close[-1] not in {")", "）"} and not (close[-1] in {"”", "」", "』"} and _is_said(after))


def _is_said(after: str) -> bool:
    """Return whether the words after a quotation say who said it."""
    return any(word in _CLAUSE_END.split(after)[0] for word in _words("said"))


def _is_abbreviation(words: str, begin: int, at: int, before: str, after: str) -> bool:
    """Return whether a full stop belongs to the token before it."""
    word = _WORD.match(after.lstrip(_OPENERS))
    following = word[0].lower() if word else ""
    above = words[max(begin, at - _BACK) : at - len(before)].strip()
    previous = above.split()[-1] if above else ""
    names = {re.sub(r"\.[\s\u00a0]+", ".", before).strip("(["), f"{previous}{before}"}
    small = {name[:1].lower() + name[1:] for name in names}
    if before.isdigit():
        return _is_number(before, above, following, is_capital=after[:1].isupper())
    if after[:1] in "¿¡" or names & _words("ends"):
        return False
    if names & _words("may-end"):
        return following not in _words("starters")
    is_listed = names & _words("always") or (not above and small & (_words("always") | _words("number")))
    if is_listed or ((names | small) & _words("number") and _NUMBERED.match(after)):
        return True
    if len(before) == 1 and before.isalpha():
        return _is_initial(before, previous)
    return bool(re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", before)) and following not in _words("starters")


def _is_number(before: str, above: str, following: str, *, is_capital: bool) -> bool:
    """Return whether a number with a full stop is that of an item or an ordinal, by the words before and after it."""
    label = above.lower()
    is_item = not label or label in _words("letter-names") or label.startswith(f"{int(before) - 1}. ")
    previous = label.split()[-1] if label else ""
    is_ordinal = following in _words("ordinal-after") or (previous in _words("ordinal-before") and is_capital)
    return is_item or (len(before) <= 3 and is_ordinal)


def _is_initial(letter: str, previous: str) -> bool:
    """Return whether a single letter with a full stop is an initial or an abbreviation, by the word before it."""
    name = re.split("['’]", previous.strip("([").rstrip(".").lower())[-1]
    if _HANGUL.match(letter):
        return False
    if not letter.isupper():
        return not re.search(r"\d$", previous)
    return not previous or previous.endswith(".") or (previous[:1].isupper() and name not in _words("letter-names"))


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(language_data()["sentence-ends"][name])


def _trim(words: str, start: int, end: int) -> tuple[int, int]:
    inner = words[start:end]
    return start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip())
