"""Locks between processes: on the files and folders themselves, so that a process that ends leaves none behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG


class LockedError(OSError):
    """Another process holds the lock."""


class Lock:
    """A lock that is held for as long as something refers to it, in this process or in children that it forked."""

    def __init__(self, handle: int) -> None:
        self.handle = handle

    def __del__(self) -> None:
        """Release the lock."""
        os.close(self.handle)


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Take an exclusive lock on a file or folder, without waiting.

    Raises:
        LockedError: Another process has locked it.
        OSError: It cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError(error.errno, error.strerror, str(path)) from error
        yield
    finally:
        os.close(handle)


def lock_shared(path: Path) -> Lock | None:
    """Take a shared lock on a file; wait while another process holds an exclusive lock.

    The result is None if it is not a regular file, does not exist, or was removed meanwhile.

    Raises:
        OSError: It cannot be opened.
    """
    try:
        shared = Lock(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK))  # opening a pipe would wait for a writer
    except FileNotFoundError:
        return None
    fcntl.flock(shared.handle, fcntl.LOCK_SH)
    stat = os.fstat(shared.handle)
    return shared if stat.st_nlink and S_ISREG(stat.st_mode) else None


def lock_new(handle: int) -> bool:
    """Lock a file that this process has just made; false if another process removed it before it was locked."""
    fcntl.flock(handle, fcntl.LOCK_EX)
    return os.fstat(handle).st_nlink > 0
