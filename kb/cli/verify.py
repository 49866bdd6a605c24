"""``kb verify``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options, problem_reports, text_table
from kb.problems import fail
from kb.verification import verify


@click.command
@options.declare("verify")
@problem_reports.option()
def command(
    content: Path, texts: tuple[str, ...], was: tuple[str, ...], accept: tuple[str, ...], fmt: str, *, write: bool, record: bool
) -> int:
    """Verify records against the texts: documents, sentences, facts and qualifiers.

    Digests show which sentences are unchanged and which moved; for a changed sentence, kb proposes a match and
    writes it only with --accept. The sentences of a fact must name its subject and object, and contain a cue word for the
    predicate and each qualifier; a negation, hedge or restriction that the fact omits is reported (docs/verification.md).
    Exit code 1: a check failed, or nothing could be verified.
    """
    if accept and not write:
        raise fail("KB448", "--accept has no effect without --write.", "Add --write.", "--accept")
    done = verify.verify(content, texts, was, accept=accept if write else None, record=record)
    if fmt == "json":
        console.emit_json(verify.to_dict(done))
        return done.exit
    if fmt != "text":
        return problem_reports.write(fmt, done.problems, done.summary)
    console.emit(f"{problem}\n" for problem in done.problems)
    text_table.write(["", "checked", "skipped", "failed"], done.rows())
    if done.left_out:
        console.note("note: Records and texts that cannot be read or do not fit are left out.")
    by_topic = sum(bool(judged.by_topic) for judged in done.judgements.values())
    if by_topic:
        console.note(f"{by_topic} facts have no subject in their sentences: the topic of the document counts.")
    console.note(*done.uncompared, *(f"Wrote {path}." for path in done.written))
    if done.added:
        console.note(f"New sentences, which are undecided: {', '.join(done.added)}.")
    if done.stale:
        console.note(f"{len(done.stale)} recorded results are out of date and not exported; 'kb verify --record' updates them.")
    return done.exit
