"""Lines of JSON, read fast where that provably gives what the strict reader gives; the strict reader does the rest.

msgspec reads a line in a microsecond but takes duplicate keys and other forms of numbers without a word. So what it gives
is taken only if writing it, in one of the ways in which programs write JSON, gives the very line again: then nothing was
lost on the way. Every other line goes to :mod:`kb.records.strict_json`.
"""

from __future__ import annotations

import json as writer
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec

from kb.files import compression, text_file
from kb.model import Record
from kb.problems import Place, Problem, fail
from kb.records import encoding, parquet, strict_json

#: The longest line of a JSON Lines file, in bytes.
LONGEST = 32 * 1024 * 1024

# How deep lists and objects may lie in a record; strict reading allows more, and schemas less.
_DEEPEST = 6
_WIDEST = 2**63 - 1


def _value(depth: int) -> Any:
    """Give the type of values that have no fractions and are nested no deeper than any record's."""
    plain = str | Annotated[int, msgspec.Meta(ge=-_WIDEST, le=_WIDEST)] | bool | None
    if not depth:
        return plain
    inner = _value(depth - 1)
    return plain | list[inner] | dict[str, inner]  # type: ignore[valid-type] # made here


_decode = msgspec.json.Decoder(dict[str, _value(_DEEPEST)]).decode  # type: ignore[misc] # as above
_encode = msgspec.json.Encoder().encode


def quick(line: bytes) -> Any:
    """Read a line that holds one JSON object, or give nothing if the strict reader must have a look at it.

    Nothing is said of what the line holds beyond its characters: a value that is given still has to keep its schema.

    Args:
        line: The line, with or without its end.
    """
    body = line.rstrip(b"\r\n")
    try:
        value = _decode(body)
        if not _writes(value, body):
            return None
        # of ASCII, other controls than this are no JSON
        is_clean = b"\x7f" not in body if body.isascii() else encoding.is_clean(body.decode("utf-8"))
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        return None
    return value if is_clean and (b"\\" not in body or encoding.is_clean_value(value)) else None


def _writes(value: Any, body: bytes) -> bool:
    """Tell whether a program that writes a value would write these bytes."""
    compact = _encode(value)
    if compact == body or msgspec.json.format(compact, indent=0) == body:
        return True
    if b"\\u" not in body:
        return False
    return any(writer.dumps(value, separators=each).encode() == body for each in ((",", ":"), (", ", ": ")))


class Line(NamedTuple):
    """A line of a file: its bytes, the offset of the first of them, its number from 1 or from the start of a stretch."""

    data: bytes
    offset: int = 0
    number: int = 1


def stretch(path: Path, problems: list[Problem], start: int = 0, end: int = -1) -> Iterator[Line]:
    """Give each line of a stretch of a file that is not blank.

    Args:
        path: The file.
        problems: Where lines are told that are too long (KB110).
        start: Where to begin, which must be the start of a line; line numbers are counted from here.
        end: Where to end; -1 for the end of the file.

    Raises:
        KbError: The file is not a regular one, or what it is compressed with cannot be undone, or it is no Parquet.
        OSError: It cannot be read.
    """
    shown = str(path)
    if parquet.is_parquet(shown):
        yield from (Line(data, row, row - start + 1) for row, data in parquet.lines(shown, start, end))
        return
    with compression.open_file(shown, start) as file:
        offset, number, read = start, 0, file.readline
        while offset != end and (data := _next(read, shown)):
            number += 1
            here, offset = offset, offset + len(data)
            if len(data) > LONGEST:
                message = f"The line has more than {LONGEST:,} bytes."
                problems.append(Problem(Place(shown, number), "KB110", message, "Split the record."))
                while data and not data.endswith(b"\n"):
                    data = _next(read, shown)
                    offset += len(data)
            elif not data.isspace():
                yield Line(data, here, number)


def _next(read: Callable[[int], bytes], shown: str) -> bytes:
    try:
        return read(LONGEST + 1)
    except compression.damage(shown) as error:
        message = f"It cannot be decompressed: {error}."
        raise fail("KB114", message, "Compress it again, or give it uncompressed.", shown) from error


def one(path: str, where: int) -> bytes:
    """Give the line of a file at an offset, or the row of that number.

    Raises:
        KbError: It is no Parquet.
        OSError: It cannot be read.
    """
    if parquet.is_parquet(path):
        return next((data for _, data in parquet.lines(path, where, where + 1)), b"")
    with compression.open_file(path, where) as file:
        return file.readline(LONGEST + 1)


def record(kind: str, line: Line, shown: str, stem: str) -> Record:
    """Read a line strictly, with the place of every value.

    Args:
        kind: The kind of its record.
        line: The line, with its number in the file.
        shown: How messages name the file.
        stem: The file's name without suffixes.

    Raises:
        KbError: It cannot be read.
    """
    whole = text_file.decode(line.data, shown, line.number, line.offset).rstrip("\n")
    value = strict_json.parse(whole, shown, line.number)
    inside = text_file.TextLines(whole, shown, line.number)
    return Record(kind, value, inside.place(0), strict_json.Places(whole, inside), stem)
