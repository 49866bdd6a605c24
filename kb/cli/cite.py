"""``kb cite``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options


@click.command
@click.argument("words")
@options.content
@options.texts
@click.option("--document", default="", help="The document that the words stand in.")
@click.option("--sentence", default="", help="The sentence that they stand in, such as s3.2.")
@options.text_or_json
def command(words: str, content: Path, texts: tuple[str, ...], fmt: str, **where: str) -> int:
    """Find words in the texts at hand, and print the evidence to paste into a fact.

    Words are cited only where they stand, as they stand, inside one sentence and nowhere else; docs/quotes.md has the rules.
    What is refused is told with its reason, and with what comes near. Exit code 1: refused.

    \b
    Examples:
      kb cite 'can interact with moon tea' --content kb/examples/zelorin
      kb cite 'a type of medication' --text clonazepam-overview=overview.txt
    """
    from kb import pipeline
    from kb.verification import cite

    kb = pipeline.load(content)
    library = cite.library(kb, texts)
    (answered,) = cite.answer(kb, library, [cite.Asked(0, words, **where)])
    if fmt == "json":
        console.emit_json(cite.plain(answered))
    elif answered.verdict.spot:
        console.emit([cite.block(answered.verdict.spot)])
        if answered.note:
            console.note(f"note: {answered.note}")
    if not answered.verdict.is_accepted:
        console.note(str(cite.problem(answered)))
        for line in cite.near(answered.verdict, library):
            console.note(line)
    return int(not answered.verdict.is_accepted)
