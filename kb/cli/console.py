"""Output of commands: data on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from kb.problems import Problem, fail


def emit(pieces: Iterable[str | bytes]) -> None:
    """Write data to standard output; bytes are text in UTF-8.

    Raises:
        BrokenPipeError: The reader has gone.
        KbError: It cannot be written (KB701).
    """
    try:
        if sys.stdout is None:
            raise OSError(0, "it is closed")  # noqa: TRY301 - the same message as for any other reason
        sys.stdout.writelines(piece if isinstance(piece, str) else piece.decode("utf-8") for piece in pieces)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        message = f"Standard output cannot be written: {error.strerror}."
        raise fail("KB701", message, "Check where it leads and the free space.") from error


def emit_json(value: Any) -> None:
    """Write a value as JSON."""
    import json

    emit([json.dumps(value, indent=2, ensure_ascii=False), "\n"])


def deliver(pieces: Iterable[str | bytes], output: Path | None) -> None:
    """Write data to a file atomically, or to standard output if the file is None or ``-``."""
    if output is None or str(output) == "-":
        emit(pieces)
        return
    from kb.files import atomic

    atomic.write_file(output, pieces)


def note(message: str) -> None:
    """Write a message to standard error; a closed standard error does not stop the run."""
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write(f"{message}\n")


def note_problem(problem: Problem) -> None:
    """Report a problem that does not stop the run."""
    note(f"note: {problem}")


def announce(message: str) -> None:
    """Announce long work, on a terminal only."""
    if sys.stderr is not None and sys.stderr.isatty():
        note(message)
