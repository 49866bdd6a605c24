"""The characters that no string of a record may hold (KB108)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from kb.files import text_file
from kb.model import KEY, Record
from kb.problems import Place, Problem

# The characters that reorder or hide text (Unicode Technical Report 36, section 2.10), and joiners that do not follow a
# letter of a script that is written with them.
_HIDDEN = (
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
_FORBIDDEN = re.compile(f"[{text_file.BROKEN}{_HIDDEN}]|(?<![\u0600-\u109f\u1780-\u18af])[\u200c\u200d]")
# Forbidden characters that are printable by the tables of Unicode.
_FILLERS = "\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_NO_RECORD = Record("", None, Place(""))


def is_clean(text: str) -> bool:
    """Return whether a text has no character that :func:`check` or :func:`kb.files.text_file.decode` refuses."""
    if text.isprintable() and (text.isascii() or not any(filler in text for filler in _FILLERS)):
        return True  # ten times as fast as the patterns
    return not (_FORBIDDEN.search(text) or text_file.FORBIDDEN.search(text))


def is_clean_value(value: Any) -> bool:
    """Return whether no string of a value has a character that :func:`check` refuses."""
    return next(_walk(_NO_RECORD, value, ()), None) is None


def check(record: Record) -> Iterator[Problem]:
    """Find forbidden characters in the strings of a record (KB108)."""
    yield from islice(_walk(record, record.value, ()), text_file.MOST_PROBLEMS)


def _walk(record: Record, value: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _check_text(record, value, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _check_text(record, key, (*path, key, KEY))
            yield from _walk(record, inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(record, inner, (*path, index))


def _check_text(record: Record, text: str, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if text.isascii() and text.isprintable():
        return
    match = _FORBIDDEN.search(text)
    if match:
        message = f"The text holds {text_file.spell(match.group())} at position {match.start() + 1}."
        yield Problem(record.at(*path), "KB108", message, "Remove it: it would break exports or mislead readers.")
