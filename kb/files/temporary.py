"""Temporary files and folders: each is locked while a process uses it, so that the next run can remove what a killed one left.

A lock alone shows who uses what: a process id may have been given to another process since.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from kb.files.locks import Lock, lock, lock_new

#: The suffix of files and folders that are not complete yet: names are ``BEGINNING.RANDOM.kb-tmp``.
TEMPORARY = ".kb-tmp"


class TemporaryFolder(tempfile.TemporaryDirectory[str]):
    """A temporary folder; it is removed on exit, or by a later run if this process is killed.

    Args:
        parent: The folder in which it is made; by default the one for temporary files (TMPDIR).
        prefix: How its name begins.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, parent: Path | None = None, prefix: str = "kb.") -> None:
        parent = parent or Path(tempfile.gettempdir())
        remove_left_over(parent)
        self._lock: Lock | None = None
        while self._lock is None:  # until it is locked, another process may take it for left over and remove it
            super().__init__(TEMPORARY, prefix, parent, ignore_cleanup_errors=True)
            self._lock = lock_new(self.name)
            if self._lock is None:
                self.cleanup()


def prefix_beside(place: Path) -> str:
    """Return how the names of temporary files and folders beside a place begin."""
    return f".{place.name[:55]}."  # at most 255 bytes with what follows


def discard(path: Path) -> None:
    """Remove what has a temporary name, as far as possible: a file, a link, a pipe, or a folder with all that it holds."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:  # rmtree would open it, and wait for the other end of a pipe
        with suppress(OSError):
            path.unlink()


def remove_left_over(folder: Path) -> None:
    """Remove this user's temporary files and folders in a folder that no process has locked."""
    for path in folder.glob(f"?*.?*{TEMPORARY}"):
        try:
            with lock(path, follow_links=False):
                if path.lstat().st_uid == os.geteuid():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        except OSError:  # it is in use, or was removed meanwhile
            continue
