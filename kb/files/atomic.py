"""Write files and folders atomically: a reader sees the old state or the new one, never half of it.

Every file is written beside its place, flushed to disk and renamed. A folder is locked while files are written into it;
they are renamed only when all of them are complete, and what was renamed is undone if one cannot be.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path
from tempfile import mkdtemp, mkstemp

from kb.files.boundary import check_target, describe_error
from kb.files.locks import LockedError, lock, lock_new
from kb.problems import KbError, fail

#: The suffix of files and folders that are not complete yet.
TEMPORARY = ".kb-tmp"

_Staged = list[tuple[Path, Path]]  # temporary files, each with its place


def write_file(path: Path, pieces: Iterable[str | bytes]) -> None:
    """Write one file, text or bytes in pieces, completely or not at all; a device or pipe is written to directly.

    Missing folders are made. A symbolic link stays, and the file that it points to is written, unless it leads out of the
    knowledge base in which it lies.

    Raises:
        KbError: It cannot be written (KB701); the file that was there before is unchanged.
    """
    check_target(path)
    with _undo_folders(path) as made:
        if path.exists() and not (path.is_file() or path.is_dir()):
            with path.open("wb") as stream:
                stream.writelines(_encode(pieces))
        else:
            _make_folder(path.parent, made)
            _write_all({path: pieces})


def write_folder(folder: Path, files: Mapping[str, Iterable[str | bytes]]) -> None:
    """Write files, by their path below a folder, all of them or none; the folder is made if it is missing.

    Raises:
        KbError: Another process writes into the folder (KB704), or a file cannot be written or leads out of it (KB701).
    """
    check_target(folder)
    for name in files:
        check_target(folder / name, folder)
    with _undo_folders(folder) as made:
        _make_folder(folder, made)
        try:
            with lock(folder):
                for name in files:
                    _make_folder((folder / name).parent, made)
                _write_all({folder / name: pieces for name, pieces in files.items()})
        except LockedError as error:
            message = "Another process is writing there."
            raise fail("KB704", message, "Wait for it to end, or choose another folder.", str(folder)) from error


@contextmanager
def temporary_folder(place: Path) -> Iterator[Path]:
    """Make a temporary folder beside a place, on the same disk; it is removed at the end, unless it was renamed.

    Temporary files that killed processes left beside that place are removed too.

    Raises:
        KbError: The place leads out of the knowledge base in which it lies (KB701).
        OSError: It cannot be made.
    """
    check_target(place)
    target = Path(os.path.realpath(place))
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_left_over(target)
    folder = Path(mkdtemp(TEMPORARY, f".{target.name[:100]}.", target.parent))
    try:
        with lock(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unwritable_error(path: Path, error: Exception) -> KbError:
    """Return the error for a file or folder that cannot be written (KB701)."""
    message = f"It cannot be written: {describe_error(error)}."
    remedy = "Check the path, its permissions and the free space, there and for temporary files (TMPDIR); nothing was changed."
    return fail("KB701", message, remedy, str(path))


def flush(path: Path) -> None:
    """Flush a file or folder to disk.

    Raises:
        OSError: It cannot be flushed, or the file system cannot flush folders.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def default_mode(*, folder: bool = False) -> int:
    """Return the permissions of the files, or of the folders, that this process makes."""
    mask = os.umask(0o077)
    os.umask(mask)
    return (0o777 if folder else 0o666) & ~mask


@contextmanager
def _undo_folders(path: Path) -> Iterator[list[Path]]:
    """Collect the folders that were made, and remove them again if writing fails."""
    made: list[Path] = []
    try:
        yield made
    except BaseException as error:
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            raise unwritable_error(path, error) from error
        raise


def _encode(pieces: Iterable[str | bytes]) -> Iterator[bytes]:
    return (piece if isinstance(piece, bytes) else piece.encode("utf-8") for piece in pieces)


def _make_folder(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it, and add them to a list."""
    missing = [above for above in (folder, *folder.parents) if not above.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        made.append(path)


def _write_all(files: Mapping[Path, Iterable[str | bytes]]) -> None:
    """Write several files beside their places, then rename them all."""
    staged: _Staged = []
    with ExitStack() as open_files:
        try:
            for path, pieces in files.items():
                _write_beside(Path(os.path.realpath(path)), pieces, staged, open_files)
            _rename_all(staged)
        finally:
            _remove(temporary for temporary, _ in staged)
    for folder in {path.parent for _, path in staged}:
        with suppress(OSError):  # file systems that cannot flush a folder keep renames by themselves
            flush(folder)


def _write_beside(path: Path, pieces: Iterable[str | bytes], staged: _Staged, open_files: ExitStack) -> None:
    """Write a temporary file, and keep it open: its lock shows other processes that it is in use."""
    _remove_left_over(path)
    handle = _open_temporary(path, staged)
    file = open_files.enter_context(open(handle, "wb"))
    file.writelines(_encode(pieces))
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mode = default_mode()
    os.fchmod(handle, mode)
    file.flush()
    os.fsync(handle)


def _open_temporary(path: Path, staged: _Staged) -> int:
    """Make a file beside another; until it is locked, another process may take it for left over and remove it."""
    while True:
        handle, name = mkstemp(TEMPORARY, f".{path.name[:100]}.", path.parent)
        staged.append((Path(name), path))
        if lock_new(handle):
            return handle
        os.close(handle)
        staged.pop()


def _remove_left_over(path: Path) -> None:
    """Remove the temporary files and folders that killed processes left beside a place, and that no process has locked."""
    for left_over in path.parent.glob(f".{escape(path.name[:100])}.*{TEMPORARY}"):
        with suppress(OSError), lock(left_over):
            shutil.rmtree(left_over) if left_over.is_dir() else left_over.unlink()


def _rename_all(staged: _Staged) -> None:
    """Rename temporary files into their places, or restore what was there."""
    renamed: list[tuple[Path, Path, Path]] = []
    try:
        for temporary, path in staged:
            old = Path(f"{str(temporary).removesuffix(TEMPORARY)}.old{TEMPORARY}")
            renamed.append((temporary, path, old))
            if len(staged) > 1 and path.exists():
                try:
                    os.link(path, old)
                except OSError:  # the file system has no links
                    shutil.copy2(path, old)
            temporary.replace(path)
    except BaseException:
        for temporary, path, old in renamed:
            if old.exists():
                old.replace(path)
            elif not temporary.exists():
                path.unlink()
        raise
    finally:
        _remove(old for _, _, old in renamed)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()
