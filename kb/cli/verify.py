"""``kb verify``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kb.cli import console, options, problem_reports, text_table
from kb.verification import verify


@click.command
@options.content
@options.texts
@options.repeated("--was", metavar="ID=PATH|DIR", purpose="The text that the record was made from, if --text is newer.")
@click.option("--write", is_flag=True, help="Update the positions of sentences that moved, in the records.")
@options.repeated("--accept", metavar="SENTENCE", purpose="With --write: accept the proposal for this sentence too.")
@click.option("--record", is_flag=True, help="Save the results in verification/, for the exports.")
@problem_reports.option()
def command(content: Path, texts: tuple[str, ...], was: tuple[str, ...], fmt: str, **what: Any) -> int:
    """Verify records against the texts: documents, sentences, facts and qualifiers.

    Digests show which sentences are unchanged and which moved; for a changed sentence, kb proposes a match and
    writes it only with --accept. The sentences of a fact must name its subject and object, and contain a cue word for each
    qualifier; a negation or hedge that the fact omits is reported (docs/verification.md). Exit code 1: a check failed, or
    nothing could be verified.

    \b
    Examples:
      kb verify --content kb/examples/zelorin
      kb verify --text clonazepam-overview=overview.txt
      kb verify --text leaflet=new.txt --was leaflet=old.txt --write --accept s3.2
    """
    done = verify.verify(content, texts, was, verify.VerifyOptions(**what))
    if fmt == "json":
        console.emit_json(done.to_dict())
        return done.exit
    if fmt != "text":
        return problem_reports.write(fmt, done.run.problems, done.summary)
    console.emit(f"{problem}\n" for problem in done.run.problems)
    text_table.write(["", "checked", "skipped", "failed"], done.rows())
    for path in done.written:
        console.note(f"Wrote {path}.")
    if done.stale:
        console.note(f"{len(done.stale)} recorded results are out of date and not exported; 'kb verify --record' updates them.")
    return done.exit
