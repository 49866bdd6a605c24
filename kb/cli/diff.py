"""``kb diff``."""

from __future__ import annotations

import re

import click

from kb.cli import console, options
from kb.reports import diff, versions


def _bound(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[0-9]+([.][0-9]+)?%?", value):
        raise click.BadParameter("Give a number, or a percentage such as 10%.")
    return value


@click.command
@click.argument("first_version", metavar="A")
@click.argument("second_version", metavar="B")
@options.text_or_json
@click.option(
    "--max-removed",
    callback=_bound,
    metavar="N|P%",
    help="Exit 1 if more than N or P% of the facts, or of another kind of thing, were removed.",
)
@click.option("--exit-code", is_flag=True, help="Exit 1 if anything differs.")
def command(first_version: str, second_version: str, fmt: str, max_removed: str | None, *, exit_code: bool) -> int:
    """Report what changed from A to B: facts, evidence, terms, predicates, mappings, documents and sentences.

    A and B are each the folder of a knowledge base, a release, a folder of exports, an N-Quads file, or a git revision:
    HEAD~1 (of the folder that the other one names) or HEAD~1:my-kb. Of two folders or revisions, only the files that differ are
    read; --max-removed with a percentage reads and counts all of both.

    \b
    Examples:
      kb diff HEAD~1 my-kb
      kb diff releases/1.0.0 my-kb --max-removed 10%
      kb diff v1.0:my-kb v2.0:my-kb --format json
    """
    has_share = max_removed is not None and max_removed.endswith("%")
    comparison = diff.compare(*versions.read_versions(first_version, second_version, whole=has_share))
    if fmt == "json":
        console.emit_json(diff.to_json(comparison))
    else:
        console.emit(f"{line}\n" for line in diff.describe_lines(comparison))
    problems = list(diff.check_removals(comparison, max_removed)) if max_removed else []
    for problem in problems:
        console.note(problem)
    return int(bool(problems) or (exit_code and bool(comparison.changes)))
