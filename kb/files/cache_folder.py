"""Files of caches: each is replaced atomically, none is flushed to disk, and a cache that cannot be written only costs time."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_TEMPORARY = ".tmp"
_DAY = 24 * 60 * 60


def write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of a cache, which only this user may read; do nothing if it cannot be written."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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
