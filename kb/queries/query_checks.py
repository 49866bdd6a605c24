"""The named queries of a knowledge base checked, as ``kb validate`` does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kb.checks import conformance_cache
from kb.files import fingerprint
from kb.pipeline import Checked, Shapes, check
from kb.problems import KbError, Place, Problem
from kb.queries import sandbox
from kb.queries.child_process import Limits
from kb.queries.named import read_query
from kb.rdf.iris import Names
from kb.sparql import engines, library
from kb.sparql.library import Query
from kb.sparql.values import Answer, EngineError, Question


def check_everything(path: Path, *, shapes: Shapes = "sample", more: Sequence[str] = ()) -> Checked:
    """Check the records, the shapes and the named queries, as ``kb validate`` does.

    Args:
        path: The folder that holds ``kb.yaml``.
        shapes: How much to hold against the SHACL shapes.
        more: Files of more facts, folders or patterns.
    """
    checked = check(path, shapes=shapes, keep=False, more=more)
    found = _check_queries(path, Names(checked.about.base, checked.about.prefixes) if checked.about else None)
    return replace(checked, problems=sorted({*checked.problems, *found}))


def _check_queries(path: Path, names: Names | None) -> Iterator[Problem]:
    """Check headings, parameters and, where the prefixes are known, syntax and columns of a folder's named queries."""
    files = library.query_files(path).values()
    try:
        about = repr((names.base, sorted(names.prefixes.items())) if names else None).encode("utf-8", "surrogatepass")
        made_from = [
            fingerprint.code_digest().encode(),
            about,
            *(file.read_bytes() for file in files),
        ]
    except OSError:  # reading them tells why
        return _read_and_run(files, names)
    return conformance_cache.remembered("queries", made_from, lambda: _read_and_run(files, names))


def _read_and_run(files: Collection[Path], names: Names | None) -> Iterator[Problem]:
    queries = []
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
        yield from _run_dry(queries, names)


def _run_dry(queries: list[Query], names: Names) -> Iterator[Problem]:
    """Ask queries of an empty store: what is wrong with them shows all the same."""

    def all_of_them() -> tuple[Callable[[Question], Any], Callable[[Any, Question], Answer]]:
        load, answer_one = engines.import_engine("oxigraph")

        def answer_all(store: Any, question: Question) -> Answer:
            rows = []
            for index, query in enumerate(queries):
                try:
                    found = answer_one(store, question._replace(text=query.text))
                    rows.append((str(index), "", *found.variables))
                except EngineError as refusal:
                    rows.append((str(index), refusal.message, str(refusal.line), str(refusal.column)))
            return Answer("select", rows=tuple(rows))

        return load, answer_all

    for row in sandbox.answer(all_of_them, Question("", "", names.prefixes, names.base), Limits()).rows:
        query, refused, rest = queries[int(row[0] or 0)], row[1], [each or "" for each in row[2:]]
        if refused:
            place = Place(str(query.path), int(rest[0]), int(rest[1]))
            yield Problem(place, "KB602", f"The query cannot be read: {refused}.", "Correct the query there.")
        for column in [] if refused else [each for each in query.columns if each not in rest]:
            message = f"The heading promises the column '{column}', which the query does not give."
            yield Problem(Place(str(query.path), 1), "KB609", message, "Select it, or take it out of 'columns'.")
