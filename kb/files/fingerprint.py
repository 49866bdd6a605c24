"""Fingerprints of content, of kb's own code and of the libraries, for the keys of caches.

What is cached remembers the SHA-256 of each file that it was made from, and the file's stat: size, inode, modification time and
change time; users cannot set the last. While the stat is the same, a file is not read. A file that is written twice within one
tick of the clock has the same stat both times, so a stat is trusted only if the file was not changed recently.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from kb import resources
from kb.files.boundary import bounded_size, open_file
from kb.problems import KbError

#: Nanoseconds after a change before the stat of a file is trusted; FAT has the longest clock tick, of two seconds.
SETTLING_TIME = 3_000_000_000

#: Size, modification time, change time, inode and SHA-256 of each file, by its path below the folder; the SHA-256 alone of a file
#: that was changed too recently to trust its stat, and :data:`UNKNOWN` of what is no file that can be read, such as a link to
#: the outside.
Files = dict[str, list[Any]]
UNKNOWN = ""

#: The folders of the package that take no part in reading, checking, compiling and answering. All others count as code, so
#: that a new folder cannot be forgotten.
UNRELATED = frozenset(
    {"cli", "cluster", "content", "curation", "examples", "importers", "push", "release", "reports", "rules", "server", "starter"}
)

# The folders and files of a knowledge base, without suffixes.
_CONTENT = frozenset(
    {"kb", "biolink", "cues", "documents", "facts", "imports", "mappings", "predicates", "queries", "terms", "verification"}
)


def digest(parts: Iterable[bytes]) -> str:
    """Return the SHA-256 of several byte strings and their lengths, so that "ab" and "c" differ from "a" and "bc"."""
    hashed = sha256()
    for part in parts:
        hashed.update(len(part).to_bytes(8, "big"))
        hashed.update(part)
    return hashed.hexdigest()


def file_sha256(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file's bytes, in lower-case hexadecimal.

    Raises:
        KbError: As :func:`kb.files.boundary.open_file` and :func:`kb.files.boundary.bounded_size`.
        OSError: The file cannot be read.
    """
    with open_file(os.fspath(path)) as file:
        bounded_size(file, os.fspath(path))
        return file_digest(file, sha256).hexdigest()


def content_files(folder: str) -> Iterator[os.DirEntry[str]]:
    """Return all that is not a folder in a knowledge base, in order: files, pipes, and links, except to folders inside it.

    There may be no link in the path of its folder.

    Raises:
        OSError: A folder cannot be listed.
    """
    waiting = _in_reverse(entry for entry in os.scandir(folder) if entry.name.partition(".")[0] in _CONTENT)
    followed: set[str] = set()
    while waiting:
        entry = waiting.pop()
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False) or _leads_on(entry, folder, followed):
            waiting.extend(_in_reverse(os.scandir(entry.path)))
        else:
            yield entry


def _leads_on(entry: os.DirEntry[str], top: str, followed: set[str]) -> bool:
    """Return whether an entry is a link to a folder below the top to which none has led so far."""
    if not (entry.is_symlink() and entry.is_dir()):
        return False
    target = os.path.realpath(entry.path)
    is_new = target.startswith(f"{top}{os.sep}") and target not in followed
    followed.add(target)
    return is_new


def _in_reverse(entries: Iterable[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    return sorted(entries, key=lambda entry: entry.name, reverse=True)


def measure_files(folder: Path, known: Files) -> Files:
    """Return the stat and SHA-256 of each file of a knowledge base; a file with the stat that is known is not read."""
    top, files = os.path.realpath(folder), Files()
    settled = time.time_ns() - SETTLING_TIME
    try:
        for entry in content_files(top):
            path = entry.path[len(top) + 1 :]
            files[path] = _measure(entry, known.get(path, [UNKNOWN]), settled)
    except OSError:
        files["."] = [UNKNOWN]  # a folder that cannot be listed
    return files


def _measure(entry: os.DirEntry[str], known: list[Any], settled: int) -> list[Any]:
    try:
        stat = entry.stat()
        signature = [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
        if known[:-1] == signature:
            return known
        is_settled = max(stat.st_mtime_ns, stat.st_ctime_ns) < settled  # else another change might leave the same stat
        return [*(signature if is_settled else ()), file_sha256(entry.path)]
    except (KbError, OSError):
        return [UNKNOWN]


def are_same(known: Files, files: Files) -> bool:
    """Return whether files have the content that is known of them; what cannot be read is never the same."""
    now = list_digests(files)
    return now == list_digests(known) and UNKNOWN not in now.values()


def are_current(folder: Path, files: Files) -> bool:
    """Return whether the files of a knowledge base are still those that were measured."""
    return are_same(files, measure_files(folder, files))


def list_digests(files: Files) -> dict[str, str]:
    """Return the SHA-256 of each file."""
    return {path: entry[-1] for path, entry in files.items()}


def code_digest() -> str:
    """Return the digest of the stat of kb's code, schemas and shipped queries, and of the versions of Python and libraries."""
    stats = ((entry.path, entry.stat()) for entry in code_files())
    lines = [f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ctime_ns}\0{stat.st_ino}" for path, stat in stats]
    lines = [*sorted(lines), *_libraries()]
    return digest(line.encode("utf-8", "surrogateescape") for line in lines)


def code_files() -> Iterator[os.DirEntry[str]]:
    """Return kb's own files that take part in reading, checking, compiling and answering."""
    package = os.path.dirname(os.path.dirname(__file__))
    folders = [package, str(resources.schemas()), os.path.join(package, "content", "queries")]
    while folders:
        folder = folders.pop()
        for entry in os.scandir(folder):
            if not entry.is_dir():
                yield entry
            elif entry.name != "__pycache__" and not (folder == package and entry.name in UNRELATED):
                folders.append(entry.path)


def _libraries() -> list[str]:
    """Return Python's version, and the metadata folders of all installed libraries, whose names hold their versions."""
    names = {sys.version}
    for folder in sys.path:
        if folder.endswith(("site-packages", "dist-packages")) and os.path.isdir(folder):
            names.update(name for name in os.listdir(folder) if name.endswith(".dist-info"))
    return sorted(names)
