"""Copy the terms and predicates of other knowledge bases, which ``imports`` in ``kb.yaml`` names, into ``imports/NAME/``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from kb.checks import json_schema
from kb.curation import init
from kb.files import atomic, boundary, text_file
from kb.importers import rdf_import
from kb.problems import KbError, Problem
from kb.records import folder

_LARGEST = 1 << 30  # bytes of a file, which is held in memory
_COPIED = {"kb", "term", "predicate"}
_FILES = {"kb", "terms", "predicates"}  # and folders, without suffix


def update_imports(top: Path, *, check: bool = False) -> list[str]:
    """Copy what a knowledge base imports; return the files that differ, relative to its folder.

    Args:
        top: The folder that holds ``kb.yaml``.
        check: Whether to write nothing.

    Raises:
        KbError: ``kb.yaml`` is invalid, a source cannot be read, or the copy cannot be written.
    """
    with atomic.open_folder(top, keep_edits=True) as writer:
        changes: dict[str, bytes | None] = {}
        for name, entry in _read_declared(top).items():
            copied = _read_source(top / entry["path"])
            for path in {*copied, *_list_copied(top / folder.IMPORTS / name)}:
                content = copied.get(path)
                if content is None or not text_file.has_content(top / folder.IMPORTS / name / path, content):
                    changes[f"{folder.IMPORTS}/{name}/{path}"] = content
        if not check:
            writer.replace({path: None if content is None else [content] for path, content in changes.items()})
    return sorted(changes)


def _read_declared(top: Path) -> Mapping[str, Any]:
    """Return what ``kb.yaml`` imports, by name."""
    for record in folder.read_file(top / "kb.yaml", "kb"):
        if problems := list(json_schema.check(record)):
            raise KbError(problems)
        declared: Mapping[str, Any] = record.value.get("imports", {})
        return declared
    return {}


def _list_copied(copy: Path) -> list[str]:
    paths = [path for path, _ in folder.find_files(copy, [])] if boundary.exists(copy / "kb.yaml") else []
    return [path.relative_to(copy).as_posix() for path in paths]


def _read_source(source: Path) -> dict[str, bytes]:
    """Return ``kb.yaml`` and the files of terms and predicates of a knowledge base, a release or an export.

    Raises:
        KbError: It is none of these, or cannot be read.
    """
    if boundary.exists(source / "kb.yaml"):
        problems: list[Problem] = []
        paths = [path for path, kind in folder.find_files(source, problems) if kind in _COPIED]
        if problems:
            raise KbError(problems)
        return {path.relative_to(source).as_posix(): text_file.read_bytes(path, str(path), _LARGEST) for path in paths}
    read = rdf_import.read_base(source)
    files = dict(init.write_records(path, content) for path, content in read.records.items()) | read.files
    return {path: content for path, content in files.items() if PurePosixPath(path).parts[0].partition(".")[0] in _FILES}
