"""Problems as reports for other programs: the option that asks for one, and the report itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from kb import pipeline
from kb.cli import console, options
from kb.model import KnowledgeBase
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
        choices = click.Choice(["text", "json", *more, *FORMATS])
        return click.option(
            "-f", "--format", "fmt", type=choices, default="text", show_default=True, help=f"Output format: {purpose}"
        )(reporting)

    return decorate


def load_sound(content: Path) -> tuple[KnowledgeBase, int]:
    """Load what is sound of a knowledge base, and report what is left out; return it with 1 if anything is, else 0."""
    kb, problems = pipeline.load_sound(content)
    return kb, console.report_left_out(problems)


def write(fmt: str, problems: Sequence[Problem], summary: str, code: int | None = None, value: Any = None) -> int:
    """Write the problems of the running command in a format, with its summary in one sentence; ``value`` is its JSON.

    Returns:
        The exit code of the run: the one given, or the one that follows from the problems.
    """
    code = exit_code(problems) if code is None else code
    if fmt == "text":
        console.emit([*(f"{problem}\n" for problem in problems), f"{summary}\n"])
    elif fmt == "json":
        console.emit_json(value)
    else:
        console.emit(FORMATS[fmt](Report(click.get_current_context().command_path, problems, code, summary)))
    return code
