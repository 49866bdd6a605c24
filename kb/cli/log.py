"""``kb log``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from kb.cli import console, options, problem_reports
from kb.escaping import escape_unseen
from kb.reports import history


@click.command
@options.declare("log")
def command(name: str, content: Path, fmt: str) -> int:
    """Show when a fact or term was added, changed, reviewed, moved and removed, and by whom, from the history in git.

    NAME is the path of a fact or the end of it, or any name of a term. Records are compared by their values, so a change of
    layout is no change.
    """
    kb, code = problem_reports.load_sound(content)
    found = history.read_history(kb, name)
    if fmt == "json":
        console.emit_json(asdict(found))
    else:
        console.emit(f"{escape_unseen(line)}\n" for line in history.describe(found))
    return code
