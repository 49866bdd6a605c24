"""Compare the answers of named queries with those that their headings expect, for ``kb validate --questions``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kb.escaping import count_of
from kb.problems import KbError, Place, Problem
from kb.queries.compiled import Compiled
from kb.queries.named import find_query
from kb.queries.query_run import Session
from kb.sparql import library
from kb.sparql.library import Query
from kb.sparql.result_formats import table_cells

_REMEDY = "Correct the facts, the query or what it expects."
_ROWS = ("rows", "contains")  # the keys of a case that list rows
Row = Mapping[str, str]


def check_expected(base: Compiled) -> Iterator[Problem]:
    """Yield a problem (KB617) for each answer of an own query that is not the expected one, or if none is expected."""
    queries = [find_query(base, name) for name in library.list_query_files(base.folder)]
    if not any(query.expect for query in queries):
        message = "No query of this knowledge base has expected answers, so nothing was checked."
        yield Problem(Place(str(base.folder / "queries")), "KB617", message, "Add 'expect' to its heading; see docs/teams.md.")
    for query in queries:
        for case in query.expect:
            yield from _check_case(base, query, case)


def _check_case(base: Compiled, query: Query, case: Mapping[str, Any]) -> Iterator[Problem]:
    parameters = {name: str(value) for name, value in case.get("parameters", {}).items()}
    given = f"With {', '.join(f'{name}={value}' for name, value in parameters.items())}, the" if parameters else "The"
    try:
        answer = Session(base).answer(query, parameters).answer
    except KbError as error:
        yield from (problem._replace(place=Place(str(query.path), 1)) for problem in error.problems)
        return
    rows = [dict(zip(answer.columns, cells, strict=True)) for cells in table_cells(answer.terms, base.names)]
    for message in _compare(rows, case, answer.columns):
        yield Problem(Place(str(query.path), 1), "KB617", f"{given} answer {message}.", _REMEDY)


def _compare(rows: Sequence[Row], case: Mapping[str, Any], columns: Sequence[str]) -> Iterator[str]:
    """Say in which ways rows are not those of a case."""
    exact, contained = ([{name: _spell(cell) for name, cell in row.items()} for row in case.get(key, ())] for key in _ROWS)
    if unknown := {name for row in (*exact, *contained) for name in row} - set(columns):
        yield f"has no column {', '.join(sorted(unknown))}"
        return
    if "rows" in case:
        yield from _count_rows(rows, len(exact))
        named = sorted({name for row in exact for name in row})  # rows are compared by the columns that are named
        counts = Counter(tuple(row[name] for name in named) for row in rows)
        counts.subtract(tuple(row.get(name, "") for name in named) for row in exact)
        for cells, count in counts.items():
            yield from [f"{'has' if count > 0 else 'lacks'} the row {_show(zip(named, cells, strict=True))}"] if count else []
    missing = (row for row in contained if not any(row.items() <= other.items() for other in rows))
    yield from (f"lacks the row {_show(row.items())}" for row in missing)
    if "count" in case:
        yield from _count_rows(rows, case["count"])
    if "empty" in case and case["empty"] == bool(rows):
        yield f"has {count_of(len(rows), 'row')}" if rows else "is empty"


def _count_rows(rows: Sequence[Row], expected: int) -> Iterator[str]:
    if len(rows) != expected:
        yield f"has {count_of(len(rows), 'row')} and not {expected:,}"


def _spell(cell: object) -> str:
    return "" if cell is None else str(cell)


def _show(cells: Iterable[tuple[str, str]]) -> str:
    return f"{{{', '.join(f'{name}: {cell}' for name, cell in cells if cell)}}}"
