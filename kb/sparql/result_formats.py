"""The formats of results: SPARQL 1.1 JSON, XML, CSV and TSV, and a table for people.

Rows that a query leaves unordered come in the order of the engine; the pipeline sorts them, so that the same question
gives the same bytes.
"""

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
    _need_rows(answer, "csv")
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
    _need_rows(answer, "tsv")
    yield "\t".join(f"?{name}" for name in answer.variables) + "\n"
    for row in answer.rows:
        yield "\t".join(term or "" for term in row) + "\n"


def _need_rows(answer: Answer, name: str) -> None:
    if answer.form == "ask":
        raise fail("KB702", f"{name.upper()} cannot carry the answer to an ASK.", "Choose table, json or xml.")


FORMATS: tuple[ResultFormat, ...] = (
    ResultFormat("json", "application/sparql-results+json", "srj", (), _json),
    ResultFormat("xml", "application/sparql-results+xml", "srx", (), result_xml.lines),
    ResultFormat("csv", "text/csv", "csv", (), _csv),
    ResultFormat("tsv", "text/tab-separated-values", "tsv", (), _tsv),
)

_BY_NAME = {name: each for each in FORMATS for name in (each.name, each.media_type, each.extension, *each.aliases)}


def find(name: str) -> ResultFormat:
    """Find a result format by name, suffix or media type.

    Raises:
        KbError: There is none of that name.
    """
    found = _BY_NAME.get(name.lower().lstrip("."))
    if found is None:
        known = ", ".join(["table", *(each.name for each in FORMATS)])
        raise fail("KB702", f"There is no result format '{name[:60]}'.", f"For rows choose one of: {known}.")
    return found


def cells(answer: Answer, names: Names) -> list[list[str]]:
    """Give the rows as words for a table: literals without quotes, IRIs as CURIEs where they can be."""
    return [[_word(term, names) for term in row] for row in answer.rows]


def _word(term: str | None, names: Names) -> str:
    if term is None or not is_iri(term):
        return _plain(term)
    value = iri_value(term)
    relative = names.relative(value)
    return names.compact(value) or (f"<{value}>" if relative is None else relative)
