"""Oxigraph, in memory or on disk: the engine that queries use unless another is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import combinations, islice
from typing import Any, TypeVar

import pyoxigraph as ox

from kb.sparql.engines.conventions import select_answer, undeclared_prefix_error
from kb.sparql.values import Answer, EngineError, Graphs, Question

Read = TypeVar("Read")

# Compiled where they are used: starting fast counts, and most queries are well-formed.
_AT = r"error at (\d+):(\d+): (.*)"
_DAMAGE = ("Corruption", "IO error")  # as RocksDB says it
_EXPECTED = r"expected (?:one of )?(.*)"
_CHARACTERS = r"\[(?:'[^']*'|[^\]'])*\],?\s*|Prefix not found,?\s*"


def load(question: Question) -> ox.Store:
    """Read the dataset into a store in memory, or open the one on disk.

    All triples are put into the default graph as well: Oxigraph can join the graphs itself, but then gives a triple
    once for each graph that holds it, and passes over ``FROM``.
    """
    if question.store:
        from kb.sparql.engines import disk_store

        try:
            return disk_store.open_stored(question.store)
        except OSError as error:
            raise EngineError("KB653", f"The store cannot be opened: {error}") from error
    store = ox.Store()
    store.load(question.data, format=ox.RdfFormat.N_QUADS, lenient=True)
    if next(store.quads_for_pattern(None, None, None, ox.DefaultGraph()), None) is None:
        store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
    return store


def ask(store: ox.Store, question: Question) -> Answer:
    """Answer a question; the default graph holds all triples.

    Raises:
        EngineError: The query has a syntax error or cannot be evaluated.
    """
    return evaluate(store, question, _read)


def evaluate(store: ox.Store, question: Question, read: Callable[[Any, Question], Read]) -> Read:
    """Evaluate a query.

    Args:
        store: The store.
        question: What to ask.
        read: Reads what the engine gives, which may still evaluate as it is read.

    Raises:
        EngineError: The query has a syntax error or cannot be evaluated.
    """
    try:
        store, dataset = _dataset(store, question.graphs)
        result = store.query(
            question.text,
            base_iri=question.base,
            prefixes=dict(question.prefixes),
            **dataset,
        )
        return read(result, question)
    except SyntaxError as error:
        raise _syntax(str(error), question) from error
    except (RuntimeError, ValueError, OSError) as error:
        if question.store and (isinstance(error, OSError) or str(error).startswith(_DAMAGE)):
            raise EngineError("KB653", f"The store cannot be read: {error}") from error
        raise EngineError("KB608", str(error)) from error


def _read(result: Any, question: Question) -> Answer:
    if isinstance(result, ox.QueryBoolean):
        return Answer("ask", truth=bool(result))
    if isinstance(result, ox.QueryTriples):
        triples, cut = _distinct(((each.subject, each.predicate, each.object) for each in result), question.most)
        return Answer("graph", triples=triples, cut=cut)
    rows = (tuple(None if term is None else _term(term) for term in solution) for solution in result)
    found = select_answer(question, [variable.value for variable in result.variables], islice(rows, question.most))
    return found._replace(cut=next(rows, None) is not None)


def _dataset(store: ox.Store, graphs: Graphs | None) -> tuple[ox.Store, dict[str, Any]]:
    """Give what the engine takes for a dataset that is not the whole one.

    The merge of several graphs holds each triple once; the engine would give one that several hold once for each. So where
    they share one, they are copied into a graph that is their merge.
    """
    if graphs is None:
        return store, {}
    default, named = ([ox.NamedNode(each) for each in sorted(set(some))] for some in graphs)
    if _share(store, default):
        merged = ox.Store()
        merged.bulk_extend(each for graph in named for each in store.quads_for_pattern(None, None, None, graph))
        merged.bulk_extend(
            ox.Quad(*each.triple) for graph in default for each in store.quads_for_pattern(None, None, None, graph)
        )
        return merged, {"default_graph": [ox.DefaultGraph()], "named_graphs": named}
    return store, {"default_graph": default, "named_graphs": named}


def _share(store: ox.Store, graphs: list[ox.NamedNode]) -> bool:
    """Tell whether two of these graphs hold the same triple."""
    shared = "ASK { GRAPH ?one { ?s ?p ?o } GRAPH ?other { ?s ?p ?o } }"
    return any(
        bool(store.query(shared, substitutions={ox.Variable("one"): one, ox.Variable("other"): other}))
        for one, other in combinations(graphs, 2)
    )


def _distinct(triples: Iterable[tuple[Any, Any, Any]], most: int | None) -> tuple[tuple[tuple[str, str, str], ...], bool]:
    """Give each triple once, and whether there was more than wanted at most."""
    found: dict[tuple[str, str, str], None] = {}
    for subject, predicate, obj in triples:
        triple = (_term(subject), _term(predicate), _term(obj))
        if most is not None and len(found) >= most and triple not in found:
            return tuple(found), True
        found[triple] = None
    return tuple(found), False


def _term(term: Any) -> str:
    """Write a term as N-Triples does.

    Raises:
        EngineError: It is of RDF 1.2, which the formats of SPARQL 1.1 cannot hold.
    """
    if isinstance(term, ox.Triple) or (isinstance(term, ox.Literal) and term.direction is not None):
        raise EngineError(
            "KB608", "it holds a triple term or a text with direction, which are new in RDF 1.2; ask for their parts"
        )
    return str(term)


def _syntax(message: str, question: Question) -> EngineError:
    found = re.search(_AT, message, re.DOTALL)
    if not found:
        return EngineError("KB602", message)
    return undeclared_prefix_error(question) or EngineError("KB602", _plainly(found[3]), int(found[1]), int(found[2]))


def _plainly(words: str) -> str:
    """Drop the classes of characters from the list of what could have stood there."""
    found = re.fullmatch(_EXPECTED, words, re.DOTALL)
    if not found:
        return words
    expected = re.sub(_CHARACTERS, "", found[1]).strip(" ,")
    return f"expected one of {expected}" if ", " in expected else f"expected {expected}" if expected else "this is not SPARQL"
