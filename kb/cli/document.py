"""``kb document``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from kb.cli import console, options, problem_reports, text_table, verify
from kb.curation import document_edits, document_records
from kb.schema import vocabulary


@click.group
@options.declare("document")
def command() -> None:
    """Add documents, show and correct their sentences, and update their records to changed texts."""


@command.command
@options.declare("document add", ship={"default": None})
def add(file: Path, content: Path, fmt: str, *, replace: bool, **values: Any) -> None:
    """Add the record of a document: sections, sentences, positions and digests.

    FILE is plain text, Markdown, HTML, JATS, SPL or FHIR. Positions count code points of its normal form (docs/documents.md). To
    correct a sentence boundary, edit the record, then run the command again with --replace to update the digests.
    """
    details = document_records.DocumentDetails(id=values.pop("name"), **values)
    added = document_records.add_document(content, file, details, replace=replace)
    if fmt == "json":
        report = {"file": str(added.path), "changed": added.changed, "kept": list(added.corrected), "record": added.value}
        warnings = document_records.list_warnings(added)
        console.emit_json({**report, "warnings": warnings} if warnings else report)
    else:
        console.emit(document_records.summarize(added))


@command.command
@options.declare("document update")
@problem_reports.option()
@click.pass_context
def update(
    ctx: click.Context, name: str, file: Path, content: Path, was: tuple[str, ...], accept: tuple[str, ...], fmt: str
) -> int:
    """Update the record of a document to a changed text, and the positions in the evidence of its facts.

    As 'kb verify --text ID=FILE --write': sentences that are the same keep their ids, new ones become undecided, and those that
    are gone are removed. Nothing is written while facts rest on sentences that changed or are gone.
    """
    texts = (f"{name}={file}",)
    code: int = ctx.invoke(
        verify.command, content=content, texts=texts, was=was, accept=accept, fmt=fmt, write=True, record=False
    )
    return code


@command.command
@options.declare("document show")
def show(name: str, content: Path, texts: tuple[str, ...], fmt: str) -> None:
    """Show the sentences of a document, with their words if the text is available, and the cells of rows with their headers."""
    rows = list(document_records.read_sentences(problem_reports.load_sound(content)[0], name, texts))
    if fmt == "json":
        console.emit_json([asdict(row) for row in rows])
    else:
        headers = (f" ({' | '.join(row.headers)})" if row.headers else "" for row in rows)
        lines = ([row.id, str(row.start), str(row.end), row.words + header] for row, header in zip(rows, headers, strict=True))
        text_table.write(["sentence", "start", "end", "words"], lines)
    if any(row.words for row in rows) and not all(row.words for row in rows):
        console.note(
            "note: Sentences without words are not where the record says: 'kb verify' with this text shows what changed."
        )


@command.command("list")
@options.declare("document list")
def list_documents(content: Path, fmt: str) -> None:
    """List the documents, with the numbers of their sentences and of those without a decision."""
    columns = ("document", "sentences", "undecided", "text", "title")
    statuses = problem_reports.load_sound(content)[0].statuses()
    counted = ((one.id, len(each), each.count("undecided"), one.text, one.title) for one, each in statuses)
    text_table.write_as(fmt, columns, counted)


@command.command
@options.declare("document split")
def split(name: str, sentence: str, before: str, content: Path, texts: tuple[str, ...]) -> None:
    """Split a sentence in two."""
    console.emit(document_edits.split(content, name, sentence, before, texts))


@command.command
@options.declare("document merge")
def merge(name: str, sentences: tuple[str, ...], content: Path, texts: tuple[str, ...]) -> None:
    """Merge sentences that follow each other into one; evidence follows."""
    console.emit(document_edits.merge(content, name, sentences, texts))


@command.command
@options.declare("document exempt", reason={"type": click.Choice(list(vocabulary.values("reason")))})
def exempt(
    name: str, sentences: tuple[str, ...], reason: str | None, note: str, by: tuple[str, ...], content: Path, *, undo: bool
) -> None:
    """Exempt sentences from facts, with a reason."""
    if bool(reason) == undo:
        raise click.UsageError("Give a --reason, or --undo.")
    exemption = {"reason": reason, "by": list(by), "note": note} if reason else {}
    console.emit(document_edits.exempt(content, name, sentences, {key: value for key, value in exemption.items() if value}))


@command.command
@options.declare("document remove")
def remove(name: str, content: Path) -> None:
    """Remove a document on which no fact rests."""
    console.emit(document_edits.remove_document(content, name))


@command.command
@options.declare("document rename")
def rename(name: str, new: str, content: Path) -> None:
    """Give a document another id, in its record and its facts."""
    console.emit(document_edits.rename_document(content, name, new))
