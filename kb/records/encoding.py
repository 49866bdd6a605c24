"""Characters that no string of a record may hold, and the names of files of records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from kb.files import text_file
from kb.model import KEY, Record
from kb.problems import Place, Problem

#: How many lists and mappings may stand inside each other.
DEEPEST = 64

# The characters that reorder or hide text (Unicode Technical Report 36, section 2.10), with the joiners where no script
# that is written with them stands before.
_HIDDEN = (
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
_FORBIDDEN = re.compile(f"[{text_file.BROKEN}{_HIDDEN}]|(?<![\u0600-\u109f\u1780-\u18af])[\u200c\u200d]")
# What is forbidden and yet printable by the tables of Unicode.
_FILLERS = "\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_NOWHERE = Record("", None, Place(""))
#: What files of JSON Lines are called, ``.ndjson`` being another name; those with a second suffix are compressed.
LINES_SUFFIXES = tuple(f"{name}{packed}" for name in (".jsonl", ".ndjson") for packed in ("", ".gz", ".zst"))

#: What files are called that are read record by record, however large they are.
BULK_SUFFIXES = (*LINES_SUFFIXES, ".parquet")


def is_clean(text: str) -> bool:
    """Tell whether a text holds nothing that :func:`characters` or :func:`kb.files.text_file.decode` would refuse."""
    if text.isprintable() and (text.isascii() or not any(filler in text for filler in _FILLERS)):
        return True  # ten times as fast as to look for what is forbidden
    return not (_FORBIDDEN.search(text) or text_file.FORBIDDEN.search(text))


def is_clean_value(value: Any) -> bool:
    """Tell whether no string of a value holds anything that :func:`characters` would refuse."""
    return next(_walk(_NOWHERE, value, ()), None) is None


def characters(record: Record) -> Iterator[Problem]:
    """Find characters that no string of a record may hold (KB108)."""
    yield from islice(_walk(record, record.value, ()), text_file.MOST_PROBLEMS)


def _walk(record: Record, value: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _forbidden(record, value, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _forbidden(record, key, (*path, key, KEY))
            yield from _walk(record, inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(record, inner, (*path, index))


def _forbidden(record: Record, text: str, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if text.isascii() and text.isprintable():
        return
    found = _FORBIDDEN.search(text)
    if found:
        message = f"The text holds {text_file.spell(found.group())} at position {found.start() + 1}."
        yield Problem(record.at(*path), "KB108", message, "Remove it: it would break exports or mislead readers.")
