"""``kb query``."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import click

from kb import queries
from kb.cli import console, options
from kb.cli.query_output import QueryOutput
from kb.queries import Compiled
from kb.queries.child_process import Limits
from kb.queries.query_run import Session
from kb.sparql.library import Query
from kb.sparql.values import ENGINES

_SUFFIXES = (".rq", ".sparql", ".ru")


@click.command
@click.argument("name", required=False)
@options.content
@options.store
@click.option("-e", "--execute", metavar="SPARQL", help="A query in SPARQL.")
@options.pairs("-p", "--param", "params", metavar="NAME=VALUE", purpose="Bind a parameter of the query; --show lists them.")
@click.option(
    "-f",
    "--format",
    "fmt",
    default="",
    metavar="FORMAT",
    help="table, json, xml, csv, tsv, markdown or html for rows; an RDF format for graphs.  "
    "[default: by suffix, else table or turtle]",
)
@options.output_file
@click.option(
    "--engine",
    default=ENGINES[0],
    show_default=True,
    metavar="|".join([*ENGINES, "URL"]),
    help="The engine that answers; URL is a SPARQL endpoint that serves the knowledge base.",
)
@options.timeout(60.0, "Stop the query after this time.")
@click.option(
    "--limit", type=click.IntRange(min=0), metavar="ROWS", help="Write at most this many rows, and report if there are more."
)
@click.option("--no-header", is_flag=True, help="Omit the column names of a table, CSV or TSV.")
@click.option("--explain", is_flag=True, help="Show below each row or triple the facts and sentences that support it.")
@click.option("--exit-code", is_flag=True, help="For ASK: exit 0 if true, 1 if false.")
@click.option("--list", "list_", is_flag=True, help="List the named queries.")
@click.option("--show", is_flag=True, help="Show the text, question and parameters of the query, and do not run it.")
def command(
    name: str | None,
    content: Path,
    store: Path | None,
    execute: str | None,
    params: dict[str, str],
    engine: str,
    timeout: float,
    *,
    explain: bool,
    exit_code: bool,
    list_: bool,
    show: bool,
    **output: Any,
) -> int:
    """Run NAME: a named query, a file ending in .rq or .sparql, or - for standard input.

    Without NAME and -e, the named queries are listed. All prefixes of the knowledge base are declared, and the
    default graph is the union of all graphs. A query runs in a separate process that can open neither files nor
    connections; with --engine URL, it is sent to that endpoint.

    \b
    Examples:
      kb query side-effects
      kb query side-effects --param effect=drowsiness --format csv
      kb query side-effects --explain --limit 3
      kb query -e 'SELECT ?label { term:clonazepam skos:prefLabel ?label }'
      kb query -e 'ASK { term:clonazepam pred:used-to-treat term:panic-disorder }' --exit-code
    """
    if not math.isfinite(timeout):
        raise click.UsageError("--timeout takes a number of seconds.")
    if execute is not None and name is not None:
        raise click.UsageError("Give a name or -e, not both.")
    kb = open_content(content, store)
    writer = QueryOutput(kb, **output)
    if list_ or (name is None and execute is None):
        writer.write_list()
        return 0
    query = _find(kb, name, execute)
    if show:
        writer.write_text(query)
        return 0
    asked = Session(kb, engine, Limits(seconds=timeout)).answer(query, params)
    if exit_code and asked.answer.form != "ask":
        raise click.UsageError("--exit-code is for ASK queries.")
    for message in asked.notes:
        console.note(f"note: {message}")
    if explain:
        writer.write_explanation(asked)
    else:
        writer.write_answer(asked)
    return int(exit_code and not asked.answer.truth)


def open_content(content: Path, store: Path | None) -> Compiled:
    """Open the folder of a knowledge base, or a store."""
    if store is None:
        return queries.open_base(content, console.note_problem)
    from kb.queries import store_build

    return store_build.open_fresh(store, console.note_problem)


def _find(kb: Compiled, name: str | None, execute: str | None) -> Query:
    """Find the query that the user named or typed."""
    if execute is not None:
        return queries.parse_query(execute, Path("<query>"))
    if name == "-":
        from kb.files import text_file

        return queries.parse_query(sys.stdin.read(text_file.LARGEST), Path("<query>"))
    if name and (name.endswith(_SUFFIXES) or "/" in name):
        return queries.read_query(Path(name))
    return queries.find_query(kb, name or "")
