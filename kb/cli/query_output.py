"""What ``kb query`` writes: answers, explanations, and the list of named queries."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from click import UsageError

from kb import queries
from kb.cli import console, text_table
from kb.escaping import escape_unseen
from kb.formats import registry
from kb.queries.compiled import Compiled
from kb.rdf.quads import Quad, is_iri
from kb.sparql import library, result_formats, syntax
from kb.sparql.library import Query
from kb.sparql.values import Answer

if TYPE_CHECKING:
    from kb.queries.explanation import Explanation, SupportingFact


@dataclass(frozen=True, slots=True)
class QueryOutput:
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

    def write_answer(self, answer: Answer, query: Query) -> None:
        """Write an answer in the requested format."""
        if self.no_header and (answer.form != "select" or self._format not in {"table", "csv", "tsv"}):
            raise UsageError("--no-header is for rows as table, csv or tsv.")
        answer = self._cut(answer)
        if answer.form == "graph":
            fmt = registry.find("turtle" if self._format == "table" else self._format)
            console.deliver(fmt.lines([Quad(*triple, "") for triple in answer.triples], self.kb.names), self.output)
        elif self._format == "table":
            if self._is_file:
                raise UsageError("A table goes to standard output; for a file choose --format json, xml, csv or tsv.")
            self._write_table(answer, query)
        else:
            lines = result_formats.find(self._format).lines(answer)
            if self.no_header:
                next(lines)
            console.deliver(lines, self.output)

    def _cut(self, answer: Answer) -> Answer:
        """Apply the limit, and report it if anything is omitted."""
        unit, count = ("triples", len(answer.triples)) if answer.form == "graph" else ("rows", len(answer.rows))
        if self.limit is None or count <= self.limit:
            return answer
        console.note(f"note: only the first {self.limit:,} of {count:,} {unit} are written, because of --limit.")
        return answer._replace(rows=answer.rows[: self.limit], triples=answer.triples[: self.limit])

    def _write_table(self, answer: Answer, query: Query) -> None:
        if answer.form == "ask":
            console.emit([f"{str(answer.truth).lower()}\n"])
            return
        visible = [
            index
            for index, name in enumerate(answer.variables)
            if not query.columns or name in query.columns or any((term := row[index]) and not is_iri(term) for row in answer.rows)
        ]
        rows = result_formats.table_cells(answer.rows, self.kb.names)
        columns = [answer.variables[index] for index in visible]
        text_table.write(columns, ([row[index] for index in visible] for row in rows), header=not self.no_header)
        if query.question:
            count = "1 row" if len(answer.rows) == 1 else f"{len(answer.rows):,} rows"
            hidden = " The table omits IRIs; --format csv has them." if len(visible) < len(answer.variables) else ""
            console.note("", f"{query.question} {count}.{hidden}")

    def write_explanation(self, explained: Explanation, query: Query) -> None:
        """Write each row of an answer with the facts that support it."""
        explained = explained._replace(answer=self._cut(explained.answer))
        if self._format == "json":
            console.emit_json(_to_json(explained))
        elif self._format != "table" or self._is_file:
            raise UsageError("--explain writes text, or --format json, to standard output.")
        else:
            rows = result_formats.table_cells(explained.answer.rows, self.kb.names)
            columns = query.columns or explained.answer.variables
            for cells, grounds in zip(rows, explained.support, strict=False):
                named = zip(explained.answer.variables, cells, strict=True)
                row = "  ".join(f"{name}: {escape_unseen(cell)}" for name, cell in named if cell and name in columns)
                console.emit([f"{row}\n", *_grounds(grounds)])
            for message in explained.unknown:
                console.note(f"note: {message}")


def _to_json(explained: Explanation) -> dict[str, object]:
    from kb.queries.result import plain_value

    rows = [
        {
            "row": {
                name: str(plain_value(term)) if term else None for name, term in zip(explained.answer.variables, row, strict=True)
            },
            "facts": [{**ground._asdict(), "fact": ground.fact[1:-1]} for ground in grounds],
        }
        for row, grounds in zip(explained.answer.rows, explained.support, strict=False)
    ]
    return {"rows": rows, "unknown": list(explained.unknown)}


def _grounds(grounds: tuple[SupportingFact, ...]) -> Iterator[str]:
    for ground in grounds:
        yield f"    {ground.says}\n        {ground.document}, {', '.join(ground.sentences)}\n"
        yield from (f"        “{quote}”\n" for quote in ground.quotes)
    if not grounds:
        yield "    (names no fact)\n"
