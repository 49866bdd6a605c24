"""Options that offer the words of the knowledge base that a command is given, also those that it declares itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from kb import resources
from kb.build import reading
from kb.schema import vocabulary


class WordChoice(click.Choice[str]):
    """A choice of the values of a list of the vocabulary in use."""

    def __init__(self, name: str) -> None:
        self._list = name
        super().__init__(())

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of the list."""
        return tuple(vocabulary.values(self._list))

    @choices.setter
    def choices(self, _: object) -> None:
        """Ignore the values that click sets."""


class VocabularyCommand(click.Command):
    """A command that takes the vocabulary of its knowledge base in use before it reads its options.

    ``add_options`` makes further options of that vocabulary.
    """

    add_options: Callable[[], list[click.Parameter]] = staticmethod(list)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Take the vocabulary in use that the knowledge base in the arguments has."""
        reading.use_vocabulary(_find_content(args))
        return super().make_context(info_name, args, parent, **extra)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, with those that the vocabulary in use adds before the option for help."""
        params = super().get_params(ctx)
        return [*params[:-1], *self.add_options(), *params[-1:]]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command with the names of qualifiers as records have them."""
        for name in vocabulary.qualifiers():
            if (key := name.replace("-", "_")) in ctx.params:
                ctx.params[name] = ctx.params.pop(key)
        return super().invoke(ctx)


def _find_content(args: list[str]) -> Path:
    for number, word in enumerate(args):
        if word == "--content" and number + 1 < len(args):
            return Path(args[number + 1])
        if word.startswith("--content="):
            return Path(word.partition("=")[2])
    return resources.default_content()
