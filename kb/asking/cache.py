"""The cache of compiled knowledge bases: one file for each folder, in ``~/.cache/linked-kb`` or ``XDG_CACHE_HOME``.

A file holds the key of what it was made from, checksums, and plain values: JSON, N-Triples, N-Quads. It is taken only if
it is a regular file of ours, undamaged, and of the very key; anything else is passed over and made anew. The key is a
digest of every file that the knowledge base is read from, by content, and of kb's own files, by size and times.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

from kb import resources

try:
    from _blake2 import blake2b  # hashlib would load OpenSSL first, which takes as long as reading the cache
except ImportError:
    from hashlib import blake2b

#: No more than this is kept of one knowledge base, in bytes of its files and of what they compile to.
LARGEST = 64 << 20
#: As many knowledge bases are kept; of more, the latest.
MOST = 32

_MAGIC = b"kb-compiled-1"
_LINE = 256  # bytes of the line at the top of a file
_PARTS = ("kb.yaml", "documents", "terms", "predicates", "facts", "mappings", "queries", "verification")
_SUFFIXES = (".yaml", ".yml", ".json", ".jsonl", ".jsonl.gz", ".jsonl.zst")  # as kb.records has them, without importing it


def key(folder: Path) -> str | None:
    """Give the digest of what a knowledge base would be compiled from; nothing if that cannot be told for certain."""
    digest, size = blake2b(_MAGIC), 0
    try:
        digest.update(_code())
        for path in files(os.path.realpath(folder)):
            with open(path, "rb") as file:  # noqa: PTH123 - sixty times, on the way to every answer
                content = file.read(LARGEST + 1)
            size += len(content)
            if size > LARGEST:
                return None
            digest.update(f"{path}\0{len(content)}\0".encode())
            digest.update(content)
    except (OSError, ValueError):
        return None
    return digest.hexdigest()


def read(folder: Path, wanted: str) -> tuple[dict[str, Any], bytes] | None:
    """Give what is kept of a knowledge base, plain values and N-Triples; nothing unless it is of the wanted key."""
    found = _parts(folder, wanted, 0, 2)
    return (json.loads(found[0]), found[1]) if found else None


def read_quads(folder: Path, wanted: str) -> bytes | None:
    """Give the N-Quads that are kept of a knowledge base, as :func:`read` does."""
    found = _parts(folder, wanted, 2, 3)
    return found[0] if found else None


def _parts(folder: Path, wanted: str, first: int, end: int) -> list[bytes] | None:
    """Read some of the three parts of a file: after a line that tells key, sizes and checksums, one after the other."""
    try:
        handle = os.open(_place(folder), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor
            about = os.fstat(handle)
            line = file.read(_LINE).split()
            if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid() or line[:2] != [_MAGIC, wanted.encode()]:
                return None
            sizes, sums = [int(each) for each in line[2:5]], line[5:8]
            file.seek(_LINE + sum(sizes[:first]))
            parts = [file.read(min(size, LARGEST)) for size in sizes[first:end]]
    except (OSError, ValueError, IndexError):
        return None
    return parts if [_sum(part) for part in parts] == sums[first:end] else None


def write(folder: Path, made_from: str, plain: dict[str, Any], triples: bytes, quads: bytes) -> None:
    """Keep a compiled knowledge base. A cache that cannot be written costs time, nothing else."""
    parts = (json.dumps(plain).encode("ascii"), triples, quads)
    if sum(map(len, parts)) > LARGEST:
        return
    line = b" ".join((_MAGIC, made_from.encode(), *(b"%d" % len(part) for part in parts), *map(_sum, parts)))
    with suppress(OSError):
        place = _place(folder)
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)  # noqa: PTH103, PTH120 - plain texts, as above
        beside = f"{place}.{os.getpid()}"
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(handle, "wb") as file:  # noqa: PTH123 - as above
                file.writelines((line.ljust(_LINE), *parts))
            os.replace(beside, place)  # noqa: PTH105 - as above
        finally:
            with suppress(FileNotFoundError):
                os.unlink(beside)  # noqa: PTH108 - as above
        _forget_old(os.path.dirname(place))  # noqa: PTH120 - as above


def _sum(part: bytes) -> bytes:
    """Give the checksum of a part: it tells damage; the key tells what it is, and the owner whose."""
    return b"%08x" % crc32(part)


def _forget_old(folder: str) -> None:
    """Remove all but the latest files, among them what processes that were killed left beside."""
    found = sorted(os.scandir(folder), key=lambda entry: -entry.stat(follow_symlinks=False).st_mtime_ns)
    for entry in found[MOST:]:
        os.unlink(entry.path)  # noqa: PTH108 - as above


def _place(folder: Path) -> str:
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - never raises
    name = blake2b(os.path.realpath(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return os.path.join(root, "linked-kb", "compiled", name)  # noqa: PTH118 - as above


def files(folder: str, *, links: bool = False) -> Iterator[str]:
    """Give the files that a knowledge base is read from, in order.

    Args:
        folder: The folder that holds ``kb.yaml``.
        links: Whether links to files count as these files.

    Raises:
        ValueError: There is a link, whose meaning depends on where it leads, or something that is no file.
    """
    names = {*_PARTS, *(f"{part}{suffix}" for part in _PARTS for suffix in _SUFFIXES)}
    yield from _below([entry for entry in os.scandir(folder) if entry.name in names], links=links)


def _below(entries: list[os.DirEntry[str]], *, links: bool) -> Iterator[str]:
    for entry in sorted(entries, key=lambda each: each.name):
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() and not links:
            raise ValueError(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _below(list(os.scandir(entry.path)), links=links)
        elif entry.is_file():
            yield entry.path
        elif not links:
            raise ValueError(entry.path)


def _code() -> bytes:
    """Tell kb's own files, the shipped queries among them: names, sizes and times."""
    package, content = os.path.dirname(os.path.dirname(__file__)), str(resources.content())  # noqa: PTH120 - as above
    lines: list[str] = []
    left = [package, str(resources.schemas()), os.path.join(content, "queries")]  # noqa: PTH118 - as above
    while left:
        for entry in os.scandir(left.pop()):
            if entry.is_dir():
                if entry.path != content and entry.name not in {"__pycache__", "node_modules", "static"}:
                    left.append(entry.path)
            else:
                about = entry.stat()
                lines.append(f"{entry.path}\0{about.st_size}\0{about.st_mtime_ns}\0{about.st_ctime_ns}")
    return "\n".join(sorted(lines)).encode("utf-8", "surrogateescape")
