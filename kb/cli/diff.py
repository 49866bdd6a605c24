"""``kb diff``."""

from __future__ import annotations

import re

import click

from kb.cli import console, options
from kb.reports import diff, versions


@click.command
@options.declare("diff")
def command(first_version: str, second_version: str, fmt: str, max_removed: str, *, exit_code: bool) -> int:
    """Report what changed from A to B: facts, evidence, terms, predicates, mappings, documents and sentences.

    A and B are each the folder of a knowledge base, a release, a folder of exports, an N-Quads file, or a git revision:
    HEAD~1 (of the folder that the other one names) or HEAD~1:my-kb. Of two folders or revisions, only the files that differ are
    read; --format markdown, and --max-removed with a percentage, read all of both.
    """
    if max_removed and not re.fullmatch(r"[0-9]+([.][0-9]+)?%?", max_removed):
        raise click.BadParameter("Give a number, or a percentage such as 10%.", param_hint="--max-removed")
    has_share = max_removed.endswith("%")
    both = versions.read_versions(first_version, second_version, whole=has_share or fmt == "markdown")
    comparison = diff.compare(*both)
    if fmt == "json":
        console.emit_json(diff.to_json(comparison))
    elif fmt == "markdown":
        from kb.reports import diff_markdown

        console.emit(f"{line}\n" for line in diff_markdown.describe_markdown(comparison, both))
    else:
        console.emit(f"{line}\n" for line in diff.describe_lines(comparison))
    problems = list(diff.check_removals(comparison, max_removed)) if max_removed else []
    for problem in problems:
        console.note(problem)
    return int(bool(problems) or (exit_code and bool(comparison.changes)))
