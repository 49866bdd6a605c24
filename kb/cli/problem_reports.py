"""Problems as reports for other programs: the option that asks for one, and the report itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from typing import Any

import click

from kb.cli import console, options
from kb.problems import KbError, Problem, exit_code
from kb.rules.report_formats import FORMATS, Report


def option(*more: str) -> options.Decorator:
    """Add ``--format text|json|sarif|junit|github``, and ``more``.

    If the command fails, a format for machines still gets its report, with the problems that made it fail.
    """

    def decorate(function: options.Function) -> options.Function:
        @wraps(function)
        def reporting(*args: Any, fmt: str, **values: Any) -> Any:
            try:
                return function(*args, fmt=fmt, **values)
            except KbError as error:
                if fmt not in FORMATS:
                    raise
                return write(fmt, error.problems, "The run could not go on.")

        html = "html for browsers, " if "html" in more else ""
        purpose = f"text for people, json for programs, {html}sarif (2.1.0) for code scanning, "
        purpose += "junit for test reports, github for annotations."
        return options.output_format("text", "json", *more, *FORMATS, purpose=purpose)(reporting)

    return decorate


def write(fmt: str, problems: Sequence[Problem], summary: str, code: int | None = None) -> int:
    """Write the problems of the running command as a report for machines, with its summary in one sentence.

    Returns:
        The exit code of the run: the one given, or the one that follows from the problems.
    """
    code = exit_code(problems) if code is None else code
    console.emit(FORMATS[fmt](Report(click.get_current_context().command_path, problems, code, summary)))
    return code
