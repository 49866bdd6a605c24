"""The normalisation under which quotes and texts are compared, and the definition of a word.

docs/quotes.md states these rules. The normalisation changes neither letters nor their case. Two texts are equal under it
if they differ only in white space, quotation marks, dashes, ligatures and the encoding of accents.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kb.resources import language_data

#: The least number of words of a quote, and of those that are not function words.
LEAST_WORDS, LEAST_CONTENT_WORDS = 3, 2

_MARKS: dict[str, str] = {mark: plain for plain, marks in language_data()["marks"].items() for mark in marks}
# Visible characters of the category Cf: they start a number, a verse or a name.
_VISIBLE = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2\U000110bd\U000110cd")
# Invisible characters of other categories: fillers, joiners, variation selectors, an empty Braille cell.
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_EASY = re.compile(r"[ -_a-~]*")  # printable ASCII without the grave accent: only runs of spaces can change

# Scripts without spaces between words: each letter counts as a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# A letter that U+0336 strikes is in no word.
_WORD = re.compile(
    rf"[{_UNSPACED}](?!\u0336)|(?:(?![{_UNSPACED}])\w(?!\u0336))+(?:(?:[-'/&](?![{_UNSPACED}])|(?<=\d)[.,:](?=\d))\w+)*[%‰°]?"
)

_FUNCTION_WORDS = frozenset(language_data()["function-words"])
_SHORT = 3  # in languages other than English, words of so few letters count as function words


class Normal(NamedTuple):
    """A normalised text, and where the original of each of its characters starts and ends."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original text for a span of the normalised text."""
        return self.starts[start], self.ends[end - 1]


class Word(NamedTuple):
    """A case-folded word of a normalised text, and its span."""

    text: str
    start: int
    end: int


def normalise(text: str) -> Normal:
    """Normalise a text."""
    if _EASY.fullmatch(text) and "  " not in text and text == text.strip(" "):
        return Normal(text, range(len(text)), range(1, len(text) + 1))
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, piece in _pieces(text):
        if piece == " " and (not characters or characters[-1] == " "):
            continue
        characters.extend(piece)
        starts.extend([start] * len(piece))
        ends.extend([end] * len(piece))
    if characters and characters[-1] == " ":
        del characters[-1], starts[-1], ends[-1]
    return Normal("".join(characters), starts, ends)


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the span and the normalised form of each visible character with its combining marks."""
    at, length = 0, len(text)
    while at < length:
        character, start = text[at], at
        at += 1
        if character.isspace():
            yield start, at, " "
        elif character in _MARKS:
            yield start, at, _MARKS[character]
        elif not is_hidden(character):
            while at < length and _combines(text[at]):
                at += 1
            cluster = text[start:at]
            yield start, at, cluster if cluster.isascii() else unicodedata.normalize("NFC", cluster)


def _combines(character: str) -> bool:
    """Return whether a character combines with the one before it: an accent, or a later part of a Hangul syllable."""
    return not character.isascii() and (
        (unicodedata.combining(character) != 0 and not is_hidden(character)) or "\u1161" <= character <= "\u11ff"
    )


def is_hidden(character: str) -> bool:
    """Return whether a character is invisible: a soft hyphen, zero-width character, control or filler."""
    if character.isascii():
        return not character.isprintable() and not character.isspace()
    category = unicodedata.category(character)
    return (category in {"Cf", "Cc", "Cn", "Co", "Cs"} and character not in _VISIBLE) or bool(_INVISIBLE.fullmatch(character))


def normalise_characters(text: str) -> str:
    """Normalise a text character by character, keeping the invisible ones."""
    return "".join(f"\0{character}" if is_hidden(character) else normalise(f"x{character}x").text[1:-1] for character in text)


def words(normal: str) -> list[Word]:
    """Return the words of a normalised text."""
    return [Word(match[0].casefold(), match.start(), match.end()) for match in _WORD.finditer(normal)]


def content_words(normal: str, language: str) -> int:
    """Count the distinct words of a normalised text that are not function words."""
    distinct = {word.text for word in words(normal)}
    if language.partition("-")[0].lower() == "en":
        return sum(word not in _FUNCTION_WORDS and (len(word) > 1 or word.isdigit()) for word in distinct)
    return sum(len(word) > _SHORT or any(map(str.isdigit, word)) or bool(_IS_UNSPACED.match(word)) for word in distinct)


def cuts(text: str, at: int, raw_dash: str = "-") -> bool:
    """Return whether a position is inside a word, a number with its sign or unit, or an address of a normalised text.

    ``raw_dash`` is the character of the original text for a dash next to the position; an em dash joins no words.
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


# Signs that are part of the number after them.
_BEFORE_NUMBERS = "-+<>=±~≈≤≥$€£#@"


def _joins(left: str, mark: str, right: str) -> bool:
    """Return whether a mark joins the characters around it into one word."""
    if not (_is_word(left) and _is_word(right)):
        return False
    return mark in "-'/&@_." or (mark in ",:" and left.isdigit() and right.isdigit())


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
