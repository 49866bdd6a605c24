"""What ``kb query`` does around a query: finding it, and delivering its answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TextIO

import click

from kb import asking
from kb.answers import Answer
from kb.asking.compiled import Compiled
from kb.cli import report
from kb.queries.library import Query

_SUFFIXES = (".rq", ".sparql", ".ru")


def prepare(kb: Compiled) -> None:
    """Do what can be done while the engine is at work: import what the delivery of the answer takes, keep what was compiled."""
    import_module("kb.queries.results")
    kb.keep()


def listing(kb: Compiled) -> Iterator[list[str]]:
    """Give name and question of every named query."""
    for query in asking.named_queries(kb):
        yield [query.name, query.question]


def find(kb: Compiled, name: str | None, execute: str | None, stdin: TextIO) -> Query:
    """Find the query that the user means."""
    if execute is not None:
        return asking.parse_query(execute, Path("<query>"))
    if name == "-":
        return asking.parse_query(stdin.read(), Path("<query>"))
    if name and (name.endswith(_SUFFIXES) or "/" in name):
        return asking.read_query(Path(name))
    return asking.find_query(kb, name or "")


def shown(kb: Compiled, query: Query) -> Iterator[str]:
    """Give the text of a query as it can be run anywhere, with the prefixes that it uses."""
    for prefix, start in kb.names.prefixes.items():
        if f"{prefix}:" in query.text:
            yield f"PREFIX {prefix}: <{start}>\n"
    yield query.text


def absent_predicates(kb: Compiled, query: Query) -> list[str]:
    """Name the predicates that a query asks for and the knowledge base does not have."""
    asked = dict.fromkeys(re.findall(r"\bpred:([a-z0-9]+(?:-[a-z0-9]+)*)", query.text))
    return [name for name in asked if name not in kb.labels["predicate"]]


def parameters(params: tuple[str, ...]) -> dict[str, str]:
    """Take apart ``NAME=VALUE``."""
    pairs = [each.partition("=") for each in params]
    for index, (name, equals, _) in enumerate(pairs):
        if not (name and equals):
            message = f"'{name}' is not of the form NAME=VALUE."
            raise click.UsageError(message)
        if name in {other for other, _, _ in pairs[:index]}:
            message = f"The parameter '{name}' is given twice."
            raise click.UsageError(message)
    return {name: value for name, _, value in pairs}


def deliver(answer: Answer, kb: Compiled, query: Query, fmt: str | None, output: Path | None) -> None:
    """Write an answer in the format that was asked for, or that the output's suffix names."""
    from kb.queries import results  # noqa: PLC0415 - see prepare

    path = None if output is None or str(output) == "-" else output
    chosen = fmt or (path.suffix.lstrip(".") if path and path.suffix else "")
    names = kb.names
    if answer.form == "graph":
        from kb.formats import table  # noqa: PLC0415 - only for graphs
        from kb.quads import Quad  # noqa: PLC0415 - as above

        pieces = table.find(chosen or "turtle").lines([Quad(*triple, "") for triple in answer.triples], names)
    elif chosen in {"", "table"}:
        if path is not None:
            raise click.UsageError("A table goes to standard output; for a file choose --format json, xml, csv or tsv.")
        _table(answer, kb, query)
        return
    else:
        pieces = results.find(chosen).lines(answer)
    if path is None:
        report.emit(pieces)
    else:
        from kb.formats import files  # noqa: PLC0415 - only for files

        files.write_file(path, pieces)


def _table(answer: Answer, kb: Compiled, query: Query) -> None:
    from kb.quads import is_iri  # noqa: PLC0415 - see prepare
    from kb.queries import results  # noqa: PLC0415 - as above

    if answer.form == "ask":
        report.emit([f"{str(answer.truth).lower()}\n"])
        return
    shown = [
        index
        for index, name in enumerate(answer.variables)
        if not query.columns or name in query.columns or any(row[index] and not is_iri(row[index] or "") for row in answer.rows)
    ]
    rows = results.cells(answer, kb.names)
    report.table([answer.variables[index] for index in shown], ([row[index] for index in shown] for row in rows))
    hidden = " IRIs are left out of the table; --format csv has them." if len(shown) < len(answer.variables) else ""
    if query.question:
        report.note(f"\n{query.question} {len(answer.rows)} rows.{hidden}")
