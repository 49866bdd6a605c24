"""Recognize files that somebody, such as an editor, has changed since they were read; locks cannot keep editors away."""

from __future__ import annotations

import os
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from kb.files.boundary import walk
from kb.files.text_file import read_bytes
from kb.problems import KbError, Place, Problem, quote


class Signature(NamedTuple):
    """The size of a file in bytes, and the time of its last change in nanoseconds."""

    size: int
    changed: int


class Signatures:
    """The signatures of all files of a folder at one moment, except for those of git; links count as what they lead to."""

    def __init__(self, folder: Path) -> None:
        self._signatures: dict[Path, Signature | None] = {}
        for path, entries in walk(Path(os.path.realpath(folder)), lambda _: None):
            entries[:] = [entry for entry in entries if entry.name != ".git" and not entry.is_link]
            files = (path / entry.name for entry in entries if not entry.is_folder)
            self._signatures.update((file, sign(file)) for file in files)

    def check(self, path: Path, new: Path) -> None:
        """Check that a file, whose path has no links, is as it was.

        Args:
            path: The file.
            new: A file with the content that is about to replace it.

        Raises:
            KbError: It was changed, made or removed since (KB708); the message shows where it differs from the new content.
        """
        if sign(path) != self._signatures.get(path):
            raise _edited_error(path, new)

    def renew(self, path: Path) -> None:
        """Take the signature of a file again, after it was written."""
        self._signatures[path] = sign(path)


def sign(path: Path) -> Signature | None:
    """Return the signature of a file; None if it does not exist."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return Signature(status.st_size, status.st_mtime_ns)


def _edited_error(path: Path, new: Path) -> KbError:
    remedy = "Save it in the editor, then run the command again; nothing was changed."
    if not path.exists():
        return KbError([Problem(Place(str(path)), "KB708", "It was removed while the command was running.", remedy)])
    now, intended = (read_bytes(file, str(file)).decode(errors="replace").splitlines() for file in (path, new))
    same = sum(1 for _ in takewhile(lambda lines: lines[0] == lines[1], zip(now, intended, strict=False)))
    found, wanted = (quote(lines[same]) if same < len(lines) else "the end of the file" for lines in (now, intended))
    message = f"It was edited while the command was running: here is {found}, and the command would have written {wanted}."
    return KbError([Problem(Place(str(path), same + 1), "KB708", message, remedy)])
