"""Making a release: beside its place, then renamed, so that a reader sees a whole one or none."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from kb.files import atomic
from kb.model import KnowledgeBase
from kb.problems import KbError, fail
from kb.release import leaks
from kb.release.draft import Draft
from kb.release.manifest import PARTS, Part

SUMS = "SHA256SUMS"


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
        with atomic.temporary_folder(folder) as place:
            draft = Draft(kb, place, since)
            for part in PARTS:
                told(part)
                part.add(draft)
            problems = list(leaks.search(place, leaks.held(kb)))
            if problems:
                raise KbError(problems)
            lines = [f"{file.sha256}  {name}\n" for name, file in sorted(draft.files.items())]
            draft.add(SUMS, lines, "A checksum for every file.", "text/plain", "text")
            place.chmod(atomic.new_mode(folder=True))
            place.rename(folder)
    except OSError as error:
        raise atomic.unwritable(folder, error) from error
    return draft
