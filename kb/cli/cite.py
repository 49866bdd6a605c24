"""``kb cite``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import pipeline
from kb.cli import console, options
from kb.verification import cite
from kb.verification.quote_requests import QuoteRequest


@click.command
@click.argument("words")
@options.content
@options.texts
@click.option("--document", default="", help="The document to search.  [default: all]")
@click.option("--sentence", default="", help="The sentence to search, such as s3.2.")
@options.text_or_json
def command(words: str, content: Path, texts: tuple[str, ...], fmt: str, **where: str) -> int:
    """Find a quote in the texts, and print the evidence to paste into a fact.

    WORDS must occur word for word inside one sentence, and only once; docs/quotes.md has the rules. A refusal gives its
    reason and the most similar sentences. Exit code 1: refused.

    \b
    Examples:
      kb cite 'can interact with moon tea' --content kb/examples/zelorin
      kb cite 'a type of medication' --text clonazepam-overview=overview.txt
    """
    kb = pipeline.load(content)
    finder = cite.make_finder(kb, texts)
    (result,) = cite.check_quotes(kb, finder, [QuoteRequest(0, words, **where)])
    if fmt == "json":
        console.emit_json(cite.to_dict(result))
    elif result.verdict.location:
        console.emit([cite.format_evidence(result.verdict.location)])
        if result.note:
            console.note(f"note: {result.note}")
    if not result.verdict.is_accepted:
        console.note(cite.make_refusal_problem(result))
        for line in cite.format_near(result.verdict, finder):
            console.note(line)
    return int(not result.verdict.is_accepted)
