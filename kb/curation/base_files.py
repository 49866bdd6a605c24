"""The files of a knowledge base that is merged with another: its records with their identity, and everything else as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from kb.curation import record_edits, record_merge
from kb.curation.canonical import canonicalize
from kb.curation.yaml_layout import comment_texts, flow
from kb.files import boundary, text_file
from kb.model import Record
from kb.problems import KbError, Problem, fail
from kb.records import folder, resolve
from kb.records.unread_files import holds_one

#: Folders beside those of records, whose files belong to a knowledge base.
_FOLDERS = (*folder.FOLDERS, "mappings", "queries", "verification", "proposals", "decisions", folder.IMPORTS)
_KINDS = {"verification": "verification", "proposals": "proposal", "decisions": "decision"}
_YAML = (".yaml", ".yml")
_LARGEST = 1 << 30  # bytes of a file, which is held in memory
#: What tells a record apart from the others of its knowledge base: its kind, and its names.
Key = tuple[str, ...]


@dataclass(slots=True, eq=False)
class BaseRecord:
    """A record of a knowledge base; ``value`` is what it will be, and nothing if it goes into another one."""

    record: Record
    file: str
    value: Any

    @property
    def key(self) -> Key:
        """What tells it apart."""
        kind, value = self.record.kind, self.value
        if kind == "fact":
            return (kind, resolve.parse_fact_value(value, self.stem).path)
        names = {
            "mapping": ("subject_id", "predicate_id", "object_id"),
            "cue": ("list", "value", "language"),
            "verification": ("document",),
        }
        if kind in {"proposal", "decision"}:
            return (kind, json.dumps(value, sort_keys=True))
        return (kind, *(str(value[name]) for name in names.get(kind, ("id",) if kind in folder.FOLDERS.values() else ())))

    @property
    def stem(self) -> str:
        """The document that states it if it is a fact that names none."""
        return PurePosixPath(self.file).name.partition(".")[0]

    @property
    def is_unchanged(self) -> bool:
        """Whether it stays as it is."""
        return self.value is self.record.value


@dataclass(slots=True)
class BaseFiles:
    """The files of a knowledge base, by their paths below it.

    Args:
        name: ``a`` or ``b``.
        top: Its folder.
        contents: The bytes of each file, the names of files before they are renamed.
        records: The records of each file of records.
        moved: The new paths of files that are renamed.
        license: Its licence, if that of the result is another.
    """

    name: str
    top: Path
    contents: dict[str, bytes] = field(default_factory=dict)
    records: dict[str, list[BaseRecord]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    license: str = ""

    def keeps(self, path: str) -> bool:
        """Whether a file of records stays as it is."""
        return all(one.is_unchanged for one in self.records[path]) and not (self.license and path.endswith(folder.MAPPINGS))

    def list_records(self) -> Iterator[BaseRecord]:
        """Yield all records."""
        for records in self.records.values():
            yield from records

    def rename_files(self, old: str, new: str) -> None:
        """Rename the files that are named after a document."""
        for path in self.contents:
            name = PurePosixPath(path).name
            if name.partition(".")[0] == old and path.partition("/")[0] in {"documents", "facts", "verification"}:
                self.moved[path] = f"{path[: -len(name)]}{new}{name.removeprefix(old)}"
        for one in self.list_records():
            one.file = self.moved.get(one.file, one.file)


def read_files(top: Path, name: str) -> BaseFiles:
    """Read the files of a knowledge base, whose records must be valid."""
    base, problems = BaseFiles(name, top), list[Problem]()
    kinds = {str(path.relative_to(top)): kind for path, kind in folder.find_files(top, problems)}
    for part in _FOLDERS:
        for above, entries in boundary.walk(top / part, lambda error: problems.extend(error.problems)):
            entries[:] = [entry for entry in entries if not entry.name.startswith(".")]
            is_flat = part not in folder.FOLDERS  # a folder that is named like a file is refused when it is read
            named = [entry.name for entry in entries if not entry.is_folder or (is_flat and PurePosixPath(entry.name).suffix)]
            files = [str((above / name).relative_to(top)) for name in named]
            known = {path: _KINDS[part] for path in files if part in _KINDS and folder.has_records(path)}
            kinds |= {path: known.get(path, kinds.get(path, "")) for path in files}
    if problems:
        raise KbError(problems)
    for path, kind in sorted(kinds.items()):
        base.contents[path] = text_file.read_bytes(top / path, str(top / path), _LARGEST)
        if kind:
            base.records[path] = [BaseRecord(record, path, record.value) for record in folder.read_file(top / path, kind)]
    return base


def write_files(sides: Collection[BaseFiles]) -> dict[str, bytes]:
    """Return the files of the two knowledge bases as those of one; a file of both has the records of both."""
    made: dict[str, bytes] = {}
    sources: dict[str, list[tuple[BaseFiles, str]]] = {}
    for side in sides:
        for path in side.contents:
            sources.setdefault(side.moved.get(path, path), []).append((side, path))
    for path, own in sorted(sources.items()):
        parts = [(side, name) for side, name in own if any(one.value is not None for one in side.records.get(name, ()))]
        plain = [(side, name) for side, name in own if not side.records.get(name)]  # without records, as an empty list
        if len(parts) == 1 and parts[0][0].keeps(parts[0][1]):
            plain = parts
        elif parts:
            made |= _write_records(path, parts)
            continue
        for side, name in plain[:1]:
            made[path] = side.contents[name]
    return made


def _write_records(path: str, parts: list[tuple[BaseFiles, str]]) -> Iterator[tuple[str, bytes]]:
    """Yield the file of the records of one or two others; a table whose headings differ stays one of its own."""
    records = [one for side, name in parts for one in side.records[name] if one.value is not None]
    kind = records[0].record.kind
    if kind == "mapping":
        yield from _write_mappings(path, parts)
    elif not path.endswith(_YAML):
        lines = (f"{json.dumps(one.value, ensure_ascii=False)}\n" for one in records)
        yield f"{path.partition('.')[0]}.jsonl", "".join(lines).encode("utf-8")
    elif len(records) == 1 and all(holds_one(str(side.top / name)) for side, name in parts):
        comments = dict.fromkeys(text for side, name in parts for text in comment_texts(_decode(side, name)))
        text = "".join(f"{comment}\n" for comment in comments) + flow(records[0].value)
        yield path, canonicalize(f"{text}\n", kind, path).encode("utf-8")
    else:
        texts = list(dict.fromkeys(text for side, name in parts for text in _list_texts(side, name)))
        yield path, canonicalize("".join(texts), kind, path).encode("utf-8")


def _list_texts(side: BaseFiles, name: str) -> Iterator[str]:
    """Yield the texts of the records of a file that stay, with their comments, and its headings."""
    text, kind, records = _decode(side, name), side.records[name][0].record.kind, iter(side.records[name])
    try:
        parts = [] if holds_one(str(side.top / name)) else list(record_merge.split(text, kind, str(side.top / name)))
    except KbError:  # its records do not begin lines of their own
        parts = []
    if not parts:
        yield from (f"{comment}\n\n" for comment in comment_texts(text))
        yield from (record_edits.format_record(one.value, kind, name) for one in records if one.value is not None)
    for part in parts:
        one = next(records) if part.value is not None else None
        if one is None or one.is_unchanged:
            yield part.text if part.text.endswith("\n") else f"{part.text}\n"
        elif one.value is not None:
            comments = "".join(f"{comment}\n" for comment in comment_texts(part.text))
            yield f"\n{comments}{record_edits.format_record(one.value, kind, name)}"


def _write_mappings(path: str, parts: list[tuple[BaseFiles, str]]) -> Iterator[tuple[str, bytes]]:
    """Yield tables of mappings: one, or two if their headings differ."""
    tables: dict[str, list[str]] = {}
    for side, name in parts:
        place = str(side.top / name)
        head, *rows = record_merge.split(_decode(side, name), "mapping", place)
        columns = head.text.rstrip("\n").rpartition("\n")[2].split("\t")
        at, records = columns.index("subject_id"), side.records[name]
        if len(rows) != len(records):
            raise fail("KB812", "A row of this table has several lines.", "Write each row on one line.", place)
        lines = tables.setdefault(_mark_license(head.text, side.license), [])
        for row, one in zip(rows, records, strict=True):
            cells = row.text.split("\t")
            if one.value:
                lines.append("\t".join([*cells[:at], one.value["subject_id"], *cells[at + 1 :]]))
    for number, (heading, lines) in enumerate(tables.items(), 1):
        own = path if number == 1 else f"{path.removesuffix(folder.MAPPINGS)}-{number}{folder.MAPPINGS}"
        yield own, "".join([heading, *dict.fromkeys(lines)]).encode("utf-8")


def _mark_license(heading: str, own: str) -> str:
    """Return the heading of a table with a licence, if it has none of its own and that of the result is another."""
    is_marked = not own or re.search(r"^# *license:|\tlicense(\t|$)", heading, re.MULTILINE)
    return heading if is_marked else f"#license: {own}\n{heading}"


def _decode(side: BaseFiles, name: str) -> str:
    return text_file.decode(side.contents[name], str(side.top / name))
