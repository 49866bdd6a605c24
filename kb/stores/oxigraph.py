"""Oxigraph in memory: the engine that queries use unless another is named."""

from __future__ import annotations

import re

import pyoxigraph as ox

from kb.answers import Answer, Question, Refusal

_AT = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)


def load(question: Question) -> ox.Store:
    """Read the dataset into a store in memory."""
    store = ox.Store()
    store.bulk_load(question.data.encode("utf-8"), format=ox.RdfFormat.N_QUADS)
    return store


def ask(store: ox.Store, question: Question) -> Answer:
    """Answer a question; the default graph is the union of all graphs.

    Raises:
        Refusal: The query has a syntax error or cannot be evaluated.
    """
    try:
        result = store.query(
            question.text,
            base_iri=question.base,
            prefixes=dict(question.prefixes),
            use_default_graph_as_union=True,
        )
        if isinstance(result, ox.QueryBoolean):
            return Answer("ask", truth=bool(result))
        if isinstance(result, ox.QueryTriples):
            return Answer("graph", triples=tuple((str(each.subject), str(each.predicate), str(each.object)) for each in result))
        variables = tuple(variable.value for variable in result.variables)
        rows = tuple(tuple(None if term is None else str(term) for term in solution) for solution in result)
        return Answer("select", variables, rows)
    except SyntaxError as error:
        found = _AT.search(str(error))
        if found:
            raise Refusal("KB602", found.group(3), int(found.group(1)), int(found.group(2))) from error
        raise Refusal("KB602", str(error)) from error
    except (RuntimeError, ValueError, OSError) as error:
        raise Refusal("KB608", str(error)) from error
