"""Write files and folders atomically: a reader sees the old state or the new one, never half of it.

Every file is written beside its place, flushed to disk and renamed. After a rename the new state stands: nothing that fails
later removes it. A new folder is made beside its place and becomes visible by one rename. Several files of a folder that
exists are replaced through a journal (:mod:`kb.files.journal`), which the next writer completes if the process is killed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from errno import EEXIST, ENOTEMPTY
from pathlib import Path
from tempfile import mkstemp

from kb.files import journal
from kb.files.boundary import check_target, describe_error
from kb.files.durability import confirm, default_mode, flush_folder, hold_signals
from kb.files.journal import Pieces, Signatures, encode, write_flushed
from kb.files.locks import LockedError, lock, lock_new
from kb.files.temporary import TEMPORARY, prefix_beside, remove_left_over
from kb.problems import KbError, fail


def write_file(path: Path, pieces: Pieces, signatures: Signatures | None = None) -> None:
    """Write one file, text or bytes in pieces, completely or not at all; a device or pipe is written to directly.

    Missing folders are made. A symbolic link stays, and the file that it points to is written, unless it leads out of the
    knowledge base in which it lies.

    With the signatures of files when they were read, edits made since then are not overwritten.

    Raises:
        KbError: It was edited (KB708), or cannot be written (KB701); the message says whether the file that was there before
            is unchanged.
    """
    check_target(path)
    with make_folder(path.parent, path):
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
            with path.open("wb") as stream:
                stream.writelines(encode(pieces))
            return
        target = Path(os.path.realpath(path))
        with _stage(target, pieces) as temporary, hold_signals():
            if signatures:
                signatures.check(target, temporary)
            temporary.replace(target)
            confirm(path, [target.parent])


def write_folder(folder: Path, files: Mapping[str, Pieces | None]) -> None:
    """Write files, by their path below a folder, all of them or none; other files in it stay.

    Raises:
        KbError: Another process writes into the folder (KB704), or it cannot be written (KB701, KB707).
    """
    with open_folder(folder) as writer:
        writer.replace(files)


class FolderWriter:
    """A folder for writing: one that this process has locked, or one that does not exist yet."""

    def __init__(self, folder: Path, signatures: Signatures | None, *, is_new: bool) -> None:
        self._folder, self._signatures, self._is_new = folder, signatures, is_new

    def replace(self, files: Mapping[str, Pieces | None]) -> None:
        """Replace files, by their path below the folder, all of them or none; a folder that does not exist is made.

        Those whose pieces are None are removed.

        Raises:
            KbError: One leads out of the folder (KB701), was edited since the folder was opened (KB708), or they cannot be
                written (KB701, KB704, KB707); the message says what is there now.
        """
        for name in files:
            check_target(self._folder / name, self._folder)
        if self._is_new:
            with new_folder(self._folder) as place:
                for name, pieces in files.items():
                    if pieces is not None:
                        write_new(place / name, pieces)
        elif len(files) == 1 and (one := next(iter(files.values()))) is not None:
            write_file(self._folder / next(iter(files)), one, self._signatures)
        elif files:
            try:
                journal.replace_all(self._folder, files, self._signatures)
            except OSError as error:
                name = str(error.filename2 or error.filename or "")
                is_user_file = name and TEMPORARY not in name
                raise unwritable_error(Path(name) if is_user_file else self._folder, error) from error
        if self._signatures:
            for name in files:
                self._signatures.renew(Path(os.path.realpath(self._folder / name)))


@contextmanager
def open_folder(folder: Path, *, wait: float = 0, keep_edits: bool = False) -> Iterator[FolderWriter]:
    """Lock a folder for writing, if it exists, and complete or undo the change of a writer that was killed.

    What is written depends on what was read: so read the files inside this block.

    Args:
        folder: The folder.
        wait: The seconds to wait for another process.
        keep_edits: Refuse to replace files that somebody, such as an editor, changes during this block.

    Raises:
        KbError: Another process writes into the folder (KB704), or what a killed one left cannot be completed (KB707).
    """
    check_target(folder)
    with ExitStack() as stack:
        signatures, is_new = None, not os.path.lexists(folder)
        if not is_new:
            try:
                stack.enter_context(lock(folder, wait=wait))
                journal.recover(folder)
            except LockedError as error:
                raise locked_error(folder) from error
            except OSError as error:
                raise unwritable_error(folder, error) from error
            signatures = Signatures(folder) if keep_edits else None
        yield FolderWriter(folder, signatures, is_new=is_new)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Make a folder that does not exist, or is empty: yield a temporary one, which is renamed at the end of the block.

    Files below it are flushed by whoever writes them (:func:`write_new`).

    Raises:
        KbError: Another process makes the same folder (KB704), or it cannot be made (KB701).
    """
    check_target(folder)
    target = Path(os.path.realpath(folder))
    with make_folder(target.parent, folder):
        place = target.with_name(f"{prefix_beside(target)}new{TEMPORARY}")
        with _lock_made(place, folder), ExitStack() as cleanup:
            cleanup.callback(shutil.rmtree, place, ignore_errors=True)
            yield place
            place.chmod(default_mode(folder=True))
            for path, _, _ in os.walk(place):
                flush_folder(Path(path))
            with hold_signals():
                _publish(place, target, folder)
                cleanup.pop_all()  # another process may have made a folder of that name since
                confirm(folder, [target.parent])


@contextmanager
def make_folder(folder: Path, written: Path) -> Iterator[None]:
    """Make a folder and those above it, if they are missing; they are removed again if the block fails and they are empty.

    One that another process has locked stays: what it writes next is to stand there.

    Raises:
        KbError: The block raised an OSError (KB701); ``written`` is what it writes, for the message.
    """
    missing = [above for above in (folder, *folder.parents) if not os.path.exists(above)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException as error:
        for above in missing:
            with suppress(OSError), lock(above):
                above.rmdir()
        if isinstance(error, OSError):
            raise unwritable_error(written, error) from error
        raise
    confirm(written, [above.parent for above in missing])


def locked_error(folder: Path) -> KbError:
    """Return the error for a folder that another process writes to (KB704)."""
    return fail("KB704", "Another process is writing there.", "Wait for it to end, or choose another folder.", str(folder))


def write_new(path: Path, pieces: Pieces) -> None:
    """Write and flush a file of a folder that is not yet in its place, and make the folders above it.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        write_flushed(file, pieces, path)


def unwritable_error(path: Path, error: Exception) -> KbError:
    """Return the error for a file or folder that cannot be written (KB701)."""
    message = f"It cannot be written: {describe_error(error)}."
    remedy = "Check the path, its permissions and the free space, there and for temporary files (TMPDIR); nothing was changed."
    return fail("KB701", message, remedy, str(path))


@contextmanager
def _stage(path: Path, pieces: Pieces) -> Iterator[Path]:
    """Write a temporary file beside another; its lock shows other processes that it is in use. It is removed at the end.

    A folder would need a call more after the file is in its place, and be left over if that is the call that fails.
    """
    remove_left_over(path.parent)
    held = None
    while held is None:  # until it is locked, another process may take it for left over and remove it
        handle, name = mkstemp(TEMPORARY, prefix_beside(path), path.parent)
        held = lock_new(name)
        if held is None:
            os.close(handle)
    try:
        with open(handle, "wb") as file:
            write_flushed(file, pieces, path)
        yield Path(name)
    finally:
        with suppress(OSError):
            os.unlink(name)


@contextmanager
def _lock_made(place: Path, folder: Path) -> Iterator[None]:
    """Make a temporary folder of a fixed name, or take over what a killed process left, and lock it."""
    with ExitStack() as stack:
        while True:
            with suppress(FileExistsError):
                place.mkdir()
            if place.is_symlink() or not place.is_dir():
                with suppress(FileNotFoundError, IsADirectoryError):  # another process may have made the folder since
                    place.unlink()
                continue
            try:
                stack.enter_context(lock(place, follow_links=False))
            except FileNotFoundError:  # another process has removed or renamed it meanwhile
                continue
            except LockedError as error:
                raise locked_error(folder) from error
            break
        for entry in os.scandir(place):
            shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else os.unlink(entry)
        yield


def _publish(place: Path, target: Path, folder: Path) -> None:
    try:
        place.rename(target)
    except OSError as error:
        if error.errno in {EEXIST, ENOTEMPTY}:
            raise locked_error(folder) from error
        raise
