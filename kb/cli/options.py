"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

from kb import resources

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]

PATH = click.Path(path_type=Path)

#: ``--content``.
content = click.option(
    "--content",
    type=PATH,
    default=resources.default_content,
    envvar="KB_CONTENT",
    metavar="DIR",
    help="The folder of the knowledge base, which contains kb.yaml. The variable KB_CONTENT sets it too.  "
    "[default: the nearest folder with a kb.yaml, from the current one upwards, else the shipped one]",
)

#: ``--store``, for commands that read a store in place of ``--content``.
store = click.option("--store", type=PATH, metavar="DIR", help="Read this store of 'kb build' instead of --content.")


def _parse_pairs(
    kind: click.ParamType[Any], context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Parse the values of a repeated option NAME=VALUE, where the type of VALUE is given; a callback for click."""
    pairs: dict[str, str] = {}
    for value in values:
        name, equals, rest = value.partition("=")
        if not (name and equals):
            message = f"'{value}' is not of the form NAME=VALUE."
            raise click.BadParameter(message)
        if name in pairs:
            message = f"'{name}' is given twice."
            raise click.BadParameter(message)
        pairs[name] = kind.convert(rest, option, context)
    return pairs


def repeated(*names: str, metavar: str, purpose: str, **attributes: Any) -> Decorator:
    """Add an option that may be repeated; the command gets a tuple."""
    return click.option(*names, metavar=metavar, multiple=True, help=f"{purpose} May be repeated.", **attributes)


def pairs(*names: str, metavar: str, purpose: str, kind: click.ParamType[Any] = click.STRING) -> Decorator:
    """Add an option NAME=VALUE that may be repeated, where VALUE has a type; the command gets a dictionary."""
    return repeated(*names, metavar=metavar, purpose=purpose, callback=partial(_parse_pairs, kind))


def choice(*names: str, values: Sequence[str], purpose: str, default: str = "") -> Decorator:
    """Add an option whose value is one of a list; the first one is the default, unless another one is given."""
    return click.option(*names, type=click.Choice(values), default=default or values[0], show_default=True, help=purpose)


def output(metavar: str, purpose: str, **attributes: Any) -> Decorator:
    """Add ``-o`` and ``--output``, which name a file or folder."""
    return click.option("-o", "--output", metavar=metavar, help=purpose, **attributes)


#: ``-o`` and ``--output``, which name a file; ``-`` and the default are standard output.
output_file = output("FILE", "The file to write; - is standard output.", type=click.Path(path_type=Path, dir_okay=False))


def statements(*models: str, purpose: str) -> Decorator:
    """Add ``--statements``, with the models that the command can write."""
    return choice("--statements", values=models, purpose=purpose)


def shapes(default: str, purpose: str) -> Decorator:
    """Add ``--shapes none|sample|all``."""
    return choice("--shapes", values=("none", "sample", "all"), default=default, purpose=purpose)


def timeout(seconds: float, purpose: str) -> Decorator:
    """Add ``--timeout``."""
    kind = click.FloatRange(0.1, 86400)
    return click.option("--timeout", type=kind, default=seconds, show_default=True, metavar="SECONDS", help=purpose)


#: ``--text``.
texts = repeated(
    "--text",
    "texts",
    metavar="ID=PATH|DIR",
    purpose="The text of a document that does not ship: ID=PATH names one file, DIR a folder of files named after documents.",
)


def output_format(*names: str, purpose: str) -> Decorator:
    """Add ``-f`` and ``--format``, which choose among formats for people and programs."""
    return choice("-f", "--format", "fmt", values=names, purpose=f"Output format: {purpose}")


#: ``--format text|json``.
text_or_json = output_format("text", "json", purpose="text for people, json for programs.")


def _all_processors(_: click.Context, __: click.Parameter, number: int) -> int:
    from kb.build.workers import count_processors

    return number or count_processors()


#: ``--workers``.
workers = click.option(
    "--workers",
    type=click.IntRange(min=0),
    default=0,
    callback=_all_processors,
    metavar="N",
    help="The number of worker processes; the result does not depend on it.  [default: one per processor]",
)

#: ``--facts``.
facts = repeated(
    "--facts",
    "more",
    metavar="PATH|PATTERN|-",
    purpose="Facts in addition to those of the knowledge base: a file, a folder, a quoted pattern, or - for standard input "
    "(JSON Lines, gzip, Zstandard, Parquet).",
)
