"""``kb show``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options
from kb.cli.query import open_content
from kb.escaping import escape_unseen
from kb.reports import show


@click.command
@options.declare("show")
def command(name: str, content: Path, store: Path | None, fmt: str, *, picture: bool) -> int:
    """Show a term, predicate, document, sentence, fact or word, with its facts, their hedges and sentences, and its matches.

    NAME is an id, a CURIE, a label, an alias, or an identifier of another vocabulary; of a fact the end of its IRI, of a
    sentence its number, with its document if several have it. A word is a value of a qualifier, a qualifier, or a kind of term.
    """
    base, code = open_content(content, store)
    if picture or fmt != "text":
        console.emit([show.draw(base, name, "svg" if picture else fmt)])
        return code
    console.emit(f"{escape_unseen(line, keep=chr(10))}\n" for line in show.describe(base, name))
    return code
