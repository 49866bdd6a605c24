"""``kb quote-check``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kb.cli import console, options


@click.command
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@options.content
@options.texts
@options.text_or_json
def command(file: Path, content: Path, texts: tuple[str, ...], fmt: str) -> int:
    """Check quotes in bulk: one table of verdicts with positions.

    FILE (- for standard input) is a table with tabs or JSON Lines. Of the columns quote, document, sentence, fact, subject,
    predicate, object, modality and polarity only the quote is needed; a table without a heading has a quote a line. With a
    fact's path, or a subject and an object, the sentence must also state that claim. Exit code 1: a quote is refused.

    \b
    Examples:
      kb quote-check quotes.tsv --content kb/examples/zelorin
      kb quote-check - -f json < quotes.jsonl
    """
    from kb import pipeline
    from kb.verification import cite

    shown = "<stdin>" if str(file) == "-" else str(file)
    asked = cite.read(cite.load(file, sys.stdin.buffer), shown)
    kb = pipeline.load(content)
    answered = list(cite.answer(kb, cite.library(kb, texts), asked))
    refused = [each for each in answered if not each.verdict.is_accepted]
    if fmt == "json":
        console.emit_json({"quotes": len(answered), "refused": len(refused), "verdicts": list(map(cite.plain, answered))})
        return int(bool(refused))
    console.table(cite.COLUMNS, map(cite.cells, answered))
    console.emit([f"\n{len(answered)} quotes: {len(answered) - len(refused)} found, {len(refused)} refused.\n"])
    return int(bool(refused))
