"""Parses YAML 1.2 into plain values, with the place of each.

libyaml (through PyYAML) yields events, and one loop builds values from them by the JSON schema of YAML 1.2.2 (section 10.2), in
which plain scalars that are no JSON literal are strings: ``no`` and ``2024-01-01`` are strings, and so is ``012``. Beside the
value, the loop lists only the offsets of keys and values; places are computed when a message needs them.
Tags, anchors, aliases, merge keys and several documents in one file are refused, since a small file could then hold a
large or surprising value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from kb.files.text_file import MOST_PROBLEMS, TextLines
from kb.model import KEY, Trail
from kb.problems import KbError, Problem, quote
from kb.records.strict_json import DEEPEST, NUMBER_REMEDY, Places, RefusedError, describe_number, parse_number
from kb.records.yaml_errors import explain_syntax_error, refuse_conflict

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: How many values one file may hold; a value takes many times the memory of its text.
MOST_VALUES = 1_000_000

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "": None, "~": None}
_VALUES = (yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent, yaml.AliasEvent)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A value, with the offsets of all keys and values inside it, itself included, in their order in the text."""

    value: Any
    lines: TextLines
    offsets: list[int]

    @property
    def places(self) -> Places:
        """The place of everything in the value, by path.

        The place of a list or mapping is that of its key, if it has one: in block style it starts a line later than its key,
        which is the better place. The place of the key of another value is at ``(*path, KEY)``.
        """
        return Places(self.lines, lambda: _trace(self.value, iter(self.offsets)))

    def items(self) -> Iterator[Loaded]:
        """Yield the items of a value that is a list."""
        start = 1
        for item in self.value:
            end = start + _count(item)
            yield Loaded(item, self.lines, self.offsets[start:end])
            start = end


def _count(value: Any) -> int:
    """Count the keys and values inside a value, itself included."""
    if isinstance(value, dict):
        return 1 + len(value) + sum(map(_count, value.values()))
    return 1 + sum(map(_count, value)) if isinstance(value, list) else 1


def _trace(value: Any, offsets: Iterator[int], path: Trail = (), key: int = -1) -> Iterator[tuple[Trail, int]]:
    """Yield the path and offset of everything in a value, whose key has an offset, or -1 without one."""
    own = next(offsets)
    is_scalar = not isinstance(value, dict | list)
    yield path, own if is_scalar or key < 0 else key
    if is_scalar and key >= 0:
        yield (*path, KEY), key
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _trace(inner, offsets, (*path, name), next(offsets))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _trace(inner, offsets, (*path, index))


def parse(text: str, file_name: str) -> Loaded:
    """Parse one YAML document from decoded text.

    Raises:
        KbError: All problems, each with line and column.
    """
    refuse_conflict(text, file_name)
    reader = _Reader(TextLines(text, file_name))
    try:
        value = reader.read(text)
    except yaml.YAMLError as error:
        reader.problems.append(explain_syntax_error(error, text, file_name))
    if reader.problems:
        raise KbError(reader.problems)
    return Loaded(value, reader.lines, reader.offsets or [0])


class _Reader:
    """Builds one value from parser events; collects problems, and raises only where it cannot continue."""

    def __init__(self, lines: TextLines) -> None:
        self.lines = lines
        self.offsets: list[int] = []
        self.problems: list[Problem] = []

    def read(self, text: str) -> Any:  # noqa: C901, PLR0912 - one loop over events: calls would halve its speed
        """Return the value of a text; :attr:`offsets` and :attr:`problems` are filled."""
        event: Any
        root: Any = None
        inside: Any = None
        key: str | None = None
        keys: dict[str, int] = {}  # of the mapping, with their offsets
        outer: list[tuple[Any, str | None, dict[str, int]]] = []
        values = documents = 0
        for event in yaml.parse(text, Loader=_Loader):
            sort = type(event)
            if sort in _VALUES:
                offset = event.start_mark.index
                self.offsets.append(offset)
                is_key = key is None and type(inside) is dict
                if sort is yaml.AliasEvent or event.anchor or event.tag:
                    self._refuse_properties(event)
                values += not is_key
                if values > MOST_VALUES:
                    message = f"The file holds more than {MOST_VALUES:,} values."
                    self._stop(event, "KB110", message, "Split it, or use JSON Lines (.jsonl), which has no such limit.")
                if sort is yaml.ScalarEvent:
                    value = event.value if event.style or is_key else self._plain(event)
                else:
                    value = {} if sort is yaml.MappingStartEvent else [] if sort is yaml.SequenceStartEvent else None
                if is_key:
                    key = self._key(event, offset, keys)
                elif key is not None:
                    inside[key], key = value, None
                elif inside is not None:
                    inside.append(value)
                else:
                    root = value
                if sort is yaml.MappingStartEvent or sort is yaml.SequenceStartEvent:
                    if len(outer) >= DEEPEST:
                        self._stop(event, "KB111", f"More than {DEEPEST} levels are nested.", "Flatten the record.")
                    outer.append((inside, key, keys))
                    inside, key, keys = value, None, {}
            elif sort is yaml.MappingEndEvent or sort is yaml.SequenceEndEvent:
                inside, key, keys = outer.pop()
            elif sort is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self._stop(event, "KB104", "A second YAML document starts here.", "Put it into a file of its own.")
        return root

    def _refuse(self, event: Any, code: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.lines.place(event.start_mark.index), code, message, remedy))
        if len(self.problems) >= MOST_PROBLEMS:
            raise KbError(self.problems)

    def _stop(self, event: Any, code: str, message: str, remedy: str) -> NoReturn:
        self._refuse(event, code, message, remedy)
        raise KbError(self.problems)

    def _refuse_properties(self, event: Any) -> None:
        is_alias = isinstance(event, yaml.AliasEvent)
        for name, mark, what, remedy in (
            (is_alias and event.anchor, "*", "alias", "Write the value out"),
            (not is_alias and event.anchor, "&", "anchor", "Write the value out where it is used"),
            (not is_alias and event.tag, "", "tag", "Remove it: records are plain data"),
        ):
            if name:
                self._refuse(
                    event, "KB106", f"The {what} {quote(mark + name)} is refused.", f"{remedy}, or put a text in quotes."
                )

    def _key(self, event: Any, offset: int, keys: dict[str, int]) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            if not isinstance(event, yaml.AliasEvent):
                self._refuse(event, "KB104", "A key must be a word, not a list or mapping.", "Check the braces and colons.")
            return ""
        key: str = event.value
        if key == "<<" and not event.style:
            self._refuse(event, "KB106", "The merge key << is refused.", "Write the keys out.")
        if key in keys:
            message = f"The key {quote(key)} is also in line {self.lines.place(keys[key]).line}."
            self._refuse(event, "KB105", message, "Keep one, or begin a record of its own with a dash and a space.")
        keys.setdefault(key, offset)
        return key

    def _plain(self, event: Any) -> Any:
        """Return the value of a plain scalar."""
        word = event.value
        if word in _WORDS:
            return _WORDS[word]
        try:
            return parse_number(word) if _NUMBER.fullmatch(word) else word
        except RefusedError:
            self._refuse(event, "KB107", describe_number(word), NUMBER_REMEDY)
