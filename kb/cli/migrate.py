"""``kb migrate``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import pipeline
from kb.cli import console, options
from kb.curation import formatting, migration
from kb.escaping import count_of
from kb.problems import exit_code


@click.command
@options.declare("migrate")
def command(content: Path, *, check: bool) -> int:
    """Change the records of a knowledge base of kb 0.1.0 as this version needs them, and check the result; nothing is lost.

    A second run changes nothing. docs/upgrading.md tells what else is different since 0.1.0. Exit code 1: --check found files
    that have to change, or problems are left.
    """
    changed = list(migration.find_changes(content)) if check else formatting.rewrite(content, migration.find_changes)
    problems = [] if check and changed else pipeline.check(content).problems
    console.note(*problems, *map(str, changed), f"{count_of(len(changed), 'file')} {'to change' if check else 'changed'}.")
    return exit_code(problems) or int(check and bool(changed))
