"""The files of a knowledge base against their canonical form, and against the schemas that editors read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kb.curation import editor
from kb.curation.canonical import canonical
from kb.files import atomic, text_file
from kb.problems import KbError, Place, Problem
from kb.records import folder


def changes(top: Path) -> dict[Path, str]:
    """Give the files that differ from their canonical form, with what they should hold.

    Those are the YAML files of records; JSON and JSON Lines, the forms of bulk, are left as they are. Where the knowledge base
    has schemas for editors, they are kept current too.

    Raises:
        KbError: Files cannot be read, or not be formatted without a change of meaning (KB803); all of them.
    """
    problems: list[Problem] = []
    found: dict[Path, str] = {}
    for path, kind in _yaml(top, problems):
        try:
            now = text_file.read_text(path, str(path))
            made = canonical(now, kind, str(path))
        except KbError as error:
            problems.extend(error.problems)
        else:
            if made.encode("utf-8") != path.read_bytes():
                found[path] = made
    if problems:
        raise KbError(problems)
    if (top / editor.FOLDER).is_dir():
        found = {**found, **editor.changes(top, found)}
    return found


def _yaml(top: Path, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    return ((path, kind) for path, kind in folder.files(top, problems) if path.suffix.lower() in {".yaml", ".yml"})


def stale(found: Mapping[Path, str]) -> list[Problem]:
    """Tell of each file that differs."""
    told = {True: ("KB706", "It is not up to date."), False: ("KB802", "It is not in canonical form.")}
    return [Problem(Place(str(path)), *told[path.suffix == ".json"], "Run 'kb format'.") for path in found]


def write(top: Path, found: Mapping[Path, str]) -> None:
    """Write files of a knowledge base, all of them or none."""
    atomic.write_folder(top, {str(path.relative_to(top)): [made] for path, made in found.items()})
