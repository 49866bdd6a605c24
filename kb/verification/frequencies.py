"""Read the frequencies of a table: words, percentages, shares, ratios, limits and ranges.

A number becomes a band of CIOMS only if the band holds all of what the text says: ``<10%`` may be any band from common down,
so it has none. The text itself is kept in the note of the fact.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from kb.problems import fail, quote
from kb.schema import vocabulary
from kb.verification.cues import Cues

# The smallest share of people in each band of CIOMS for side effects, the most frequent band first.
_BANDS = ((0.1, "very-common"), (0.01, "common"), (0.001, "uncommon"), (0.0001, "rare"), (0.0, "very-rare"))
#: What is given in the place of a frequency where nothing is said of it.
_UNKNOWN = re.compile(r"(frequency )?(is )?(not known|unknown|not stated)|post-?\s?marketing( \w+)?|cannot be estimated.*|n/?a")
_SIGNS = (
    (re.compile(r"≥|⩾|at least"), ">="),
    (re.compile(r"≤|⩽|up to|at most"), "<="),
    (re.compile(r"less than|fewer than|below|under"), "<"),
    (re.compile(r"more than|above|over"), ">"),
    (re.compile(r"[≈\u223c]|approximately|approx\.?|about|around|ca\.?|circa"), "~"),
    (re.compile(r"percent|per cent|pct\.?|[\u066a\uff05]"), "%"),
    (re.compile(r"\bper\b|\b(out )?of\b|\bin\b|\bvon\b|\bsur\b"), "/"),
    (re.compile(r"[\u2010-\u2015\u2212]|\bto\b|\bbis\b|\band\b|\bund\b|\bà\b|\bbetween\b"), "-"),
)
_QUANTITY = r"([<>]=?|=|~)?\s*([0-9]+(?:[.,][0-9]+)?(?:e-?[0-9]+)?)\s*(?:/\s*([0-9]+(?:[ .,'\u2009\u202f][0-9]{3})*))?\s*([%‰])?"
_LONGEST = 100  # characters of a frequency
_SINGLE = re.compile(_QUANTITY)
_RANGE = re.compile(rf"-?\s*{_QUANTITY}\s*(?:-|,?\s*(?=[<>=]))\s*{_QUANTITY}")
_QUALIFIED = re.compile(r"([^(\[]+?)\s*[(\[]([^)\]]+)[)\]]")  # a word with the numbers that it stands for
_COUNTED = re.compile(r"[0-9][0-9., ]*(?:/\s*[0-9][0-9., ]*)?\s*\(([^()]*%)\s*\)|([^()]*%)\s*\([0-9][0-9., ]*(?:/[0-9., ]+)?\)")


class Frequency(NamedTuple):
    """What a table says of a frequency: the least and the greatest share of people, and the band that holds both, if one does.

    Without numbers, ``least`` and ``most`` are negative.
    """

    band: str
    least: float = -1.0
    most: float = -1.0


@cache
def _words(language: str) -> dict[str, str]:
    """Map the words for frequencies in a language, and those of the controlled list, to the values of the list."""
    cues = Cues()
    spoken = {language, "en"}
    values = [pair for spoken_in in spoken for pair in reversed(cues.all_of("frequency", spoken_in).items())]
    words = {word: value for value, found in values for word in found}
    return {**words, **{re.sub("-", " ", value): value for value in vocabulary.values("frequency")}}


@cache
def read_frequency(text: str, language: str = "en", *, is_percent: bool = False) -> Frequency:
    """Read the frequency in a cell.

    Args:
        text: A word of the controlled list or one of its cue words, a percentage, a ratio such as ``1/1,000``, or a share
            between 0 and 1; also with a sign such as ``<``, or as a range. A word may have its numbers in brackets.
        language: The language of words.
        is_percent: Whether numbers without a unit are percentages.

    Raises:
        KbError: The text is none of these (KB791).
    """
    word, words = re.sub(r"[\s_-]+", " ", text.strip().casefold()), _words(language)
    if band := words.get(word):
        return Frequency(band)
    if _UNKNOWN.fullmatch(word):
        return Frequency("")
    match = _QUALIFIED.fullmatch(word)
    band = words.get(match.group(1), "") if match else ""
    limits = _read_limits(_QUALIFIED.sub(r"\2", text.strip()) if band else text, is_percent=is_percent)
    if limits is None or not 0 <= limits[0] <= limits[1] <= 1 or (band and not _overlaps(band, *limits)):
        remedy = f"Say what it means: --frequency-word '{text[:40]}=WORD', or '{text[:40]}=' to leave it out."
        raise fail("KB791", f"{quote(text)} is not a known frequency.", remedy)
    least, most = limits
    return Frequency(band or _find_band(least, most), least, most)


def _overlaps(band: str, least: float, most: float) -> bool:
    """Return whether a band may be meant by numbers that stand beside it."""
    starts = {name: start for start, name in _BANDS}
    uppers = dict(zip((name for _, name in _BANDS), (1.0, *starts.values()), strict=False))
    if band not in starts or not most:
        return False
    return (most > starts[band] or least >= starts[band]) and (least < uppers[band] or least == 1)


def _find_band(least: float, most: float) -> str:
    """Return the band that holds all shares between two; none where nobody is affected."""
    upper = 1.0
    for start, band in _BANDS:
        if least >= start:
            return band if 0 < most <= upper else ""
        upper = start
    return ""


def _read_limits(text: str, *, is_percent: bool) -> tuple[float, float] | None:
    """Read the least and the greatest share that a text allows; nothing if it is no number."""
    if len(text) > _LONGEST:
        return None
    for pattern, plain in _SIGNS:
        text = pattern.sub(plain, text.casefold())
    if counted := _COUNTED.fullmatch(text.strip()):
        text = counted.group(1) or counted.group(2)
    text = text.strip(" ()[]")
    if match := _SINGLE.fullmatch(text):
        sign, *quantity = match.groups()
        share = _share(*quantity, is_percent=is_percent)
        spread = {"<": (0.0, 1.0), "<=": (0.0, 1.0), "~": (0.9, 1.1)}.get(sign or "", (1.0, 1.0))
        return None if share is None else (share * spread[0], 1.0 if sign in {">", ">="} else min(1.0, share * spread[1]))
    if not (match := _RANGE.fullmatch(text)):
        return None
    sign, *lower, sign_2, value, over, percent = match.groups()
    lower[2] = lower[2] or (percent if not lower[1] else None)
    signed = [(sign, _share(*lower, is_percent=is_percent)), (sign_2, _share(value, over, percent, is_percent=is_percent))]
    if (sign or "")[:1] == "<":
        signed.reverse()
    (first, least), (second, most) = signed
    if least is None or most is None or (first or "=")[0] not in "=>" or (second or "=")[0] not in "=<":
        return None
    return least, most


def _share(value: str, over: str | None, percent: str | None, *, is_percent: bool) -> float | None:
    """Return the share that a number means; nothing where its unit cannot be known, as of ``5``."""
    number = float(value.replace(",", "."))
    if over:
        people = float(re.sub("[^0-9]", "", over))
        return number / people if people and not percent else None
    if percent or is_percent:
        return number / (1000 if percent == "‰" else 100)
    return number if number < 1 else None
