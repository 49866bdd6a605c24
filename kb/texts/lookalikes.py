"""Letters that look like others, by the confusables of Unicode (UTS 39), and marks put on letters."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

#: Pairs within ASCII that many typefaces hardly tell apart.
_ALIKE = str.maketrans({"0": "o", "O": "o", "1": "l", "I": "l", "|": "l"})
_PAIRS = re.compile("rn|vv|cl")
_PAIR = {"rn": "m", "vv": "w", "cl": "d"}


def skeleton(text: str) -> str:
    """Write each letter as the one that it looks like, so that texts that look alike become the same."""
    plain = "".join(_look(each) for each in text) if not text.isascii() else text
    return _PAIRS.sub(lambda found: _PAIR[found[0]], plain.translate(_ALIKE))


def is_doubtful(text: str) -> bool:
    """Tell whether a text holds ASCII letters or digits that look like others."""
    return bool(re.search("[0O1I|]|rn|vv|cl", text))


def odd(quote: str, text: str) -> list[str]:
    """Give the characters of a quote that its text does not hold."""
    return [each for each in dict.fromkeys(quote) if each not in text]


def name(character: str) -> str:
    """Name a character for a message."""
    return f"U+{ord(character):04X} {unicodedata.name(character, 'without a name')}"


@cache
def _look(character: str) -> str:
    """Give the ASCII letter that a character looks like; itself if there is none."""
    if character.isascii():
        return character
    bare = "".join(each for each in unicodedata.normalize("NFKD", character) if not unicodedata.combining(each))
    if bare.isascii():
        return bare
    from confusable_homoglyphs import confusables

    found = confusables.is_confusable(bare, greedy=True)
    alike = [each["c"] for entry in found or () for each in entry["homoglyphs"]]
    return next((each for each in alike if each.isascii() and each.isalnum()), bare)
