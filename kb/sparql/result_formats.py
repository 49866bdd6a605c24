"""The formats of results: SPARQL 1.1 JSON, XML, CSV and TSV, and a table for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kb.problems import fail
from kb.rdf.iris import Names
from kb.rdf.quads import iri_value, is_blank, is_iri
from kb.sparql import result_xml
from kb.sparql.json_terms import json_term
from kb.sparql.values import Answer

Writer = Callable[[Answer], Iterator[str]]


class ResultFormat(NamedTuple):
    """A format of results: name, media type, suffix, other names, writer."""

    name: str
    media_type: str
    extension: str
    aliases: tuple[str, ...]
    lines: Writer


def _json(answer: Answer) -> Iterator[str]:
    """SPARQL 1.1 Query Results JSON Format."""
    if answer.form == "ask":
        yield json.dumps({"head": {}, "boolean": answer.truth}) + "\n"
        return
    yield f'{{"head": {json.dumps({"vars": answer.variables})}, "results": {{"bindings": ['
    for index, row in enumerate(answer.rows):
        binding = {name: json_term(term) for name, term in zip(answer.variables, row, strict=True) if term is not None}
        yield f"{',' if index else ''}\n  {json.dumps(binding, ensure_ascii=False)}"
    yield "\n]}}\n"


def _csv(answer: Answer) -> Iterator[str]:
    """SPARQL 1.1 Query Results CSV: values only, lines end in CR LF."""
    _require_rows(answer, "csv")
    for row in [answer.variables, *([_plain(term) for term in row] for row in answer.rows)]:
        line = io.StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


def _plain(term: str | None) -> str:
    if term is None:
        return ""
    return term if is_blank(term) else json_term(term)["value"]


def _tsv(answer: Answer) -> Iterator[str]:
    """SPARQL 1.1 Query Results TSV: terms as Turtle writes them; tabs and newlines are escaped in literals."""
    _require_rows(answer, "tsv")
    yield "\t".join(f"?{name}" for name in answer.variables) + "\n"
    for row in answer.rows:
        yield "\t".join(term or "" for term in row) + "\n"


def _require_rows(answer: Answer, name: str) -> None:
    if answer.form == "ask":
        raise fail("KB702", f"{name.upper()} cannot represent the answer to an ASK.", "Choose table, json or xml.")


FORMATS: tuple[ResultFormat, ...] = (
    ResultFormat("json", "application/sparql-results+json", "srj", (), _json),
    ResultFormat("xml", "application/sparql-results+xml", "srx", (), result_xml.lines),
    ResultFormat("csv", "text/csv", "csv", (), _csv),
    ResultFormat("tsv", "text/tab-separated-values", "tsv", (), _tsv),
)

_BY_NAME = {name: fmt for fmt in FORMATS for name in (fmt.name, fmt.media_type, fmt.extension, *fmt.aliases)}


def find(name: str) -> ResultFormat:
    """Find a result format by name, suffix or media type.

    Raises:
        KbError: There is none of that name.
    """
    fmt = _BY_NAME.get(name.lower().lstrip("."))
    if fmt is None:
        known = ", ".join(["table", *(fmt.name for fmt in FORMATS)])
        raise fail("KB702", f"There is no result format '{name[:60]}'.", f"For rows choose one of: {known}.")
    return fmt


def table_cells(answer: Answer, names: Names) -> list[list[str]]:
    """Convert the rows to text for a table: literals without quotation marks, IRIs as CURIEs where possible."""
    return [[_cell(term, names) for term in row] for row in answer.rows]


def _cell(term: str | None, names: Names) -> str:
    if term is None or not is_iri(term):
        return _plain(term)
    value = iri_value(term)
    relative = names.relative(value)
    return names.compact(value) or (f"<{value}>" if relative is None else relative)
