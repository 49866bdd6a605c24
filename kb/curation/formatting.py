"""Find and write the files of a knowledge base that differ from their canonical form or from its editor schemas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from kb.curation import editor_schemas
from kb.curation.canonical import canonicalize
from kb.files import boundary, text_file
from kb.problems import KbError, Place, Problem
from kb.records import folder


def find_changes(top: Path) -> dict[Path, str]:
    """Return the files that differ from their canonical form, with their new content.

    Only YAML files of records are formatted; JSON and JSON Lines, which programs write, are not. If the knowledge base has
    schemas for editors, they are updated too.

    Raises:
        KbError: All problems of files that cannot be read or formatted (KB803).
    """
    problems: list[Problem] = []
    changes: dict[Path, str] = {}
    for path, kind in folder.find_files(top, problems):
        if path.suffix.lower() not in {".yaml", ".yml"}:
            continue
        try:
            now = text_file.read_text(path, str(path))
            formatted = canonicalize(now, kind, str(path))
        except KbError as error:
            problems.extend(error.problems)
        else:
            if formatted.encode("utf-8") != text_file.read_bytes(path, str(path)):
                changes[path] = formatted
    if problems:
        raise KbError(problems)
    if boundary.exists(top / editor_schemas.FOLDER):
        changes |= editor_schemas.find_changes(top, changes)
    return changes


def changes_as_problems(changes: Mapping[Path, str]) -> list[Problem]:
    """Return a problem for each file that differs (KB802, KB706)."""
    schema, records = ("KB706", "It is not up to date."), ("KB802", "It is not in canonical form.")
    rules = ((path, *(schema if path.suffix == ".json" else records)) for path in changes)
    return [Problem(Place(str(path)), code, message, "Run 'kb format'.") for path, code, message in rules]


def rewrite(top: Path, find: Callable[[Path], Mapping[Path, str]] = find_changes) -> list[Path]:
    """Write the files of a knowledge base that a function finds to be different, all of them or none; return their paths.

    Raises:
        KbError: As the function, or the files cannot be written.
    """
    with folder.lock_records(top) as write:
        changes = find(top)
        write({path: [content] for path, content in changes.items()})
        return list(changes)
