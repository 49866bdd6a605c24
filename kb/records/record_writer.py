"""Write records: the one way in which curation, importers and verification change a knowledge base."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kb.files import atomic

_WAIT = 20  # seconds that a command waits for another that writes; most take less than one

#: Writes files of a knowledge base, all of them or none, by paths that begin with its folder; see :func:`lock_records`.
WriteRecords = Callable[[Mapping[Path, Iterable[str | bytes]]], None]


@contextmanager
def lock_records(top: Path) -> Iterator[WriteRecords]:
    """Lock a knowledge base, complete the change of a writer that was killed, and yield the function that writes.

    What is written depends on what was read: so read the records inside this block.

    Args:
        top: The folder of the knowledge base, which is made if it is missing; no file may lead out of it.

    Raises:
        KbError: Another process still writes into the folder after 20 seconds (KB704), what a killed one left cannot be
            completed (KB707), a file was edited inside this block (KB708), or cannot be written (KB701).
    """
    with atomic.open_folder(top, wait=_WAIT, keep_edits=True) as writer:
        yield lambda contents: writer.replace({os.path.relpath(path, top): pieces for path, pieces in contents.items()})
