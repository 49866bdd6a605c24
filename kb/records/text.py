"""Bytes to text, strictly: UTF-8, one line ending, no characters that would break an export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import name

from kb.model import Record
from kb.problems import Place, Problem, fail

#: The largest file read as a whole, in bytes. JSON Lines are read line by line and have no such limit.
LARGEST_FILE = 5 * 1024 * 1024

# C0 and C1 controls but tab and newline, surrogates, noncharacters; and, where a name is meant, the
# characters that reorder or hide text (Unicode Technical Report 36, section 2.10).
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]|[\U0001fffe-\U0010ffff](?<=[\ufffe\uffff])"
)
_HIDDEN = re.compile(
    "[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)


def read_text(path: Path, shown: str) -> str:
    """Read a whole file as text, with every line ending turned into a newline.

    Args:
        path: The file.
        shown: How messages name it.

    Raises:
        KbError: It is missing, not a regular file, too large, empty or not UTF-8.
    """
    return decode(read_bytes(path, shown), shown)


def read_bytes(path: Path, shown: str, largest: int = LARGEST_FILE) -> bytes:
    """Read a whole file, up to ``largest`` bytes."""
    try:
        if not path.is_file():
            code, what = ("KB102", "is not a regular file") if path.exists() else ("KB101", "does not exist")
            raise fail(code, f"The file {what}.", "Check the path.", shown)
        size = path.stat().st_size
        if size > largest:
            raise fail(
                "KB110",
                f"The file has {size:,} bytes; at most {largest:,} are read.",
                "Split it, or use JSON Lines (.jsonl), which has no such limit.",
                shown,
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise fail("KB102", f"The file cannot be read: {reason(error)}.", "Check its permissions.", shown) from error


def reason(error: Exception) -> str:
    """Give the operating system's words for an error, without the path."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def decode(data: bytes, shown: str, line: int = 0) -> str:
    """Decode bytes as UTF-8, dropping one byte order mark and normalising line endings to newlines."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = line or data.count(b"\n", 0, error.start) + 1
        raise fail(
            "KB103",
            f"Byte 0x{data[error.start]:02x} at offset {error.start} is not UTF-8.",
            "Save the file as UTF-8.",
            Place(shown, at),
        ) from error
    if not text.strip():
        raise fail("KB109", "There is nothing in it.", "Write records into it, or remove it.", shown)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def characters(record: Record) -> Iterator[Problem]:
    """Find characters that no string of a record may hold (KB108)."""
    yield from _walk(record, record.value, ())


def _walk(record: Record, value: Any, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _forbidden(record, value, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _forbidden(record, key, (*path, key))
            yield from _walk(record, inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(record, inner, (*path, index))


def _forbidden(record: Record, text: str, path: tuple[str | int, ...]) -> Iterator[Problem]:
    if text.isascii() and text.isprintable():
        return
    found = _FORBIDDEN.search(text) or _HIDDEN.search(text)
    if found:
        character = found.group()
        yield Problem(
            record.at(*path),
            "KB108",
            f"The text holds {spell(character)} at position {found.start() + 1}.",
            "Remove it: it would break exports or mislead readers.",
        )


def spell(character: str) -> str:
    """Name a character, such as ``U+202E RIGHT-TO-LEFT OVERRIDE``."""
    code = f"U+{ord(character):04X}"
    return f"{code} {name(character, 'control or unassigned character')}"
