"""Read files up to a limit, as UTF-8, so that no file can fill the memory; :mod:`kb.files.boundary` opens them.

:func:`read_text` is for records and queries, and refuses characters that would break exports or line numbers.
:func:`read_bytes` with :func:`decode_utf8` is for texts, in which every character is allowed.
"""

from __future__ import annotations

import os
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from kb.files.boundary import exists, open_file, unreadable_error
from kb.problems import KbError, Place, Problem, fail, visible

#: How many bytes of a file are read at most, where the caller sets no other limit.
LARGEST = 16 * 1024 * 1024

#: How many problems are reported of one file that cannot be read, or of the characters of one record.
MOST_PROBLEMS = 100

# C0 and C1 controls but tab and newline, surrogates, noncharacters; as the inside of a character class.
BROKEN = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
)
#: What may not occur in a file of records: some readers take the last three for ends of lines or the start of a file.
FORBIDDEN = re.compile(f"[{BROKEN}\u2028\u2029\ufeff]")

_UNNAMED = {"Cc": "control character", "Cs": "lone surrogate"}
_LINE_END = re.compile("\r\n?")
_planned: ContextVar[Mapping[Path, bytes]] = ContextVar("planned", default=MappingProxyType({}))


class TextLines:
    """The offsets at which the lines of a text begin, to turn an offset into a place; line ends are newlines."""

    def __init__(self, text: str, name: str, line: int = 1) -> None:
        self._name = name
        self._line = line
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, offset: int) -> Place:
        """Return the place of a code point, by its offset in the text."""
        index = bisect_right(self._starts, offset) - 1
        return Place(self._name, self._line + index, offset - self._starts[index] + 1)


def read_text(path: Path, name: str) -> str:
    """Read a file as text, with every line ending turned into a newline; ``name`` is what messages call it.

    Raises:
        KbError: As :func:`read_bytes` and :func:`decode`.
    """
    return decode(read_bytes(path, name), name)


@contextmanager
def read_planned(contents: Mapping[Path, bytes]) -> Iterator[None]:
    """Let the readers of files read other contents in this block: those that are planned, and will be written with others."""
    token = _planned.set({**_planned.get(), **contents})
    try:
        yield
    finally:
        _planned.reset(token)


def find_planned(path: Path) -> bytes | None:
    """Return the planned content of a file, if it has one."""
    return _planned.get().get(path)


def has_file(path: Path) -> bool:
    """Return whether a file exists, or is planned."""
    return find_planned(path) is not None or exists(path)


def read_bytes(path: Path, name: str, largest: int = LARGEST, within: Path | None = None) -> bytes:
    """Read a file up to a limit in bytes, also if it grows meanwhile; ``name`` is what messages call it.

    Raises:
        KbError: As :func:`kb.files.boundary.open_file`, which takes ``within``; or the file is too large (KB110).
    """
    if (planned := find_planned(path)) is not None:
        return planned
    try:
        with open_file(path, name, within) as file:
            size = os.fstat(file.fileno()).st_size
            data = file.read(min(size, largest) + 1)  # as much as is asked for is allocated
            if size < len(data) <= largest:  # it grows, or is one of those in /proc, which have no size
                data += file.read(largest + 1 - len(data))
    except OSError as error:
        raise unreadable_error(error, name) from error
    return check_size(data, name, largest, size)


def has_content(path: Path, content: bytes, within: Path | None = None) -> bool:
    """Return whether a file exists and has this content.

    Raises:
        KbError: As :func:`kb.files.boundary.open_file`, but for a missing file.
    """
    if not exists(path):
        return False
    try:
        with open_file(path, within=within) as file:
            return file.read(len(content) + 1) == content
    except OSError as error:
        raise unreadable_error(error, str(path)) from error


def read_stream(stream: BinaryIO, name: str, largest: int = LARGEST) -> bytes:
    """Read a stream such as standard input to its end, up to a limit.

    Raises:
        KbError: It cannot be read (KB102) or holds more (KB110).
    """
    try:
        data = stream.read(largest + 1)
    except OSError as error:
        raise unreadable_error(error, name) from error
    return check_size(data, name, largest)


def check_size(data: bytes, name: str, largest: int = LARGEST, size: int = 0) -> bytes:
    """Return the content of a file that is not too large; ``size`` is that of the file, of which this may be the beginning.

    Raises:
        KbError: It is larger (KB110).
    """
    if len(data) > largest:
        count = f"{size:,}" if size > largest else f"more than {largest:,}"
        message = f"The file has {count} bytes; at most {largest:,} are read."
        raise fail("KB110", message, "Split it; records can also be JSON Lines (.jsonl), which have no such limit.", name)
    return data


@contextmanager
def report_as_input(name: str, code: str = "KB104") -> Iterator[None]:
    """Report whatever a parser raises as a problem of the input that it was given, since parsers have holes.

    Problems and errors of the operating system pass. Readers of input from elsewhere run inside this context.

    Args:
        name: What messages call the input.
        code: The rule.
    """
    try:
        yield
    except (KbError, OSError):
        raise
    except Exception as error:  # any exception means that the input is not what its reader expects
        reason = visible(str(error))
        message = f"{UNEXPECTED} ({type(error).__name__}{f': {reason}' if reason else ''})."
        raise fail(code, message, "Check the input. If it is right, please report this with it.", name) from error


#: How the message begins for input that makes a parser fail in a way that no reader foresees.
UNEXPECTED = "The input makes kb fail"


def decode(data: bytes, name: str, line: int = 1, offset: int = 0) -> str:
    """Decode the bytes of records or of a query; the arguments are those of :func:`decode_utf8`.

    Raises:
        KbError: They are empty (KB109), not UTF-8 (KB103), or hold what breaks exports or line numbers (KB108).
    """
    text = decode_utf8(data, name, line, offset)
    if not text.strip():
        raise empty_error(name)
    matches = [] if text.isascii() and text.isprintable() else list(islice(FORBIDDEN.finditer(text), MOST_PROBLEMS))
    if matches:
        lines, remedy = TextLines(text, name, line), "Remove it, or write it as an escape if it is meant."
        raise KbError(
            Problem(lines.place(match.start()), "KB108", f"The file holds {spell(match.group())}.", remedy) for match in matches
        )
    return text


def decode_utf8(data: bytes, name: str, line: int = 1, offset: int = 0) -> str:
    """Decode bytes as UTF-8, dropping one byte order mark and turning line endings into newlines.

    They begin at ``line``, after ``offset`` bytes, of the file that messages call ``name``.

    Raises:
        KbError: They are not UTF-8 (KB103).
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(data, error.start, name, line, offset) from error
    if not offset:
        if b"\0" in data[:2]:
            raise _not_utf8(data, data.index(b"\0"), name, line, offset)
        text = text.removeprefix("\ufeff")
    return _LINE_END.sub("\n", text) if "\r" in text else text


def decode_as(data: bytes, name: str, encoding: str) -> str:
    """Decode bytes in an encoding that they declare, a codec of Python; otherwise as :func:`decode_utf8`.

    Raises:
        KbError: They are not in this encoding (KB103).
    """
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"Byte 0x{data[error.start]:02x} at offset {error.start:,} is not {encoding} text, which the file declares."
        raise fail("KB103", message, "Save the file as UTF-8.", name) from error
    return _LINE_END.sub("\n", text.removeprefix("\ufeff"))


def has_wide_mark(data: bytes) -> bool:
    """Return whether bytes begin with a byte order mark of UTF-16."""
    return data.startswith((b"\xff\xfe", b"\xfe\xff"))


def empty_error(name: str) -> KbError:
    """Return the error for a file without any content (KB109)."""
    return fail("KB109", "The file is empty.", "Write records into it, or remove it.", name)


def _not_utf8(data: bytes, start: int, name: str, line: int, offset: int) -> KbError:
    before = _LINE_END.sub("\n", data[:start].decode("utf-8").removeprefix("" if offset else "\ufeff"))
    place = TextLines(before, name, line).place(len(before))
    is_wide = not offset and (has_wide_mark(data) or b"\0" in data[:2])
    guess = " It looks like UTF-16 or UTF-32." if is_wide else ""
    message = f"Byte 0x{data[start]:02x} at offset {offset + start:,} is not UTF-8 text.{guess}"
    return fail("KB103", message, "Save the file as UTF-8.", place)


def spell(character: str) -> str:
    """Name a character, such as ``U+202E RIGHT-TO-LEFT OVERRIDE``."""
    return f"U+{ord(character):04X} {unicodedata.name(character, _UNNAMED.get(unicodedata.category(character), 'noncharacter'))}"
