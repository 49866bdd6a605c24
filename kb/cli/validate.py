"""``kb validate``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from kb.cli import console, options, problem_reports, stdin
from kb.pipeline import CheckResult, Shapes
from kb.problems import exit_code
from kb.queries import query_checks


@click.command
@options.content
@problem_reports.option()
@options.shapes(
    "sample", "Validate the graph with the SHACL shapes too; the sample is about 100 facts, or all if there are at most 200."
)
@options.facts
def command(content: Path, fmt: str, shapes: Shapes, more: tuple[str, ...]) -> int:
    """Check a knowledge base, and report every problem in one run.

    Records are validated with their JSON Schemas, then against each other; then the compiled graph is validated with the
    SHACL shapes. Each problem has a code, a place, a message and a remedy. Exit code 0: no problems; 1: problems; 3: a
    file could not be read.

    \b
    Examples:
      kb validate
      kb validate --content my-kb --format json
      kb validate --format sarif > kb.sarif
      zstdcat more/*.zst | kb validate --content my-kb --facts -
    """
    console.announce("Checking the records, then the graph with the SHACL shapes; the first run takes some seconds.")
    with stdin.spooled(more) as (files, renamed):
        checked = query_checks.check_everything(content, shapes=shapes, more=files)
    checked = replace(checked, problems=renamed(checked.problems))
    if fmt == "text":
        console.emit([*(f"{problem}\n" for problem in checked.problems), f"{_summarize(checked)}\n"])
    elif fmt == "json":
        console.emit_json(_to_json(checked))
    else:
        return problem_reports.write(fmt, checked.problems, _summarize(checked))
    return exit_code(checked.problems)


def _summarize(checked: CheckResult) -> str:
    counts = ", ".join(f"{count} {kind}s" for kind, count in checked.counts.items() if kind != "kb")
    verdict = f"{len(checked.problems)} problems" if checked.problems else "no problems"
    facts, shaped = checked.counts["fact"], checked.shaped
    sample = f" ({shaped:,} of {facts:,} facts were validated with the shapes)" if 0 < shaped < facts else ""
    return f"Checked {counts}: {verdict}{sample}."


def _to_json(checked: CheckResult) -> dict[str, Any]:
    problems = [
        {"code": problem.code, **problem.place._asdict(), "message": problem.message, "remedy": problem.remedy}
        for problem in checked.problems
    ]
    return {
        "valid": exit_code(checked.problems) == 0,
        "counts": {kind: count for kind, count in checked.counts.items() if kind != "kb"},
        "held against shapes": checked.shaped,
        "problems": problems,
    }
