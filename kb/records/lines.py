"""Lines of JSON, read fast where that provably gives what the strict reader gives; the strict reader does the rest.

msgspec reads a line in a microsecond but takes duplicate keys, numbers that change and characters that text must not
hold without a word. So what it gives is taken only if the line holds as many colons as the value has keys (a key that
stands twice costs a colon more), no fraction, and no suspicious character; every other line goes to :mod:`kb.records.json`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kb.records import text

_decode = msgspec.json.Decoder().decode


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
    if escaped and not text.is_clean_value(value):
        return None
    keys, colons = _keys(value), line.count(b":")
    if keys != colons and (keys < 0 or escaped or keys + _colons(value) != colons):
        return None
    return value


def _keys(value: dict[str, Any]) -> int:
    """Count the keys of an object and those inside it; a number far below zero where something is not read for certain."""
    count = len(value)
    for each in value.values():
        if type(each) is str or type(each) is int:
            continue
        for inner in each if type(each) is list else (each,):
            if type(inner) is dict:
                count += _keys(inner)
            elif type(inner) is float or type(inner) is list:
                return -1_000_000_000
    return count


def _colons(value: Any) -> int:
    """Count the colons in the strings of a value."""
    if isinstance(value, str):
        return value.count(":")
    if isinstance(value, dict):
        return sum(key.count(":") + _colons(each) for key, each in value.items())
    return sum(map(_colons, value)) if isinstance(value, list) else 0
