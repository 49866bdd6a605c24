"""Records on standard input."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kb.problems import KbError, Place, Problem, fail

# How files begin that are not lines of text.
_SUFFIXES = {b"\x1f\x8b": ".jsonl.gz", b"\x28\xb5\x2f\xfd": ".jsonl.zst", b"PAR1": ".parquet"}

Told = Callable[[Iterable[Problem]], list[Problem]]


@contextmanager
def spooled(files: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Told]]:
    """Put standard input into a file where ``-`` names it, since records are gone through more than once.

    Args:
        files: What the command line names.

    Yields:
        The same with a file in the place of ``-``; and what names standard input in problems of that file.

    Raises:
        KbError: Nothing can be read there (KB102), or it cannot be put into a file (KB701).
    """
    if "-" not in files:
        yield tuple(files), list
        return
    with TemporaryDirectory(prefix="kb-") as folder:
        path = _spool(Path(folder))

        def told(problems: Iterable[Problem]) -> list[Problem]:
            return sorted(each._replace(place=_named(each.place, path)) for each in problems)

        try:
            yield tuple(str(path) if each == "-" else each for each in files), told
        except KbError as error:
            raise KbError(told(error.problems)) from error


def _named(place: Place, path: Path) -> Place:
    return place._replace(file="<stdin>") if place.file == str(path) else place


def _spool(folder: Path) -> Path:
    if sys.stdin is None or sys.stdin.isatty():
        raise fail("KB102", "Nothing is piped into standard input.", "Pipe lines of JSON into it, or name files.", "<stdin>")
    stdin = sys.stdin.buffer
    start = stdin.read(4)
    path = folder / f"stdin{next((name for magic, name in _SUFFIXES.items() if start.startswith(magic)), '.jsonl')}"
    try:
        with path.open("wb") as file:
            file.write(start)
            shutil.copyfileobj(stdin, file, 1 << 20)
    except OSError as error:
        message = f"Standard input cannot be kept: {error.strerror or error}."
        raise fail("KB701", message, "Check the free space of the folder for temporary files (TMPDIR).", "<stdin>") from error
    return path
