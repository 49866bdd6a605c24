"""Prepare a knowledge base for several curators who keep it in git: the merge driver, and the files that hosts read."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kb.files import boundary, text_file
from kb.problems import KbError, Problem, fail, quote
from kb.records import folder
from kb.reports.changed_files import run_git

_ATTRIBUTES, _OWNERS, _IGNORED = ".gitattributes", "CODEOWNERS", ".gitignore"
_DRIVER = "kb-records"
_OWNER = re.compile(r"@[\w.-]+(/[\w.-]+)*|[^\s@<>#]+@[\w.-]+", re.ASCII)
# Lines are only added to these files, so that git can keep those of both sides.
_APPENDED = [f"/{name}/*.jsonl merge=union" for name in ("proposals", "decisions")]
# Editors' schemas follow from the records, so each curator makes them with 'kb schema' or 'kb format'.
_SCHEMAS = "/schemas/"


def check_owners(owners: Sequence[str]) -> None:
    """Refuse owners that no host would read as such.

    Raises:
        KbError: One is none (KB832).
    """
    for owner in (owner for owner in owners if not _OWNER.fullmatch(owner)):
        remedy = "Write @NAME, @GROUP/TEAM or an address of electronic mail."
        raise fail("KB832", f"{quote(owner)} is no owner.", remedy, "--owner")


def find_changes(top: Path, owners: Sequence[str] = ()) -> Mapping[Path, str]:
    """Return the files that a team needs beside the records, with the lines that they lack.

    Raises:
        KbError: The knowledge base cannot be read, or an owner is none (KB832).
    """
    if wrong := next((owner for owner in owners if not _OWNER.fullmatch(owner)), ""):
        raise fail(
            "KB832", f"{quote(wrong)} is no owner.", "Write @NAME, @GROUP/TEAM or an address of electronic mail.", "--owner"
        )
    problems: list[Problem] = []
    documents = [path.name.partition(".")[0] for path, kind in folder.find_files(top, problems) if kind == "document"]
    if unread := [problem for problem in problems if Path(problem.place.file).is_relative_to(top / "documents")]:
        raise KbError(unread)
    wanted = {
        _ATTRIBUTES: [*(f"{pattern} merge={_DRIVER}" for pattern in _list_patterns()), *_APPENDED],
        _IGNORED: [_SCHEMAS],
        _OWNERS: list(_list_owners(_run(top, "rev-parse", "--show-prefix") or "", documents, owners)),
    }
    changes = {}
    for name, lines in wanted.items():
        path = top / name
        now = text_file.read_text(path, str(path)) if boundary.exists(path) else ""
        missing = [line for line in lines if line not in now.splitlines()]
        if missing and not (name == _OWNERS and now):
            changes[path] = "".join([now, "" if now.endswith("\n") or not now else "\n", *(f"{line}\n" for line in missing)])
    return changes


def _list_patterns() -> Iterator[str]:
    """Yield the patterns of the files of records, as git reads them."""
    yield from (f"/{name}" for name in folder.SINGLES if name.endswith(".yaml"))
    yield from (f"/{name}/**/*.{ending}" for name in (*folder.FOLDERS, "verification") for ending in ("y*ml", "jsonl"))
    yield f"/mappings/**/*{folder.MAPPINGS}"


def _list_owners(prefix: str, documents: Iterable[str], owners: Sequence[str]) -> Iterator[str]:
    """Yield who reviews what: all of them what is shared, and one in turn each document with its facts."""
    mark, names = ("", owners) if owners else ("# ", ["@OWNER"])
    yield "# Who reviews what. Hosts read this file at the top of a repository, in .github/ or in docs/."
    yield f"{mark}/{prefix} {' '.join(names)}"
    for number, document in enumerate(documents):
        for place in ("documents", "facts", "verification"):
            yield f"{mark}/{prefix}{place}/{document}.* {names[number % len(names)]}"


def is_team(top: Path) -> bool:
    """Return whether a knowledge base is prepared for a team, so that each new term has a file of its own."""
    path = top / _ATTRIBUTES
    return boundary.exists(path) and f"merge={_DRIVER}" in text_file.read_text(path, str(path))


def install_driver(top: Path) -> bool:
    """Tell git, in the repository around a folder, to merge files of records with kb; return whether there is a repository."""
    command = f"{shlex.quote(sys.executable)} -m kb merge-driver %O %A %B %P --marker-size %L"
    # Where histories cross, git merges several bases into one first; a conflict in that would be no records.
    settings = {"name": "records of kb", "driver": command, "recursive": "binary"}
    return None not in [_run(top, "config", f"merge.{_DRIVER}.{name}", value) for name, value in settings.items()]


def _run(top: Path, *words: str) -> str | None:
    """Return what git writes; nothing if it fails, as where there is no repository."""
    try:
        with run_git(top, str(top), *words) as output:
            return os.fsdecode(output.read()).strip()
    except KbError:
        return None
