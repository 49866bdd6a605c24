"""Read a version of a knowledge base, in whatever form it is stored, as the statements of its full export.

A version is a folder with ``kb.yaml``, a release or a folder of exports, a file of N-Quads, or a git revision such as ``HEAD~1``
or ``v1.0:kb/content``, which ``git archive`` extracts.
"""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from kb import pipeline
from kb.files import boundary, text_file
from kb.files.temporary import TemporaryFolder
from kb.problems import KbError, Place, fail
from kb.rdf.quads import Quad

# A line of canonical N-Quads without blank nodes, as exports contain.
_LINE = re.compile(r'(<[^<>"\s]*>) (<[^<>"\s]*>) (<[^<>"\s]*>|".*"\S*) (<[^<>"\s]*>) \.')
_LARGEST = 1 << 30  # bytes of an export, which is held in memory


@dataclass(frozen=True, slots=True)
class Version:
    """A version as the user named it, and its statements."""

    name: str
    quads: list[Quad]


def read_version(name: str, other: str) -> Version:
    """Read a version.

    Args:
        name: A path or a git revision.
        other: The version to compare with; a revision without a path refers to its folder.

    Raises:
        KbError: It is not a version (KB821), or it has problems.
    """
    path = Path(name)
    if os.path.lexists(path):
        return Version(name, _read_path(path))
    folder = Path(other) if Path(other).is_dir() else Path.cwd()
    with TemporaryFolder() as place:
        _extract(name, folder, Path(place))
        try:
            return Version(name, _read_path(Path(place)))
        except KbError as error:
            raise KbError(
                problem._replace(place=problem.place._replace(file=problem.place.file.replace(place, name)))
                for problem in error.problems
            ) from error


def _read_path(path: Path) -> list[Quad]:
    if path.is_dir() and boundary.exists(path / "kb.yaml"):
        return pipeline.compile_all(pipeline.load(path))
    files = (_find_nquads(path) or _find_nquads(path / "rdf")) if path.is_dir() else [path]
    if len(files) != 1:
        message = f"It contains neither kb.yaml nor exactly one file of N-Quads, but {len(files)}."
        raise fail("KB821", message, "Name a knowledge base, a release, a file of N-Quads or a git revision.", str(path))
    return list(_read_lines(files[0], path))


def _find_nquads(folder: Path) -> list[Path]:
    return [folder / entry.name for entry in boundary.list_folder(folder) if entry.name.endswith(".nq")]


def _read_lines(path: Path, version: Path) -> Iterator[Quad]:
    data = text_file.read_bytes(path, str(path), _LARGEST, version if version.is_dir() else None)
    for number, line in enumerate(text_file.decode(data, str(path)).split("\n"), 1):
        if match := _LINE.fullmatch(line):
            yield Quad(*match.groups())
        elif line:
            message = "This is not a line of canonical N-Quads."
            raise fail("KB104", message, "Name an export that 'kb export -f nquads' wrote.", Place(str(path), number))


def _extract(name: str, folder: Path, place: Path) -> None:
    """Extract a git revision into a folder."""
    revision, colon, _ = name.partition(":")
    tree_name = name if colon else f"{revision}:{_git(folder, name, 'rev-parse', '--show-prefix').decode().strip()}"
    tree = _git(folder, name, "rev-parse", "--verify", "--quiet", "--end-of-options", tree_name).decode().strip()
    # Below the top, git archive extracts only a part of the tree.
    top = Path(_git(folder, name, "rev-parse", "--show-toplevel").decode().strip())
    with tarfile.open(fileobj=BytesIO(_git(top, name, "archive", "--format=tar", tree))) as archive:
        archive.extractall(place, filter="data")


def _git(folder: Path, name: str, *words: str) -> bytes:
    try:
        return subprocess.run(["git", *words], cwd=folder, capture_output=True, check=True).stdout  # noqa: S603, S607 - git, as it is found, without a shell
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"'{name[:100]}' is neither a path nor a git revision."
        remedy = "Name a knowledge base, a release, a file of N-Quads, or a revision such as HEAD~1 or HEAD~1:my-kb."
        raise fail("KB821", message, remedy) from error
