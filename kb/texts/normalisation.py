"""The one normalisation under which words are compared, and what a word is.

docs/quotes.md publishes these rules. They change neither letters nor their case: white space, quotation marks, dashes,
ligatures and the spelling of accents are all that two texts may differ in and still be the same words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

#: How many words a quote needs, and how many of them that say something by themselves.
LEAST_WORDS, LEAST_CONTENT_WORDS = 3, 2

_MARKS = {
    **dict.fromkeys("‘’‚‛′`´ʼ‹›", "'"),
    **dict.fromkeys("“”„‟″«»〝〞", '"'),
    **dict.fromkeys("‐‑‒–—―−﹘﹣", "-"),
    "…": "...",
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
    "ﬅ": "st",
    "ﬆ": "st",
}
#: Marks of the category Cf that are seen: they begin a number, a verse or a name.
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2\U000110bd\U000110cd")
#: What is not seen although it is of another category: fillers, joiners, variation selectors, an empty Braille cell.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_EASY = re.compile(r"[ -_a-~]*")  # printable ASCII without the grave accent: nothing to change but runs of blanks

#: Scripts that are written without blanks: each letter counts as a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])\w)+(?:(?:[-'/&](?![{_UNSPACED}])|(?<=\d)[.,:](?=\d))\w+)*[%‰°]?")

_STOP_WORDS = re.compile(
    "a|about|after|again|all|also|although|am|an|and|any|are|as|at|be|because|been|before|being|both|but|by|can|could|did|do|"
    "does|doing|each|either|even|ever|every|few|for|from|had|has|have|having|he|her|here|hers|him|his|how|however|i|if|in|into|"
    "is|it|its|itself|just|like|many|may|me|might|more|most|much|must|my|neither|no|nor|not|of|often|on|once|one|only|or|other|"
    "our|ours|out|over|own|per|rather|same|shall|she|should|since|so|some|such|than|that|the|their|theirs|them|then|there|"
    "these|they|this|those|through|thus|to|too|under|until|up|upon|us|very|was|we|were|what|when|where|whether|which|while|"
    "who|whom|whose|why|will|with|within|without|would|you|your|yours"
)
_SHORT = 3  # in other languages than English, words of so few letters say nothing by themselves


class Normal(NamedTuple):
    """A text under the normalisation, and where each of its characters came from.

    Args:
        text: The normalised text.
        starts: For each character, where the text that it stands for begins.
        ends: For each character, where that ends.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the span of the original text that a span of the normalised one stands for."""
        return self.starts[start], self.ends[end - 1]


class Word(NamedTuple):
    """A word of a normalised text, without regard to case, and where it stands in it."""

    text: str
    start: int
    end: int


def normalise(text: str) -> Normal:
    """Bring a text into the form in which words are compared."""
    if _EASY.fullmatch(text) and "  " not in text and text == text.strip(" "):
        return Normal(text, range(len(text)), range(1, len(text) + 1))
    made: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, piece in _pieces(text):
        if piece == " " and (not made or made[-1] == " "):
            continue
        made.extend(piece)
        starts.extend([start] * len(piece))
        ends.extend([end] * len(piece))
    if made and made[-1] == " ":
        for each in (made, starts, ends):
            each.pop()
    return Normal("".join(made), starts, ends)


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Give each character that is seen, with the marks that belong to it, as it is compared."""
    at, length = 0, len(text)
    while at < length:
        character, start = text[at], at
        at += 1
        if character.isspace():
            yield start, at, " "
        elif character in _MARKS:
            yield start, at, _MARKS[character]
        elif not is_hidden(character):
            while at < length and (_belongs(text[at])):
                at += 1
            cluster = text[start:at]
            yield start, at, cluster if cluster.isascii() else unicodedata.normalize("NFC", cluster)


def _belongs(character: str) -> bool:
    """Tell whether a character belongs to the one before it: an accent, or a later part of a Hangul syllable."""
    return not character.isascii() and (
        (unicodedata.combining(character) != 0 and not is_hidden(character)) or "\u1161" <= character <= "\u11ff"
    )


def is_hidden(character: str) -> bool:
    """Tell whether a character is not seen: a soft hyphen, a zero-width one, a control, a filler."""
    if character.isascii():
        return not character.isprintable() and not character.isspace()
    category = unicodedata.category(character)
    return (category in {"Cf", "Cc", "Cn", "Co", "Cs"} and character not in _SEEN) or bool(_UNSEEN.fullmatch(character))


def hidden(text: str) -> str:
    """Give the characters of a text that are not seen."""
    return "".join(filter(is_hidden, text))


def unfolded(text: str) -> str:
    """Bring a text into the form in which words are compared, what is not seen kept where it stands."""
    return "".join(f"\0{each}" if is_hidden(each) else normalise(f"x{each}x").text[1:-1] for each in text)


def words(normal: str) -> list[Word]:
    """Give the words of a normalised text."""
    return [Word(found[0].casefold(), found.start(), found.end()) for found in _WORD.finditer(normal)]


def content_words(normal: str, language: str) -> int:
    """Count the words that say something by themselves, each once."""
    found = {word.text for word in words(normal)}
    if language.partition("-")[0].lower() == "en":
        return sum(not _STOP_WORDS.fullmatch(each) and (len(each) > 1 or each.isdigit()) for each in found)
    return sum(len(each) > _SHORT or any(map(str.isdigit, each)) or bool(_IS_UNSPACED.match(each)) for each in found)


def cuts(text: str, at: int, raw_dash: str = "-") -> bool:
    """Tell whether a place in a normalised text lies inside a word, a number with its sign or unit, or an address.

    Args:
        text: The normalised text.
        at: The place, before the character of that index.
        raw_dash: What stands in the original text where the dash next to the place does; an em dash joins no words.
    """
    if at <= 0 or at >= len(text):
        return False
    further, before, after, beyond = text[at - 2 : at - 1], text[at - 1], text[at], text[at + 1 : at + 2]
    if _is_word(before) and _is_word(after):
        return not (_IS_UNSPACED.match(before) or _IS_UNSPACED.match(after))
    if (after in "%‰°" and before.isdigit()) or unicodedata.combining(after):
        return True
    if "-" in {before, after} and raw_dash in "—―":
        return False
    if before in _BEFORE_NUMBERS and after.isdigit() and not (before == "-" and _is_word(further)):
        return True
    return _joins(further, before, after) or _joins(before, after, beyond)


#: Signs that belong to the number after them.
_BEFORE_NUMBERS = "-+<>=±~≈≤≥$€£#@"


def _joins(left: str, mark: str, right: str) -> bool:
    """Tell whether a mark joins what stands around it into one word."""
    if not (_is_word(left) and _is_word(right)):
        return False
    return mark in "-'/&@_." or (mark in ",:" and left.isdigit() and right.isdigit())


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
