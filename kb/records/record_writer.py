"""Write records: the one function through which curation, importers and verification change a knowledge base."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from kb.files import atomic


def write_records(top: Path, contents: Mapping[Path, Iterable[str | bytes]]) -> None:
    """Write files of a knowledge base, all of them or none.

    Args:
        top: The folder of the knowledge base, which is made if it is missing; no file may lead out of it.
        contents: The files, as paths that begin with that folder, each with its new content.

    Raises:
        KbError: Another process writes into the folder (KB704), or a file cannot be written (KB701).
    """
    if contents:
        atomic.write_folder(top, {os.path.relpath(path, top): pieces for path, pieces in contents.items()})
