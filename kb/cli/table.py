"""``kb table``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from kb.cli import console, options
from kb.escaping import escape_unseen
from kb.importers import table
from kb.importers.table_records import TableDetails
from kb.importers.table_terms import make_id


@click.group
@options.declare("table")
def command() -> None:
    """Import tables of facts."""


@command.command("import", epilog="Rejected rows are reported, and saved with line and reason in rejected/NAME.jsonl.")
@options.declare("table import")
def import_(file: Path, content: Path, *, no_header: bool, delimiter: str | None, **values: Any) -> int:
    """Import a table of pairs, such as drugs and their effects, as facts with evidence.

    FILE is TSV, CSV (optionally .gz or .zst) or Parquet. Each pair becomes one fact of a document, and each row a sentence
    of that document, with position and digest. Without --document, all rows about one subject form one document. Ids that
    are CURIEs with a known prefix become mappings. The folder is created if it does not exist. The output is
    documents/NAME.jsonl, facts/NAME.jsonl and so on, as 'kb
    validate' and 'kb build' read them. Exit code 1: rows were rejected.
    """
    console.announce(f"Reading {file}; a million rows take about half a minute.")
    named = {"predicate": values.pop("predicate_column")}
    named |= {name: values.pop(name) for name in table.Columns.__slots__ if name not in named}
    columns = table.Columns(**named)
    name, title = values.pop("name") or make_id(file.name.partition(".")[0]), values.pop("title") or escape_unseen(file.name)
    kinds = (values.pop("subject_kind"), values.pop("object_kind"))
    namespaces = (values.pop("subject_prefix"), values.pop("object_prefix"))
    details = TableDetails(name=name, title=title, kinds=kinds, namespaces=namespaces, **values)
    result = table.import_table(file, columns, details, content, header=not no_header, delimiter=delimiter)
    console.emit_json({key: value for key, value in asdict(result).items() if key not in {"problems", "notes"}})
    console.note(*result.problems, *(f"Rejected ({number:,}): {reason}" for reason, number in result.reasons.items()))
    console.note(*(f"Left out ({number:,}): the row {reason}." for reason, number in result.left_out.items()), *result.notes)
    console.note(f"All rejected rows are in {content}/rejected/{name}.jsonl." if result.rejected else "No row was rejected.")
    return int(result.rejected > 0)
