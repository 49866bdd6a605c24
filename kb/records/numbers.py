"""Numbers as JSON writes them (RFC 8259, section 6), kept whole or refused."""

from __future__ import annotations

import math

#: What to do about a number that cannot be kept.
REMEDY = "Write it as a string, in quotes."

_LONGEST = 300


def parse(word: str) -> int | float | None:
    """Read a number, or give nothing if it would not be kept: too long, or beyond what a double can hold.

    A number without a fraction is an integer however it is written, as JSON Schema has it (2020-12, section 4.2.3).
    """
    if len(word) > _LONGEST:
        return None
    if word.lstrip("-").isdecimal():
        return int(word)
    number = float(word)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def message(word: str) -> str:
    """Say that a number cannot be kept (KB107)."""
    return f"The number {word if len(word) <= 20 else f'{word[:20]}…'} cannot be kept."
