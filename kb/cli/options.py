"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import click

from kb import resources

Shapes = Literal["none", "sample", "all"]  # as kb.pipeline has it, without importing it
Function = TypeVar("Function", bound=Callable[..., Any])


def content(function: Function) -> Function:
    """Add ``--content``."""
    return click.option(
        "--content",
        type=click.Path(path_type=Path),
        default=resources.content_here,
        envvar="KB_CONTENT",
        show_default="here if kb.yaml is, else the shipped one",
        metavar="DIR",
        help="The folder of the knowledge base: the one that holds kb.yaml. KB_CONTENT can name it too.",
    )(function)


def texts(function: Function) -> Function:
    """Add ``--text``."""
    return click.option(
        "--text",
        "texts",
        multiple=True,
        metavar="ID=PATH|DIR",
        help="A text that is held elsewhere: the document's id and the file, or a folder of files named after documents.",
    )(function)


def pairs(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Read values of the form NAME=VALUE, as the callback of an option."""
    wrong = next((each for each in values if "=" not in each), None)
    if wrong is not None:
        raise click.BadParameter(f"'{wrong}' is not of the form NAME=VALUE.")
    return dict(each.split("=", 1) for each in values)


def text_or_json(function: Function) -> Function:
    """Add ``--format text|json``."""
    return click.option(
        "-f",
        "--format",
        "fmt",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="For people or for programs.",
    )(function)


def report_format(*more: str) -> Callable[[Function], Function]:
    """Add ``--format text|json|sarif|junit|github``, and ``more``.

    Where the command fails in a format for machines, its problems are the report all the same.
    """

    def decorate(function: Function) -> Function:
        @wraps(function)
        def reporting(*args: Any, fmt: str, **options: Any) -> Any:
            from kb.cli import console
            from kb.problems import KbError

            try:
                return function(*args, fmt=fmt, **options)
            except KbError as error:
                if fmt not in _REPORTS:
                    raise
                return console.problems(fmt, error.problems, "The run could not go on.")

        add = click.option(
            "-f",
            "--format",
            "fmt",
            type=click.Choice(["text", "json", *more, *_REPORTS]),
            default="text",
            show_default=True,
            help="For people; for programs; for code scanning (SARIF 2.1.0), test reports, annotations on GitHub.",
        )
        return cast("Function", add(reporting))

    return decorate


_REPORTS = ("sarif", "junit", "github")  # kb.rules.report_formats.FORMATS, without importing it; a test holds them equal


def workers(function: Function) -> Function:
    """Add ``--workers``."""
    return click.option(
        "--workers",
        type=click.IntRange(min=0),
        default=0,
        show_default="all processors",
        metavar="N",
        help="How many processes work on a large knowledge base; what they make does not depend on it.",
    )(function)


def facts(function: Function) -> Function:
    """Add ``--facts``."""
    return click.option(
        "--facts",
        "more",
        multiple=True,
        metavar="PATH|PATTERN|-",
        help="Facts besides those of the knowledge base: a file, a folder, a pattern in quotes, or - for standard input "
        "(JSON Lines, gzip, Zstandard, Parquet). May be repeated.",
    )(function)
