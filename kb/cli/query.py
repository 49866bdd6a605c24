"""``kb query``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from kb import queries
from kb.cli import console, options, text_table
from kb.escaping import count_of
from kb.formats import registry
from kb.queries import Compiled
from kb.queries.child_process import Limits
from kb.queries.query_run import QueryRun, Session, name_parameters
from kb.rdf.quads import Quad
from kb.sparql import library, result_formats, syntax
from kb.sparql.label_language import word_in
from kb.sparql.library import Query
from kb.sparql.result_formats import find_table_format, table_lines, visible_columns
from kb.sparql.values import Answer

_SUFFIXES = (".rq", ".sparql", ".ru")


@click.command
@options.declare("query", execute={"default": None})
def command(
    name: str | None,
    content: Path,
    store: Path | None,
    execute: str | None,
    params: dict[str, str],
    engine: str,
    timeout: float,
    language: str,
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
    """
    if execute is not None and name is not None:
        raise click.UsageError("Give a name or -e, not both.")
    kb, left_out = open_content(content, store)
    writer = _Output(kb, **output)
    if list_ or (name is None and execute is None):
        writer.write_list()
        return left_out
    query = _find(kb, name, execute)
    if show:
        writer.write_text(query._replace(text=word_in(query, kb.languages, language)))
        return left_out
    asked = Session(kb, engine, Limits(seconds=timeout), language).answer(query, params)
    if exit_code and asked.answer.form != "ask":
        raise click.UsageError("--exit-code is for ASK queries.")
    for message in asked.notes:
        console.note(f"note: {message}")
    if explain:
        writer.write_explanation(asked)
    else:
        writer.write_answer(asked)
    return left_out or int(exit_code and not asked.answer.truth)


def open_content(content: Path, store: Path | None) -> tuple[Compiled, int]:
    """Open what is sound in the folder of a knowledge base, or a store; return it with 1 if anything is left out, else 0."""
    if store is None:
        base, problems = queries.open_sound(content, console.note_problem)
        return base, console.report_left_out(problems)
    from kb.queries import store_build

    return store_build.open_fresh(store, console.note_problem), 0


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


@dataclass(frozen=True, slots=True)
class _Output:
    """How results are written."""

    kb: Compiled
    fmt: str  # if empty, the suffix of the output names it
    output: Path | None  # None and - are standard output
    limit: int | None  # the largest number of rows or triples
    no_header: bool

    @property
    def _is_file(self) -> bool:
        return self.output is not None and str(self.output) != "-"

    @property
    def _format(self) -> str:
        return self.fmt or (self.output and self.output.suffix.lstrip(".")) or "table"

    def write_list(self) -> None:
        """List the named queries: by group on a terminal, otherwise as a table."""
        known = sorted(queries.named_queries(self.kb), key=lambda query: (library.group_rank(query.group), query.name))
        if not sys.stdout.isatty():
            rows = ([query.name, query.group, query.question] for query in known)
            text_table.write(["name", "group", "question"], rows, header=not self.no_header)
            return
        groups: dict[str, list[list[str]]] = {}
        for query in known:
            groups.setdefault(library.group_title(query.group), []).append([query.name, query.question])
        text_table.write_groups(groups.items(), f"{len(known)} queries. Run one: kb query NAME; read it: kb query NAME --show")

    def write_text(self, query: Query) -> None:
        """Write the text of a query with the prefix declarations that other engines need."""
        console.emit([syntax.add_declarations(query.text, self.kb.names.prefixes, self.kb.names.base)])

    def write_answer(self, asked: QueryRun) -> None:
        """Write an answer in the requested format."""
        answer, query = asked.answer, asked.query
        if self.no_header and (answer.form == "graph" or self._format not in {"table", "csv", "tsv"}):
            raise click.UsageError("--no-header is for rows as table, csv or tsv.")
        answer = self._cut(asked)
        if table := find_table_format(self._format):
            title = query.question or query.title
            console.deliver(table_lines(answer, self.kb.names, table, query.columns, title), self.output)
        elif answer.form == "graph":
            fmt = registry.find("turtle" if self._format == "table" else self._format)
            console.deliver(fmt.lines([Quad(*triple, "") for triple in answer.triples], self.kb.names), self.output)
        elif self._format == "table":
            if self._is_file:
                raise click.UsageError(
                    "A table goes to standard output; for a file choose --format csv, markdown, html, json, xml or tsv."
                )
            self._write_table(answer, query)
        else:
            lines = result_formats.find(self._format).lines(answer)
            if self.no_header:
                next(lines)
            console.deliver(lines, self.output)

    def _cut(self, asked: QueryRun) -> Answer:
        """Apply the limit, and report it if anything is omitted."""
        answer, limit = asked.answer, self.limit
        count, unit = len(answer.terms), "triples" if answer.form == "graph" else "rows"
        if limit is None or count <= limit:
            return answer
        remedy = name_parameters(asked.query, asked.parameters)
        console.note(f"note: only the first {limit:,} of {count:,} {unit} are written, because of --limit. {remedy}".rstrip())
        return answer._replace(rows=answer.rows[:limit], triples=answer.triples[:limit])

    def _write_table(self, answer: Answer, query: Query) -> None:
        if answer.form == "ask":
            console.emit([f"{str(answer.truth).lower()}\n"])
            return
        visible = visible_columns(answer, query.columns)
        rows = result_formats.table_cells(answer.rows, self.kb.names)
        columns = [answer.variables[index] for index in visible]
        text_table.write(columns, ([row[index] for index in visible] for row in rows), header=not self.no_header)
        if query.question:
            hidden = " The table omits IRIs; --format csv has them." if len(visible) < len(answer.variables) else ""
            console.note("", f"{query.question} {count_of(len(answer.rows), 'row')}.{hidden}")

    def write_explanation(self, asked: QueryRun) -> None:
        """Write each row of an answer with the facts that support it."""
        if self._format not in {"table", "json"} or self._is_file:
            raise click.UsageError("--explain writes text, or --format json, to standard output.")
        explained = asked.explain(self._cut(asked))
        if self._format == "json":
            console.emit_json(explained.to_json())
            return
        console.emit(explained.lines())
        for message in explained.unknown:
            console.note(f"note: {message}")
