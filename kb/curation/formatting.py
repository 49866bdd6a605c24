"""Find and write the files of a knowledge base that differ from their canonical form or from its editor schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kb.curation import editor_schemas
from kb.curation.canonical import canonicalize
from kb.files import atomic, text_file
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
    for path, kind in _yaml_files(top, problems):
        try:
            now = text_file.read_text(path, str(path))
            formatted = canonicalize(now, kind, str(path))
        except KbError as error:
            problems.extend(error.problems)
        else:
            if formatted.encode("utf-8") != path.read_bytes():
                changes[path] = formatted
    if problems:
        raise KbError(problems)
    if (top / editor_schemas.FOLDER).is_dir():
        changes |= editor_schemas.find_changes(top, changes)
    return changes


def _yaml_files(top: Path, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    return ((path, kind) for path, kind in folder.files(top, problems) if path.suffix.lower() in {".yaml", ".yml"})


def changes_as_problems(changes: Mapping[Path, str]) -> list[Problem]:
    """Return a problem for each file that differs (KB802, KB706)."""
    return [
        Problem(Place(str(path)), "KB706", "It is not up to date.", "Run 'kb format'.")
        if path.suffix == ".json"
        else Problem(Place(str(path)), "KB802", "It is not in canonical form.", "Run 'kb format'.")
        for path in changes
    ]


def write_changes(top: Path, changes: Mapping[Path, str]) -> None:
    """Write files of a knowledge base, all of them or none."""
    atomic.write_folder(top, {str(path.relative_to(top)): [content] for path, content in changes.items()})
