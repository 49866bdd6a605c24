"""``kb validate``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options, stdin
from kb.cli.options import Shapes


@click.command
@options.content
@options.report_format()
@click.option(
    "--shapes",
    type=click.Choice(["sample", "all", "none"]),
    default="sample",
    show_default=True,
    help="Hold the graph against the SHACL shapes too: all of it up to 200 facts, beyond that a sample.",
)
@options.facts
def command(content: Path, fmt: str, shapes: Shapes, more: tuple[str, ...]) -> int:
    """Check a knowledge base and tell every problem in one run.

    Checks the records against their JSON Schemas, then against each other, then the compiled graph against its SHACL
    shapes. Each problem has a code, its place, what is wrong and what to do. Exit code 0: all well; 1: problems;
    3: something could not be read.

    \b
    Examples:
      kb validate
      kb validate --content my-kb --format json
      kb validate --format sarif > kb.sarif
      zstdcat more/*.zst | kb validate --content my-kb --facts -
    """
    from kb import queries
    from kb.problems import exit_code

    console.progress("Checking the records, then the graph against its shapes; the first time this takes some seconds.")
    with stdin.spooled(more) as (named, told):
        checked = queries.check_everything(content, shapes=shapes, more=named)
    checked = checked._replace(problems=told(checked.problems))
    code = exit_code(checked.problems)
    counts = {kind: count for kind, count in checked.counts.items() if kind != "kb"}
    if fmt == "json":
        problems = [
            {"code": each.code, **each.place._asdict(), "message": each.message, "remedy": each.remedy}
            for each in checked.problems
        ]
        console.emit_json({"valid": code == 0, "counts": counts, "held against shapes": checked.shaped, "problems": problems})
        return code
    what = ", ".join(f"{count} {kind}s" for kind, count in counts.items())
    verdict = f"{len(checked.problems)} problems" if code else "no problems"
    facts = checked.counts["fact"]
    sample = f" ({checked.shaped:,} of {facts:,} facts were held against the shapes)" if 0 < checked.shaped < facts else ""
    summary = f"Checked {what}: {verdict}{sample}."
    if fmt != "text":
        return console.problems(fmt, checked.problems, summary)
    console.emit([*(f"{problem}\n" for problem in checked.problems), f"{summary}\n"])
    return code
