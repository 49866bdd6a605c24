"""The list of commands, and the group that imports a command when it runs."""

from __future__ import annotations

from importlib import import_module

import click

#: Every command with a summary, in the order of work. Its module has the same name, with ``_`` for ``-``.
COMMANDS: dict[str, str] = {
    "init": "Create a knowledge base with a small example.",
    "validate": "Check a knowledge base; report every problem with its place and remedy.",
    "fact": "Check a fact, and add it.",
    "format": "Put records into canonical form and order.",
    "schema": "Write schemas with which editors complete ids and check records.",
    "diff": "Compare two versions of a knowledge base.",
    "explain": "Explain the rule behind a problem, with examples.",
    "document": "Add the record of a document, or show its sentences.",
    "coverage": "Report which sentences are covered, exempted or undecided.",
    "verify": "Verify documents, sentences and facts against the texts.",
    "cite": "Find a quote in the texts, and print it as evidence for a record.",
    "quote-check": "Check a table of quotes against the texts.",
    "stats": "Count the facts, terms, documents and mappings of a knowledge base.",
    "show": "Show the facts about a term, with their sentences.",
    "query": "Run a named query, a query file or SPARQL text.",
    "build": "Build a store on disk or an RDF file of any size.",
    "serve": "Serve a SPARQL endpoint, linked data and web pages.",
    "release": "Make or check a release: a folder with all exports, metadata and checksums.",
    "export": "Write RDF, tables or property graphs.",
    "table": "Import tables of pairs, such as drugs and their effects.",
    "redirects": "Write w3id.org redirects for the IRIs of a knowledge base.",
    "push": "Write a knowledge base into a running triple store, and verify the result.",
}


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
