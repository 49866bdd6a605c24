"""Answer queries: check them, evaluate them in a confined process, and sort the answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kb.escaping import hide_user
from kb.problems import KbError, fail, quote
from kb.queries import sandbox
from kb.queries.child_process import Limits
from kb.queries.compiled import Compiled, compile_base
from kb.queries.named import find_query
from kb.sparql import engines, guard, library, scope
from kb.sparql.library import Query
from kb.sparql.values import ENGINES, Answer, Question

if TYPE_CHECKING:  # as in kb.queries.compiled
    from kb.model import KnowledgeBase


def ask(
    kb: KnowledgeBase | Compiled | Path | str,
    sparql: str,
    engine: str = "oxigraph",
    limits: Limits = Limits(),
    *,
    is_own: bool = False,
) -> Answer:
    """Answer a SPARQL query over a knowledge base, in a confined process.

    Args:
        kb: The knowledge base, or its folder.
        sparql: The query; it may use every prefix of the knowledge base without declaring it.
        engine: ``oxigraph``, ``rdflib``, or the address of a SPARQL endpoint that holds the same knowledge base. Others may be in
            the same store: named queries are kept to this one.
        limits: What it may use.
        is_own: Whether kb made the query, so that the bounds for queries of users do not apply.

    Raises:
        KbError: The query is wrong or refused, or a limit was hit.
    """
    if isinstance(kb, Path | str):
        from kb.queries.compiled_cache import open_base

        kb = open_base(Path(kb))
    base = kb if isinstance(kb, Compiled) else compile_base(kb)
    if engine.lower().startswith(("http://", "https://")):
        from kb.queries.endpoint import ask_endpoint

        text = scope.keep_to_base(sparql, base.names) if library.has_heading(sparql) else sparql
        question = Question(b"", text, base.names.prefixes, base.names.base)
        return _sort_answer(ask_endpoint(engine, question, limits), sparql)
    if engine not in ENGINES:
        remedy = f"Choose {', '.join(ENGINES)}, or the address of an endpoint."
        raise fail("KB615", f"There is no engine {quote(hide_user(engine))}.", remedy)
    problems = [] if is_own else list(guard.check(sparql, base.graphs, base.names.prefixes, base.names.base))
    if problems:
        raise KbError(problems)
    return _sort_answer(
        sandbox.answer(partial(engines.import_engine, engine), _make_question(base, sparql, engine), limits), sparql
    )


def _make_question(base: Compiled, sparql: str, engine: str) -> Question:
    """Choose the data for a query: the triples alone where it looks into no graph by name, which is half as much."""
    names, data = base.names, b""
    if base.store and base.store.is_cache and engine != ENGINES[0]:  # which does not read stores
        return Question(base.quads(), sparql, names.prefixes, names.base)
    if not base.store:
        data = base.quads() if guard.uses_named_graphs(sparql) else base.triples
    return Question(data, sparql, names.prefixes, names.base, store=base.store)


def _sort_answer(answer: Answer, sparql: str) -> Answer:
    """Sort what the query leaves unordered, so that the same query gives the same bytes."""
    if answer.form == "graph":
        return answer._replace(triples=tuple(sorted(set(answer.triples))))
    if guard.is_ordered(sparql):
        return answer
    return answer._replace(rows=tuple(sorted(answer.rows, key=lambda row: [term or "" for term in row])))


def answer_named_queries(base: Compiled) -> Iterator[tuple[Query, Answer]]:
    """Answer the named queries in a knowledge base's own folder."""
    for name in library.list_query_files(base.folder):
        query = find_query(base, name)
        yield query, ask(base, query.text)
