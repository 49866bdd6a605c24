"""Add, replace and remove single records in YAML files, and leave the rest of a file as it is.

A file in canonical form stays in it, so that its records are sorted; a file in another form is not reformatted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from kb.curation.canonical import canonicalize
from kb.curation.yaml_layout import comment_texts
from kb.files import text_file
from kb.model import Record
from kb.problems import fail


def format_record(value: dict[str, Any], kind: str, name: str) -> str:
    """Return a record in canonical form, as an item of a list."""
    return canonicalize(f"- {json.dumps(value, ensure_ascii=False)}\n", kind, name)


def append(path: Path, kind: str, values: Iterable[dict[str, Any]]) -> str:
    """Return the text of a file, which may not exist yet, with more records."""
    records = "\n".join(format_record(value, kind, str(path)) for value in values)
    now = text_file.read_text(path, str(path)) if text_file.has_file(path) else ""
    above = now.rstrip()
    separator = "\n" if above.endswith("[]") else "\n\n" if above else ""
    return keep_form(now, f"{above.removesuffix('[]').rstrip()}{separator}{records}", kind, path)


def replace(record: Record, value: dict[str, Any] | None) -> str:
    """Return the text of a record's file with another value in its place, or without it; see :func:`replace_all`."""
    return replace_all(Path(record.place.file), [(record, value)])


def replace_all(path: Path, changes: Sequence[tuple[Record, dict[str, Any] | None]]) -> str:
    """Return the text of a file with other values in the place of records, or without them.

    Comments inside a record are kept above its new value.

    Raises:
        KbError: A record is not an item of a list in block style (KB812).
    """
    now = text_file.read_text(path, str(path))
    lines = now.splitlines(keepends=True)
    for record, value in sorted(changes, key=lambda change: -change[0].place.line):  # so that the places of the others stay
        lines = _replace(lines, record, value)
    has_records = any(not line.startswith("#") and line.strip() for line in lines)
    return keep_form(now, "".join(lines if has_records else [*lines, "[]\n"]), changes[0][0].kind, path)


def _replace(lines: list[str], record: Record, value: dict[str, Any] | None) -> list[str]:
    start, name = record.place.line - 1, record.place.file
    if not name.lower().endswith((".yaml", ".yml")) or not lines[start].startswith("- "):
        message = "This record is not an item of a YAML list with a line of its own."
        raise fail("KB812", message, "Run 'kb format', or edit the file.", record.place)
    end = start + 1
    while end < len(lines) and (lines[end][:1].isspace() or lines[end].startswith("#")):
        end += 1
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1  # what stands above the next record belongs to it
    comments = [f"{comment}\n" for comment in comment_texts("".join(lines[start:end]))] if value else []
    new = [*comments, format_record(value, record.kind, name)] if value else []
    if not value and end < len(lines) and not lines[end].strip():
        end += 1
    return [*lines[:start], *new, *lines[end:]]


def keep_form(before: str, after: str, kind: str, path: Path) -> str:
    """Return the new text of a file, in canonical form if the file was; JSON, which programs write, has none."""
    is_yaml = path.suffix.lower() in {".yaml", ".yml"}
    is_canonical = is_yaml and (not before.strip() or canonicalize(before, kind, str(path)) == before)
    return canonicalize(after, kind, str(path)) if is_canonical else after
