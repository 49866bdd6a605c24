"""What a build of a living store was made from, and the files of a knowledge base to compare it with."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kb.files.fingerprint import SETTLING_TIME, content_files, file_sha256

#: Size, modification time, change time, inode and SHA-256 of each file, by its path below the folder; the SHA-256 alone of a file
#: that was changed too recently to trust its stat.
Files = dict[str, list[Any]]

_FILE = "state.json"


class DocumentState(NamedTuple):
    """A document as it was compiled: the digest of its records, their files, and numbers of facts, sentences and decisions."""

    digest: str
    files: tuple[str, ...]
    counts: tuple[int, int, int]


class State(msgspec.Struct):
    """What a build was made from.

    Args:
        code: The digest of kb's code.
        names: The base, the language and the prefixes.
        files: The files of the knowledge base.
        documents: The documents by id.
        description: The statements about the dataset, without those about its documents, as lines of N-Quads.
    """

    code: str
    names: tuple[str, str, dict[str, str]]
    files: Files
    documents: dict[str, DocumentState]
    description: list[str]

    @classmethod
    def read(cls, build: Path) -> State:
        """Read the state of a build."""
        return msgspec.json.decode((build / _FILE).read_bytes(), type=cls)

    def write(self, build: Path) -> None:
        """Write the state of a new build."""
        (build / _FILE).write_bytes(msgspec.json.encode(self))


def digests(files: Files) -> dict[str, str]:
    """Return the SHA-256 of each file."""
    return {path: entry[-1] for path, entry in files.items()}


def measure_files(folder: Path, known: Files) -> Files:
    """Return the stat and SHA-256 of each file of a knowledge base; a file with the stat that is known is not read.

    Raises:
        KbError: A file cannot be read.
        OSError, ValueError: A folder cannot be listed, or there is a link.
    """
    top, files = os.path.realpath(folder), Files()
    settled = time.time_ns() - SETTLING_TIME
    for file in content_files(top):
        stat, path = file.stat(), file.path[len(top) + 1 :]
        signature = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        if known.get(path, [None])[:-1] == signature:
            files[path] = known[path]
        elif max(stat.st_mtime_ns, stat.st_ctime_ns) < settled:
            files[path] = [*signature, file_sha256(file.path)]
        else:  # another change might leave the same stat
            files[path] = [file_sha256(file.path)]
    return files
