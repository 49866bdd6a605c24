"""Parses YAML 1.2 into plain values, with the place of each.

libyaml (through PyYAML) yields events, and this module builds values from them by the JSON schema of YAML 1.2.2 (section
10.2), in which plain scalars that are no JSON literal are strings: ``no`` and ``2024-01-01`` are strings, and so is ``012``.
Tags, anchors, aliases, merge keys and several documents in one file are refused, since a small file could then hold a
large or surprising value.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from kb.files.text_file import MOST_PROBLEMS
from kb.model import KEY, Trail
from kb.problems import KbError, Place, Problem, quote
from kb.records import numbers
from kb.records.strict_json import DEEPEST

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: How many values one file may hold; a value takes many times the memory of its text.
MOST_VALUES = 1_000_000

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "": None, "~": None}


class Loaded(NamedTuple):
    """A value, and the place of everything in it, by path.

    The place of a list or mapping is that of its key, if it has one. The place of the key of another value is at
    ``(*path, KEY)``.
    """

    value: Any
    places: dict[Trail, Place]


class _Frame(NamedTuple):
    value: Any
    path: Trail
    is_map: bool
    keys: list[tuple[str, Place]]


def parse(text: str, file_name: str, offset: int = 0) -> Loaded:
    """Parse one YAML document, which begins after a number of lines of a file, from decoded text.

    Raises:
        KbError: All problems, each with line and column.
    """
    builder = _Builder(file_name, offset)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except yaml.YAMLError as error:
        builder.problems.append(_syntax(error, text, file_name, offset))
    if builder.problems:
        raise KbError(builder.problems)
    return Loaded(builder.root, builder.places)


def parse_fast(text: str) -> Any:  # noqa: C901, PLR0912 - one loop over events: calls would cost what it saves
    """Parse one valid YAML document without the places of its values, in less than half the time of :func:`parse`.

    Return ``None`` if the document is null, or :func:`parse` refuses it.
    """
    outer: list[Any] = []
    event: Any
    inside: Any = None
    root: Any = None
    key: str | None = None
    values = documents = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            sort = type(event)
            if sort is yaml.ScalarEvent or sort is yaml.MappingStartEvent or sort is yaml.SequenceStartEvent:
                if event.anchor or event.tag:
                    return None
                is_key = key is None and type(inside) is dict
                if sort is not yaml.ScalarEvent:
                    value: Any = {} if sort is yaml.MappingStartEvent else []
                elif event.style or is_key:
                    value = event.value
                else:
                    value = _plain(event.value)
                values += not is_key
                if is_key:
                    if type(value) is not str or value in inside or (value == "<<" and not event.style):
                        return None
                    key = value
                    continue
                if key is not None:
                    inside[key], key = value, None
                elif inside is not None:
                    inside.append(value)
                else:
                    root = value
                if sort is not yaml.ScalarEvent:
                    outer.append(inside)
                    inside = value
            elif sort is yaml.MappingEndEvent or sort is yaml.SequenceEndEvent:
                inside, key = outer.pop(), None
            elif sort is yaml.DocumentStartEvent:
                documents += 1
            elif sort is yaml.AliasEvent:
                return None
            if len(outer) > DEEPEST or values > MOST_VALUES:
                return None
    except (yaml.YAMLError, numbers.RefusedError):
        return None
    return root if documents == 1 else None


def _plain(word: str) -> Any:
    """Return the value of a plain scalar."""
    if word in _WORDS:
        return _WORDS[word]
    return numbers.parse(word) if _NUMBER.fullmatch(word) else word


def _syntax(error: yaml.YAMLError, text: str, file_name: str, offset: int) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is not YAML"
    place = Place(file_name)
    if mark:
        line, column = mark.line, mark.column
        last = text.count("\n")
        if line > last:  # libyaml appends a newline to a file that does not end with one
            line, column = last, len(text) - text.rfind("\n") - 1
        place = Place(file_name, line + 1 + offset, column + 1)
    return Problem(place, "KB104", f"The YAML cannot be read: {what}.", "Check indentation, quotes and colons there.")


class _Builder:
    """Builds one value from parser events; collects problems, and raises only where it cannot continue."""

    def __init__(self, file_name: str, offset: int) -> None:
        self.file_name = file_name
        self.offset = offset
        self.root: Any = None
        self.documents = 0
        self.values = 0
        self.places: dict[Trail, Place] = {(): Place(file_name, offset + 1, 1)}
        self.problems: list[Problem] = []
        self.stack: list[_Frame] = []

    def place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.file_name, mark.line + 1 + self.offset, mark.column + 1)

    def refuse(self, event: Any, code: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.place(event), code, message, remedy))
        if len(self.problems) >= MOST_PROBLEMS:
            raise KbError(self.problems)

    def stop(self, event: Any, code: str, message: str, remedy: str) -> None:
        self.refuse(event, code, message, remedy)
        raise KbError(self.problems)

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self.open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.AliasEvent):
            self.alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.stop(event, "KB104", "A second YAML document starts here.", "Put it into a file of its own.")

    def refuse_properties(self, event: Any) -> None:
        if event.anchor:
            remedy = "Write the value out where it is used."
            self.refuse(event, "KB106", f"The anchor {quote('&' + event.anchor)} is refused.", remedy)
        if event.tag:
            remedy = "Remove it: records are plain data."
            self.refuse(event, "KB106", f"The tag {quote(event.tag)} is refused.", remedy)

    def alias(self, event: Any) -> None:
        self.refuse(event, "KB106", f"The alias {quote('*' + event.anchor)} is refused.", "Write the value out.")
        if self.stack and self.stack[-1].is_map and not self.stack[-1].keys:
            self.stack[-1].keys.append(("", self.place(event)))
        else:
            self.add(event, None)

    def open(self, event: Any) -> None:
        self.refuse_properties(event)
        if len(self.stack) >= DEEPEST:
            self.stop(event, "KB111", f"More than {DEEPEST} levels are nested.", "Flatten the record.")
        is_map = isinstance(event, yaml.MappingStartEvent)
        value: Any = {} if is_map else []
        self.stack.append(_Frame(value, self.add(event, value), is_map, []))

    def scalar(self, event: Any) -> None:
        self.refuse_properties(event)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.is_map and not frame.keys:
            self.key(frame, event)
        else:
            self.add(event, event.value if event.style else self.plain(event))

    def key(self, frame: _Frame, event: Any) -> None:
        key = event.value
        if key == "<<" and not event.style:
            self.refuse(event, "KB106", "The merge key << is refused.", "Write the keys out.")
        if key in frame.value:
            first = self.places.get((*frame.path, key, KEY)) or self.places[(*frame.path, key)]
            self.refuse(event, "KB105", f"The key {quote(key)} is also in line {first.line}.", "Keep one.")
        frame.keys.append((key, self.place(event)))

    def plain(self, event: Any) -> Any:
        try:
            return _plain(event.value)
        except numbers.RefusedError:
            self.refuse(event, "KB107", numbers.message(event.value), numbers.REMEDY)

    def add(self, event: Any, value: Any) -> Trail:
        """Add a value to its list or mapping, record its place, and return its path."""
        self.values += 1
        if self.values > MOST_VALUES:
            message = f"The file holds more than {MOST_VALUES:,} values."
            self.stop(event, "KB110", message, "Split it, or use JSON Lines (.jsonl), which has no such limit.")
        if not self.stack:
            self.root = value
            self.places[()] = self.place(event)
            return ()
        frame = self.stack[-1]
        if not frame.is_map:
            path: Trail = (*frame.path, len(frame.value))
            frame.value.append(value)
        elif frame.keys:
            key, place = frame.keys.pop()
            path = (*frame.path, key)
            frame.value[key] = value
            # In block style a list or mapping starts a line later than its key, which is the better place.
            self.places.setdefault(path if isinstance(value, dict | list) else (*path, KEY), place)
        else:
            self.refuse(event, "KB104", "A key must be a word, not a list or mapping.", "Check the braces and colons.")
            frame.keys.append(("", self.place(event)))
            path = (*frame.path, "")
        self.places.setdefault(path, self.place(event))
        return path
