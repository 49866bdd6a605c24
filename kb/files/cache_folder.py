"""Files of caches: each is replaced atomically, none is flushed to disk, and a cache that cannot be written only costs time.

Only what belongs to this user is read, written or removed: files, and the folders and links that lead to them. So another user
of a shared cache folder can neither plant results nor have files removed elsewhere.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

_TOP = "linked-kb"
_TEMPORARY = ".tmp"
_DAY = 24 * 60 * 60


def read(path: Path, largest: int = sys.maxsize) -> bytes:
    """Read a file of a cache.

    Raises:
        OSError: It is missing, larger than ``largest`` bytes, or not a regular file of this user.
    """
    require_own(path.parent)
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK)) as file:
        stat = os.fstat(file.fileno())
        if not S_ISREG(stat.st_mode) or stat.st_uid != os.geteuid() or stat.st_size > largest:
            raise PermissionError(0, "It is not a file of this cache", str(path))
        return file.read()


def require_own(folder: Path) -> None:
    """Check that a folder belongs to this user, and so do the links to it, and those above it in the cache."""
    for above in (folder, *folder.parents) if _TOP in folder.parts else (folder,):
        if {os.lstat(above).st_uid, os.stat(above).st_uid} != {os.geteuid()}:
            raise PermissionError(0, "It belongs to another user", str(above))
        if above.name == _TOP:
            return


def write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of a cache, which only this user may read; do nothing if it cannot be written."""
    import tempfile  # takes long, and is not needed where the cache is up to date

    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_own(path.parent)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=_TEMPORARY, delete=False) as file:
            try:
                file.writelines(pieces)
                file.close()
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise


def prune(folder: Path, *, files: int = sys.maxsize, size: int = sys.maxsize) -> None:
    """Remove from a cache what was not used for longest, and what killed processes left half-written.

    At most ``files`` files, of ``size`` bytes in all, remain.
    """
    with suppress(OSError):
        require_own(folder)
        for entry, stat in sorted(_entries(folder), key=lambda pair: -pair[1].st_mtime_ns):
            files, size = files - 1, size - stat.st_size
            is_left_over = entry.name.endswith(_TEMPORARY) and time.time() - stat.st_mtime > _DAY
            if files < 0 or size < 0 or is_left_over:
                with suppress(FileNotFoundError):  # another process removes the same
                    os.unlink(entry.path)


def _entries(folder: str | Path) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(entry.path)
        else:
            yield entry, entry.stat(follow_symlinks=False)
