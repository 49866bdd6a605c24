"""Oxigraph, in memory or on disk: the default engine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any

import pyoxigraph as ox

from kb.sparql import guard
from kb.sparql.engines import explain_syntax_error, select_answer
from kb.sparql.values import Answer, EngineError, Question

_POSITION = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_DAMAGE = ("Corruption", "IO error")  # how messages of RocksDB begin
_EXPECTED = re.compile(r"expected (?:one of )?(.*)", re.DOTALL)
_UNGROUPED = "contains a variable that is unbound"
_CHARACTER_CLASSES = re.compile(r"\[(?:'[^']*'|[^\]'])*\],?\s*|Prefix not found,?\s*")


def load(question: Question) -> ox.Store:
    """Load the data into a store in memory, or open the store on disk."""
    if question.store:
        from kb.sparql.engines import disk_store

        try:
            return disk_store.open_read_only(question.store)
        except OSError as error:
            raise EngineError("KB653", f"The store cannot be opened: {error}") from error
    store = ox.Store()
    store.load(question.data, format=ox.RdfFormat.N_QUADS, lenient=True)
    return store


def ask(store: ox.Store, question: Question) -> Answer:
    """Answer a query; the default graph is the union of all graphs.

    Raises:
        EngineError: The query has a syntax error or cannot be evaluated.
    """
    try:
        dataset = _describe_dataset(question)
        result = store.query(question.text, base_iri=question.base, prefixes=dict(question.prefixes), **dataset)
        return _read(result, question)
    except SyntaxError as error:
        raise _syntax_error(str(error), question) from error
    except (RuntimeError, ValueError, OSError) as error:
        if question.store and (isinstance(error, OSError) or str(error).startswith(_DAMAGE)):
            raise EngineError("KB653", f"The store cannot be read: {error}") from error
        raise EngineError("KB608", str(error)) from error


def _read(result: Any, question: Question) -> Answer:
    if isinstance(result, ox.QueryBoolean):
        return Answer("ask", truth=bool(result))
    if isinstance(result, ox.QueryTriples):
        triples, cut = _unique_triples(((triple.subject, triple.predicate, triple.object) for triple in result), question.limit)
        return Answer("graph", triples=triples, cut=cut)
    rows = (tuple(None if term is None else _term(term) for term in solution) for solution in result)
    answer = select_answer(question, [variable.value for variable in result.variables], islice(rows, question.limit))
    return answer._replace(cut=next(rows, None) is not None)


def _describe_dataset(question: Question) -> dict[str, Any]:
    """Return the arguments that name the graphs to query: some of them, or all, whose union is the default graph.

    Oxigraph returns a triple of a union once for each graph that holds it; in a knowledge base no triple stands in two graphs.
    It ignores ``FROM`` where it merges the graphs itself.
    """
    graphs = question.graphs or guard.read_dataset(question.text, question.prefixes, question.base)
    if graphs is None:
        return {"use_default_graph_as_union": True}
    default, named = ([ox.NamedNode(iri) for iri in sorted(set(iris))] for iris in graphs)
    return {"default_graph": default, "named_graphs": named}


def _unique_triples(triples: Iterable[tuple[Any, Any, Any]], limit: int | None) -> tuple[tuple[tuple[str, str, str], ...], bool]:
    """Return each triple once, and whether there are more than the limit."""
    distinct: dict[tuple[str, str, str], None] = {}
    for subject, predicate, obj in triples:
        triple = (_term(subject), _term(predicate), _term(obj))
        if limit is not None and len(distinct) >= limit and triple not in distinct:
            return tuple(distinct), True
        distinct[triple] = None
    return tuple(distinct), False


def _term(term: Any) -> str:
    """Write a term as N-Triples does.

    Raises:
        EngineError: It is of RDF 1.2, which the result formats of SPARQL 1.1 cannot hold.
    """
    if isinstance(term, ox.Triple) or (isinstance(term, ox.Literal) and term.direction is not None):
        message = "it holds a triple term or a text with direction, which are new in RDF 1.2; select their parts"
        raise EngineError("KB608", message)
    return str(term)


def _syntax_error(message: str, question: Question) -> EngineError:
    parts = _POSITION.search(message)
    if not parts:
        return EngineError("KB602", message)
    return explain_syntax_error(question) or EngineError("KB602", _shorten(parts[3]), int(parts[1]), int(parts[2]))


def _shorten(message: str) -> str:
    """Drop the character classes from the list of what could have stood there."""
    parts = _EXPECTED.fullmatch(message)
    if not parts:
        return message
    if _UNGROUPED in parts[1]:
        return "a selected variable is neither in GROUP BY nor computed, such as (SAMPLE(?a) AS ?b)"
    expected = _CHARACTER_CLASSES.sub("", parts[1]).strip(" ,")
    return f"expected one of {expected}" if ", " in expected else f"expected {expected}" if expected else "this is not SPARQL"
