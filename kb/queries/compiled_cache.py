"""The cache of compiled knowledge bases: one file for each folder, in ``~/.cache/linked-kb`` or ``XDG_CACHE_HOME``.

A file holds the key of what it was made from, checksums, and plain values: JSON, N-Triples, N-Quads. It is taken only if
it is a regular file of ours, undamaged, and of the very key; anything else is passed over and made anew. The key is a
digest of every file that the knowledge base is read from, by content, and of kb's own files, by size and times.

Beside the key stands how these files looked then: their sizes, inodes, and times of writing and of change, the last of
which nobody can set. While they look the same, none has to be read. A file that is written twice within one tick of a clock
looks the same twice; so looks count only where every file had been left alone for longer than any tick.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
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
#: Nanoseconds for which files must have been left alone if their looks are to count; FAT has the longest tick, of two seconds.
QUIET = 3_000_000_000
#: What of kb's own package takes no part in compiling: data for other ends, and the floors above.
APART = frozenset(
    {"cli", "cluster", "content", "curation", "examples", "importers", "push", "release", "reports", "rules", "server", "starter"}
)

_MAGIC = b"kb-compiled-2"
_LINE = 512  # bytes of the line at the top of a file
_RESTLESS = b"-" * 64  # how files look that were not left alone
# The folders and files of a knowledge base, without suffixes: whichever kb.records reads, none is missed.
_PARTS = frozenset({"kb", "biolink", "cues", "documents", "facts", "mappings", "predicates", "queries", "terms", "verification"})


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
    digest, size = blake2b(_MAGIC), 0
    try:
        digest.update(code())
        for path in files(os.path.realpath(folder)):
            with open(path, "rb") as file:
                content = file.read() if os.fstat(file.fileno()).st_size <= LARGEST else b" " * (LARGEST + 1)
            size += len(content)
            if size > LARGEST:
                return None
            digest.update(f"{path}\0{len(content)}\0".encode())
            digest.update(content)
    except (OSError, ValueError):
        return None
    return digest.hexdigest()


def look(folder: Path) -> bytes | None:
    """Tell how the files look that a knowledge base is compiled from; nothing if they cannot be looked at."""
    try:
        own, latest = survey(entries(os.path.realpath(folder)))
        code, latest_code = survey(_code())
    except (OSError, ValueError):
        return None
    if max(latest, latest_code) > time.time_ns() - QUIET:
        return _RESTLESS
    return blake2b("\n".join((*own, "", *code)).encode("utf-8", "surrogateescape"), digest_size=32).hexdigest().encode()


def read(folder: Path) -> Kept | None:
    """Give what is kept of a knowledge base; nothing unless it was made of the very files that there are now."""
    looks = look(folder)
    try:
        handle = _open(folder, os.O_RDONLY) if looks else None
        if handle is None:
            return None
        with open(handle, "rb", buffering=0) as file:
            line = file.read(_LINE).split()
            if looks == _RESTLESS or looks != line[1]:
                if line[2].decode() != key(folder):
                    return None
                _remember(folder, line, looks or _RESTLESS)
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
    line = b" ".join((_MAGIC, looks or _RESTLESS, made_from.encode(), *about))
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
    name = blake2b(os.path.realpath(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return str(resources.cached("compiled") / name)


def files(folder: str, *, links: bool = False) -> Iterator[str]:
    """Give the files that a knowledge base is read from, in order.

    Args:
        folder: The folder that holds ``kb.yaml``.
        links: Whether links to files count as these files.

    Raises:
        ValueError: There is a link, whose meaning depends on where it leads, or something that is no file.
    """
    return (entry.path for entry in entries(folder, links=links))


def entries(folder: str, *, links: bool = False) -> Iterator[os.DirEntry[str]]:
    """Give the entries of the files that a knowledge base is read from; see :func:`files`."""
    yield from _below([entry for entry in os.scandir(folder) if entry.name.partition(".")[0] in _PARTS], links=links)


def _below(found: list[os.DirEntry[str]], *, links: bool) -> Iterator[os.DirEntry[str]]:
    for entry in sorted(found, key=lambda each: each.name):
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() and not links:
            raise ValueError(entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield from _below(list(os.scandir(entry.path)), links=links)
        elif entry.is_file():
            yield entry
        elif not links:
            raise ValueError(entry.path)


def survey(found: Iterator[os.DirEntry[str]]) -> tuple[list[str], int]:
    """Give how files look, a line for each, and when the latest of them was changed, in nanoseconds."""
    lines, latest = [], 0
    for entry in found:
        about = entry.stat()
        written, changed = about.st_mtime_ns, about.st_ctime_ns
        lines.append(f"{entry.path}\0{about.st_size}\0{written}\0{changed}\0{about.st_ino}")
        latest = max(latest, written, changed)
    return sorted(lines), latest


def code() -> bytes:
    """Tell kb's own files that take part in compiling and answering, by how they look."""
    return "\n".join(survey(_code())[0]).encode("utf-8", "surrogateescape")


def _code() -> Iterator[os.DirEntry[str]]:
    """Give kb's own files that take part in compiling, the shipped queries among them."""
    package = os.path.dirname(os.path.dirname(__file__))
    left = [package, str(resources.schemas()), os.path.join(package, "content", "queries")]
    while left:
        folder = left.pop()
        for entry in os.scandir(folder):
            if not entry.is_dir():
                yield entry
            elif entry.name != "__pycache__" and not (folder == package and entry.name in APART):
                left.append(entry.path)
