"""Find the files of records in which two versions of a knowledge base differ, without reading the others.

A version is a folder or a git revision. Files are compared by the digests that git gives them, so that of a revision no file is
read whose content is known to be the same.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from io import BufferedReader
from itertools import groupby
from pathlib import Path, PurePosixPath

from kb.files import boundary
from kb.problems import fail
from kb.records import folder as records

_FILE_MODES = {"100644", "100755"}


@dataclass(frozen=True, slots=True)
class FolderVersion:
    """A version in a folder."""

    folder: Path

    def digests(self, algorithm: str) -> Mapping[str, str]:
        """Return the digest of each file of records, by its path inside the folder."""
        paths = [path for path, _ in records.find_files(self.folder, [])]
        return {
            (folder / name).relative_to(self.folder).as_posix(): _digest(file, algorithm, str(folder / name))
            for folder, inside in groupby(paths, lambda path: path.parent)
            for name, file in boundary.open_files(folder, [path.name for path in inside])
        }

    def extract(self, names: Collection[str], more: re.Pattern[str], place: Path) -> Path:
        """Return a folder that has these files; it is the folder itself, which has others too."""
        del names, more, place
        return self.folder


@dataclass(frozen=True, slots=True)
class RevisionVersion:
    """A version in a git revision.

    Args:
        top: The top folder of the repository.
        name: The revision as the user named it.
        blobs: The id of each file in the folder of the knowledge base, by its path inside it.
    """

    top: Path
    name: str
    blobs: Mapping[str, str]

    def digests(self, algorithm: str) -> Mapping[str, str]:
        """Return the digest of each file of records, by its path inside the folder."""
        del algorithm
        return {name: blob for name, blob in self.blobs.items() if records.has_records(name)}

    def extract(self, names: Collection[str], more: re.Pattern[str], place: Path) -> Path:
        """Write these files, as far as the revision has them, and those that match a pattern, into a folder."""
        wanted = [name for name in self.blobs if name in names or more.fullmatch(name)]
        data = run_git(self.top, self.name, "cat-file", "--batch", given="".join(f"{self.blobs[name]}\n" for name in wanted))
        start = 0
        for name in wanted:
            end = data.index(b"\n", start)
            size = int(data[start:end].split()[2])
            path = place / name
            boundary.check_target(path, place)  # a repository from elsewhere may have a file '../x'
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data[end + 1 : end + 1 + size])
            start = end + size + 2
        return place


def find_revision(name: str, folder: Path) -> RevisionVersion | None:
    """Find a git revision; ``folder`` is the folder that it refers to if it names none.

    Returns:
        The revision, or nothing if it has links or other things than files, so that it has to be extracted as a whole.

    Raises:
        KbError: There is none of that name (KB821).
    """
    top, tree = find_tree(name, folder)
    blobs = {}
    for entry in filter(None, run_git(top, name, "ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0")):
        about, _, path = entry.partition(b"\t")
        mode, _, blob = about.decode("ascii").split()
        place = os.fsdecode(path)
        if mode not in _FILE_MODES or ".." in PurePosixPath(place).parts:
            return None
        blobs[place] = blob
    return RevisionVersion(top, name, blobs)


def find_tree(name: str, folder: Path) -> tuple[Path, str]:
    """Find the top folder of the repository, and the tree that a revision names: of a folder, by default of ``folder``."""
    revision, colon, _ = name.partition(":")
    tree_name = name if colon else f"{revision}:{run_git(folder, name, 'rev-parse', '--show-prefix').decode().strip()}"
    tree = run_git(folder, name, "rev-parse", "--verify", "--quiet", "--end-of-options", tree_name).decode().strip()
    return Path(run_git(folder, name, "rev-parse", "--show-toplevel").decode().strip()), tree


def run_git(folder: Path, name: str, *words: str, given: str = "") -> bytes:
    """Run git in a folder and return its output.

    Raises:
        KbError: It fails, so that ``name`` is no revision (KB821).
    """
    try:
        return subprocess.run(["git", *words], cwd=folder, capture_output=True, check=True, input=given.encode("ascii")).stdout  # noqa: S603, S607 - git, as it is found, without a shell
    except (OSError, subprocess.CalledProcessError) as error:
        message = f"'{name[:100]}' is neither a path nor a git revision."
        remedy = "Name a knowledge base, a release, a file of N-Quads, or a revision such as HEAD~1 or HEAD~1:my-kb."
        raise fail("KB821", message, remedy) from error


def find_differing(first: FolderVersion | RevisionVersion, second: FolderVersion | RevisionVersion) -> set[str]:
    """Return the paths of the files of records that only one version has, or that differ."""
    algorithm = "sha256" if any(len(blob) == 64 for blob in _blobs(first, second)) else "sha1"
    before, after = first.digests(algorithm), second.digests(algorithm)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _blobs(*versions: FolderVersion | RevisionVersion) -> Iterable[str]:
    return (blob for version in versions if isinstance(version, RevisionVersion) for blob in version.blobs.values())


def _digest(file: BufferedReader, algorithm: str, name: str) -> str:
    """Return the digest that git gives a file."""
    size = os.fstat(file.fileno()).st_size
    if size > boundary.LARGEST_READ:
        raise fail("KB110", f"The file has {size:,} bytes; at most {boundary.LARGEST_READ:,} are compared.", "Split it.", name)
    hashed = hashlib.new(algorithm, b"blob %d\0" % size, usedforsecurity=False)
    while data := file.read(1 << 20):
        hashed.update(data)
    return hashed.hexdigest()
