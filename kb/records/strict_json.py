"""Parses JSON (RFC 8259) strictly: duplicate keys, NaN, Infinity, numbers that would change and deep nesting are problems.

The standard library decodes the values. The text is divided into tokens only if a message needs the place of a value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, AnyStr

from kb.files.text_file import MOST_PROBLEMS, TextLines
from kb.model import KEY, Trail
from kb.problems import KbError, Place, Problem, fail, quote

#: How many lists and mappings may be nested.
DEEPEST = 64

#: How many keys and values a text may hold: a file of JSON, or a line of JSON Lines.
MOST_VALUES = 4_000_000

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[-+.\w]++|[\[\]{},]')
_ENTRY = re.compile(r"[^\s,]")


#: What to do about a number that cannot be kept.
NUMBER_REMEDY = "Write it as a string, in quotes."

_LONGEST_NUMBER = 300


class RefusedError(ValueError):
    """The text is valid, but its value cannot be kept exactly; the parsers report the value and its place."""


def parse_number(word: str) -> int | float:
    """Parse a number; one without a fraction is an integer in any notation, as in JSON Schema 2020-12, section 4.2.3.

    Raises:
        RefusedError: It is too long, or too large for a double; or it is Infinity or NaN.
    """
    if len(word) > _LONGEST_NUMBER:
        raise RefusedError
    if word.lstrip("-").isdecimal():
        return int(word)
    number = float(word)
    if not math.isfinite(number):
        raise RefusedError
    return int(number) if number.is_integer() else number


def describe_number(word: str) -> str:
    """Return the message of a number that cannot be kept (KB107)."""
    return f"The number {word if len(word) <= 20 else f'{word[:20]}…'} is not supported."


@dataclass(slots=True)
class _Frame:
    path: Trail
    is_map: bool
    index: int = 0
    key: str | None = None


class Places(Mapping[Trail, Place]):
    """The places of the values in a text, by their paths, computed when they are first needed.

    Args:
        lines: The lines of the file.
        trace: Yields the path and the offset of each value.
    """

    def __init__(self, lines: TextLines, trace: Callable[[], Iterable[tuple[Trail, int]]]) -> None:
        self._lines, self._trace = lines, trace

    @cached_property
    def _places(self) -> dict[Trail, Place]:
        return {path: self._lines.place(offset) for path, offset in self._trace()}

    def __getitem__(self, path: Trail) -> Place:
        return self._places[path]

    def __iter__(self) -> Iterator[Trail]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def places(text: str, lines: TextLines, start: int = 0) -> Places:
    """Return the places of the values in a JSON text that starts at an offset of a file."""
    return Places(lines, lambda: ((path, start + offset) for path, offset, _ in tokens(text)))


def parse(text: str, file_name: str, line: int = 1) -> Any:
    """Parse one JSON value, which begins in a line of the file that ``file_name`` names.

    Raises:
        KbError: All problems, each with line and column.
    """
    _check_size(text, file_name, line)
    try:
        return _decode(text)
    except json.JSONDecodeError as error:
        place = Place(file_name, line + error.lineno - 1, error.colno)
        message, remedy = f"The JSON cannot be read: {error.msg}.", "Check commas, quotes and braces there."
        raise KbError([Problem(place, "KB104", message, remedy)]) from error
    except (RefusedError, RecursionError) as error:
        raise KbError(_find_refused(text, TextLines(text, file_name, line))) from error


def _check_size(text: str, file_name: str, line: int) -> None:
    """Refuse a text with more than :data:`MOST_VALUES` values (KB110), each of which takes many times the memory of its text."""
    if may_be_too_large(text):
        count = sum(match.group() not in "]}," for match in _TOKEN.finditer(text))
        if count > MOST_VALUES:
            message = f"The JSON holds {count:,} keys and values; at most {MOST_VALUES:,} are read."
            raise fail("KB110", message, "Split it.", Place(file_name, line))


def may_be_too_large(text: AnyStr) -> bool:
    """Return whether a text may have more than :data:`MOST_VALUES` keys and values, by the marks next to each of them."""
    marks: Any = "[{,:" if isinstance(text, str) else (b"[", b"{", b",", b":")
    return len(text) > 2 * MOST_VALUES and sum(map(text.count, marks)) > MOST_VALUES


def _decode(text: str) -> Any:
    """Decode JSON that is kept exactly.

    Raises:
        JSONDecodeError: The text is not JSON.
        RefusedError: It is, but repeats a key, nests too deeply or has a number that cannot be kept.
    """
    read = parse_number
    try:
        value = json.loads(text, object_pairs_hook=_pairs, parse_constant=read, parse_float=read, parse_int=read)
    except RefusedError:
        json.loads(text, parse_float=str, parse_int=str)  # the rest of the text, which was not read, may not be JSON
        raise
    if _depth(value) > DEEPEST:
        raise RefusedError
    return value


def _pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(items)
    if len(value) < len(items):
        raise RefusedError
    return value


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


def _find_refused(text: str, lines: TextLines) -> list[Problem]:
    """Find what is refused in a text that is valid JSON otherwise."""
    problems: list[Problem] = []
    first: dict[Trail, int] = {}
    for path, offset, word in tokens(text):
        place = lines.place(offset)
        if len(path) >= DEEPEST and word in ("[", "{") and path[-1] != KEY:
            problems.append(Problem(place, "KB111", f"More than {DEEPEST} levels are nested.", "Flatten the record."))
            break
        if path[-1:] == (KEY,):
            if path in first:
                line = lines.place(first[path]).line
                message = f"The key {quote(str(path[-2]))} is also in line {line}."
                problems.append(Problem(place, "KB105", message, "Keep one."))
            first.setdefault(path, offset)
        elif word[0] in "-0123456789NI":
            try:
                parse_number(word)
            except RefusedError:
                problems.append(Problem(place, "KB107", describe_number(word), NUMBER_REMEDY))
        if len(problems) >= MOST_PROBLEMS:
            break
    return problems or [Problem(lines.place(0), "KB111", "The JSON is nested too deeply.", "Flatten the record.")]


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of every entry of a text that is a JSON list."""
    decoder = json.JSONDecoder()
    entry = _ENTRY.search(text, text.index("[") + 1)
    while entry and entry.group() != "]":
        _, end = decoder.raw_decode(text, entry.start())
        yield entry.start(), end
        entry = _ENTRY.search(text, end)


def tokens(text: str) -> Iterator[tuple[Trail, int, str]]:
    """Yield every key and value of a JSON text in order: its path, the offset of its first code point, and its first token.

    The path of the key of a value is ``(*path, KEY)``.
    """
    frames: list[_Frame] = []
    for match in _TOKEN.finditer(text):
        word, offset = match.group(), match.start()
        frame = frames[-1] if frames else None
        if word in ("]", "}"):
            frames.pop()
        elif word == ",":
            frames[-1].index, frames[-1].key = frames[-1].index + 1, None
        elif frame and frame.is_map and frame.key is None:
            frame.key = str(json.loads(word))
            yield (*frame.path, frame.key, KEY), offset, word
        else:
            path: Trail = () if frame is None else (*frame.path, frame.index if frame.key is None else frame.key)
            yield path, offset, word
            if word in ("[", "{"):
                frames.append(_Frame(path, word == "{"))
