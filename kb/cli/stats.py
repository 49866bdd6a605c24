"""``kb stats``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options, problem_reports, text_table
from kb.reports import coverage


@click.command
@options.declare("stats")
def command(content: Path, fmt: str) -> int:
    """Count the facts, terms, documents and mappings of a knowledge base."""
    kb, code = problem_reports.load_sound(content)
    counts = coverage.count_contents(kb)
    if fmt == "json":
        console.emit_json(counts)
        return code
    rows = [
        [name if name == inner else f"{name}: {inner}", str(number)]
        for name, count in counts.items()
        for inner, number in (count.items() if isinstance(count, dict) else [(name, count)])
    ]
    text_table.write(["what", "number"], rows)
    return code
