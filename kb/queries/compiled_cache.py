"""The cache of compiled knowledge bases: one file for each folder, in ``~/.cache/linked-kb`` or ``XDG_CACHE_HOME``.

A file holds the key of what it was made from, checksums, and plain values: JSON, N-Triples, N-Quads. It is taken only if
it is a regular file of ours, undamaged, and of the very key; anything else is passed over and made anew. The key is a
digest of every file that the knowledge base is read from, by content, of kb's own files, and of its libraries
(:mod:`kb.files.fingerprint`). Beside it stands the stat signature of these files: while that is the same, none is read.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from kb import resources
from kb.files.fingerprint import UNSETTLED, content_digest, stat_signature

#: No more than this is kept of one knowledge base, in bytes of its files and of what they compile to.
LARGEST = 64 << 20
#: As many knowledge bases are kept; of more, the latest.
MOST = 32

_MAGIC = b"kb-compiled-3"
_LINE = 512  # bytes of the line at the top of a file


class Queries(Mapping[str, Mapping[str, Any]]):
    """Named queries in plain values, by name, each read when it is asked for.

    Args:
        text: Their JSON, one after the other.
        ends: Where each begins and ends.
    """

    def __init__(self, text: bytes, ends: Mapping[str, tuple[int, int]]) -> None:
        self._text, self._ends = text, ends

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        start, end = self._ends[name]
        found: Mapping[str, Any] = json.loads(self._text[start:end])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._ends)

    def __len__(self) -> int:
        return len(self._ends)


class Kept(NamedTuple):
    """What is kept of a knowledge base.

    Args:
        key: What it was made from.
        plain: All but the statements, in plain values.
        triples: N-Triples.
    """

    key: str
    plain: dict[str, Any]
    triples: bytes


def key(folder: Path) -> str | None:
    """Give the digest of what a knowledge base would be compiled from; nothing if that cannot be told for certain."""
    return content_digest(folder, LARGEST)


def read(folder: Path) -> Kept | None:
    """Give what is kept of a knowledge base; nothing unless it was made of the very files that there are now."""
    looks = stat_signature(folder)
    try:
        handle = _open(folder, os.O_RDONLY) if looks else None
        if handle is None:
            return None
        with open(handle, "rb", buffering=0) as file:
            line = file.read(_LINE).split()
            if looks == UNSETTLED or looks != line[1]:
                if line[2].decode() != key(folder):
                    return None
                _remember(folder, line, looks or UNSETTLED)
            parts = _parts(file, line, 0, 3)
        if not parts:
            return None
        plain = json.loads(parts[0])
        plain["queries"] = Queries(parts[1], plain["queries"])
        return Kept(line[2].decode(), plain, parts[2])
    except (OSError, ValueError, IndexError, KeyError):
        return None


def read_quads(folder: Path, wanted: str) -> bytes | None:
    """Give the N-Quads that are kept of a knowledge base, if they are of the wanted key."""
    try:
        handle = _open(folder, os.O_RDONLY)
        if handle is None:
            return None
        with open(handle, "rb", buffering=0) as file:
            line = file.read(_LINE).split()
            parts = _parts(file, line, 3, 4) if line[2].decode() == wanted else None
    except (OSError, ValueError, IndexError):
        return None
    return parts[0] if parts else None


def _open(folder: Path, mode: int) -> int | None:
    """Open what is kept of a folder, if it is a file of ours."""
    handle = os.open(_place(folder), mode | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    about = os.fstat(handle)
    if stat.S_ISREG(about.st_mode) and about.st_uid == os.geteuid() and os.pread(handle, len(_MAGIC) + 1, 0) == _MAGIC + b" ":
        return handle
    os.close(handle)
    return None


def _parts(file: Any, line: list[bytes], first: int, end: int) -> list[bytes] | None:
    """Read some of the four parts of a file: after a line that tells looks, key, sizes and checksums, one after the other."""
    sizes, sums = [int(each) for each in line[3:7]], line[7:11]
    file.seek(_LINE + sum(sizes[:first]))
    parts = [file.read(min(size, LARGEST)) for size in sizes[first:end]]
    return parts if [_sum(part) for part in parts] == sums[first:end] else None


def _remember(folder: Path, line: list[bytes], looks: bytes) -> None:
    """Write down how files look now that turned out to have the content that was kept."""
    if looks == line[1] or len(line[1]) != len(looks):
        return
    with suppress(OSError):
        handle = _open(folder, os.O_RDWR)
        if handle is not None:
            try:
                at = len(_MAGIC) + 1
                if os.pread(handle, _LINE, 0).split()[2:] == line[2:]:  # else somebody put another in its place
                    os.pwrite(handle, looks, at)
            finally:
                os.close(handle)


def write(folder: Path, looks: bytes | None, made_from: str, plain: dict[str, Any], statements: tuple[bytes, bytes]) -> None:
    """Keep a compiled knowledge base. A cache that cannot be written costs time, nothing else.

    Args:
        folder: Its folder.
        looks: How its files looked before they were read.
        made_from: Its key.
        plain: All but the statements, in plain values.
        statements: N-Triples and N-Quads.
    """
    queries, ends, at = [], {}, 0
    for name, query in plain["queries"].items():
        queries.append(json.dumps(query).encode("ascii"))
        ends[name] = (at, at + len(queries[-1]))
        at += len(queries[-1])
    parts = (json.dumps({**plain, "queries": ends}).encode("ascii"), b"".join(queries), *statements)
    if sum(map(len, parts)) > LARGEST:
        return
    about = (*(b"%d" % len(part) for part in parts), *map(_sum, parts))
    line = b" ".join((_MAGIC, looks or UNSETTLED, made_from.encode(), *about))
    with suppress(OSError):
        place = _place(folder)
        os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
        beside = f"{place}.{os.getpid()}"
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(handle, "wb") as file:
                file.writelines((line.ljust(_LINE), *parts))
            os.replace(beside, place)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(beside)
        _forget_old(os.path.dirname(place))


def _sum(part: bytes) -> bytes:
    """Give the checksum of a part: it tells damage; the key tells what it is, and the owner whose."""
    return b"%08x" % crc32(part)


def _forget_old(folder: str) -> None:
    """Remove all but the latest files, among them what processes that were killed left beside."""
    found = sorted(os.scandir(folder), key=lambda entry: -entry.stat(follow_symlinks=False).st_mtime_ns)
    for entry in found[MOST:]:
        os.unlink(entry.path)


def _place(folder: Path) -> str:
    name = sha256(os.path.realpath(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return str(resources.cached("compiled") / name)
