"""``kb stats``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import pipeline
from kb.cli import console, options, text_table
from kb.reports import statistics


@click.command
@options.content
@options.text_or_json
def command(content: Path, fmt: str) -> None:
    """Count the facts, terms, documents and mappings of a knowledge base.

    \b
    Examples:
      kb stats
      kb stats --format json
    """
    counts = statistics.count_contents(pipeline.load(content))
    if fmt == "json":
        console.emit_json(counts)
        return
    rows = [
        [name if name == inner else f"{name}: {inner}", str(number)]
        for name, count in counts.items()
        for inner, number in (count.items() if isinstance(count, dict) else [(name, count)])
    ]
    text_table.write(["what", "number"], rows)
