"""``kb quote-check``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kb.cli import console, options, problem_reports, text_table
from kb.escaping import count_of
from kb.problems import Problem
from kb.verification import cite


@click.command
@options.declare("quote-check")
def command(file: Path, content: Path, texts: tuple[str, ...], fmt: str) -> int:
    """Check a table of quotes, and write a table of verdicts with positions.

    FILE (- for standard input) is tab-separated or JSON Lines. The columns are quote, document, sentence, fact, subject,
    predicate, object, modality and polarity; only quote is required, and a table without a header has one quote per line. With
    the path of a fact, or a subject and an object, the sentence must also state that claim. Exit code 1: a quote is refused.
    """
    name = "<stdin>" if str(file) == "-" else str(file)
    requests = cite.parse_requests(cite.load(file, sys.stdin.buffer), name)
    kb, _ = problem_reports.load_sound(content)
    unread: list[Problem] = []
    finder = cite.make_finder(kb, texts, unread)
    console.report_left_out(unread)
    results = list(cite.check_quotes(kb, finder, requests))
    refused = [result for result in results if not result.verdict.is_accepted]
    if fmt == "json":
        console.emit_json({"quotes": len(results), "refused": len(refused), "verdicts": list(map(cite.to_dict, results))})
        return int(bool(refused))
    text_table.write(cite.COLUMNS, map(cite.table_row, results))
    console.emit([f"\n{count_of(len(results), 'quote')}: {len(results) - len(refused)} found, {len(refused)} refused.\n"])
    return int(bool(refused))
