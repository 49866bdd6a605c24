"""Files and folders of exports, written so that a reader sees the old state or the new one, never half.

Every file is written beside its place, flushed to disk and renamed. A folder is locked while it is written, its
files are renamed only when all of them are complete, and what was renamed is taken back if one cannot be.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path
from tempfile import mkstemp

from kb.problems import KbError, fail

_TEMPORARY = ".kb-tmp"


def write_file(path: Path, pieces: Iterable[str | bytes]) -> None:
    """Write one file, whole or not at all; a device or pipe is written to as it stands.

    Args:
        path: Where to; its folder is made if need be. A symbolic link stays, and the file it leads to is written.
        pieces: Text or bytes, in pieces.

    Raises:
        KbError: It cannot be written (KB701); what stood there before still does.
    """
    with _made(path) as folders:
        if _is_stream(path):
            with path.open("wb") as stream:
                stream.writelines(_encoded(pieces))
        else:
            _make(path.parent, folders)
            _write_all({path: pieces})


def write_folder(folder: Path, files: Mapping[str, Iterable[str | bytes]]) -> None:
    """Write several files into a folder, made if need be; all of them or none.

    Args:
        folder: Where to.
        files: Path below the folder to text or bytes, in pieces.

    Raises:
        KbError: The folder is in use (KB704) or cannot be written (KB701).
    """
    with _made(folder) as folders:
        _make(folder, folders)
        with _locked(folder):
            for name in files:
                _make((folder / name).parent, folders)
            _write_all({folder / name: pieces for name, pieces in files.items()})


@contextmanager
def _made(place: Path) -> Iterator[list[Path]]:
    """Remember which folders were made, and remove them again if what follows fails."""
    folders: list[Path] = []
    try:
        yield folders
    except BaseException as error:
        for folder in reversed(folders):
            with suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            raise _failure(place, error) from error
        raise


def _encoded(pieces: Iterable[str | bytes]) -> Iterator[bytes]:
    return (each if isinstance(each, bytes) else each.encode("utf-8") for each in pieces)


def _is_stream(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _make(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it; remember which."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        made.append(each)


def _write_all(files: Mapping[Path, Iterable[str | bytes]]) -> None:
    """Write several files beside their places, then rename them all."""
    ready: list[tuple[Path, Path]] = []
    with ExitStack() as still_open:
        try:
            for path, pieces in files.items():
                _write_beside(Path(os.path.realpath(path)), pieces, ready, still_open)
            _rename_all(ready)
        finally:
            _remove(temporary for temporary, _ in ready)
    for folder in {target.parent for _, target in ready}:
        _flush(folder)


def _write_beside(path: Path, pieces: Iterable[str | bytes], ready: list[tuple[Path, Path]], still_open: ExitStack) -> None:
    """Write a file, and keep it open: its lock tells those who sweep that it is in use."""
    _sweep(path)
    handle = _locked_temporary(path, ready)
    file = still_open.enter_context(open(handle, "wb"))
    file.writelines(_encoded(pieces))
    os.fchmod(handle, _mode(path))
    file.flush()
    os.fsync(handle)


def _locked_temporary(path: Path, ready: list[tuple[Path, Path]]) -> int:
    """Make a file beside another; until it is locked, somebody who sweeps may take it away."""
    while True:
        handle, name = mkstemp(_TEMPORARY, f".{path.name[:100]}.", path.parent)
        ready.append((Path(name), path))
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)
        ready.pop()


def _sweep(path: Path) -> None:
    """Remove what processes that were killed left beside a file: nobody holds a lock on it."""
    for left in path.parent.glob(f".{escape(path.name[:100])}.*{_TEMPORARY}"):
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _mode(path: Path) -> int:
    """Give the permissions of the file that is there, or those that a new one has."""
    with suppress(FileNotFoundError):
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask


def _rename_all(ready: list[tuple[Path, Path]]) -> None:
    """Put files in their places, or put back what was there."""
    before: list[tuple[Path, Path, Path]] = []
    try:
        for temporary, path in ready:
            old = Path(f"{str(temporary).removesuffix(_TEMPORARY)}.old{_TEMPORARY}")
            before.append((temporary, path, old))
            if len(ready) > 1 and path.exists():
                _name_again(path, old)
            temporary.replace(path)
    except BaseException:
        for temporary, path, old in before:
            if old.exists():
                old.replace(path)
            elif not temporary.exists():
                path.unlink()
        raise
    finally:
        _remove(old for _, _, old in before)


def _name_again(path: Path, name: Path) -> None:
    """Give a file a second name; where a file system has no links, a copy."""
    try:
        os.link(path, name)
    except OSError:
        shutil.copy2(path, name)


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink()


def _flush(folder: Path) -> None:
    """Make renames last; where a file system cannot, it does so by itself."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the lock lies on the folder itself, so that nothing is left behind."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise fail(
            "KB704", "Another process is writing there.", "Wait for it to end, or choose another folder.", str(folder)
        ) from error
    finally:
        os.close(handle)


def _failure(path: Path, error: OSError) -> KbError:
    message = f"It cannot be written: {error.strerror or error}."
    return fail(
        "KB701",
        message,
        "Check the path, its permissions and the free space, there and for temporary files (TMPDIR); nothing was changed.",
        str(path),
    )
