"""Make a release in a temporary folder and rename it when it is complete."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from kb.files import atomic, boundary
from kb.model import KnowledgeBase
from kb.problems import KbError, fail
from kb.release import leaks
from kb.release.draft import Draft
from kb.release.manifest import PARTS, ReleasePart


def make(
    kb: KnowledgeBase, folder: Path, since: Path | None = None, on_part: Callable[[ReleasePart], None] = lambda _: None
) -> Draft:
    """Make a release.

    Args:
        kb: The knowledge base.
        folder: The folder to create; it does not exist, or is empty.
        since: The folder of the previous release.
        on_part: Called before each part is made.

    Raises:
        KbError: The folder exists (KB711) or cannot be written (KB701), or the release would contain a withheld text (KB714).
    """
    if os.path.lexists(folder) and (not folder.is_dir() or boundary.list_folder(folder)):
        remedy = "Name a folder that does not exist; a release is never changed."
        raise fail("KB711", "The folder is not empty, or is a file.", remedy, str(folder))
    try:
        with atomic.new_folder(folder) as place:
            draft = Draft(kb, place, since)
            for part in PARTS:
                on_part(part)
                part.add(draft)
            problems = list(leaks.find_leaks(place, leaks.find_withheld_sentences(kb)))
            if problems:
                raise KbError(problems)
            draft.add_checksums()
    except OSError as error:
        raise atomic.unwritable_error(folder, error) from error
    return draft
