"""The arguments and options of every command, which ``options.tsv`` lists, and its examples, which ``examples.tsv`` lists.

A row of ``options.tsv`` has the words of the command and the names of the option, then what help shows in the place of its
value, the type, the default and the purpose. Rows without a command are shared: a command names them. A type is preceded by
``required``, ``hidden``, ``repeated``, ``once`` or ``pairs`` (``NAME=VALUE``, repeated); it is one of :func:`_find_type`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click

from kb import resources
from kb.cli.argument_types import CheckedText, Number
from kb.escaping import hide_user
from kb.problems import quote

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]

_TYPES = {"text": click.STRING, "path": click.Path(path_type=Path), "file": click.Path(path_type=Path, dir_okay=False)}


def declare(command: str, **attributes: Mapping[str, Any]) -> Decorator:
    """Add the arguments and options of a command, and its examples.

    Args:
        command: Its words, such as ``table import``.
        attributes: By the name of a parameter, what else ``click.option`` takes, such as choices that the code knows.
    """

    def add(function: Function) -> Function:
        for row in reversed(_read_table("options").get(command, [])):
            function = _make_decorator(row, attributes)(function)
        examples = "".join(f"  {line}\n" for (line,) in _read_table("examples")[command])
        function.__doc__ = f"{cleandoc(function.__doc__ or '')}\n\n\b\nExamples:\n{examples}"
        return function

    return add


@cache
def _read_table(name: str) -> dict[str, list[list[str]]]:
    """Read a table of this folder: the further cells of each row, by the first cell."""
    table: dict[str, list[list[str]]] = {"": []}
    for first, *cells in resources.read_table("cli", f"{name}.tsv"):
        table.setdefault(first, []).append(cells)
    return table


def _make_decorator(row: list[str], attributes: Mapping[str, Mapping[str, Any]]) -> Decorator:
    """Return the decorator that adds the argument or option of a row."""
    if len(row) == 1:
        row = next(shared for shared in _read_table("options")[""] if row[0] in shared[0].split())
    names, metavar, words, default, purpose = [*row, "", "", "", ""][:5]
    uses = [word for word in words.split() if word in _USES]
    kind = " ".join(words.split()[len(uses) :])
    if not names.startswith("-"):
        count = -1 if "repeated" in uses else 1
        return click.argument(
            names, metavar=metavar or None, type=_find_type(kind, metavar), required="optional" not in uses, nargs=count
        )
    more: dict[str, Any] = {"metavar": metavar or None, "help": purpose}
    if kind == "flag":
        more["is_flag"] = True
    elif "pairs" in uses:
        more["callback"] = partial(_parse_pairs, _find_type(kind, metavar))
    else:
        more["type"] = _find_type(kind, metavar)
    if default:
        more |= {"default": default.split() if "repeated" in uses else default, "show_default": True}
    elif not uses and kind != "flag" and isinstance(more["type"], CheckedText | type(click.STRING)):
        more["default"] = ""
    for use in uses:
        more |= _USES[use]
    if more.get("multiple") and "once" not in uses:
        more["help"] += " May be repeated."
    parameter = names.split()[-1].partition("/")[0].lstrip("-").replace("-", "_")
    return click.option(*names.split(), **{**more, **_CODED.get(parameter, {}), **attributes.get(parameter, {})})


def _find_type(kind: str, metavar: str) -> click.ParamType[Any]:
    """Return a type by its name; other names are kinds of values that :mod:`kb.checks.argument_values` checks."""
    name, *details = kind.split()
    if name in _TYPES:
        return _TYPES[name]
    if name in {"integer", "number"}:
        bounds: list[Any] = [float(bound) if "." in bound else int(bound) for bound in details]
        least, most = [*bounds, None][:2]
        return click.IntRange(least, most) if name == "integer" else Number(least, most)
    if name == "choice":
        return click.Choice(details)
    return CheckedText(metavar.rpartition("=")[2], kind)


def _parse_pairs(
    kind: click.ParamType[Any], context: click.Context, option: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Parse the values of a repeated option NAME=VALUE, where the type of VALUE is given; a callback for click."""
    pairs: dict[str, str] = {}
    for value in values:
        name, equals, rest = value.partition("=")
        if not (name and equals):
            message = f"{quote(hide_user(value))} is not of the form NAME=VALUE."
            raise click.BadParameter(message)
        if name in pairs:
            message = f"{quote(name)} is given twice."
            raise click.BadParameter(message)
        pairs[name] = kind.convert(rest, option, context)
    return pairs


def take_once(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> str | None:
    """Refuse a second value of an option, of which click would take the last one; a callback for click."""
    if len(values) > 1:
        message = f"A fact has one of them, not {len(values)}: write a fact for each, or name a term for all."
        raise click.BadParameter(message)
    return values[0] if values else None


# What the words before a type mean for click.
_USES: dict[str, dict[str, Any]] = {
    "required": {"required": True},
    "optional": {},
    "hidden": {"hidden": True},
    "repeated": {"multiple": True},
    "once": {"multiple": True, "callback": take_once},
    "pairs": {"multiple": True},
}
# What a table cannot say of shared options.
_CODED: dict[str, dict[str, Any]] = {"content": {"default": resources.default_content, "envvar": "KB_CONTENT"}}
