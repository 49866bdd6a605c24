"""The command line: a module for each command, which declares it and calls the packages that do the work.

:func:`main` is the one place where exceptions become messages and exit codes. Besides commands, there are:

::

    group            the list of commands
    options          options that several commands share
    argument_types   types of arguments, which check values as records are checked
    console          writes data and messages
    problem_reports  reports of problems for other programs
    text_table       draws results as tables, on a terminal and elsewhere
    progress_bar     shows progress on a terminal
    stdin            records on standard input
    prompts          prompts and completion of kb fact add
    query_output     writes what kb query returns
    coverage_table   the table and summary that kb coverage prints
    cluster          the options of kb build for Spark
"""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import NoReturn, TextIO

import click

from kb.cli import console, group, progress_bar
from kb.exit_codes import CLOSED_PIPE, FAULT, INTERRUPTED, OUTPUT, USE
from kb.problems import KbError


def main(args: list[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    code = run(args)
    for number in (signal.SIGINT, signal.SIGTERM):  # the work is done; a late signal must not break the shutdown
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
    try:
        with progress_bar.show():
            code: object = group.group.main(args=args, prog_name="kb", standalone_mode=False)
    except KbError as error:
        console.note(*error.problems)
        code = error.exit_code
    except click.ClickException as error:
        text = io.StringIO()
        error.show(text)
        console.note(*text.getvalue().rstrip("\n").split("\n"))
        code = USE
    except (KeyboardInterrupt, click.Abort):
        code = _report("kb: interrupted; every file is as it was, or completely written.", INTERRUPTED)
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
