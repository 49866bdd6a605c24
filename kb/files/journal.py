"""Replace several files of a folder together: all of them, or none.

The new files are written into a folder beside them, with links to the old ones. Renaming that folder turns it into a journal:
from then on the change takes place, also if the process is killed, because the next writer completes it. If a file cannot be
moved into its place, the journal is renamed again and says that the change is undone. One that is to be removed has no new
file.

::

    .staged.kb-tmp/     what is being prepared, or is no longer needed; removed by the next writer
    .commit.kb-tmp/     a change that takes place; completed by the next writer
    .undo.kb-tmp/       a change that is undone; undone completely by the next writer
        files.json      the files, each with the stat signatures of its old and of its new state; the folders that are missing
        new/0, new/1 …  the new files that are not yet in their places
        old/0, old/1 …  the old files, which are restored when the change is undone

The folder is locked by its writer. A file that somebody, such as an editor, has changed since it was read, or since a kill, is
never overwritten; locks cannot keep editors away.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from errno import EISDIR, EXDEV
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO, NamedTuple

from kb.files.boundary import check_target, describe_error, walk
from kb.files.durability import confirm, default_mode, flush, flush_folder, hold_signals
from kb.files.locks import is_locked
from kb.files.temporary import TEMPORARY, discard, prefix_beside, remove_left_over
from kb.files.text_file import read_bytes
from kb.problems import KbError, Place, Problem, fail, quote

STAGED, COMMIT, UNDO = (f".{state}{TEMPORARY}" for state in ("staged", "commit", "undo"))

Pieces = Iterable[str | bytes]
_FILES = "files.json"


class Signature(NamedTuple):
    """The size of a file in bytes, and the time of its last change in nanoseconds."""

    size: int
    changed: int


class Signatures:
    """The signatures of all files of a folder at one moment, except for those of git; links count as what they lead to."""

    def __init__(self, folder: Path) -> None:
        self._signatures: dict[Path, tuple[Signature | None, int] | None] = {}
        for path, entries in walk(Path(os.path.realpath(folder)), lambda _: None):
            entries[:] = [entry for entry in entries if entry.name != ".git" and not entry.is_link]
            files = (path / entry.name for entry in entries if not entry.is_folder)
            self._signatures.update((file, _identify(file)) for file in files)

    def check(self, path: Path, new: Path) -> None:
        """Check that a file, whose path has no links, is as it was.

        Raises:
            KbError: It was changed, made or removed since (KB708); the message shows where it differs from the new file.
        """
        if _identify(path) != self._signatures.get(path):
            raise _edited_error(path, new)

    def renew(self, path: Path) -> None:
        """Take the signature of a file again, after it was written."""
        self._signatures[path] = _identify(path)


def _identify(path: Path) -> tuple[Signature | None, int] | None:
    """Return the signature of a file with its inode, which an editor changes that replaces a file; None if it does not exist.

    The time alone is not enough: two files may be written within one tick of the clock, or have a time that was copied.
    """
    try:
        return sign(path), path.stat().st_ino
    except FileNotFoundError:
        return None


def sign(path: Path) -> Signature | None:
    """Return the signature of a file; None if it does not exist."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return Signature(status.st_size, status.st_mtime_ns)


class _Entry(NamedTuple):
    """A file of a change: where it belongs, its new and old content in the journal, and the signatures of both."""

    path: Path
    new: Path
    old: Path
    before: Signature | None
    after: Signature | None


#: What the list of a journal holds: files by their path with both signatures, and the folders that did not exist, from the top.
_Written = tuple[list[tuple[str, Signature | None, Signature | None]], list[str]]


def replace_all(folder: Path, files: Mapping[str, Pieces | None], signatures: Signatures | None = None) -> None:
    """Replace files, by their path below a folder that is locked and has no journal; remove those whose pieces are None.

    With the signatures of files when they were read, edits made since then are not overwritten.

    Raises:
        OSError: It cannot be done, and nothing was changed.
        KbError: A file was edited since it was read (KB708); or all is done, but not confirmed by the disk (KB701), or has to be
            completed by the next writer (KB707).
    """
    staged = folder / STAGED
    try:
        _prepare(folder, files)
        if signatures:
            for number, name in enumerate(files):
                signatures.check(_resolve(folder, name), staged / "new" / str(number))
        with hold_signals():
            staged.rename(folder / COMMIT)
            try:
                flush_folder(folder)
                changed = _move_all(folder)
            except OSError:
                _undo(folder)
                raise
            _finish(folder, changed)
    finally:
        discard(staged)


def recover(folder: Path) -> None:
    """Complete or undo the change of a writer that was killed; the folder is locked.

    Raises:
        KbError: It cannot be completed (KB707).
    """
    discard(folder / STAGED)
    journal = next((folder / name for name in (UNDO, COMMIT) if os.path.lexists(folder / name)), None)
    if journal is None:
        return
    try:
        with hold_signals():
            if journal.name == UNDO:
                _undo(folder)
            else:
                _finish(folder, _move_all(folder))
    except OSError as error:
        reason = f"{error.filename}: {describe_error(error)}"
        message = f"A change of several files was interrupted, and cannot be completed: {reason}."
        remedy = f"Correct that and run the command again; or remove {journal}, to keep the files as they are now."
        raise fail("KB707", message, remedy, str(folder)) from error
    discard(folder / STAGED)


def is_unfinished(folder: Path) -> bool:
    """Return whether a change of files of a folder was interrupted, and waits for the next writer to complete it."""
    return _has_journal(folder) and not is_locked(folder) and _has_journal(folder)  # a writer may have completed it meanwhile


def _has_journal(folder: Path) -> bool:
    return any(os.path.lexists(folder / name) for name in (COMMIT, UNDO))


def write_flushed(file: BinaryIO, pieces: Pieces, path: Path) -> None:
    """Write pieces to a new file that will replace another, with its permissions, and flush it to disk."""
    file.writelines(encode(pieces))
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mode = default_mode()
    os.fchmod(file.fileno(), mode)
    file.flush()
    os.fsync(file.fileno())


def encode(pieces: Pieces) -> Iterator[bytes]:
    """Encode text as UTF-8; bytes stay."""
    return (piece if isinstance(piece, bytes) else piece.encode("utf-8") for piece in pieces)


def _prepare(folder: Path, files: Mapping[str, Pieces | None]) -> None:
    """Write the new files and the journal into a folder, which has no effect yet."""
    staged = folder / STAGED
    for made in (staged, staged / "new", staged / "old"):
        made.mkdir(0o700)
    for parent in {(folder / name).parent for name in files}:
        remove_left_over(parent)
    states, folders, top = [], set[str](), os.path.realpath(folder)
    for number, (name, pieces) in enumerate(files.items()):
        path, new = _resolve(folder, name), staged / "new" / str(number)
        if pieces is not None:
            with new.open("xb") as file:
                write_flushed(file, pieces, path)
        states.append([name, sign(path), sign(new)])
        folders.update(os.path.relpath(above, top) for above in path.parents if not above.exists())
        if path.exists():
            _link(path, staged / "old" / str(number))
    journal = json.dumps([states, sorted(folders)])
    with (staged / _FILES).open("xb") as file:
        write_flushed(file, [journal], staged / _FILES)
    for written in (staged / "new", staged / "old", staged):
        flush_folder(written)


def _resolve(folder: Path, name: str) -> Path:
    """Return where a file is written: a symbolic link stays, and the file that it points to is replaced."""
    path = Path(os.path.realpath(folder / name))
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
    return path


def _link(path: Path, backup: Path) -> None:
    """Make a backup of a file, as a link where the file system has links."""
    try:
        os.link(path, backup)
    except OSError:
        shutil.copy2(path, backup)
        flush(backup)


def _read(folder: Path, journal: Path) -> tuple[list[_Entry], list[Path]]:
    """Read the files and folders of a journal; one from elsewhere may say anything, but changes nothing outside the folder."""
    import msgspec

    entries, listed = [], journal / _FILES
    try:
        files, folders = msgspec.json.decode(read_bytes(listed, str(listed)), type=_Written)
        for number, (name, before, after) in enumerate(files):
            path, new, old = folder / name, journal / "new" / str(number), journal / "old" / str(number)
            for place in (path, new, old):
                check_target(place, folder)
            entries.append(_Entry(Path(os.path.realpath(path)), new, old, before, after))
        for made in folders:
            check_target(folder / made, folder)
    except KbError as error:
        raise OSError(0, error.problems[0].message.rstrip("."), str(listed)) from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise OSError(0, "it is damaged", str(listed)) from error
    return entries, [folder / made for made in folders]


def _move_all(folder: Path) -> set[Path]:
    """Move the new files into their places, unless they are there already; return the folders in which names change."""
    entries, made = _read(folder, folder / COMMIT)
    for entry in entries:
        if entry.new.exists():
            _check_unedited(entry.path, entry.before)
            entry.path.parent.mkdir(parents=True, exist_ok=True)
            _move(entry.new, entry.path)
        elif entry.after is None and entry.path.exists():
            _check_unedited(entry.path, entry.before)
            entry.path.unlink()
    return {path.parent for path in (*(entry.path for entry in entries), *made)}


def _finish(folder: Path, changed: set[Path]) -> None:
    """End a change whose files are all in their places."""
    try:
        confirm(folder, sorted(changed))
    finally:
        try:
            (folder / COMMIT).rename(folder / STAGED)
        except OSError as error:
            message = f"All files are written, but {COMMIT} cannot be renamed: {describe_error(error)}."
            raise fail("KB701", message, "Correct that, then run the command again.", str(folder)) from error


def _undo(folder: Path) -> None:
    """Restore the old files.

    Raises:
        KbError: They cannot be restored (KB707).
    """
    journal = folder / UNDO
    try:
        if not journal.exists():
            (folder / COMMIT).rename(journal)
        entries, folders = _read(folder, journal)
        for entry in entries:
            if entry.new.exists() or sign(entry.path) == entry.before:
                continue
            _check_unedited(entry.path, entry.after)
            _move(*((entry.path, entry.new) if entry.before is None else (entry.old, entry.path)))
    except OSError as error:
        message = f"A change of several files is half done: {error.filename}: {describe_error(error)}."
        remedy = "Correct that, then run the command again: it completes or undoes the change."
        raise fail("KB707", message, remedy, str(folder)) from error
    with suppress(OSError):  # what remains has no effect, and the next writer removes it
        for made in reversed(folders):
            with suppress(OSError):
                made.rmdir()
        journal.rename(folder / STAGED)


def _check_unedited(path: Path, expected: Signature | None) -> None:
    """Refuse to replace a file that somebody has edited since the change began."""
    if sign(path) != expected:
        raise OSError(0, "it was edited after the change began", str(path))


def _move(source: Path, target: Path) -> None:
    """Move a file into its place by one rename, also from another file system."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != EXDEV:
            raise
        near = target.with_name(f"{prefix_beside(target)}moved{TEMPORARY}")
        shutil.copy2(source, near)
        flush(near)
        near.replace(target)
        source.unlink()


def _edited_error(path: Path, new: Path) -> KbError:
    remedy = "Save it in the editor, then run the command again; nothing was changed."
    if not path.exists() or not new.exists():
        message = f"It was {'edited' if path.exists() else 'removed'} while the command was running."
        return KbError([Problem(Place(str(path)), "KB708", message, remedy)])
    now, intended = (read_bytes(file, str(file)).decode(errors="replace").splitlines() for file in (path, new))
    same = sum(1 for _ in takewhile(lambda lines: lines[0] == lines[1], zip(now, intended, strict=False)))
    found, wanted = (quote(lines[same]) if same < len(lines) else "the end of the file" for lines in (now, intended))
    message = f"It was edited while the command was running: here is {found}, and the command would have written {wanted}."
    return KbError([Problem(Place(str(path), same + 1), "KB708", message, remedy)])
