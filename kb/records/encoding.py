"""Bytes to text, strictly: UTF-8, one line ending, no characters that would break an export."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any
from unicodedata import category, name

from kb.model import KEY, Record
from kb.problems import KbError, Place, Problem, fail

#: The largest file read as a whole, in bytes. JSON Lines are read line by line and have no such limit.
LARGEST_FILE = 16 * 1024 * 1024

#: How many lists and mappings may stand inside each other.
DEEPEST = 64

#: How many problems of one file, or of the characters of one record, are told.
MOST_PROBLEMS = 100

# C0 and C1 controls but tab and newline, surrogates, noncharacters; and the characters that reorder or hide text (Unicode
# Technical Report 36, section 2.10), with the joiners where no script that is written with them stands before.
_BROKEN = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
)
_HIDDEN = (
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
_FORBIDDEN = re.compile(f"[{_BROKEN}{_HIDDEN}]|(?<![\u0600-\u109f\u1780-\u18af])[\u200c\u200d]")
# What may not even stand in a file: some readers take the last three for ends of lines or the start of a file.
_FORBIDDEN_IN_FILES = re.compile(f"[{_BROKEN}\u2028\u2029\ufeff]")
# What is forbidden and yet printable by the tables of Unicode.
_FILLERS = "\u115f\u1160\u17b4\u17b5\u3164\uffa0"
_NOWHERE = Record("", None, Place(""))
_NAMELESS = {"Cc": "control character", "Cs": "lone surrogate"}
_LINE_END = re.compile("\r\n?")


#: What files of JSON Lines are called, ``.ndjson`` being another name; those with a second suffix are compressed.
LINES_SUFFIXES = tuple(f"{name}{packed}" for name in (".jsonl", ".ndjson") for packed in ("", ".gz", ".zst"))

#: What files are called that are read record by record, however large they are.
BULK_SUFFIXES = (*LINES_SUFFIXES, ".parquet")


class Lines:
    """Where the lines of a text begin, to turn an offset into a place.

    Args:
        text: The text, with newlines as its only line ends.
        shown: How messages name the file.
        line: The line of the file in which the text begins.
    """

    def __init__(self, text: str, shown: str, line: int = 1) -> None:
        self._shown = shown
        self._line = line
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, offset: int) -> Place:
        """Give the place of a code point, by its offset in the text."""
        index = bisect_right(self._starts, offset) - 1
        return Place(self._shown, self._line + index, offset - self._starts[index] + 1)


def read_text(path: Path, shown: str) -> str:
    """Read a whole file as text, with every line ending turned into a newline.

    Args:
        path: The file.
        shown: How messages name it.

    Raises:
        KbError: It is missing, not a regular file, too large, empty, not UTF-8, or holds characters that no text should.
    """
    return decode(read_bytes(path, shown), shown)


def read_bytes(path: Path, shown: str, largest: int = LARGEST_FILE) -> bytes:
    """Read a whole file, up to ``largest`` bytes."""
    try:
        size = regular(path, shown)
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise unreadable(error, shown) from error
    if len(data) > largest:
        message = f"The file has {max(size, len(data)):,} bytes; at most {largest:,} are read."
        raise fail("KB110", message, "Split it, or use JSON Lines (.jsonl), which has no such limit.", shown)
    return data


def regular(path: Path, shown: str) -> int:
    """Make sure that a file is one, and not a folder, a pipe or a device, which could block; give its size in bytes."""
    try:
        found = path.stat()
    except (FileNotFoundError, ValueError) as error:
        raise fail("KB101", "The file does not exist.", "Check the path.", shown) from error
    if not S_ISREG(found.st_mode):
        what = "is a folder" if S_ISDIR(found.st_mode) else "is a pipe or device, not a regular file"
        raise fail("KB102", f"The file {what}.", "Move it elsewhere, or rename it.", shown)
    return found.st_size


def unreadable(error: OSError, shown: str) -> KbError:
    """Make the problem of a file that the operating system does not give (KB102)."""
    return fail("KB102", f"The file cannot be read: {reason(error)}.", "Check the path and its permissions.", shown)


def reason(error: Exception) -> str:
    """Give the operating system's words for an error, without the path."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def decode(data: bytes, shown: str, line: int = 1, offset: int = 0) -> str:
    """Decode bytes as UTF-8, dropping one byte order mark and normalising line endings to newlines.

    Args:
        data: The bytes.
        shown: How messages name the file.
        line: The line of the file in which they begin.
        offset: How many bytes of the file stand before them.

    Raises:
        KbError: They are empty (KB109), not UTF-8 (KB103), or hold what breaks exports or line numbers (KB108).
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(data, error.start, shown, line, offset) from error
    if not offset:
        if b"\0" in data[:2]:
            raise _not_utf8(data, data.index(b"\0"), shown, line, offset)
        text = text.removeprefix("\ufeff")
    if not text.strip():
        raise nothing(shown)
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    if not (text.isascii() and text.isprintable()):
        _refuse_characters(text, shown, line)
    return text


def nothing(shown: str) -> KbError:
    """Make the problem of a file without any content (KB109)."""
    return fail("KB109", "There is nothing in it.", "Write records into it, or remove it.", shown)


def _not_utf8(data: bytes, start: int, shown: str, line: int, offset: int) -> KbError:
    before = _LINE_END.sub("\n", data[:start].decode("utf-8").removeprefix("" if offset else "\ufeff"))
    place = Lines(before, shown, line).place(len(before))
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:2]
    guess = " It looks like UTF-16 or UTF-32." if wide and not offset else ""
    message = f"Byte 0x{data[start]:02x} at offset {offset + start:,} is not UTF-8 text.{guess}"
    return fail("KB103", message, "Save the file as UTF-8.", place)


def _refuse_characters(text: str, shown: str, line: int) -> None:
    found = list(islice(_FORBIDDEN_IN_FILES.finditer(text), MOST_PROBLEMS))
    if not found:
        return
    lines = Lines(text, shown, line)
    remedy = "Remove it, or write it as an escape if it is meant."
    raise KbError(Problem(lines.place(each.start()), "KB108", f"The file holds {spell(each.group())}.", remedy) for each in found)


def is_clean(text: str) -> bool:
    """Tell whether a text holds nothing that :func:`characters` or :func:`decode` would refuse."""
    if text.isprintable() and (text.isascii() or not any(filler in text for filler in _FILLERS)):
        return True  # ten times as fast as to look for what is forbidden
    return not (_FORBIDDEN.search(text) or _FORBIDDEN_IN_FILES.search(text))


def is_clean_value(value: Any) -> bool:
    """Tell whether no string of a value holds anything that :func:`characters` would refuse."""
    return next(_walk(_NOWHERE, value, ()), None) is None


def characters(record: Record) -> Iterator[Problem]:
    """Find characters that no string of a record may hold (KB108)."""
    yield from islice(_walk(record, record.value, ()), MOST_PROBLEMS)


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
        message = f"The text holds {spell(found.group())} at position {found.start() + 1}."
        yield Problem(record.at(*path), "KB108", message, "Remove it: it would break exports or mislead readers.")


def spell(character: str) -> str:
    """Name a character, such as ``U+202E RIGHT-TO-LEFT OVERRIDE``."""
    return f"U+{ord(character):04X} {name(character, _NAMELESS.get(category(character), 'noncharacter'))}"
