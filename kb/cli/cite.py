"""``kb cite``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options, problem_reports
from kb.problems import Problem
from kb.verification import cite
from kb.verification.cite import QuoteRequest


@click.command
@options.declare("cite")
def command(words: tuple[str, ...], content: Path, texts: tuple[str, ...], fmt: str, **where: str) -> int:
    """Find a quote in the texts, and print the evidence to paste into a fact.

    WORDS must occur word for word inside one sentence, and only once; docs/quotes.md has the rules. Several quotes must stand
    in this order in one document. A refusal gives its reason and the most similar sentences. Exit code 1: refused.
    """
    kb, _ = problem_reports.load_sound(content)
    unread: list[Problem] = []
    finder = cite.make_finder(kb, texts, unread)
    console.report_left_out(unread)
    results = cite.check_sequence(kb, finder, [QuoteRequest(0, quote, **where) for quote in words])
    if fmt == "json":
        console.emit_json(cite.to_dict(results[0]) if len(results) == 1 else list(map(cite.to_dict, results)))
    elif all(result.verdict.is_accepted for result in results):
        console.emit([cite.format_evidence([result.verdict.location for result in results if result.verdict.location])])
    for result in results:
        if fmt != "json" and result.note and result.verdict.is_accepted:
            console.note(f"note: {result.note}")
        if not result.verdict.is_accepted:
            console.note(cite.make_refusal_problem(result), *cite.format_near(result.verdict, finder))
    return int(not all(result.verdict.is_accepted for result in results))
