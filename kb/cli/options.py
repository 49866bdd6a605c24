"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from kb import resources

Shapes = Literal["none", "sample", "all"]  # as kb.pipeline has it, without importing it
Function = TypeVar("Function", bound=Callable[..., Any])


def content(function: Function) -> Function:
    """Add ``--content``."""
    return click.option(
        "--content",
        type=click.Path(path_type=Path),
        default=resources.content,
        show_default="the shipped knowledge base",
        metavar="DIR",
        help="The folder of the knowledge base: the one that holds kb.yaml.",
    )(function)


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
