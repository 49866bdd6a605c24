"""``kb show``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import pipeline
from kb.cli import console, options
from kb.reports import show


@click.command
@click.argument("term")
@options.content
def command(term: str, content: Path) -> None:
    """Show TERM, given by id or label: its definition, its facts with hedges and sentences, and its mappings.

    \b
    Examples:
      kb show clonazepam
      kb show "blurred vision"
    """
    console.emit(f"{line}\n" for line in show.describe_term(pipeline.load(content), term))
