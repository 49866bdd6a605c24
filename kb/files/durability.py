"""Make sure that what is written is on the disk, and that signals do not interrupt a swap of files."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from errno import EDQUOT, EIO, ENOSPC
from pathlib import Path

from kb.exit_codes import INTERRUPTS
from kb.files.boundary import describe_error
from kb.problems import fail


def flush(path: Path) -> None:
    """Flush a file or folder to disk.

    Raises:
        OSError: It cannot be flushed, or the file system cannot flush folders.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def flush_folder(folder: Path) -> None:
    """Flush the names in a folder to disk, unless the file system cannot flush folders and so keeps them by itself.

    Raises:
        OSError: The disk is full or damaged.
    """
    try:
        flush(folder)
    except OSError as error:
        if error.errno in {EIO, ENOSPC, EDQUOT}:
            raise


def confirm(path: Path, folders: Iterable[Path]) -> None:
    """Flush the folders in which names have changed; the new state is visible already, and stays whatever happens.

    Raises:
        KbError: The disk does not confirm the change (KB701).
    """
    try:
        for folder in folders:
            flush_folder(folder)
    except OSError as error:
        message = f"It is written, but the disk does not confirm that it keeps it: {describe_error(error)}."
        raise fail("KB701", message, "Check the disk, then run the command again.", str(path)) from error


def default_mode(*, folder: bool = False) -> int:
    """Return the permissions of the files, or of the folders, that this process makes."""
    mask = os.umask(0o077)
    os.umask(mask)
    return (0o777 if folder else 0o666) & ~mask


@contextmanager
def hold_signals() -> Iterator[None]:
    """Hold SIGINT, SIGTERM and SIGHUP until the end of a block, so that it is not interrupted; then they are delivered.

    If the block raises an error, that is what the caller sees.
    """
    if threading.current_thread() is not threading.main_thread():  # only the main thread is interrupted by signals
        yield
        return
    held: list[int] = []
    handlers = {number: signal.getsignal(number) for number in INTERRUPTS}
    has_failed = True
    try:
        for number in INTERRUPTS:
            signal.signal(number, lambda number, _: held.append(number))
        yield
        has_failed = False
    finally:
        for number, handler in handlers.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        with suppress(KeyboardInterrupt) if has_failed else nullcontext():
            for sent in held:
                signal.raise_signal(sent)
