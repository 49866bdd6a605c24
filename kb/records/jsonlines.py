"""Reads JSON Lines: fast where the result is provably that of the strict reader, and strictly otherwise.

msgspec decodes a line in a microsecond, but accepts duplicate keys and other forms of numbers. Its value is therefore used
only if encoding it, in one of the usual layouts of JSON, gives the same line again: then nothing was lost. Every other
line goes to :mod:`kb.records.strict_json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec

from kb.files import characters, compression, text_file
from kb.model import Record
from kb.problems import Place, Problem, fail
from kb.records import parquet, strict_json

#: The suffixes of JSON Lines, which can be compressed.
_SUFFIXES = tuple(f"{name}{compressed}" for name in (".jsonl", ".ndjson") for compressed in ("", ".gz", ".zst"))

#: The suffixes of files that are read record by record, however large they are.
BULK_SUFFIXES = (*_SUFFIXES, parquet.SUFFIX)

#: The longest line of a JSON Lines file, in bytes.
LONGEST = 32 * 1024 * 1024
_MOST_SKIPPED = LONGEST  # bytes of lines that are longer, after which the rest of a file is not read

_SHORT = 4096  # bytes that nearly all lines have at most

# How deep the fast decoder lets lists and objects nest. The strict reader allows more, and schemas fewer levels.
_DEEPEST = 6
_WIDEST = 2**63 - 1


def _value(depth: int) -> Any:
    """Return the type of values without fractions and with at most this depth."""
    scalar = str | Annotated[int, msgspec.Meta(ge=-_WIDEST, le=_WIDEST)] | bool | None
    if not depth:
        return scalar
    inner = _value(depth - 1)
    return scalar | list[inner] | dict[str, inner]  # type: ignore[valid-type] # made here


_decode = msgspec.json.Decoder(dict[str, _value(_DEEPEST)]).decode  # type: ignore[misc] # as above
_encode = msgspec.json.Encoder().encode


def decode_fast(line: bytes) -> Any:
    """Decode a line that holds one JSON object, or return ``None`` if :func:`parse_record` must read the line.

    The value is that of the strict reader. Its characters are checked; its schema is not.
    """
    body = line.rstrip(b"\r\n")
    if strict_json.may_be_too_large(body):
        return None
    try:
        value = _decode(body)
        if not _is_encoding(value, body):
            return None
        # DEL is the only ASCII control character that JSON allows inside a string
        is_clean = b"\x7f" not in body if body.isascii() else characters.is_clean(body.decode("utf-8"))
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        return None
    return value if is_clean and (b"\\" not in body or characters.is_clean_value(value)) else None


def _is_encoding(value: Any, body: bytes) -> bool:
    """Return whether a line is the encoding of a value in one of the usual layouts of JSON."""
    compact = _encode(value)
    if compact == body or msgspec.json.format(compact, indent=0) == body:
        return True
    if b"\\u" not in body:
        return False
    return any(json.dumps(value, separators=pair).encode() == body for pair in ((",", ":"), (", ", ": ")))


class Line(NamedTuple):
    """A line of a file, the offset of its first byte, and its number in the file or in the part that was read, from 1.

    The offset in a Parquet file is the number of rows before it.
    """

    data: bytes
    offset: int = 0
    number: int = 1


def read_lines(path: Path, problems: list[Problem], start: int = 0, end: int = -1) -> Iterator[Line]:
    """Yield each line between two offsets of a file (-1 for its end) that is not blank; append problems of long lines (KB110).

    Raises:
        KbError: The file is not a regular file (KB102), cannot be decompressed, or is not Parquet (KB114).
        OSError: It cannot be read.
    """
    file_name = str(path)
    if parquet.is_parquet(file_name):
        yield from (Line(data, row, row - start + 1) for row, data in parquet.read_lines(file_name, start, end))
        return
    with compression.open_file(file_name, start) as file:
        offset, number, skipped, read = start, 0, 0, partial(file.readline, LONGEST + 1)
        while offset != end and (data := _next(read, file_name)):
            number += 1
            here, offset = offset, offset + len(data)
            if len(data) > LONGEST:
                message = f"The line has more than {LONGEST:,} bytes."
                problems.append(Problem(Place(file_name, number), "KB110", message, "Split the record."))
                while data and not data.endswith(b"\n"):
                    data = _next(read, file_name)
                    offset += len(data)
                    skipped += len(data)
                    if skipped > _MOST_SKIPPED:  # these are no records, and may be terabytes of a sparse file
                        return
            elif not data.isspace():
                yield Line(data, here, number)
            else:  # a small compressed file can hold a billion
                ahead = _next(file.peek, file_name)[: None if end < 0 else end - offset]
                blank = ahead.rfind(b"\n", 0, len(ahead) - len(ahead.lstrip())) + 1
                number += ahead.count(b"\n", 0, blank)
                offset += len(file.read(blank))


def _next(read: Callable[[], bytes], file_name: str) -> bytes:
    try:
        return read()
    except compression.damage_errors(file_name) as error:
        message = f"It cannot be decompressed: {error}."
        raise fail("KB114", message, "Compress it again, or give it uncompressed.", file_name) from error


def read_line(path: str, where: int) -> bytes:
    """Read the line at an offset of a file, or the row with a number.

    Raises:
        KbError: It is not Parquet (KB114).
        OSError: It cannot be read.
    """
    if parquet.is_parquet(path):
        return next((data for _, data in parquet.read_lines(path, where, where + 1)), b"")
    size = _SHORT
    while size < LONGEST:
        line, newline, _ = compression.read_at(path, where, size).partition(b"\n")
        if newline or len(line) < size:
            return line + newline
        size *= 16
    return compression.read_at(path, where, LONGEST + 1).partition(b"\n")[0]


def parse_record(kind: str, line: Line, file_name: str, stem: str) -> Record:
    """Parse a line strictly, with the place of every value.

    Raises:
        KbError: It cannot be read.
    """
    text = text_file.decode(line.data, file_name, line.number, line.offset).rstrip("\n")
    value = strict_json.parse(text, file_name, line.number)
    lines = text_file.TextLines(text, file_name, line.number)
    return Record(kind, value, lines.place(0), strict_json.places(text, lines), stem)
