"""``kb format``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options
from kb.curation import formatting
from kb.escaping import count_of


@click.command
@options.declare("format")
def command(content: Path, *, check: bool) -> int:
    """Format the records of a knowledge base: canonical form and order, with comments preserved.

    Keys follow the order of the schema; terms and predicates are sorted by id, and facts by sentence, within the sections
    that comments mark (docs/records.md). Formatting never changes a value: a file that would read differently is not
    written. Schemas that 'kb schema' wrote are updated too.
    """
    if check:
        changes = formatting.find_changes(content)
        console.emit(f"{problem}\n" for problem in formatting.changes_as_problems(changes))
        console.note(f"{len(changes)} files are not in canonical form." if changes else "All files are in canonical form.")
        return int(bool(changes))
    written = formatting.rewrite(content)
    console.note(*map(str, written), f"{count_of(len(written), 'file')} written.")
    return 0
