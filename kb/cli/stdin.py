"""Records on standard input."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kb.files.temporary import TemporaryFolder
from kb.problems import KbError, Problem, fail

# The first bytes of formats other than JSON Lines.
_SUFFIXES = {b"\x1f\x8b": ".jsonl.gz", b"\x28\xb5\x2f\xfd": ".jsonl.zst", b"PAR1": ".parquet"}

Rename = Callable[[Iterable[Problem]], list[Problem]]


@contextmanager
def spooled(files: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Rename]]:
    """Copy standard input to a temporary file if ``-`` names it, because records are read more than once.

    Yields:
        The paths with the file in place of ``-``, and a function that renames the file to ``<stdin>`` in problems.

    Raises:
        KbError: Standard input cannot be read (KB102), or the file cannot be written (KB701).
    """
    if "-" not in files:
        yield tuple(files), list
        return
    with TemporaryFolder() as folder:
        path = _spool(Path(folder))

        def rename(problems: Iterable[Problem]) -> list[Problem]:
            return sorted(
                problem._replace(place=problem.place._replace(file="<stdin>")) if problem.place.file == str(path) else problem
                for problem in problems
            )

        try:
            yield tuple(str(path) if file == "-" else file for file in files), rename
        except KbError as error:
            raise KbError(rename(error.problems)) from error


def _spool(folder: Path) -> Path:
    if sys.stdin is None or sys.stdin.isatty():
        raise fail("KB102", "Standard input is not a pipe.", "Pipe lines of JSON into it, or name files.", "<stdin>")
    stdin = sys.stdin.buffer
    start = stdin.read(4)
    path = folder / f"stdin{next((name for magic, name in _SUFFIXES.items() if start.startswith(magic)), '.jsonl')}"
    try:
        with path.open("wb") as file:
            file.write(start)
            shutil.copyfileobj(stdin, file, 1 << 20)
    except OSError as error:
        message = f"Standard input cannot be saved: {error.strerror or error}."
        raise fail("KB701", message, "Check the free space of the folder for temporary files (TMPDIR).", "<stdin>") from error
    return path
