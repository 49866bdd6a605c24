"""Checks of the named queries of a knowledge base, as part of ``kb validate``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from kb.pipeline import CheckResult, Shapes, check
from kb.problems import KbError, Place, Problem, collect
from kb.queries import sandbox
from kb.queries.child_process import Limits
from kb.queries.named import read_query
from kb.rdf.iris import Names
from kb.records import unread_files
from kb.sparql import engines, library
from kb.sparql.library import Query
from kb.sparql.values import Answer, EngineError, Question, Row


def check_everything(path: Path, *, shapes: Shapes = "sample", more: Sequence[str] = ()) -> CheckResult:
    """Check the records, the shapes and the named queries, as ``kb validate`` does; ``more`` are further files of facts."""
    checked = check(path, shapes=shapes, keep=False, more=more)
    unread = unread_files.find_unread(path, checked.documents)
    if not checked.problems and checked.counts["document"] and not checked.counts["fact"]:
        message = "It has documents but no facts, so nothing was compared with a text."
        unread.append(Problem(Place(str(path)), "KB405", message, "Add facts to facts/, such as with 'kb fact add'."))
    problems = _check_queries(path, Names(checked.about.base, checked.about.prefixes) if checked.about else None)
    return replace(checked, problems=collect([*checked.problems, *unread, *problems]))


def _check_queries(path: Path, names: Names | None) -> Iterator[Problem]:
    """Check headings, parameters and, where the prefixes are known, syntax and columns of a folder's named queries."""
    queries = []
    try:
        files = library.list_query_files(path).values()
    except KbError as error:
        yield from error.problems
        return
    for file in files:
        try:
            query = read_query(file)
            library.bind(query, dict.fromkeys(query.parameters, "UNDEF"))
            queries.append(query)
        except KbError as error:
            yield from error.problems
            continue
        if not query.question:
            message = "The query has no heading with title, question and columns."
            yield Problem(Place(str(file), 1), "KB609", message, "Write one in comment lines at its top; see docs/records.md.")
    if queries and names is not None:
        yield from _run_on_empty_store(queries, names)


def _run_on_empty_store(queries: list[Query], names: Names) -> Iterator[Problem]:
    """Run queries on an empty store, which shows syntax errors and columns as well as a full one."""
    results = sandbox.answer(partial(_import_batch_engine, queries), Question("", "", names.prefixes, names.base), Limits())
    for query, (error, *rest) in zip(queries, results.rows, strict=True):
        if error:
            line, column = (int(number or 0) for number in rest)
            message = f"The query cannot be read: {error}."
            yield Problem(Place(str(query.path), line, column), "KB602", message, "Correct the query there.")
            continue
        for column_name in (name for name in query.columns if name not in rest):
            message = f"The heading promises the column '{column_name}', which the query does not return."
            yield Problem(Place(str(query.path), 1), "KB609", message, "Select it, or remove it from 'columns'.")


def _import_batch_engine(queries: Sequence[Query]) -> tuple[Callable[[Question], Any], Callable[[Any, Question], Answer]]:
    """Make an engine that runs all queries: for each, it returns a row of an error with its position, or of the columns."""
    load, ask = engines.import_engine("oxigraph")

    def ask_all(store: Any, question: Question) -> Answer:
        rows: list[Row] = []
        for query in queries:
            try:
                rows.append(("", *ask(store, replace(question, text=query.text)).variables))
            except EngineError as error:
                rows.append((error.message, str(error.line), str(error.column)))
        return Answer("select", rows=tuple(rows))

    return load, ask_all
