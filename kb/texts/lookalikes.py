"""Characters that look like others, by the confusables of Unicode (UTS 39), and letters with added marks."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Characters and pairs within ASCII that many typefaces hardly distinguish.
_ASCII_LOOKALIKES = str.maketrans({"0": "o", "O": "o", "1": "l", "I": "l", "|": "l"})
_PAIR = re.compile("rn|vv|cl")
_LETTER_OF_PAIR = {"rn": "m", "vv": "w", "cl": "d"}


def skeleton(text: str) -> str:
    """Replace each character by the one that it looks like, so that texts that look alike become equal."""
    ascii_text = text if text.isascii() else "".join(map(_ascii_lookalike, text))
    return _PAIR.sub(lambda match: _LETTER_OF_PAIR[match[0]], ascii_text.translate(_ASCII_LOOKALIKES))


@cache
def _ascii_lookalike(character: str) -> str:
    """Return the ASCII letter that a character looks like, or the character without marks if there is none."""
    if character.isascii():
        return character
    base = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    if base.isascii():
        return base
    from confusable_homoglyphs import confusables

    entries = confusables.is_confusable(base, greedy=True) or ()
    lookalikes = [homoglyph["c"] for entry in entries for homoglyph in entry["homoglyphs"]]
    return next((letter for letter in lookalikes if letter.isascii() and letter.isalnum()), base)
