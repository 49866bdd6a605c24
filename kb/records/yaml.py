"""YAML 1.2 into plain values, with the place of each.

libyaml (through PyYAML) finds the events; this module builds values from them by the JSON schema of
YAML 1.2.2, section 10.2, widened as the core schema does for plain strings: ``no`` and ``2024-01-01``
stay words, ``012`` is not a number. Tags, anchors, aliases, merge keys and several documents in one
file are refused, because each lets a small file mean a large or surprising value.
"""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

import yaml

from kb.problems import KbError, Place, Problem, fail

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: How many lists and mappings may stand inside each other.
DEEPEST = 64

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "": None, "~": None}
_LONGEST_NUMBER = 300

Path = tuple[str | int, ...]


class Loaded(NamedTuple):
    """A value and where it and everything in it stands, by path."""

    value: Any
    places: dict[Path, Place]


class _Frame(NamedTuple):
    value: Any
    path: Path
    is_map: bool
    keys: list[tuple[str, Place]]


def parse(text: str, shown: str, offset: int = 0) -> Loaded:
    """Read one YAML document.

    Args:
        text: The text.
        shown: How messages name the file.
        offset: How many lines stand before the text in its file.

    Raises:
        KbError: Its problems, each with line and column.
    """
    builder = _Builder(shown, offset)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _syntax(error, shown, offset) from error
    if builder.problems:
        raise KbError(builder.problems)
    return Loaded(builder.root, builder.places)


def _syntax(error: yaml.YAMLError, shown: str, offset: int) -> KbError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    place = Place(shown, mark.line + 1 + offset, mark.column + 1) if mark else Place(shown)
    return fail("KB104", f"The YAML cannot be read: {what}.", "Check indentation, quotes and colons there.", place)


class _Builder:
    """Builds one value from parser events; keeps problems instead of raising."""

    def __init__(self, shown: str, offset: int) -> None:
        self.shown = shown
        self.offset = offset
        self.root: Any = None
        self.documents = 0
        self.places: dict[Path, Place] = {}
        self.problems: list[Problem] = []
        self.stack: list[_Frame] = []

    def place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.shown, mark.line + 1 + self.offset, mark.column + 1)

    def refuse(self, event: Any, code: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(self.place(event), code, message, remedy))

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self.open(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.AliasEvent):
            self.refuse(event, "KB106", f"The alias *{event.anchor} is refused.", "Write the value out.")
            self.add(event, None)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.refuse(event, "KB104", "A second YAML document begins here.", "Put it into a file of its own.")

    def decorated(self, event: Any) -> None:
        if event.anchor:
            self.refuse(event, "KB106", f"The anchor &{event.anchor} is refused.", "Write the value out where it is used.")
        if event.tag:
            self.refuse(event, "KB106", f"The tag {event.tag} is refused.", "Remove it: records are plain data.")

    def open(self, event: Any) -> None:
        self.decorated(event)
        if len(self.stack) >= DEEPEST:
            raise fail("KB111", f"More than {DEEPEST} levels are nested.", "Flatten the record.", self.place(event))
        is_map = isinstance(event, yaml.MappingStartEvent)
        value: Any = {} if is_map else []
        path = self.add(event, value)
        self.stack.append(_Frame(value, path, is_map, []))

    def scalar(self, event: Any) -> None:
        self.decorated(event)
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
            first = self.places[(*frame.path, key)]
            self.refuse(event, "KB105", f"The key {key!r} stands here and in line {first.line}.", "Keep one.")
        frame.keys.append((key, self.place(event)))

    def plain(self, event: Any) -> Any:
        text = event.value
        if text in _WORDS:
            return _WORDS[text]
        if not _FLOAT.fullmatch(text):
            return text
        number = int(text) if _INTEGER.fullmatch(text) and len(text) <= _LONGEST_NUMBER else float(text)
        if len(text) > _LONGEST_NUMBER or not math.isfinite(number):
            self.refuse(event, "KB107", "The number is too large to keep.", "Write it as a string, in quotes.")
            return 0
        return number

    def add(self, event: Any, value: Any) -> Path:
        """Put a value where it belongs and note its place; give its path."""
        if not self.stack:
            if self.documents <= 1:
                self.root = value
            self.places.setdefault((), self.place(event))
            return ()
        frame = self.stack[-1]
        if not frame.is_map:
            path: Path = (*frame.path, len(frame.value))
            frame.value.append(value)
        elif frame.keys:
            key, place = frame.keys.pop()
            path = (*frame.path, key)
            frame.value[key] = value
            if isinstance(value, dict | list):  # in block style it begins a line later: its key is the better place
                self.places.setdefault(path, place)
        else:
            self.refuse(event, "KB104", "A key must be a word, not a list or mapping.", "Check the braces and colons.")
            frame.keys.append(("", self.place(event)))
            path = (*frame.path, "")
        self.places.setdefault(path, self.place(event))
        return path
