"""Merge versions of a file of records, record by record, as ``kb merge-driver`` does for git.

A file is split into texts that together are the file: its records with the comments above them, the keys and sentences of the
record of a document, and headings. Two versions are compared with the version that both come from, text by text. What only one
of them changed is taken; what both changed differently is a conflict around that text alone. The result is read again: it has
exactly the records that were chosen, or everything is a conflict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from kb.curation import record_edits
from kb.curation.canonical import HEADER
from kb.model import KEY
from kb.problems import KbError, fail
from kb.records import folder, strict_yaml
from kb.records.strict_yaml import Loaded
from kb.schema import vocabulary

_NAMES = {  # what tells the records of a kind apart
    "cue": ("list", "value", "language"),
    "fact": ("document", "subject", "predicate", "object"),
    "mapping": ("subject_id", "predicate_id", "object_id"),
}
_INNER_NAMES = ("id", "fact")  # of the sentences of a document, and of the results of its facts
#: What tells a record apart in its file.
Key = tuple[str, ...]
_Start = tuple[int, str, Key, Any]  # the line of a record, what it begins with, its key and its value


class RecordText(NamedTuple):
    """A record, or another part of a file that is merged as a whole; headings and keys have no value."""

    key: Key
    value: Any
    text: str


class MergeResult(NamedTuple):
    """The merged text, and the names of the records that both versions changed differently."""

    text: str
    conflicts: Key


def merge(base: str, ours: str, theirs: str, name: str, marker: int = 7) -> MergeResult:
    """Merge two versions of a file, whose kind follows from its path; order and form are those of our version.

    The version that both come from is empty if there is none; ``marker`` is the length of the markers around conflicts.

    Raises:
        KbError: A version cannot be split into records, or the result would lose one.
    """
    kind = find_kind(name)
    before, own, other = ({part.key: part for part in split(text, kind, name)} for text in (base, ours, theirs))
    texts, chosen, conflicts = [], [], []
    keys = _order(list(own), list(other))
    choices = {key: _choose(before.get(key), own.get(key), other.get(key)) for key in keys}
    lists = {key[:-1] for key, choice in choices.items() if choice != (None, False)}
    for key in keys:
        part, is_conflict = choices[key]
        if not part and key in lists:  # one version has no item left, and the other has a new one
            part = own.get(key) or other.get(key)
        if is_conflict:
            conflicts.append(" ".join(filter(None, key)))
            texts.append(mark_conflict(*(side[key].text if key in side else "" for side in (own, other)), marker=marker))
        elif part:
            chosen.append(part)
            texts.append(part.text)
    merged = "".join(map(_end, texts))
    if not conflicts:
        is_empty = name.endswith((".yaml", ".yml")) and not any(part.value is not None for part in chosen)
        merged += "[]\n" if is_empty else ""
        if _list_values(chosen) != _list_values(split(merged, kind, name)):
            raise fail("KB823", "The merged file would have other records.", "Resolve the conflict by hand.", name)
        with suppress(KbError):  # canonical form, if ours is in it
            merged = record_edits.keep_form(ours or theirs, merged, kind, Path(name))
    return MergeResult(merged, tuple(conflicts))


def _list_values(parts: Iterable[RecordText]) -> list[tuple[str, str]]:
    return sorted((part.key[0], json.dumps(part.value, sort_keys=True)) for part in parts if part.value is not None)


def find_kind(name: str) -> str:
    """Return the kind of the records in a file of a knowledge base, by its path.

    Raises:
        KbError: Its path is not that of a file of records (KB823).
    """
    path = PurePosixPath(name)
    if path.name.endswith(folder.MAPPINGS):
        return "mapping"
    kinds = {**folder.FOLDERS, "verification": "verification"}
    above = next((kinds[part] for part in reversed(path.parts[:-1]) if part in kinds), "")
    if kind := above or folder.SINGLES.get(path.name, ""):
        return kind
    raise fail("KB823", "It is not a file of records.", "Let git merge it: correct .gitattributes.", name)


def mark_conflict(ours: str, theirs: str, *, marker: int = 7) -> str:
    """Return two versions of some lines as an unresolved conflict."""
    ours, theirs = (re.sub(r"\A\s*\n", "", side) for side in (ours, theirs))
    return f"{'<' * marker} ours\n{_end(ours)}{'=' * marker}\n{_end(theirs)}{'>' * marker} theirs\n"


def split(text: str, kind: str, name: str) -> Iterator[RecordText]:
    """Split a file into texts that together are the file; their keys are unique.

    Raises:
        KbError: It cannot be read, or its records do not begin lines of their own (KB812).
    """
    seen: dict[Key, int] = {}
    reader = _split_yaml if name.endswith((".yaml", ".yml")) else _split_lines
    for part in reader(text, kind, name):
        count = seen[part.key] = seen.get(part.key, 0) + 1
        yield part if count == 1 else part._replace(key=(*part.key, f"#{count}"))


def _split_lines(text: str, kind: str, name: str) -> Iterator[RecordText]:
    """Split JSON Lines, or a table of SSSOM, in which all above the first row is one text."""
    lines, columns = text.splitlines(keepends=True), [""]
    if kind == "mapping" and lines:
        rows = next((number for number, line in enumerate(lines, 1) if not line.startswith("#")), len(lines))
        yield RecordText(("#", "heading"), None, "".join(lines[:rows]))
        lines, columns = lines[rows:], lines[rows - 1].rstrip("\n").split("\t")
    for line in filter(str.strip, lines):
        try:
            value = dict(zip(columns, line.rstrip("\n").split("\t"), strict=False)) if kind == "mapping" else json.loads(line)
        except ValueError as error:
            raise fail("KB104", f"A line is not JSON: {error}.", "Correct it.", name) from error
        yield RecordText(_key(value, kind, name), value, _end(line))


def _split_yaml(text: str, kind: str, name: str) -> Iterator[RecordText]:
    """Split a list into records, or a record into its keys and the items of their lists, with the comments above each."""
    if not text.strip():
        return
    loaded, lines = strict_yaml.parse(text, name), text.splitlines(keepends=True)
    starts = list(_find_starts(loaded, kind, name))
    numbers = [number for number, *_ in starts]
    if numbers != sorted(set(numbers)) or not all(lines[number].lstrip().startswith(start) for number, start, *_ in starts):
        raise fail("KB812", "Its records do not begin lines of their own.", "Run 'kb format' on it.", name)
    if not starts:
        lines = [line for line in lines if line.strip() != "[]"]
    ends = [*(_find_top(lines, number) for number in numbers[1:]), _find_top(lines, len(lines))]
    above, top = _find_top(lines, numbers[0]) if starts else 0, 0
    yield from _make_heading(lines[:above])
    top = above
    for (number, _, key, value), end in zip(starts, ends, strict=False):
        gaps = (at + 1 for at in range(top, number) if not lines[at].strip() or (at == 0 and lines[at].startswith(HEADER)))
        own = max(gaps, default=top)
        heading = list(_make_heading(lines[top:own]))
        yield from heading
        yield RecordText(key, value, "".join(lines[own if heading else top : end]))
        top = end
    yield from _make_heading(lines[top:])


def _make_heading(lines: list[str]) -> Iterator[RecordText]:
    """Yield the comments that belong to no record, if there are any."""
    if text := "".join(lines).strip():
        yield RecordText(("#", text), None, "".join(lines))


def _find_starts(loaded: Loaded, kind: str, name: str) -> Iterator[_Start]:
    """Yield the records of a list, or the keys of a record and the items of lists of things that have names."""
    if isinstance(loaded.value, list):
        for item in loaded.items():
            yield item.lines.place(item.offsets[0]).line - 1, "-", _key(item.value, kind, name), item.value
        return
    for key, value in loaded.value.items():
        names = [name for name in _INNER_NAMES if isinstance(value, list) and all(name in item for item in value)]
        place = loaded.places.get((key, KEY)) or loaded.places[key,]
        yield place.line - 1, "", (key,), None if names and value else value
        for number, item in enumerate(value if names else ()):
            yield loaded.places[key, number].line - 1, "-", (key, str(item[names[0]])), item


def _find_top(lines: list[str], number: int) -> int:
    """Return the first of the comments and blank lines above a line that are indented like it."""
    below = lines[number] if number < len(lines) else ""
    mark = f"{below[: len(below) - len(below.lstrip())]}#"
    while number and (not lines[number - 1].strip() or lines[number - 1].startswith(mark)):
        number -= 1
    return number


def _key(value: Any, kind: str, name: str) -> Key:
    """Return what tells a record apart from the others of its file."""
    if not isinstance(value, dict):
        return (json.dumps(value),)
    if kind not in _NAMES:
        return (str(value.get("id", "")),)
    if kind == "fact":
        value = {"document": PurePosixPath(name).name.partition(".")[0], **value}
    names = (*_NAMES[kind], *(vocabulary.restricting_qualifiers() if kind == "fact" else ()))
    return tuple(part if isinstance(part := value.get(key, ""), str) else json.dumps(part, sort_keys=True) for key in names)


def _order(own: list[Key], other: Iterable[Key]) -> list[Key]:
    """Return the keys of our version in their order, and those that only the other has after the one before them."""
    following: dict[Key, list[Key]] = {}
    ours, last = set(own), Key()
    for key in other:
        if key in ours:
            last = key
        else:
            following.setdefault(last, []).append(key)
    order = list(following.get((), ()))
    for key in own:
        order += [key, *following.get(key, ())]
    return order


def _choose(before: RecordText | None, own: RecordText | None, other: RecordText | None) -> tuple[RecordText | None, bool]:
    """Return the part of the version that changed it, and whether both did."""
    texts = [part and part.text.strip() for part in (before, own, other)]
    if texts[1] == texts[2] or texts[2] == texts[0] or (own and other and own.value == other.value is not None):
        return own, False
    return other, texts[1] != texts[0]


def _end(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
