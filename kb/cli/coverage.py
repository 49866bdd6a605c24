"""``kb coverage``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from kb import pipeline
from kb.cli import console, options, problem_reports, text_table
from kb.reports import coverage, heatmap
from kb.reports.coverage import Coverage, Share, describe_decision, describe_share, percent


@click.command
@options.declare("coverage")
@problem_reports.option("html")
def command(content: Path, fmt: str, output: Path | None, texts: tuple[str, ...], by: str, fail_under: float) -> int:
    """Report which sentences are covered by facts, exempted with a reason, or undecided.

    Headings need no decision. The report also lists which parts of each fact have their own evidence, terms and predicates
    that no fact uses, and facts that rest on exempted sentences alone. --format html writes one self-contained page; it
    shows the sentences of texts that ship or that --text names.
    """
    if output is not None and fmt != "html":
        raise click.UsageError("--output is for --format html; the other formats go to standard output.")
    kb, faults = pipeline.load_sound(content)
    left_out = console.report_left_out([problem for problem in faults if problem.code != "KB404"])  # reported below
    measured, problems = coverage.measure(kb), list(coverage.find_problems(kb))
    code = left_out or int(measured.total.share * 100 < fail_under or any(problem.code == "KB404" for problem in problems))
    if fmt == "text":
        text_table.write(*_table(measured, by))
        console.emit(f"{line}\n" for line in _summary_lines(measured))
    elif fmt == "json":
        console.emit_json(coverage.to_json(measured))
    elif fmt == "html":
        console.deliver([heatmap.html(measured, kb, heatmap.read_texts(kb, texts))], output)
    else:
        return problem_reports.write(fmt, problems, describe_share(measured.total), code)
    for problem in problems:
        console.note(problem)
    return code


def _table(measured: Coverage, by: str) -> tuple[list[str], Iterable[list[str]]]:
    """Return columns and rows: a row for each ``section``, ``sentence`` or ``fact``."""
    if by == "sentence":
        return ["document", "sentence", "decision", "facts, or note"], (
            [decision.document, decision.sentence, describe_decision(decision), decision.note or "; ".join(decision.facts)]
            for decision in measured.decisions
        )
    if by == "fact":
        return ["fact", "with evidence of its own", "with the fact's", "sentences"], (
            [support.fact, _parts(support.own), ", ".join(support.shared), " ".join(support.sentences)]
            for support in measured.supports
        )
    columns = ["document", "section", "title", "sentences", "covered", "exempted", "undecided", "decided"]
    shares = sorted((*measured.sections, *measured.documents), key=lambda share: (share.document, share.section is None))
    return columns, map(_row, shares)


def _parts(own: Mapping[str, Sequence[str]]) -> str:
    return ", ".join(f"{part} ({' '.join(sentences)})" for part, sentences in own.items())


def _row(share: Share) -> list[str]:
    counts = (share.sentences, share.covered, sum(share.exempted.values()), share.undecided)
    section = "all" if share.section is None else str(share.section)
    return [share.document, section, share.title, *map(str, counts), percent(share)]


def _summary_lines(measured: Coverage) -> Iterator[str]:
    """Return the lines below the table; the last one is the share."""
    own = sum(bool(support.own) for support in measured.supports)
    yield f"\n{own} of {len(measured.supports)} facts have parts with evidence of their own."
    for title, names in (
        ("Terms that no fact names", measured.unused_terms),
        ("Predicates that no fact uses", measured.unused_predicates),
        ("Facts that rest on exempted sentences alone", measured.resting_on_exempted),
    ):
        if names:
            yield f"{title}: {', '.join(names)}."
    yield describe_share(measured.total)
