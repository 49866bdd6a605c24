"""Whether the files of a store are what was written: every byte is compared once for each build and each start of the system.

What was compared is remembered in ``~/.cache/linked-kb/compared`` (or below ``XDG_CACHE_HOME``), by the path, inode, size and
times of every file, and by the start of the system, since a disk may lose what memory still holds. Any later write to a file
changes its times. A store of more than :data:`MAX_BYTES` is compared in the background, while its first answers are given.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from kb import resources
from kb.files import cache_folder
from kb.files.fingerprint import digest, file_sha256, stat_lines
from kb.problems import KbError

#: The most bytes that are compared before the first answer: about a second's work.
MAX_BYTES = 1 << 30

_SMALL = 1 << 20  # files up to this size are compared before the first answer, however large the store is
_UNSTABLE = re.compile(r"LOG(\.old.*)?|LOCK")  # files that RocksDB may write again
_MAX_REMEMBERED = 64  # stores
_MAX_RECORD = 1 << 12
_NICENESS = 10
_UNDER_WAY = "compared by "

#: The size and the SHA-256 of each file by its path below the build, as the manifest has them.
Files = Mapping[str, tuple[int, str]]


def find_damage(build: Path, files: Files, most: int = MAX_BYTES) -> str:
    """Find a file of a build that is not what was written, unless its files are remembered to be whole.

    Args:
        build: The folder of the build.
        files: Its files, as the manifest has them.
        most: The most bytes that are compared now; if there are more, another process compares them.

    Returns:
        The path of the first such file; empty if there is none.

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


@contextmanager
def keep_remembered(build: Path) -> Iterator[None]:
    """Keep what is remembered of a build while other links to its files are made or removed, which changes their times."""
    known = _recall(build, _sign(build))
    yield
    if known == "":
        remember(build)


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
    """Return a digest of the stat of all files of a build, and of the start of the system."""
    lines, _ = stat_lines(_stable_entries(build))
    return digest("\n".join(part).encode("utf-8", "surrogateescape") for part in (lines, [_system_start()]))


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
    with suppress(OSError, ValueError):
        known, _, damaged = cache_folder.read(_path(build), _MAX_RECORD).decode().partition("\n")
        if known != signature:
            return None
        if damaged.startswith(_UNDER_WAY):
            os.kill(int(damaged.removeprefix(_UNDER_WAY)), 0)  # an error if the process has ended
            return ""
        return damaged
    return None


def _write(build: Path, signature: str, damaged: str) -> None:
    path = _path(build)
    cache_folder.write(path, (f"{signature}\n{damaged}".encode(),))
    cache_folder.prune(path.parent, files=_MAX_REMEMBERED)


def _path(build: Path) -> Path:
    name = sha256(os.path.realpath(build).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return resources.cache_folder("compared") / name
