"""``kb stats``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import options, report


@click.command
@options.content
@options.text_or_json
def command(content: Path, fmt: str) -> None:
    """Count what a knowledge base holds.

    \b
    Examples:
      kb stats
      kb stats --format json
    """
    from kb import insight, pipeline  # noqa: PLC0415 - late, so that --help is fast

    counts = insight.statistics(pipeline.load(content))
    if fmt == "json":
        report.emit_json(counts)
        return
    rows = [
        [name if name == inner else f"{name}: {inner}", str(number)]
        for name, count in counts.items()
        for inner, number in (count.items() if isinstance(count, dict) else [(name, count)])
    ]
    report.table(["what", "number"], rows)
