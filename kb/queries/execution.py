"""Answer queries: check them, evaluate them in a confined process, and sort the answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kb.escaping import hide_user
from kb.problems import KbError, Place, check_types, fail, quote
from kb.queries import sandbox
from kb.queries.child_process import Limits
from kb.queries.compiled import Compiled, compile_base
from kb.queries.named import find_query
from kb.sparql import engines, guard, library, scope
from kb.sparql.label_language import choose_labels
from kb.sparql.library import Query
from kb.sparql.values import ENGINES, Answer, Question

if TYPE_CHECKING:  # as in kb.queries.compiled
    from kb.model import KnowledgeBase


@check_types()
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
    names = base.names
    if engine.lower().startswith(("http://", "https://")):
        text = scope.keep_to_base(sparql, names) if library.has_heading(sparql) else sparql
        return sort_answer(_ask_endpoint(engine, Question(b"", text, names.prefixes, names.base), limits), sparql)
    if engine not in ENGINES:
        remedy = f"Choose {', '.join(ENGINES)}, or the address of an endpoint."
        raise fail("KB615", f"There is no engine {quote(hide_user(engine))}.", remedy)
    problems = [] if is_own else list(guard.check(sparql, base.graphs, names.prefixes, names.base))
    if problems:
        raise KbError(problems)
    # rdflib reads no stores; the statements of one that the user named are not loaded into memory, which it reports.
    is_loaded = not base.store or (base.store.is_cache and engine != ENGINES[0])
    data, store = (base.quads(), None) if is_loaded else (b"", base.store)
    question = Question(data, sparql, names.prefixes, names.base, store=store)
    return sort_answer(sandbox.answer(partial(engines.import_engine, engine), question, limits), sparql)


def _ask_endpoint(url: str, question: Question, limits: Limits) -> Answer:
    """Answer a question by an endpoint on another server; if nothing is found, check whether its default graph is empty."""
    from kb.sparql.engines import remote

    def send(text: str) -> Answer:
        response = remote.fetch(url, text, limits.seconds, limits.megabytes << 20)
        try:  # in the sandbox, since anybody may send the response
            return sandbox.answer(partial(remote.import_reader, response), replace(question, text=text), limits)
        except KbError as error:
            raise KbError(problem._replace(place=Place(response.url)) for problem in error.problems) from error

    answer = send(remote.query_text(question))
    if answer.is_empty and not guard.uses_named_graphs(question.text):
        default, named = send(remote.FIND_STATEMENT).rows, send(remote.FIND_NAMED_STATEMENT).rows
        if named and not default:
            message = "The default graph of the store is empty, its named graphs are not."
            raise fail("KB616", message, f"M{remote.UNION_REMEDY[1:]}.", hide_user(url))
    return answer


def sort_answer(answer: Answer, sparql: str) -> Answer:
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
        yield query, ask(base, choose_labels(query.text, base.languages))
