"""``kb table``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from kb.cli import argument_types as types
from kb.cli import console, options
from kb.escaping import escape_unseen
from kb.importers import table
from kb.importers.table_terms import make_id


@click.group
def command() -> None:
    """Import tables of facts.

    \b
    Examples:
      kb table import pairs.tsv --subject drug --object effect --content my-kb
    """


@command.command("import", epilog="Rejected rows are reported, and saved with line and reason in rejected/NAME.jsonl.")
@click.argument("file", type=options.PATH)
@click.option("--subject", metavar="COLUMN", required=True, help="The column of subjects: ids or labels.")
@click.option("--object", metavar="COLUMN", required=True, help="The column of objects: ids or labels.")
@click.option("--subject-label", metavar="COLUMN", default="", help="The column of the subjects' labels.")
@click.option("--object-label", metavar="COLUMN", default="", help="The column of the objects' labels.")
@click.option(
    "--document",
    metavar="COLUMN",
    default="",
    help="The column of documents that state the rows, such as the id of a drug label.",
)
@click.option("--frequency", metavar="COLUMN", default="", help="The column of frequencies: words, percentages or shares.")
@click.option("--severity", metavar="COLUMN", default="", help="The column of severities: mild, moderate or severe.")
@click.option(
    "--content",
    type=options.PATH,
    metavar="DIR",
    required=True,
    help="The folder of the knowledge base; created if it does not exist.",
)
@click.option(
    "--name", type=types.ID, metavar="NAME", help="The name of the files, and the start of document ids.  [default: from FILE]"
)
@click.option("--title", type=types.TITLE, metavar="TEXT", help="The title of the table.  [default: the name of FILE]")
@click.option(
    "--predicate", type=types.ID, metavar="ID", default="has-side-effect", show_default=True, help="The predicate of the facts."
)
@click.option(
    "--subject-kind", type=types.ID, metavar="KIND", default="drug", show_default=True, help="The kind of the subjects."
)
@click.option(
    "--object-kind", type=types.ID, metavar="KIND", default="symptom", show_default=True, help="The kind of the objects."
)
@click.option(
    "--subject-prefix",
    type=types.WORD,
    metavar="PREFIX",
    default="",
    help="The prefix of subjects that are not CURIEs, such as rxnorm.",
)
@click.option(
    "--object-prefix",
    type=types.WORD,
    metavar="PREFIX",
    default="",
    help="The prefix of objects that are not CURIEs, such as umls.",
)
@options.pairs("--prefix", "prefixes", metavar="NAME=IRI", purpose="A further prefix.", kind=types.IRI)
@click.option("--modality", type=types.ID, metavar="WORD", default="can", show_default=True, help="The modality of all facts.")
@options.pairs(
    "--frequency-word", "frequencies", metavar="TEXT=WORD", purpose="Translate a frequency of the table; an empty WORD omits it."
)
@click.option("--no-header", is_flag=True, help="The first row is data; columns are numbered from 1.")
@click.option(
    "--delimiter",
    type=types.DELIMITER,
    metavar="CHARACTER",
    help="The separator of cells.  [default: a comma in .csv, else a tab]",
)
@click.option(
    "--rights",
    type=types.LINE,
    metavar="TEXT",
    default="Not stated.",
    show_default=True,
    help="The rights in the table, in words.",
)
@click.option(
    "--license", type=types.IRI, metavar="IRI", default="", help="The licence of the knowledge base, required for a new one."
)
@click.option("--base", type=types.BASE, metavar="IRI", default="", help="Its base IRI.  [default: https://example.org/NAME/]")
@click.option("--source", type=types.IRI, metavar="IRI", default="", help="The IRI where the table was published.")
@click.option("--date", type=types.DATE, metavar="DATE", default="", help="The date of the import.  [default: the date of FILE]")
def import_(file: Path, content: Path, *, no_header: bool, delimiter: str | None, **values: Any) -> int:
    """Import a table of pairs, such as drugs and their effects, as facts with evidence.

    FILE is TSV, CSV (optionally .gz or .zst) or Parquet. Each pair becomes one fact of a document, and each row a sentence
    of that document, with position and digest. Without --document, all rows about one subject form one document. Ids that
    are CURIEs with a known prefix become mappings. The output is documents/NAME.jsonl, facts/NAME.jsonl and so on, as 'kb
    validate' and 'kb build' read them. Exit code 1: rows were rejected.

    \b
    Examples:
      kb table import pairs.tsv --subject drug --object effect --content my-kb \\
         --license https://creativecommons.org/publicdomain/zero/1.0/
      kb table import effects.csv.gz --subject rxcui --subject-label drug --subject-prefix rxnorm \\
         --object umls_id --object-label effect --object-prefix umls --document label_id --content my-kb
    """
    console.announce(f"Reading {file}; a million rows take about half a minute.")
    columns = table.Columns(**{name: values.pop(name) for name in table.Columns.__slots__})
    name, title = values.pop("name") or make_id(file.name.partition(".")[0]), values.pop("title") or escape_unseen(file.name)
    kinds = (values.pop("subject_kind"), values.pop("object_kind"))
    namespaces = (values.pop("subject_prefix"), values.pop("object_prefix"))
    details = table.TableDetails(name=name, title=title, kinds=kinds, namespaces=namespaces, **values)
    result = table.import_table(file, columns, details, content, header=not no_header, delimiter=delimiter)
    console.note(*(result.problems or ("All rows were imported.",)))
    if result.rejected > len(result.problems):
        console.note(f"... and {result.rejected - len(result.problems):,} more; all are in {content}/rejected/{name}.jsonl.")
    console.emit_json({key: value for key, value in asdict(result).items() if key != "problems"})
    return int(result.rejected > 0)
