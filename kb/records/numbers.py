"""Numbers in the notation of JSON (RFC 8259, section 6), which are kept exactly or refused."""

from __future__ import annotations

import math

#: What to do about a number that cannot be kept.
REMEDY = "Write it as a string, in quotes."

_LONGEST = 300


class RefusedError(ValueError):
    """The text is valid, but its value cannot be kept exactly; the strict parsers report the value and its place."""


def parse(word: str) -> int | float:
    """Parse a number; one without a fraction is an integer in any notation, as in JSON Schema 2020-12, section 4.2.3.

    Raises:
        RefusedError: It is too long, or too large for a double; or it is Infinity or NaN.
    """
    if len(word) > _LONGEST:
        raise RefusedError
    if word.lstrip("-").isdecimal():
        return int(word)
    number = float(word)
    if not math.isfinite(number):
        raise RefusedError
    return int(number) if number.is_integer() else number


def message(word: str) -> str:
    """Return the message of a number that cannot be kept (KB107)."""
    return f"The number {word if len(word) <= 20 else f'{word[:20]}…'} is not supported."
