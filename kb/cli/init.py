"""``kb init``."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from kb.cli import console


@click.command
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--id", "name", default="", help="Its id.  [default: made of the folder's name]")
@click.option("--title", default="", help="Its title.  [default: the id]")
@click.option("--base", default="", help="The IRI below which its things are named.  [default: https://example.org/ID/]")
def command(folder: Path, name: str, title: str, base: str) -> None:
    """Make a new knowledge base in DIR, with a tiny worked example that is in order.

    DIR must be empty or not there yet. The example is one short text, two facts and what these name; replace it by your own.

    \b
    Examples:
      kb init my-kb
      kb init my-kb --title 'What leaflets say' --base https://example.org/leaflets/
    """
    from kb.curation import init

    console.emit(f"{folder / path}\n" for path in init.create(folder, name=name, title=title, base=base))
    where = shlex.quote(str(folder))
    steps = (
        ("kb validate --content {}", "check it"),
        ("kb query side-effects --content {}", "ask it"),
        ("kb document add FILE --content {}", "add a text"),
        ("kb fact add --content {}", "add a fact; terms are in terms/, predicates in predicates.yaml"),
        ("kb coverage --content {}", "see which sentences are still undecided"),
        ("kb export --content {} -o exports/", "write RDF"),
    )
    console.note("\nNext:")
    console.note("\n".join(f"  {step.format(where):<48}  {what}" for step, what in steps))
