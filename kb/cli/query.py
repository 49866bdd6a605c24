"""``kb query``."""

from __future__ import annotations

import math
import sys
from functools import partial
from pathlib import Path

import click

from kb.cli import console, options

_ENGINES = ["oxigraph", "rdflib"]  # kb.sparql.ENGINES, without importing it for --help; a test holds them equal


@click.command
@click.argument("name", required=False)
@options.content
@click.option("--store", type=click.Path(path_type=Path), metavar="DIR", help="Ask a store that kb build made.")
@click.option("-e", "--execute", metavar="SPARQL", help="The query itself.")
@click.option("-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="Bind a parameter; see --show.")
@click.option(
    "-f", "--format", "fmt", metavar="FORMAT", help="table, json, xml, csv or tsv for rows; a format of RDF for graphs."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Where to; - is standard output."
)
@click.option(
    "--engine",
    default=_ENGINES[0],
    show_default=True,
    metavar="|".join([*_ENGINES, "URL"]),
    help="What answers; URL is that of a SPARQL endpoint that holds the knowledge base.",
)
@click.option(
    "--timeout", type=click.FloatRange(0.1, 86400), default=60.0, show_default=True, metavar="SECONDS", help="When to give up."
)
@click.option("--limit", type=click.IntRange(min=0), metavar="ROWS", help="Show so many rows at most, and say what is left out.")
@click.option("--no-header", is_flag=True, help="Leave the names of the columns out of a table, CSV or TSV.")
@click.option("--explain", is_flag=True, help="Show below each row the facts and sentences that it rests on.")
@click.option("--exit-code", is_flag=True, help="For ASK: exit 0 if true, 1 if false.")
@click.option("--list", "list_", is_flag=True, help="List the named queries.")
@click.option("--show", is_flag=True, help="Show the query's text, question and parameters instead of asking it.")
def command(
    name: str | None,
    content: Path,
    store: Path | None,
    execute: str | None,
    params: tuple[str, ...],
    fmt: str | None,
    output: Path | None,
    engine: str,
    timeout: float,
    limit: int | None,
    *,
    no_header: bool,
    explain: bool,
    exit_code: bool,
    list_: bool,
    show: bool,
) -> int:
    """Ask NAME: a named query, a file ending in .rq or .sparql, or - for standard input.

    Without NAME, and without -e, the named queries are listed. All prefixes of the knowledge base are preset, and the
    default graph is the union of all graphs. Queries run in a process of their own that can open neither files nor
    connections; with --engine URL, the text of the query goes to that endpoint.

    \b
    Examples:
      kb query side-effects
      kb query side-effects --param effect=drowsiness --format csv
      kb query side-effects --explain --limit 3
      kb query -e 'SELECT ?label { term:clonazepam skos:prefLabel ?label }'
      kb query -e 'ASK { term:clonazepam pred:used-to-treat term:panic-disorder }' --exit-code
    """
    from kb import queries
    from kb.cli import query_output
    from kb.queries.child_process import Limits

    if not math.isfinite(timeout):
        raise click.UsageError("--timeout takes a number of seconds.")
    if execute is not None and name is not None:
        raise click.UsageError("Give a name or -e, not both.")
    wanted = query_output.Wanted(fmt, output, limit, header=not no_header, explain=explain)
    kb = queries.open_fresh(store, console.problem) if store else queries.open_base(content)
    if list_ or (name is None and execute is None):
        query_output.listed(kb, wanted)
        return 0
    query = query_output.find(kb, name, execute, sys.stdin)
    if show:
        console.emit([query_output.standalone(kb, query)])
        return 0
    sparql = queries.bind_query(kb, query, query_output.parameters(params))
    limits = Limits(seconds=timeout)
    answer = queries.ask(kb, sparql, engine, limits)
    if exit_code and answer.form != "ask":
        raise click.UsageError("--exit-code goes with ASK, and this query is none.")
    for missing in query_output.absent(kb, query):
        console.note(missing)
    if explain:
        again = partial(queries.ask, kb, engine=engine, limits=limits)
        query_output.explained(queries.explain(kb, sparql, engine, answer, again), kb, query, wanted)
    else:
        query_output.deliver(answer, kb, query, wanted)
    return int(exit_code and answer.form == "ask" and not answer.truth)
