"""Making a release: beside its place, then renamed, so that a reader sees a whole one or none."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from tempfile import mkdtemp

from kb.model import KnowledgeBase
from kb.problems import KbError, fail
from kb.release import leaks
from kb.release.draft import Draft
from kb.release.manifest import PARTS, Part

SUMS = "SHA256SUMS"
_TEMPORARY = ".kb-tmp"


def make(kb: KnowledgeBase, folder: Path, since: Path | None = None, told: Callable[[Part], None] = lambda _: None) -> Draft:
    """Make a release.

    Args:
        kb: What is released.
        folder: Where to: it is not there yet, or empty.
        since: The folder of the release before.
        told: Called before each part.

    Raises:
        KbError: The place is taken (KB711), cannot be written (KB701), or a text that is held elsewhere would leave (KB714).
    """
    if os.path.lexists(folder) and not (folder.is_dir() and not any(folder.iterdir())):
        remedy = "Name a folder that is not there yet; a release is never changed."
        raise fail("KB711", "The place is taken.", remedy, str(folder))
    try:
        with _beside(folder) as place:
            draft = Draft(kb, place, since)
            for part in PARTS:
                told(part)
                part.add(draft)
            problems = list(leaks.search(place, leaks.held(kb)))
            if problems:
                raise KbError(problems)
            lines = [f"{file.sha256}  {name}\n" for name, file in sorted(draft.files.items())]
            draft.add(SUMS, lines, "A checksum for every file.", "text/plain", "text")
            place.chmod(0o777 & ~_mask())
            place.rename(folder)
    except OSError as error:
        message = f"It cannot be written: {error.strerror or error}."
        raise fail(
            "KB701", message, "Check the path, its permissions and the free space; nothing was changed.", str(folder)
        ) from error
    return draft


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Make a folder beside another, and remove it again unless it was renamed; sweep away what killed runs left."""
    parent = Path(os.path.realpath(folder)).parent
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f".{escape(folder.name)}.*{_TEMPORARY}"):
        with suppress(OSError), _locked(left):
            shutil.rmtree(left)
    place = Path(mkdtemp(_TEMPORARY, f".{folder.name}.", parent))
    try:
        with _locked(place):
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
