"""JSON and JSON Lines into plain values (RFC 8259), refusing what other readers take silently.

Duplicate keys, NaN and Infinity, numbers that would change, and deep nesting are problems. Values keep
no place of their own while all is well; a record's :attr:`~kb.model.Record.places` are found by reading
it again as YAML, of which JSON is a subset, when a message needs them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from kb.problems import KbError, Place, fail
from kb.records import yaml

#: The longest line of a JSON Lines file, in bytes.
LONGEST_LINE = 1024 * 1024


def parse(text: str, shown: str, line: int = 1) -> Any:
    """Read one JSON value.

    Args:
        text: The text.
        shown: How messages name the file.
        line: The line of the file in which the text begins.

    Raises:
        KbError: What is wrong, with line and column.
    """

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(items)
        if len(value) < len(items):
            seen: set[str] = set()
            twice = next(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            raise fail("KB105", f"The key {twice!r} stands twice in one object.", "Keep one.", Place(shown, line))
        return value

    def number(word: str) -> float:
        value = float(word)
        if not math.isfinite(value):
            raise fail("KB107", f"The number {word[:20]} cannot be kept.", "Write it as a string.", Place(shown, line))
        return value

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=number, parse_float=number)
    except json.JSONDecodeError as error:
        place = Place(shown, line + error.lineno - 1, error.colno)
        raise fail("KB104", f"The JSON cannot be read: {error.msg}.", "Check commas, quotes and braces there.", place) from error
    except RecursionError as error:
        raise _too_deep(shown, line) from error
    except ValueError as error:  # more digits than Python converts
        raise fail("KB107", "A number has too many digits.", "Write it as a string.", Place(shown, line)) from error
    if _depth(value) > yaml.DEEPEST:
        raise _too_deep(shown, line)
    return value


def _too_deep(shown: str, line: int) -> KbError:
    return fail("KB111", f"More than {yaml.DEEPEST} levels are nested.", "Flatten the record.", Place(shown, line))


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        inner, depth = waiting.pop()
        if isinstance(inner, dict | list):
            deepest = max(deepest, depth)
            waiting.extend((each, depth + 1) for each in (inner.values() if isinstance(inner, dict) else inner))
            if deepest > yaml.DEEPEST:
                break
    return deepest


class Places(Mapping[tuple[str | int, ...], Place]):
    """The places of the values in a JSON text, found when first asked for."""

    def __init__(self, text: str, shown: str, line: int, top: tuple[str | int, ...] = ()) -> None:
        self._text = text
        self._shown = shown
        self._line = line
        self._top = top
        self._found: dict[tuple[str | int, ...], Place] | None = None

    def _places(self) -> dict[tuple[str | int, ...], Place]:
        if self._found is None:
            try:
                every = yaml.parse(self._text.replace("\t", " "), self._shown, self._line - 1).places
            except KbError:  # JSON that YAML reads otherwise, such as \/ or surrogate pairs: the record's line must do
                every = {}
            depth = len(self._top)
            self._found = {path[depth:]: place for path, place in every.items() if path[:depth] == self._top}
        return self._found

    def __getitem__(self, path: tuple[str | int, ...]) -> Place:
        return self._places()[path]

    def __iter__(self) -> Iterator[tuple[str | int, ...]]:
        return iter(self._places())

    def __len__(self) -> int:
        return len(self._places())
