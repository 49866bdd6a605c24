"""Run a command: the one place where exceptions become messages and exit codes."""

from __future__ import annotations

import io
import os
import signal
import sys
from functools import partial
from typing import NoReturn, TextIO

import click

from kb.cli import console, group, interrupts, progress_bar
from kb.escaping import hide_arguments
from kb.exit_codes import CLOSED_PIPE, FAULT, INTERRUPTED, INTERRUPTS, OUTPUT, USE
from kb.problems import KbError, Problem


def run_and_exit(args: list[str] | None) -> NoReturn:
    """Run a command and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    code = run(args)
    for number in INTERRUPTS:  # the work is done; a late signal must not break the shutdown
        signal.signal(number, signal.SIG_IGN)
    error = _flush(sys.stdout)
    if isinstance(error, BrokenPipeError):
        code = CLOSED_PIPE
    elif error is not None:
        code = _report(f"kb: KB701 Standard output cannot be written: {error.strerror}.", OUTPUT)
    _flush(sys.stderr)
    sys.exit(code)


def run(args: list[str] | None = None) -> int:
    """Run a command; report what it raises on standard error and return the exit code."""
    hide = partial(hide_arguments, arguments=sys.argv[1:] if args is None else args)
    try:
        with progress_bar.show():
            code: object = group.group.main(args=args, prog_name="kb", standalone_mode=False)
    except KbError as error:
        for problem in error.problems:
            place = problem.place._replace(file=hide(problem.place.file))
            console.note(Problem(place, problem.code, hide(problem.message), hide(problem.remedy)))
        code = error.exit_code
    except click.ClickException as error:
        if isinstance(error, click.UsageError) and error.ctx:
            console.note(*error.ctx.get_usage().split("\n"), f"Try '{error.ctx.command_path} --help' for help.", "")
        console.note(f"Error: {hide(error.format_message())}")
        code = USE
    except (KeyboardInterrupt, click.Abort):
        code = _report(interrupts.MESSAGE, INTERRUPTED)
    except BrokenPipeError:
        code = CLOSED_PIPE
    except OSError as error:  # raised by click's own output, such as help
        code = _report(f"kb: KB701 Output cannot be written: {error.strerror or error}.", OUTPUT)
    except SystemExit as error:  # click exits with 1 when a pipe was closed
        code = CLOSED_PIPE if error.code == 1 else error.code
    except Exception:  # noqa: BLE001 - every other exception is a fault in kb
        code = _report_fault()
    return code if isinstance(code, int) else 0


def _flush(stream: TextIO | None) -> OSError | None:
    """Flush a standard stream; if that fails, discard its content, so that Python does not try again at exit."""
    if stream is None:
        return None
    try:
        stream.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        return error
    return None


def _report(message: str, code: int) -> int:
    console.note(message)
    return code


def _report_fault() -> int:
    import tempfile
    import traceback

    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="kb-fault-", suffix=".log", delete=False) as log:
            traceback.print_exc(file=log)
        report = log.name
    except OSError as error:
        report = f"what you did; the log cannot be written: {error.strerror}"
    return _report(f"kb: KB900 A fault in kb, not in your input. Please report it with {report}.", FAULT)
