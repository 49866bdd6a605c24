"""The list of commands, and the group that imports a command when it runs."""

from __future__ import annotations

from importlib import import_module

import click

from kb import resources
from kb.cli import interrupts

#: Every command with a summary, in the order of work. Its module has the same name, with ``_`` for ``-``.
COMMANDS: dict[str, str] = dict(resources.read_table("cli", "commands.tsv"))


class LazyGroup(click.Group):
    """A group whose commands are imported when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"kb.cli.{cmd_name.replace('-', '_')}").command
        interrupts.raise_from_now()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="linked-kb", message="kb %(version)s")
def group() -> None:
    """A structured knowledge base with linked-data export.

    A knowledge base contains facts that documents state. kb writes them as RDF in which every statement leads back to its
    sentence. Commands use the knowledge base that --content names. Without it, they use the current folder if it has a
    kb.yaml, and otherwise the shipped knowledge base about clonazepam.

    \b
    Examples:
      kb validate
      kb query side-effects
      kb show drowsiness
      kb export -f turtle -o clonazepam.ttl
    """
