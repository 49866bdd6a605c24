"""``kb show``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options
from kb.escaping import escape_unseen


@click.command
@click.argument("name")
@options.content
@options.store
def command(name: str, content: Path, store: Path | None) -> None:
    """Show a term, predicate, document, fact or sentence, with its facts, their hedges and sentences, and its matches.

    NAME is an id, a CURIE, a label, an alias, or an identifier of another vocabulary; of a fact its IRI or the end of it, of a
    sentence its document and number.

    \b
    Examples:
      kb show clonazepam
      kb show "blurred vision"
      kb show HP:0000622
      kb show pred:has-side-effect
      kb show "clonazepam-overview s3.3"
      kb show fact/clonazepam-overview/clonazepam/has-side-effect/drowsiness
    """
    from kb.cli.query import open_content
    from kb.reports import show

    base = open_content(content, store)
    console.emit(f"{escape_unseen(line, keep=chr(10))}\n" for line in show.describe(base, name))
