"""``kb gate``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options, problem_reports
from kb.files import boundary
from kb.problems import Problem, collect, exit_code, fail
from kb.proposals import foreign, foreign_records, store
from kb.records import folder


@click.command
@options.declare("gate")
@problem_reports.option()
def command(files: tuple[Path, ...], texts: Path | None, map_: Path, receipts: Path | None, fmt: str) -> int:
    """Check the excerpts in other people's YAML or JSON against the texts that they name.

    Each excerpt must stand word for word in its text and, if the map names the parts of a claim, state it. Problems have
    file, line and column. With --texts, --receipts writes a line for each accepted excerpt; without, it stands for the texts, so
    that a run in CI needs none. Exit code 1: an excerpt is refused, or there is none.
    """
    if texts is None and receipts is None:
        raise click.UsageError("Give --texts, or --receipts of an earlier run.")
    keys, problems = foreign_records.read_map(map_), list[Problem]()
    excerpts = list(foreign_records.read_excerpts(files, keys, problems))
    if texts is not None:
        run = foreign.ExcerptGate(texts, keys.language).check(excerpts)
    else:
        known = folder.read_file(receipts or map_, "receipt")
        run = foreign.check_receipts(excerpts, (record.value for record in known))
    if not run.count and not problems:
        raise fail("KB445", "The files have no excerpt with a reference.", "Name their keys in the map.", str(map_))
    if receipts is not None and texts is not None:
        boundary.check_target(receipts)
        console.deliver([store.format_lines(run.receipts)], receipts)
    if run.unknown:
        console.note(f"Not compared, since no words for them are known: {', '.join(sorted(run.unknown))}.")
    shown = collect([*problems, *run.problems])
    refused = len({problem.place for problem in run.problems})
    summary = f"Checked {run.count} excerpts: {refused} refused."
    return problem_reports.write(fmt, shown, summary, exit_code(shown), [problem.to_dict() for problem in shown])
