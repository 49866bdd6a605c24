"""The commands by name, and the group that imports each when it runs."""

from __future__ import annotations

from importlib import import_module

import click

#: Every command: its module and what it does, in the order of the line.
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Make a new knowledge base with a tiny worked example."),
    "validate": ("validate", "Check a knowledge base; tell every problem with its place and remedy."),
    "fact": ("fact", "Write a fact, checked before."),
    "format": ("format", "Put records into canonical form and order."),
    "schema": ("schema", "Write schemas for editors that know this knowledge base."),
    "diff": ("diff", "Tell what changed between two versions of a knowledge base."),
    "explain": ("explain", "Explain a problem by its code, with examples."),
    "document": ("document", "Make the record of a text, or show its sentences."),
    "coverage": ("coverage", "Tell what was decided on every sentence; exit 1 if one is undecided."),
    "verify": ("verify", "Hold documents, sentences and facts against the texts at hand."),
    "cite": ("cite", "Find words in the texts at hand, and print the evidence to paste."),
    "quote-check": ("quote_check", "Check quotes in bulk against the texts at hand."),
    "stats": ("stats", "Count what a knowledge base holds."),
    "show": ("show", "Show what is known about a term, with the sentences."),
    "query": ("query", "Ask a named query, a file or a text in SPARQL."),
    "build": ("build", "Build a store on disk or a file of any size, for large knowledge bases."),
    "serve": ("serve", "Serve SPARQL, linked data and pages on this machine."),
    "release": ("release", "Make a release: all exports with metadata and checksums, in one folder; or check one."),
    "export": ("export", "Write Turtle, JSON-LD, N-Triples, N-Quads, TriG or RDF/XML."),
    "table": ("table", "Bring tables of facts in, such as drugs and their effects."),
    "redirects": ("redirects", "Write what w3id.org needs to make the IRIs lead somewhere, for good."),
    "push": ("push", "Bring a knowledge base into a running store, and prove that it arrived."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"kb.cli.{COMMANDS[cmd_name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, what) for name, (_, what) in COMMANDS.items()])


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"kb {version('linked-kb')}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit.")
def group() -> None:
    """A structured knowledge base with linked-data export.

    Facts that documents state, as RDF in which every statement leads back to its sentence. Commands work on the
    knowledge base that --content names; without it on that of the current folder, if it has a kb.yaml, or else on the
    shipped one about clonazepam.

    \b
    Examples:
      kb validate
      kb query side-effects
      kb show drowsiness
      kb export -f turtle -o clonazepam.ttl
    """
