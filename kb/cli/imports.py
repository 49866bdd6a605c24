"""``kb imports``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import pipeline
from kb.cli import console, options
from kb.escaping import count_of
from kb.problems import exit_code


@click.command
@options.declare("imports")
def command(content: Path, *, check: bool) -> int:
    """Copy the terms and predicates that 'imports' in kb.yaml names into imports/NAME/, and check the result.

    They are then used as if they were own, with an exact match to their former IRI. Imports of imports are not followed. Nothing
    else changes a copy. Exit code 1: --check found a copy that is missing or differs, or problems are left.
    """
    from kb.importers import base_import

    changed = base_import.update_imports(content, check=check)
    problems = [] if check and changed else pipeline.check(content).problems
    console.note(*problems, *changed, f"{count_of(len(changed), 'file')} {'to change' if check else 'changed'}.")
    return exit_code(problems) or int(check and bool(changed))
