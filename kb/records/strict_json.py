"""Parses JSON (RFC 8259) strictly: duplicate keys, NaN, Infinity, numbers that would change and deep nesting are problems.

The standard library decodes the values. The text is divided into tokens only if a message needs the place of a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from kb.files.text_file import MOST_PROBLEMS, TextLines
from kb.model import KEY, Trail
from kb.problems import KbError, Place, Problem, quote
from kb.records import numbers

#: How many lists and mappings may be nested.
DEEPEST = 64

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[-+.\w]++|[\[\]{},]')
_ENTRY = re.compile(r"[^\s,]")


class _RefusedError(ValueError):
    """The text is valid JSON that is refused; :func:`_refused` finds what and where."""


class Token(NamedTuple):
    """A key, or the start of a value.

    Args:
        path: Its path; ``(*path, KEY)`` for the key of a value.
        offset: The offset of its first code point.
        word: Its text; the opening bracket or brace of a list or mapping.
    """

    path: Trail
    offset: int
    word: str


@dataclass(slots=True)
class _Frame:
    path: Trail
    is_map: bool
    index: int = 0
    key: str | None = None


class Places(Mapping[Trail, Place]):
    """The places of the values in a JSON text that starts at an offset of a file, computed when they are first needed."""

    def __init__(self, text: str, lines: TextLines, start: int = 0) -> None:
        self._text = text
        self._lines = lines
        self._start = start

    @cached_property
    def _places(self) -> dict[Trail, Place]:
        return {path: self._lines.place(self._start + offset) for path, offset, _ in tokens(self._text)}

    def __getitem__(self, path: Trail) -> Place:
        return self._places[path]

    def __iter__(self) -> Iterator[Trail]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def parse(text: str, shown: str, line: int = 1) -> Any:
    """Parse one JSON value.

    Args:
        text: The text.
        shown: How messages name the file.
        line: The line of the file in which the text begins.

    Raises:
        KbError: All problems, each with line and column.
    """
    try:
        value = json.loads(text, object_pairs_hook=_pairs, parse_constant=_number, parse_float=_number, parse_int=_number)
        if _is_deep(value):
            raise _RefusedError  # noqa: TRY301 - everything that is refused is reported in one place
    except json.JSONDecodeError as error:
        place = Place(shown, line + error.lineno - 1, error.colno)
        message, remedy = f"The JSON cannot be read: {error.msg}.", "Check commas, quotes and braces there."
        raise KbError([Problem(place, "KB104", message, remedy)]) from error
    except (_RefusedError, RecursionError) as error:
        raise KbError(_refused(text, TextLines(text, shown, line))) from error
    return value


def _pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(items)
    if len(value) < len(items):
        raise _RefusedError
    return value


def _number(word: str) -> int | float:
    value = None if word[-1] in "yN" else numbers.parse(word)  # Infinity, NaN
    if value is None:
        raise _RefusedError
    return value


def _is_deep(value: Any) -> bool:
    level, depth = _containers([value]), 0
    while level and depth <= DEEPEST:
        depth += 1
        level = [inner for outer in level for inner in _containers(outer.values() if isinstance(outer, dict) else outer)]
    return depth > DEEPEST


def _containers(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, dict | list)]


def _refused(text: str, lines: TextLines) -> list[Problem]:
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
        elif word[0] in "-0123456789NI" and (word[-1] in "yN" or numbers.parse(word) is None):
            problems.append(Problem(place, "KB107", numbers.message(word), numbers.REMEDY))
        if len(problems) >= MOST_PROBLEMS:
            break
    return problems


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of every entry of a text that is a JSON list."""
    decoder = json.JSONDecoder()
    entry = _ENTRY.search(text, text.index("[") + 1)
    while entry and entry.group() != "]":
        _, end = decoder.raw_decode(text, entry.start())
        yield entry.start(), end
        entry = _ENTRY.search(text, end)


def tokens(text: str) -> Iterator[Token]:
    """Yield every key and value of a JSON text with its path and offset, in the order of the text."""
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
            yield Token((*frame.path, frame.key, KEY), offset, word)
        else:
            path: Trail = () if frame is None else (*frame.path, frame.index if frame.key is None else frame.key)
            yield Token(path, offset, word)
            if word in ("[", "{"):
                frames.append(_Frame(path, word == "{"))
