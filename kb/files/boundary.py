"""Open and list files within their boundary: what lies in a knowledge base is read and written there, wherever links lead.

A path lies in a knowledge base if a folder above it, as the path is written, has a ``kb.yaml``. What it leads to through
symbolic links must then lie in that folder too. So links inside a knowledge base work, and so does a link to a whole one; but a
knowledge base from elsewhere can neither show nor change other files of its user. Callers that read a release, a store or an
output folder name it as ``within``, and it has the same boundary.

Nor does a link lead into a repository of version control, and nothing is written there: its hooks are programs.

Only regular files are opened: a pipe could block, and a device could block, never end or act when it is opened.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from errno import ENAMETOOLONG, ENOENT, ENOTDIR
from functools import partial
from io import BufferedReader
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import NamedTuple

from kb import resources
from kb.problems import KbError, fail

#: The most bytes of a file that is read to its end whatever it holds; a sparse file, say, would take hours.
LARGEST_READ = 64 << 30

_MARKER = "kb.yaml"
# Only Linux has O_PATH, with which a folder that may be entered but not listed can be opened.
_ENTER = os.O_DIRECTORY | os.O_CLOEXEC | getattr(os, "O_PATH", os.O_RDONLY)
_LIST = os.O_DIRECTORY | os.O_CLOEXEC | os.O_RDONLY
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY

_NOTHING_THERE = {ENOENT, ENOTDIR, ENAMETOOLONG}  # below a file, or by too long a name, there can be nothing

_REPOSITORY = re.compile(r"/\.(?:git|hg|jj|svn)(?:/|\Z)", re.IGNORECASE)
_OUTSIDE = "The link leads out of the knowledge base."
_INTO_REPOSITORY = "The path leads into a repository of version control."
_COPY = "Copy what it leads to into the knowledge base, or name the outside path itself, as in --text ID=PATH."
_NAME_TARGET = "Remove the link, or name the path that it leads to; nothing was changed."


class Entry(NamedTuple):
    """An entry of a folder; a link is not followed, so a link to a folder is no folder."""

    name: str
    is_folder: bool
    is_link: bool


class _OutsideError(Exception):
    """A path leads out of its boundary."""


def open_file(path: Path | str, name: str = "", within: Path | None = None) -> BufferedReader:
    """Open a regular file for reading.

    Args:
        path: The file; what it is when it is opened counts, even if it was replaced a moment before.
        name: What messages call it; by default its path.
        within: A folder that it must not lead out of, in addition to the knowledge base in which it lies.

    Raises:
        KbError: The file is missing (KB101), cannot be read or is not a regular file (KB102), or leads outside (KB113).
    """
    name = name or str(path)
    return open(_open(path, name, within, partial(_open_regular, name)), "rb")


def bounded_size(file: BufferedReader, name: str) -> int:
    """Return the size in bytes of an open file that is to be read to its end.

    Raises:
        KbError: It is larger than :data:`LARGEST_READ` (KB110).
    """
    size = os.fstat(file.fileno()).st_size
    if size > LARGEST_READ:
        raise fail("KB110", f"The file has {size:,} bytes; at most {LARGEST_READ:,} are read.", "Split it.", name)
    return size


def check_file(path: Path | str, name: str = "", within: Path | None = None) -> int:
    """Check that :func:`open_file` opens a file; return its size in bytes."""
    with open_file(path, name, within) as file:
        return os.fstat(file.fileno()).st_size


def exists(path: Path | str) -> bool:
    """Return whether there is something at a path, be it a link to nowhere.

    Raises:
        KbError: The system does not say (KB102), such as in a folder that may not be entered; or it is outside (KB113).
    """
    try:
        _resolve(os.path.dirname(path), None)
        os.lstat(path)
    except _OutsideError as error:
        raise fail("KB113", str(error), _COPY, str(path)) from error
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in _NOTHING_THERE:
            return False
        raise unreadable_error(error, str(path)) from error
    return True


def list_folder(path: Path | str, within: Path | None = None) -> list[Entry]:
    """Return the entries of a folder by name; none if it does not exist.

    Raises:
        KbError: It is no folder or cannot be read (KB102), or leads outside (KB113).
    """
    if not exists(path):
        return []
    handle = _open(path, str(path), within, _open_folder)
    try:
        with os.scandir(handle) as entries:
            return sorted(Entry(entry.name, entry.is_dir(follow_symlinks=False), entry.is_symlink()) for entry in entries)
    except OSError as error:
        raise unreadable_error(error, str(path)) from error
    finally:
        os.close(handle)


def walk(top: Path, report: Callable[[KbError], object], within: Path | None = None) -> Iterator[tuple[Path, list[Entry]]]:
    """Yield each folder below a folder with its entries; those that the caller removes from a list are not entered.

    Links to folders are not followed; a folder that cannot be listed is reported.
    """
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            entries = list_folder(folder, within)
        except KbError as error:
            report(error)
            continue
        yield folder, entries
        folders.extend(folder / entry.name for entry in reversed(entries) if entry.is_folder)


def check_target(path: Path, within: Path | None = None) -> None:
    """Check that writing to a path changes nothing outside its boundary, and that no pipe or device inside blocks it.

    Raises:
        KbError: It leads outside, or is a pipe or device in a knowledge base (KB701); or it is in the installed package (KB709).
    """
    try:
        if resources.is_installed(path):
            remedy = "Name a knowledge base of your own with --content, or start one with 'kb init'."
            raise fail("KB709", "It belongs to the installed kb, which is never changed.", remedy, str(path))
        top, real = _resolve(path, within, is_target=True)
        mode = os.stat(real).st_mode if top and os.path.lexists(real) else 0
    except _OutsideError as error:
        raise fail("KB701", f"It is not written. {error}", _NAME_TARGET, str(path)) from error
    except (OSError, ValueError) as error:
        raise fail("KB701", f"It cannot be written: {describe_error(error)}.", "Check the path.", str(path)) from error
    if mode and not (S_ISREG(mode) or S_ISDIR(mode)):
        raise fail("KB701", "It is not written, since it is a pipe or device.", "Remove it, or name another file.", str(path))


def unreadable_error(error: Exception, name: str) -> KbError:
    """Return the error for a file or folder that the operating system cannot read (KB102)."""
    return fail("KB102", f"The file cannot be read: {describe_error(error)}.", "Check the path and its permissions.", name)


def describe_error(error: Exception) -> str:
    """Return the operating system's words for an error, without the path."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _enclosing(path: str) -> Iterator[str]:
    """Yield the folders of knowledge bases above a path as it is written, from the inside out."""
    folder = os.path.abspath(path)
    while folder != (above := os.path.dirname(folder)):
        folder = above
        if os.path.lexists(f"{folder}/{_MARKER}"):
            yield folder


def _resolve(path: Path | str, within: Path | None, *, is_target: bool = False) -> tuple[str, str]:
    """Return the innermost folder that bounds a path, empty for none, and the path, both without links.

    Raises:
        _OutsideError: The path leads out of a folder that bounds it.
    """
    real, top = os.path.realpath(path), ""
    for folder in (*([within] if within else ()), *_enclosing(str(path))):
        bound = os.path.realpath(folder)
        if real != bound and not real.startswith(f"{bound.rstrip('/')}/"):
            raise _OutsideError(_OUTSIDE if os.path.lexists(f"{folder}/{_MARKER}") else "The path leads out of the folder.")
        top = max(top, bound, key=len)
    if top and _REPOSITORY.search(real, len(top)) and (is_target or not _REPOSITORY.search(os.path.abspath(path))):
        raise _OutsideError(_INTO_REPOSITORY)
    return top, real


def _open(path: Path | str, name: str, within: Path | None, open_last: Callable[[str, int, int | None], int]) -> int:
    """Open a path: in a boundary step by step without links, since one may have come after the path was resolved."""
    try:
        top, real = _resolve(path, within)
        if not top:
            return open_last(str(path), 0, None)
        *folders, last = os.path.relpath(real, top).split(os.sep)
        above = os.open(top, _ENTER)
        try:
            for folder in folders:
                inner = os.open(folder, _ENTER | os.O_NOFOLLOW, dir_fd=above)
                os.close(above)
                above = inner
            return open_last(last, os.O_NOFOLLOW, above)
        finally:
            os.close(above)
    except _OutsideError as error:
        raise fail("KB113", str(error), _COPY, name) from error
    except (FileNotFoundError, ValueError) as error:
        raise fail("KB101", "The file does not exist.", "Check the path.", name) from error
    except OSError as error:
        raise unreadable_error(error, name) from error


def _open_folder(place: str, flags: int, above: int | None) -> int:
    return os.open(place, _LIST | flags, dir_fd=above)


def _open_regular(name: str, place: str, flags: int, above: int | None) -> int:
    """Open a regular file; its kind is checked before, since to open a device may act, and after, since it may be replaced."""
    mode = os.stat(place, dir_fd=above, follow_symlinks=not flags).st_mode
    if not S_ISLNK(mode):  # a loop of links, which opening reports
        _require_regular(mode, name)
    handle = os.open(place, _READ | flags, dir_fd=above)
    try:
        _require_regular(os.fstat(handle).st_mode, name)
    except BaseException:
        os.close(handle)
        raise
    return handle


def _require_regular(mode: int, name: str) -> None:
    if S_ISDIR(mode):
        raise fail("KB102", "The file is a folder.", "Name a file.", name)
    if not S_ISREG(mode):
        remedy = "Name a regular file. Commands that accept '-' read standard input."
        raise fail("KB102", "The file is a pipe or device, not a regular file.", remedy, name)
