"""Lines of JSON, read fast where that provably gives what the strict reader gives; the strict reader does the rest.

msgspec reads a line in a microsecond but takes duplicate keys, numbers that change and characters that text must not
hold without a word. So what it gives is taken only if the line holds as many colons as the value has keys (a key that
stands twice costs a colon more), no fraction, and no suspicious character; every other line goes to :mod:`kb.records.json`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kb import compression
from kb.model import Record
from kb.problems import Place, Problem, fail
from kb.records import json, text

#: The longest line of a JSON Lines file, in bytes.
LONGEST = 1024 * 1024

_decode = msgspec.json.Decoder().decode
_OBJECTS = {dict}
# A number with a fraction or an exponent, which readers differ on; and a list in a list, which no record has. Outside of
# texts they stand behind these marks and nowhere else.
_ODD = re.compile(rb"[:,\[]\s*-?[0-9]+[.eE]|[\[,]\s*\[")
_DEEPEST = 20


def quick(line: bytes) -> Any:
    """Read a line that holds one JSON object, or give nothing if the strict reader must have a look at it.

    Nothing is said of what the line holds beyond its characters: a value that is given still has to keep its schema.

    Args:
        line: The line, with or without its end.
    """
    try:
        whole = line.decode("utf-8")
        value = _decode(line)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        return None
    if type(value) is not dict or not text.is_clean(whole.rstrip("\r\n")):
        return None
    escaped = "\\" in whole
    if _ODD.search(line) or (escaped and not text.is_clean_value(value)):
        return None
    keys, colons = _keys(value, line.count(b"{")), line.count(b":")
    if keys != colons and (keys < 0 or escaped or keys + _colons(value) != colons):
        return None
    return value


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
        KbError: The file is not a regular one, or what it is compressed with cannot be undone.
        OSError: It cannot be read.
    """
    shown = str(path)
    text.regular(path, shown)
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
    whole = text.decode(line.data, shown, line.number, line.offset).rstrip("\n")
    value = json.parse(whole, shown, line.number)
    inside = text.Lines(whole, shown, line.number)
    return Record(kind, value, inside.place(0), json.Places(whole, inside), stem)


def _keys(value: dict[str, Any], braces: int) -> int:
    """Count the keys of an object and of all objects inside it.

    Args:
        value: The object.
        braces: How many objects there are at most: if there are as many in its lists, none is nested deeper.
    """
    keys, objects = len(value), 1
    for each in value.values():
        if type(each) is list and each and type(each[0]) is dict and set(map(type, each)) == _OBJECTS:
            keys += sum(map(len, each))
            objects += len(each)
    return keys if objects == braces else _keys_of(value)


def _keys_of(value: Any, depth: int = 0) -> int:
    """Count the keys of all objects in a value; a number far below zero where they are nested deeper than any record's."""
    if depth > _DEEPEST:
        return -1_000_000_000
    if isinstance(value, dict):
        return len(value) + sum(_keys_of(each, depth + 1) for each in value.values())
    return sum(_keys_of(each, depth + 1) for each in value) if isinstance(value, list) else 0


def _colons(value: Any) -> int:
    """Count the colons in the strings of a value."""
    if isinstance(value, str):
        return value.count(":")
    if isinstance(value, dict):
        return sum(key.count(":") + _colons(each) for key, each in value.items())
    return sum(map(_colons, value)) if isinstance(value, list) else 0
