"""``kb format``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options


@click.command
@options.content
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file is not in canonical form.")
def command(content: Path, *, check: bool) -> int:
    """Put the records of a knowledge base into canonical form and order; comments are kept.

    Keys follow their schema, terms and predicates are sorted by id, facts by sentence, below the headings that comments make
    (docs/records.md). What a record says never changes: unless the values read the same before and after, nothing is
    written. Schemas for editors that 'kb schema' made are kept current.

    \b
    Examples:
      kb format
      kb format --content my-kb --check
    """
    from kb.curation import formatting

    changes = formatting.find_changes(content)
    if check:
        console.emit(f"{problem}\n" for problem in formatting.changes_as_problems(changes))
        console.note(f"{len(changes)} files are not in canonical form." if changes else "All files are in canonical form.")
        return int(bool(changes))
    formatting.write_changes(content, changes)
    console.note("\n".join([*map(str, changes), f"{len(changes)} files were written."]))
    return 0
