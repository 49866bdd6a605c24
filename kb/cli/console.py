"""Output of commands: data on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from kb.escaping import escape_unseen
from kb.problems import Problem, fail


def emit(pieces: Iterable[str | bytes], *, styled: bool = False) -> None:
    """Write data to standard output; bytes are text in UTF-8.

    On a terminal, characters are made visible that it would obey or hide, unless the text is styled by kb itself.

    Raises:
        BrokenPipeError: The reader has gone.
        KbError: It cannot be written (KB701).
    """
    try:
        if sys.stdout is None:
            raise OSError(0, "it is closed")  # noqa: TRY301 - the same message as for any other reason
        texts = (piece if isinstance(piece, str) else piece.decode("utf-8") for piece in pieces)
        is_shown = sys.stdout.isatty() and not styled
        sys.stdout.writelines((escape_unseen(text, "\t\r\n") for text in texts) if is_shown else texts)
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


def note(*messages: str | Problem) -> None:
    """Write messages to standard error, each on a line of its own; a closed standard error does not stop the run."""
    if sys.stderr is not None:
        lines = (str(message) if isinstance(message, Problem) else escape_unseen(message) for message in messages)
        with suppress(OSError):
            sys.stderr.writelines(f"{line}\n" for line in lines)


def note_problem(problem: Problem) -> None:
    """Report a problem that does not stop the run."""
    note(problem._replace(place=problem.place._replace(file=f"note: {problem.place.file}")))


def report_left_out(problems: Sequence[Problem]) -> int:
    """Report the problems for which a run leaves something out; return 1 if there are any, else 0."""
    if problems:
        note(*problems, "note: What has these problems is left out.")
    return int(bool(problems))


def announce(message: str) -> None:
    """Announce long work, on a terminal only."""
    if sys.stderr is not None and sys.stderr.isatty():
        note(message)
