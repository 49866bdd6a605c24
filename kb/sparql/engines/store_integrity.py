"""Whether the files of a store are what was written: every byte is compared once for each build and each start of the system.

What was compared is remembered in ``~/.cache/linked-kb/compared`` (or below ``XDG_CACHE_HOME``), by the path, inode, size and
time of every file, and by the start of the system, since a disk may lose what memory still holds. Any later write to a file
changes its time. A store of more than :data:`MAX_BYTES` is compared in the background, while its first answers are given.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR

from kb.files import cache_folder
from kb.files.fingerprint import digest, file_sha256
from kb.problems import KbError

#: The most bytes that are compared before the first answer: about a second's work.
MAX_BYTES = 1 << 30

_SMALL = 1 << 20  # files up to this size are compared before the first answer, however large the store is
_UNSTABLE = re.compile(r"LOG(\.old.*)?|LOCK")  # files that RocksDB may write again
_CACHE, _MAX_REMEMBERED = "compared", 64  # stores
_NICENESS = 10
_UNDER_WAY = "compared by "

#: The size and the SHA-256 of each file by its path below the build, as the manifest has them.
Files = Mapping[str, tuple[int, str]]


def find_irregular(build: Path) -> str:
    """Find what is neither a file nor a folder of a build, which Oxigraph would follow or open; empty if there is none.

    Raises:
        OSError: A folder is missing or cannot be listed.
    """
    for folder in (build, build / "data"):
        if not S_ISDIR(folder.lstat().st_mode):
            return folder.name
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.is_file(follow_symlinks=False) and (folder, entry.name) != (build, "data"):
                    return entry.name
    return ""


def find_damage(build: Path, files: Files, most: int = MAX_BYTES) -> str:
    """Find a file of a build that is not what was written, unless its files are remembered to be whole; empty if there is none.

    If there are more than ``most`` bytes, another process compares them.

    Raises:
        OSError: A file is missing or cannot be read.
    """
    for name, (size, _) in files.items():
        if (build / name).stat().st_size != size:
            return name
    known = _recall(build, _sign(build))
    if known is not None:
        return known
    if sum(size for size, _ in files.values()) <= most:
        return compare(build, files)
    damaged = _find_different(build, {name: entry for name, entry in files.items() if entry[0] <= _SMALL})
    if not damaged:
        _compare_in_background(build, files)
    return damaged


def compare(build: Path, files: Files) -> str:
    """Compare every byte of a build, and remember the result; see :func:`find_damage`."""
    before, damaged = _sign(build), _find_different(build, files)
    if before == _sign(build):
        _write(build, before, damaged)
    return damaged


def remember(build: Path) -> None:
    """Remember that the files of a build were just written, or compared, and are whole."""
    _write(build, _sign(build), "")


def _find_different(build: Path, files: Files) -> str:
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as threads:  # hashing frees the interpreter's lock
        digests = threads.map(lambda name: _digest(build / name), files)
        return next((name for name, found in zip(files, list(digests), strict=True) if files[name][1] != found), "")


def _digest(path: Path) -> str:
    try:
        return file_sha256(path)
    except (KbError, OSError):  # it is missing, or cannot be read
        return ""


def _compare_in_background(build: Path, files: Files) -> None:
    """Compare the files in a process of its own, which nobody waits for."""
    first = os.fork()
    if first:
        os.waitpid(first, 0)
        return
    try:  # pragma: no cover - in children
        if not os.fork():
            os.setsid()
            os.nice(_NICENESS)
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nowhere, stream)
            _write(build, _sign(build), f"{_UNDER_WAY}{os.getpid()}")
            compare(build, files)
    finally:
        os._exit(0)


def _sign(build: Path) -> str:
    """Return a digest of the stat of all files of a build, but of the times that links change, and of the start of the system."""
    stats = sorted((entry.name, entry.stat()) for entry in _stable_entries(build))
    lines = (f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ino}" for name, stat in stats)
    return digest(line.encode("utf-8", "surrogateescape") for line in (_system_start(), *lines))


def list_files(build: Path) -> list[str]:
    """List the files of a build that are never written again, by their paths below it."""
    top = os.path.realpath(build)
    return sorted(os.path.relpath(entry.path, top) for entry in _stable_entries(build))


def _stable_entries(build: Path) -> Iterator[os.DirEntry[str]]:
    for folder in (os.path.realpath(build), os.path.realpath(build / "data")):
        with os.scandir(folder) as entries:
            yield from (entry for entry in entries if entry.is_file() and not _UNSTABLE.fullmatch(entry.name))


def _system_start() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""  # not Linux: what was compared once counts until a file is written


def _recall(build: Path, signature: str) -> str | None:
    """Return the damaged file that was found before, empty if there was none or this is not known yet.

    It is None if the files were not compared, nor does a process do that now.
    """
    known, _, damaged = (cache_folder.read(cache_folder.locate(_CACHE, build)) or b"").decode().partition("\n")
    if known != signature:
        return None
    if not damaged.startswith(_UNDER_WAY):
        return damaged
    try:
        os.kill(int(damaged.removeprefix(_UNDER_WAY)), 0)
    except OSError:  # the process has ended
        return None
    return ""


def _write(build: Path, signature: str, damaged: str) -> None:
    cache_folder.write(cache_folder.locate(_CACHE, build), f"{signature}\n{damaged}".encode(), most=_MAX_REMEMBERED)
