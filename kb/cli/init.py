"""``kb init``."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from kb.cli import argument_types as types
from kb.cli import console, options
from kb.curation import init


@click.command
@click.argument("folder", metavar="DIR", type=options.PATH)
@click.option("--id", "name", type=types.ID, default="", help="Its id.  [default: from the folder's name]")
@click.option("--title", type=types.TITLE, default="", help="Its title.  [default: the id]")
@click.option(
    "--base", type=types.BASE, default="", help="Its base IRI, with which all its IRIs start.  [default: https://example.org/ID/]"
)
def command(folder: Path, name: str, title: str, base: str) -> None:
    """Create a knowledge base in DIR, with a small example that validates.

    DIR must be new or empty. The example is one short text, two facts, and the terms and predicates that they use; replace
    them with your own.

    \b
    Examples:
      kb init my-kb
      kb init my-kb --title 'What leaflets say' --base https://example.org/leaflets/
    """
    console.emit(f"{folder / path}\n" for path in init.create(folder, name=name, title=title, base=base))
    where = shlex.quote(str(folder))
    steps = (
        ("kb validate --content {}", "check it"),
        ("kb query side-effects --content {}", "query it"),
        ("kb document add FILE --content {}", "add a text"),
        ("kb fact add --content {}", "add a fact; terms are in terms/, predicates in predicates.yaml"),
        ("kb coverage --content {}", "list sentences without a decision"),
        ("kb export --content {} -o exports/", "write RDF"),
    )
    console.note("", "Next:")
    console.note(*(f"  {step.format(where):<48}  {what}" for step, what in steps))
