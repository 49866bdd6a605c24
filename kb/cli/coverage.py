"""``kb coverage``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, coverage_table, options, problem_reports, text_table
from kb.reports import coverage, heatmap


@click.command
@options.content
@problem_reports.option("html")
@options.output_file
@options.texts
@options.choice("--by", values=["section", "sentence", "fact"], purpose="What a row of the table stands for.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    default=100.0,
    show_default=True,
    metavar="PERCENT",
    help="Exit 1 if less than this share of the sentences is decided.",
)
def command(content: Path, fmt: str, output: Path | None, texts: tuple[str, ...], by: str, fail_under: float) -> int:
    """Report which sentences are covered by facts, exempted with a reason, or undecided.

    Headings need no decision. The report also lists which parts of each fact have their own evidence, terms and predicates
    that no fact uses, and facts that rest on exempted sentences alone. --format html writes one self-contained page; it
    shows the sentences of texts that ship or that --text names.

    \b
    Examples:
      kb coverage
      kb coverage --by fact
      kb coverage --format html -o coverage.html --text clonazepam-overview=overview.txt
      kb coverage --content my-kb --fail-under 80
    """
    if output is not None and fmt != "html":
        raise click.UsageError("--output is for --format html; the other formats go to standard output.")
    kb = coverage.load(content)
    measured, problems = coverage.measure(kb), list(coverage.find_problems(kb))
    code = int(measured.total.share * 100 < fail_under or any(problem.code == "KB404" for problem in problems))
    if fmt == "text":
        text_table.write(*coverage_table.table(measured, by))
        console.emit(f"{line}\n" for line in coverage_table.summary_lines(measured))
    elif fmt == "json":
        console.emit_json(coverage.to_json(measured))
    elif fmt == "html":
        console.deliver([heatmap.html(measured, kb, heatmap.read_texts(kb, texts))], output)
    else:
        return problem_reports.write(fmt, problems, coverage.describe_share(measured.total), code)
    for problem in problems:
        console.note(problem)
    return code
