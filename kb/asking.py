"""Asking: everything about queries, over the line: finding, reading, checking, binding and answering them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kb import resources, stores
from kb.answers import Answer, Question, Refusal
from kb.checks import references, schema
from kb.iris import Names
from kb.links.values import resolve_value
from kb.model import KnowledgeBase, Record
from kb.pipeline import Checked, Shapes, check, compile_all, names_of
from kb.problems import KbError, Place, Problem, fail
from kb.quads import Quad, iri_value
from kb.queries import guard, library, sandbox
from kb.queries.library import Parameter, Query
from kb.queries.sandbox import Limits
from kb.records import text, yaml


def check_everything(path: Path, *, shapes: Shapes = "sample") -> Checked:
    """Check the records, the shapes and the named queries, as ``kb validate`` does."""
    checked = check(path, shapes=shapes)
    found = _check_queries(path, names_of(checked.kb) if checked.kb else None)
    return checked._replace(problems=sorted({*checked.problems, *found}))


def find_query(kb: KnowledgeBase, name: str) -> Query:
    """Find a named query: among those of the knowledge base, then among the shipped ones.

    Raises:
        KbError: There is none of that name (KB601), or its heading is wrong (KB609).
    """
    known = {**library.files(resources.content()), **library.files(kb.folder)}
    if name not in known:
        remedy = references.nearest(name, known, f"Known are: {', '.join(known)}.")
        raise fail("KB601", f"There is no query '{name[:60]}'.", remedy)
    return read_query(known[name])


def read_query(path: Path) -> Query:
    """Read a query file.

    Raises:
        KbError: It cannot be read, or its heading is wrong (KB609).
    """
    return parse_query(text.read_text(path, str(path)), path)


def parse_query(whole: str, path: Path) -> Query:
    """Take a query and its heading apart; one without a heading has no question and no parameters.

    Raises:
        KbError: Its heading is wrong (KB609).
    """
    heading = library.heading(whole)
    if not re.search("^title:", heading, re.MULTILINE):
        return Query(path.stem, path.stem, "", (), (), {}, whole, path)
    about: Any = yaml.parse(heading, str(path)).value
    found = list(schema.check(Record("query", about, Place(str(path), 1))))
    if found:
        raise KbError(Problem(each.place, "KB609", each.message, each.remedy) for each in found)
    parameters = {name: Parameter(**each) for name, each in about.get("parameters", {}).items()}
    columns, keywords = tuple(about["columns"]), tuple(about.get("keywords", ()))
    return Query(path.stem, about["title"], about["question"], columns, keywords, parameters, whole, path)


def _check_queries(path: Path, names: Names | None) -> Iterator[Problem]:
    """Check headings, parameters and, where the prefixes are known, syntax and columns of a folder's named queries."""
    queries = []
    for file in library.files(path).values():
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
        load, answer_one = stores.engine("oxigraph")

        def answer_all(store: Any, question: Question) -> Answer:
            rows = []
            for index, query in enumerate(queries):
                try:
                    found = answer_one(store, question._replace(text=query.text))
                    rows.append((str(index), "", *found.variables))
                except Refusal as refusal:
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


def bind_query(kb: KnowledgeBase, query: Query, values: Mapping[str, str]) -> str:
    """Bind the parameters of a query to what a user typed.

    Raises:
        KbError: The query has no such parameter, or the value is not of its type (KB607).
    """
    bound = {}
    for name, value in values.items():
        if name not in query.parameters:
            known = ", ".join(query.parameters) or "none"
            raise fail("KB607", f"'{query.name}' has no parameter '{name[:60]}'.", f"It takes: {known}.")
        bound[name] = resolve_value(query.parameters[name].type, value, kb, names_of(kb))
    return library.bind(query, bound)


def ask(kb: KnowledgeBase, sparql: str, engine: str = "oxigraph", limits: Limits = Limits()) -> Answer:  # noqa: B008 - frozen
    """Ask a knowledge base a question in SPARQL, in a process that can reach nothing else.

    Args:
        kb: The knowledge base.
        sparql: The query; every prefix of the knowledge base may be used.
        engine: ``oxigraph`` or ``rdflib``.
        limits: What it may cost.

    Raises:
        KbError: The query is wrong or refused, or a limit was hit.
    """
    return _ask(compile_all(kb), names_of(kb), sparql, engine, limits)


def _ask(quads: list[Quad], names: Names, sparql: str, engine: str, limits: Limits) -> Answer:
    graphs = {iri_value(each) for each in {quad.graph for quad in quads}}
    refused = list(guard.check(sparql, graphs, names.prefixes, names.base))
    if refused:
        raise KbError(refused)
    question = Question("".join(f"{' '.join(quad)} .\n" for quad in quads), sparql, names.prefixes, names.base)
    return _steady(sandbox.answer(lambda: stores.engine(engine), question, limits), sparql)


def _steady(answer: Answer, sparql: str) -> Answer:
    """Put what the query leaves unordered into order, so that the same question gives the same bytes."""
    if answer.form == "graph":
        return answer._replace(triples=tuple(sorted(set(answer.triples))))
    if guard.fixes_order(sparql):
        return answer
    return answer._replace(rows=tuple(sorted(answer.rows, key=lambda row: [term or "" for term in row])))


def named_queries(kb: KnowledgeBase) -> list[Query]:
    """Give the named queries that a knowledge base can be asked: its own and the shipped ones."""
    known = {**library.files(resources.content()), **library.files(kb.folder)}
    return [read_query(known[name]) for name in sorted(known)]


def answers(kb: KnowledgeBase) -> Iterator[tuple[Query, Answer]]:
    """Answer the named queries of a knowledge base's own folder."""
    quads, names = compile_all(kb), names_of(kb)
    for path in library.files(kb.folder).values():
        query = read_query(path)
        yield query, _ask(quads, names, query.text, stores.ENGINES[0], Limits())
