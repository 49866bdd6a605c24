"""``kb document``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from kb import pipeline
from kb.cli import console, options, text_table
from kb.curation import document_records


@click.group
def command() -> None:
    """Add the record of a document, or show its sentences.

    \b
    Examples:
      kb document add leaflet.html --id leaflet --licence CC-BY-4.0
      kb document show leaflet
    """


@command.command
@click.argument("file", type=options.PATH)
@options.content
@click.option("--id", "name", default="", help="The document's id.  [default: from the file's name]")
@click.option("--title", default="", help="Its title, or a description if it has none.")
@click.option("--language", default="", help="The language of the text, as a BCP 47 tag.  [default: en]")
@click.option("--rights", default="", help="The rights in the text, in words.")
@click.option("--licence", "--license", default="", help="The licence of the text: an SPDX identifier or an IRI.")
@click.option("--source", default="", help="The IRI where the text was published.")
@click.option(
    "--ship/--hold", default=None, help="Distribute the text with the records, or not.  [default: ship under an open licence]"
)
@click.option("--replace", is_flag=True, help="Replace an existing record; corrections by the curator are kept.")
@options.text_or_json
def add(file: Path, content: Path, fmt: str, *, replace: bool, **values: Any) -> None:
    """Add the record of a document: sections, sentences, positions and digests.

    FILE is plain text, Markdown or HTML in UTF-8. Positions count code points of its normal form (docs/documents.md). To
    correct a sentence boundary, edit the record, then run the command again with --replace to update the digests.

    \b
    Examples:
      kb document add leaflet.md --content my-kb --title 'The leaflet' --licence CC0-1.0
      kb document add leaflet.md --content my-kb --replace
    """
    details = document_records.DocumentDetails(id=values.pop("name"), **values)
    added = document_records.add_document(content, file, details, replace=replace)
    if fmt == "json":
        console.emit_json(
            {"file": str(added.path), "changed": added.changed, "kept": list(added.corrected), "record": added.value}
        )
    else:
        console.emit(document_records.summarize(added))


@command.command
@click.argument("name", metavar="ID")
@options.content
@options.texts
@options.text_or_json
def show(name: str, content: Path, texts: tuple[str, ...], fmt: str) -> None:
    """Show the sentences of a document, with their words if the text is available.

    \b
    Examples:
      kb document show clonazepam-overview
      kb document show clonazepam-overview --text clonazepam-overview=overview.txt
    """
    rows = list(document_records.read_sentences(pipeline.load(content), name, texts))
    if fmt == "json":
        console.emit_json([asdict(row) for row in rows])
    else:
        text_table.write(
            ["sentence", "start", "end", "words"], ([row.id, str(row.start), str(row.end), row.words] for row in rows)
        )
