"""``kb schema``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options
from kb.curation import editor_schemas, formatting
from kb.problems import Place, Problem


@click.command
@options.declare("schema")
def command(content: Path, *, check: bool) -> int:
    """Write JSON Schemas for editors into the knowledge base, and a line that names them into its YAML files.

    The schemas list its terms, predicates and sentences, so that an editor with a YAML language server completes ids, shows
    labels and definitions, and marks errors while you type. 'kb format' updates them.
    """
    if check:
        changes = editor_schemas.find_changes(content)
        stale = (Problem(Place(str(path)), "KB706", "It is not up to date.", "Run 'kb schema' again.") for path in changes)
        console.emit(f"{problem}\n" for problem in stale)
        return int(bool(changes))
    console.note(f"Wrote {len(formatting.rewrite(content, editor_schemas.find_changes))} files.")
    return 0
