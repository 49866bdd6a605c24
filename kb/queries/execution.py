"""Questions answered: guarded, asked of an engine in a process that can reach nothing else, and put in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from kb.problems import fail
from kb.queries import sandbox
from kb.queries.child_process import Limits
from kb.queries.compiled import Compiled, compile_base
from kb.sparql import library
from kb.sparql.library import Query, Traits
from kb.sparql.values import ENGINES, Answer, Graphs, Question

if TYPE_CHECKING:  # as in kb.queries.compiled
    from kb.model import KnowledgeBase


def ask(kb: KnowledgeBase | Compiled, sparql: str, engine: str = "oxigraph", limits: Limits = Limits()) -> Answer:
    """Ask a knowledge base a question in SPARQL, in a process that can reach nothing else.

    Args:
        kb: The knowledge base.
        sparql: The query; every prefix of the knowledge base may be used.
        engine: ``oxigraph``, ``rdflib``, or the address of a SPARQL endpoint that holds the same.
        limits: What it may cost.

    Raises:
        KbError: The query is wrong or refused, or a limit was hit.
    """
    return answer(kb if isinstance(kb, Compiled) else compile_base(kb), sparql, engine, limits)


def answer(  # noqa: PLR0913 - what a question may cost and what is known of it have defaults
    base: Compiled,
    sparql: str,
    engine: str = "oxigraph",
    limits: Limits = Limits(),
    *,
    traits: Traits | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Answer:
    """Ask a compiled knowledge base; see :func:`ask`.

    Args:
        base: The knowledge base.
        sparql: The query.
        engine: What answers: ``oxigraph``, ``rdflib``, or the address of a SPARQL endpoint.
        limits: What it may cost.
        traits: What the guard found, if it was asked already; bound parameters change nothing of that.
        meanwhile: Something to be done while the engine is at work.
    """
    if engine.startswith(("http://", "https://")):
        from kb.sparql.engines import remote

        question = Question(b"", sparql, base.names.prefixes, base.names.base)
        return _steady(remote.ask(engine, question, limits.seconds, limits.megabytes << 20), sparql, traits)
    if engine not in ENGINES:
        raise fail(
            "KB615", f"There is no engine '{engine[:60]}'.", f"Choose {', '.join(ENGINES)}, or the address of an endpoint."
        )
    if traits is None:
        from kb.sparql import guard

        traits = guard.examine(sparql, base.graphs, base.names.prefixes, base.names.base)
    data = b"" if base.store else base.quads() if traits.graphs else base.triples  # half as much, where that is enough
    graphs = _several(sparql, base) if traits.graphs else None
    question = Question(data, sparql, base.names.prefixes, base.names.base, graphs, store=base.store)
    found = sandbox.answer(lambda: import_module("kb.sparql.engines").engine(engine), question, limits, meanwhile)
    return _steady(found, sparql, traits)


def _several(sparql: str, base: Compiled) -> Graphs | None:
    """Give the dataset that a query describes, where its default graph is the merge of several, which engines get wrong."""
    from kb.sparql import guard

    found = guard.dataset(sparql, base.names.prefixes, base.names.base)
    return found if found and len(found.default) > 1 else None


def _steady(found: Answer, sparql: str, traits: Traits | None) -> Answer:
    """Put what the query leaves unordered into order, so that the same question gives the same bytes."""
    if found.form == "graph":
        return found._replace(triples=tuple(sorted(set(found.triples))))
    if traits is None:
        from kb.sparql import guard

        traits = Traits(graphs=False, ordered=guard.fixes_order(sparql))
    if traits.ordered:
        return found
    return found._replace(rows=tuple(sorted(found.rows, key=lambda row: [term or "" for term in row])))


def answers(kb: KnowledgeBase | Compiled) -> Iterator[tuple[Query, Answer]]:
    """Answer the named queries of a knowledge base's own folder."""
    base = kb if isinstance(kb, Compiled) else compile_base(kb)
    from kb.queries.named import find_query

    for name in library.files(base.folder):
        query = find_query(base, name)
        yield query, answer(base, query.text, traits=query.traits)
