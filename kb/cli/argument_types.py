"""Types of arguments: a value on the command line passes the checks that the same value in a record passes."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    TextType = click.ParamType[str]
else:  # older versions of click have no type parameter
    TextType = click.ParamType


class CheckedText(TextType):
    """A text of a kind that :mod:`kb.checks.argument_values` checks; an empty one counts as left out.

    ``name`` is what help and messages call the value.
    """

    def __init__(self, name: str, kind: str) -> None:
        self.name, self._kind = name, kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, or end the command with the reason."""
        if value:
            from kb.checks import argument_values

            if message := argument_values.describe_argument_error(self._kind, str(value), self.name):
                self.fail(message, param, ctx)
        return str(value)


class Number(click.FloatRange):
    """A finite number in a range; ``click.FloatRange`` accepts ``nan``, which is neither below nor above any bound."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number, or end the command with the reason."""
        number = float(super().convert(value, param, ctx))
        if not isfinite(number):
            self.fail(f"{number} is not a finite number.", param, ctx)
        return number
