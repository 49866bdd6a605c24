"""Files and folders of exports, written so that a reader sees the old state or the new one, never half.

Every file is written beside its place, flushed to disk and renamed. A folder is locked while it is written, and its
files are renamed only when all of them are complete.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from kb.problems import KbError, fail


def write_file(path: Path, pieces: Iterable[str]) -> None:
    """Write one file, whole or not at all.

    Args:
        path: Where to.
        pieces: The text, in pieces.

    Raises:
        KbError: It cannot be written (KB701); what stood there before still does.
    """
    write_files(path.parent, {path.name: pieces})


def write_folder(folder: Path, files: Mapping[str, Iterable[str]]) -> None:
    """Write several files into a folder, made if need be; all of them or none.

    Args:
        folder: Where to.
        files: Path below the folder to text, in pieces.

    Raises:
        KbError: The folder is in use (KB704) or cannot be written (KB701).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _failure(folder, error) from error
    with _locked(folder):
        write_files(folder, files)


def write_files(folder: Path, files: Mapping[str, Iterable[str]]) -> None:
    """Write several files beside their places, then rename them all."""
    ready: list[tuple[str, Path]] = []
    try:
        for name, pieces in files.items():
            ready.append((_write_beside(folder / name, pieces), folder / name))
        for temporary, path in ready:
            os.replace(temporary, path)  # noqa: PTH105 - the standard library's word for an atomic rename
    except OSError as error:
        raise _failure(folder, error) from error
    finally:
        for temporary, _ in ready:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108 - gone already if all went well


def _write_beside(path: Path, pieces: Iterable[str]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = "w"
    with NamedTemporaryFile(mode, encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o666 & ~_umask())
        except BaseException:
            with suppress(OSError):
                os.unlink(file.name)  # noqa: PTH108
            raise
    return file.name


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the lock lies on the folder itself, so that nothing is left behind."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise fail(
                "KB704", "Another process is writing there.", "Wait for it to end, or choose another folder.", str(folder)
            ) from error
        yield
    finally:
        os.close(handle)


def _failure(path: Path, error: OSError) -> KbError:
    message = f"It cannot be written: {error.strerror or error}."
    return fail("KB701", message, "Check the path, its permissions and the free space; nothing was changed.", str(path))
