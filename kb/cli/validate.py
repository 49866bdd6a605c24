"""``kb validate``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click

from kb import pipeline, queries
from kb.cli import console, options, problem_reports, stdin
from kb.escaping import count_of
from kb.pipeline import CheckResult, Shapes
from kb.problems import collect, exit_code
from kb.proposals import store
from kb.queries import expected_answers, query_checks
from kb.texts import sources
from kb.verification import verify

# How many facts a knowledge base may have, for 'kb validate' to hold all of them in memory and compare them with texts.
_MOST_COMPARED = 100_000


@click.command
@options.declare("validate", shapes={"type": click.Choice(get_args(Shapes))})
@problem_reports.option()
def command(content: Path, fmt: str, shapes: Shapes, more: tuple[str, ...], *, questions: bool) -> int:
    """Check a knowledge base, and report every problem in one run.

    Records are validated with their JSON Schemas, then against each other; then the compiled graph is validated with the
    SHACL shapes. If there are no problems, facts are compared with the texts that ship, as 'kb verify' does. Each problem has a
    code, a place, a message and a remedy. Exit code 0: no problems; 1: problems; 3: a file could not be read.
    """
    console.announce("Checking the records, then the graph with the SHACL shapes; the first run takes some seconds.")
    with stdin.spooled(more) as (files, renamed):
        checked = query_checks.check_everything(content, shapes=shapes, more=files)
        problems = collect([*renamed(checked.problems), *store.check_folders(content)])
        is_comparable = not problems and sources.has_texts(content)
        if is_comparable and checked.counts["fact"] > _MOST_COMPARED:
            console.note(f"More than {_MOST_COMPARED:,} facts: they were not compared with the texts; 'kb verify' does that.")
        elif is_comparable:
            kb = pipeline.check(content, more=files).kb
            problems = renamed(verify.check_available(kb)) if kb else problems
        if questions and not problems:
            problems = list(expected_answers.check_expected(queries.open_base(content)))
    checked = replace(checked, problems=problems)
    shown = collect([*checked.problems, *renamed(checked.warnings)])
    return problem_reports.write(fmt, shown, _summarize(checked), value=_to_json(checked))


def _summarize(checked: CheckResult) -> str:
    counts = ", ".join(count_of(count, kind) for kind, count in checked.counts.items() if kind != "kb")
    verdict = count_of(len(checked.problems), "problem") if checked.problems else "no problems"
    verdict += f", {count_of(len(checked.warnings), 'review')} of earlier versions" if checked.warnings else ""
    facts, shaped = checked.counts["fact"], checked.shaped
    sample = f" ({shaped:,} of {facts:,} facts were validated with the shapes)" if 0 < shaped < facts else ""
    return f"Checked {counts}: {verdict}{sample}."


def _to_json(checked: CheckResult) -> dict[str, Any]:
    return {
        "valid": exit_code(checked.problems) == 0,
        "counts": {kind: count for kind, count in checked.counts.items() if kind != "kb"},
        "held against shapes": checked.shaped,
        "problems": [problem.to_dict() for problem in checked.problems],
        **({"warnings": [problem.to_dict() for problem in checked.warnings]} if checked.warnings else {}),
    }
