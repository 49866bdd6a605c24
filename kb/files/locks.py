"""Locks between processes: on the files and folders themselves, so that a process that ends leaves none behind."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG

_OPEN = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # opening a pipe would wait for a writer

_POLL = 0.02  # seconds between attempts; the system could wait by itself, but not for a limited time


class LockedError(OSError):
    """Another process holds the lock."""


class GoneError(FileNotFoundError):
    """A file or folder is not there, or was removed or replaced before it was locked."""


class Lock:
    """A lock that is held for as long as something refers to it, in this process or in children that it forked."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def __del__(self) -> None:
        """Release the lock."""
        os.close(self.handle)


@contextmanager
def lock(path: Path, *, follow_links: bool = True, wait: float = 0) -> Iterator[None]:
    """Take an exclusive lock on a file or folder.

    Raises:
        LockedError: Another process has locked it, and does not end within ``wait`` seconds.
        GoneError: It is not there, or was removed or replaced before it was locked.
        OSError: It cannot be opened.
    """
    try:
        handle = os.open(path, _OPEN | (0 if follow_links else os.O_NOFOLLOW))
    except FileNotFoundError as error:
        raise GoneError(error.errno, error.strerror, str(path)) from error
    try:
        end = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= end:
                    raise LockedError(error.errno, error.strerror, str(path)) from error
            time.sleep(_POLL)
        if not _is_at(handle, path, follow_links=follow_links):
            raise GoneError(0, "it was replaced", str(path))
        yield
    finally:
        os.close(handle)


def _is_at(handle: int, path: Path, *, follow_links: bool) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path, follow_symlinks=follow_links))
    except FileNotFoundError:
        return False


def is_locked(path: Path) -> bool:
    """Return whether a process holds an exclusive lock on a file or folder.

    Raises:
        OSError: It cannot be opened.
    """
    asked = Lock(os.open(path, _OPEN))
    try:
        fcntl.flock(asked.handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def lock_shared(path: Path) -> Lock | None:
    """Take a shared lock on a file; wait while another process holds an exclusive lock.

    The result is None if it is not a regular file, does not exist, or was removed meanwhile.

    Raises:
        OSError: It cannot be opened.
    """
    try:
        shared = Lock(os.open(path, _OPEN))
    except FileNotFoundError:
        return None
    fcntl.flock(shared.handle, fcntl.LOCK_SH)
    stat = os.fstat(shared.handle)
    return shared if stat.st_nlink and S_ISREG(stat.st_mode) else None


def lock_new(path: str) -> Lock | None:
    """Lock a file or folder that this process has just made; None if another process removed it before it was locked."""
    with suppress(FileNotFoundError):
        new = Lock(os.open(path, _OPEN))
        fcntl.flock(new.handle, fcntl.LOCK_EX)
        if os.path.samestat(os.fstat(new.handle), os.stat(path)):
            return new
    return None
