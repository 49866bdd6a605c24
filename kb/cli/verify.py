"""``kb verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kb.cli import console, options


@click.command
@options.content
@options.texts
@click.option("--was", multiple=True, metavar="ID=PATH|DIR", help="The text that a record was made of, where --text is newer.")
@click.option("--write", is_flag=True, help="Write into the records where the sentences stand that moved.")
@click.option("--accept", multiple=True, metavar="SENTENCE", help="With --write: take over what is proposed for it too.")
@click.option("--record", is_flag=True, help="Keep what was verified in verification/, for the exports.")
@options.report_format()
def command(content: Path, texts: tuple[str, ...], was: tuple[str, ...], fmt: str, **what: Any) -> int:
    """Hold the records against the texts at hand: documents, sentences, facts, qualifiers, all counted.

    Digests tell which sentences stand as they did and which moved; what changed is proposed, and taken over by nobody but
    you. A fact's sentences must name its subject and object, and hold a word that tells each qualifier; a negation or hedge
    that the fact drops is told (docs/verification.md). Exit code 1: something failed, or nothing could be verified.

    \b
    Examples:
      kb verify --content kb/examples/zelorin
      kb verify --text clonazepam-overview=overview.txt
      kb verify --text leaflet=new.txt --was leaflet=old.txt --write --accept s3.2
    """
    from kb.verification import verify

    done = verify.verify(content, texts, was, verify.VerifyOptions(**what))
    if fmt == "json":
        console.emit_json(done.to_dict())
        return done.exit
    if fmt != "text":
        return console.problems(fmt, done.run.problems, done.summary)
    console.emit(f"{problem}\n" for problem in done.run.problems)
    console.table(["", "checked", "skipped", "failed"], done.rows())
    for path in done.written:
        console.note(f"wrote {path}")
    if done.stale:
        console.note(f"{len(done.stale)} recorded results are out of date and not exported; 'kb verify --record' renews them.")
    return done.exit
