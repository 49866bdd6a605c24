"""Fingerprints of content, of kb's own code and of the libraries, for the keys of caches.

A key is a digest of everything that a cached value was made from. Computing it means reading all files, so caches store a
stat signature too: path, size, inode, modification time and change time of every file; users cannot set the last. While the
signature is the same, no file is read. A file that is written twice within one tick of the clock has the same stat both
times, so a signature is trusted only if no file was changed recently.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from hashlib import file_digest, sha256

from kb import resources
from kb.files.boundary import open_file
from kb.problems import KbError

#: Nanoseconds after a change before the stat of a file is trusted; FAT has the longest clock tick, of two seconds.
SETTLING_TIME = 3_000_000_000

#: The stat signature of files of which one was changed too recently to trust its stat.
UNSETTLED = b"-" * 64

#: The folders of the package that take no part in reading, checking, compiling and answering. All others count as code, so
#: that a new folder cannot be forgotten.
UNRELATED = frozenset(
    {"cli", "cluster", "content", "curation", "examples", "importers", "push", "release", "reports", "rules", "server", "starter"}
)

# The folders and files of a knowledge base, without suffixes.
_CONTENT = frozenset(
    {"kb", "biolink", "cues", "documents", "facts", "mappings", "predicates", "queries", "terms", "verification"}
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
        KbError: As :func:`kb.files.boundary.open_file`.
        OSError: The file cannot be read.
    """
    with open_file(os.fspath(path)) as file:
        return file_digest(file, sha256).hexdigest()


def content_files(folder: str, *, follow_links: bool = False) -> Iterator[os.DirEntry[str]]:
    """Return the files of a knowledge base in order; there may be no symbolic link in the path of its folder.

    With ``follow_links``, a link to a file counts as that file, and anything that is no file is skipped.

    Raises:
        OSError: A folder cannot be listed.
        ValueError: Without ``follow_links``: there is a link, or something that is no file.
    """
    waiting = _in_reverse(entry for entry in os.scandir(folder) if entry.name.partition(".")[0] in _CONTENT)
    while waiting:
        entry = waiting.pop()
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() and not follow_links:
            raise ValueError(entry.path)
        if entry.is_dir(follow_symlinks=False):
            waiting.extend(_in_reverse(os.scandir(entry.path)))
        elif entry.is_file():
            yield entry
        elif not follow_links:
            raise ValueError(entry.path)


def _in_reverse(entries: Iterable[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    return sorted(entries, key=lambda entry: entry.name, reverse=True)


def content_digest(folder: str | os.PathLike[str], largest: int) -> str | None:
    """Return the digest of what a knowledge base is compiled from: its files, kb's code, and the libraries.

    It is None if the files have more bytes than ``largest``, or if there are links or files that cannot be read.
    """
    left = largest
    try:
        hashed = sha256(code_digest().encode())
        for entry in content_files(os.path.realpath(folder)):
            with open_file(entry.path) as file:
                content = file.read(left + 1)
            left -= len(content)
            if left < 0:
                return None
            hashed.update(f"{entry.path}\0{len(content)}\0".encode())
            hashed.update(content)
    except (OSError, ValueError, KbError):
        return None
    return hashed.hexdigest()


def stat_signature(folder: str | os.PathLike[str]) -> bytes | None:
    """Return a digest of the stat of all that the knowledge base in a folder is compiled from, in hexadecimal.

    It is :data:`UNSETTLED` if something was changed too recently, and None if there are links or unreadable files.
    """
    try:
        content, latest = stat_lines(content_files(os.path.realpath(folder)))
        code, latest_code = stat_lines(code_files())
    except (OSError, ValueError):
        return None
    if max(latest, latest_code) > time.time_ns() - SETTLING_TIME:
        return UNSETTLED
    return digest("\n".join(lines).encode("utf-8", "surrogateescape") for lines in (content, code, _libraries())).encode()


def stat_lines(entries: Iterable[os.DirEntry[str]]) -> tuple[list[str], int]:
    """Return a line on the stat of each file, sorted, and when the latest of them was changed, in nanoseconds."""
    lines, latest = [], 0
    for entry in entries:
        stat = entry.stat()
        lines.append(f"{entry.path}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ctime_ns}\0{stat.st_ino}")
        latest = max(latest, stat.st_mtime_ns, stat.st_ctime_ns)
    return sorted(lines), latest


def code_digest() -> str:
    """Return the digest of the stat of kb's code, schemas and shipped queries, and of the versions of Python and libraries."""
    lines = [*stat_lines(code_files())[0], *_libraries()]
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


def library_version(library: str) -> bytes:
    """Return a library's name and version, without importing it; nothing if it is not installed."""
    return ",".join(name for name in _libraries() if name.startswith(f"{library}-")).encode("utf-8", "surrogateescape")


def _libraries() -> list[str]:
    """Return Python's version, and the metadata folders of all installed libraries, whose names hold their versions."""
    names = {sys.version}
    for folder in sys.path:
        if folder.endswith(("site-packages", "dist-packages")) and os.path.isdir(folder):
            names.update(name for name in os.listdir(folder) if name.endswith(".dist-info"))
    return sorted(names)
