"""The records of a version of a knowledge base, and the files of records in which two versions differ.

A version is a folder or a git revision. Files are compared by the digests that git gives them, so that of a revision no file is
read whose content is known to be the same.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from subprocess import PIPE
from typing import IO, cast

from kb.files import boundary
from kb.problems import KbError, fail
from kb.records import folder as records

_MODES = {"100644": "file", "100755": "file", "120000": "link"}  # what is no part of a version is a submodule
_LARGEST_LIST = 1 << 30  # bytes in which git lists the files of a revision
_CHUNK = 1 << 20

# So git runs nothing that a repository names, replaces no object, and asks no other repository for one that is missing.
_SETTINGS = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "diff.external=", "protocol.allow=never")
_VARIABLES = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "", "GIT_OPTIONAL_LOCKS": "0"}


@dataclass(frozen=True, slots=True)
class RecordSource:
    """The records of a version: in a folder, or of a git revision of it, which has the id of each file by its path."""

    folder: Path
    blobs: Mapping[str, str] | None = None

    def has(self, name: str) -> bool:
        """Return whether it has a file."""
        if self.blobs is not None:
            return name in self.blobs
        return self.folder.is_dir() and boundary.exists(self.folder / name)

    def digests(self, algorithm: str) -> Mapping[str, str]:
        """Return the digest of each file of records, by its path inside the folder."""
        if self.blobs is not None:
            return {name: blob for name, blob in self.blobs.items() if records.has_records(name)}
        paths = (path for path, _ in records.find_inputs(self.folder, []))
        return {path.relative_to(self.folder).as_posix(): _digest(path, algorithm) for path in paths}


def find_revision(name: str, folder: Path) -> RecordSource | None:
    """Find a git revision; ``folder`` is the folder that it refers to if it names none.

    Returns:
        The revision, or nothing if it has links, so that it has to be extracted as a whole.

    Raises:
        KbError: There is none of that name (KB821).
    """
    files, links = list_files(name, folder)
    return None if links else RecordSource(folder, files)


def list_files(name: str, folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """List the files and the symbolic links of a git revision, each path with the id of its content.

    Raises:
        KbError: There is no such revision, or it has a path that leads outside (KB821); or too many files (KB110).
    """
    words = ("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", name if ":" in name else f"{name}:./")
    with run_git(folder, name, *words) as output:
        listed = output.read(_LARGEST_LIST)
        if len(listed) == _LARGEST_LIST:
            raise fail("KB110", "The revision has too many files.", "Name a folder of it, as in HEAD~1:my-kb.", name)
    found: dict[str, dict[str, str]] = {"file": {}, "link": {}}
    for entry in filter(None, listed.split(b"\0")):
        about, _, path = entry.partition(b"\t")
        mode, _, blob = about.decode("ascii").split()
        place = os.fsdecode(path)
        if place.startswith("/") or ".." in PurePosixPath(place).parts:
            raise fail("KB821", f"The path '{place}' of the revision leads outside.", "Commit it under another name.", name)
        if mode in _MODES:
            found[_MODES[mode]][place] = blob
    return found["file"], found["link"]


def extract(folder: Path, files: Mapping[str, str], links: Mapping[str, str], place: Path) -> Path:
    """Write files and links of a git revision into an empty folder, as they are committed; return this folder.

    Raises:
        KbError: The repository does not have one, or no folder can hold them all (KB821); or they are too large (KB110).
    """
    with tempfile.TemporaryFile() as ids:
        ids.writelines(b"%s\n" % blob.encode("ascii") for blob in (*files.values(), *links.values()))
        ids.seek(0)
        with run_git(folder, str(folder), "cat-file", "--batch", stdin=ids) as contents:
            try:
                _write_files(contents, files, links, place)
            except (FileExistsError, NotADirectoryError, ValueError) as error:
                raise fail(
                    "KB821", f"No folder can hold the files of the revision: {error}.", "Rename them.", str(folder)
                ) from error
    return place


def _write_files(contents: IO[bytes], files: Collection[str], links: Collection[str], place: Path) -> None:
    """Write what git sends; links after everything else, so that nothing is written through them."""
    for folder in {(place / name).parent for name in (*files, *links)}:
        folder.mkdir(parents=True, exist_ok=True)
    left = boundary.LARGEST_READ
    for number, name in enumerate((*files, *links)):
        about = contents.readline().split()
        if about[1:2] != [b"blob"]:
            raise fail("KB821", "The repository does not have the content of the file.", "Run git fetch.", name)
        size = int(about[2])
        left -= size
        if left < 0:
            raise fail("KB110", f"The revision has more than {boundary.LARGEST_READ:,} bytes.", "Split it.", name)
        if number < len(files):
            with (place / name).open("xb") as file:
                file.writelines(contents.read(min(_CHUNK, size - start)) for start in range(0, size, _CHUNK))
        else:
            (place / name).symlink_to(os.fsdecode(contents.read(size)))
        contents.read(1)  # the end of the line


@contextmanager
def run_git(folder: Path, name: str, *words: str, stdin: IO[bytes] | int = subprocess.DEVNULL) -> Iterator[IO[bytes]]:
    """Run git so that it runs nothing else, on the repository that it finds in a folder or above; yield its output.

    The configuration of its user holds, and so does its refusal of repositories that belong to somebody else.

    Raises:
        KbError: It fails, so that ``name`` is no revision (KB821).
    """
    own = {key: text for key, text in os.environ.items() if key.startswith("GIT_CONFIG_") or not key.startswith("GIT_")}
    own["PATH"] = os.pathsep.join(filter(os.path.isabs, os.get_exec_path())) or os.defpath
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    command = ["git", "--no-pager", "--no-replace-objects", *settings, "-C", str(folder), *words]
    try:
        git = subprocess.Popen(command, stdin=stdin, stdout=PIPE, stderr=PIPE, env={**own, **_VARIABLES})  # noqa: S603 - without a shell
    except OSError as error:
        raise _revision_error(name, str(error)) from error
    with git:
        yield cast("IO[bytes]", git.stdout)
        reason = cast("IO[bytes]", git.stderr).readline()
    if git.returncode:
        raise _revision_error(name, os.fsdecode(reason).strip())


def _revision_error(name: str, reason: str) -> KbError:
    message = f"'{name[:100]}' is neither a path nor a git revision ({reason[:300]})."
    remedy = "Name a knowledge base, a release, a file of N-Quads, or a revision such as HEAD~1 or HEAD~1:my-kb."
    return fail("KB821", message, remedy)


def find_differing(first: RecordSource, second: RecordSource) -> set[str]:
    """Return the paths of the files of records that only one version has, or that differ."""
    blobs = [*(first.blobs or {}).values(), *(second.blobs or {}).values()]
    algorithm = "sha256" if any(len(blob) == 64 for blob in blobs) else "sha1"
    before, after = first.digests(algorithm), second.digests(algorithm)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _digest(path: Path, algorithm: str) -> str:
    """Return the digest that git gives a file."""
    with boundary.open_file(path) as file:
        size = boundary.bounded_size(file, str(path))
        hashed = hashlib.new(algorithm, b"blob %d\0" % size, usedforsecurity=False)
        while data := file.read(_CHUNK):
            hashed.update(data)
        return hashed.hexdigest()
