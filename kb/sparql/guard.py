"""Checks of a query before it runs, so that what is refused gets a clear message.

They read tokens and not the grammar, and only improve messages: it is the sandbox that keeps queries from the network.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from kb.problems import Place, Problem
from kb.sparql import syntax
from kb.sparql.syntax import Reference, SparqlToken
from kb.sparql.values import Graphs

#: The longest query, in characters, and the deepest nesting of its brackets.
MAX_LENGTH = 64 * 1024
MAX_DEPTH = 128

_UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "COPY", "MOVE", "ADD", "WITH"})
_SURROGATE = re.compile(r"(?P<surrogate>[\ud800-\udfff]|\\(?:u|U0000)[dD][89a-fA-F][0-9A-Fa-f]{2})|\\.", re.DOTALL)


def check(  # noqa: PLR0913 - the query, what it may name, and two bounds
    text: str,
    graphs: Collection[str],
    prefixes: Mapping[str, str],
    base: str,
    *,
    max_length: int = MAX_LENGTH,
    max_depth: int = MAX_DEPTH,
) -> Iterator[Problem]:
    """Check that a query does nothing that is refused.

    ``graphs`` are those that ``FROM`` may name, ``prefixes`` those that the query need not declare; relative IRIs are resolved
    against ``base``. ``max_length`` counts characters, ``max_depth`` nested brackets.
    """
    if len(text) > max_length:
        yield _problem("KB606", f"The query has {len(text):,} characters; the limit is {max_length:,}.", "Shorten it.", text, 0)
        return
    surrogate = next((match for match in _SURROGATE.finditer(text) if match["surrogate"]), None)
    if surrogate:
        message = "The query holds half of a surrogate pair, which is not a character."
        yield _problem("KB602", message, "Write the character itself.", text, surrogate.start())
        return
    tokens = list(syntax.tokens(text))
    if not tokens:
        yield _problem("KB602", "The query is empty.", "Write one, such as SELECT * { ?s ?p ?o }.", text, 0)
    yield from _check_nesting(tokens, text, max_depth)
    yield from _check_keywords(tokens, text)
    yield from _check_dataset(text, graphs, prefixes, base)


def is_ordered(text: str) -> bool:
    """Check whether a query orders its rows or cuts them off, so that their order is its own."""
    return any(token.keyword in {"ORDER", "LIMIT", "OFFSET"} for token in syntax.tokens(text))


def uses_named_graphs(text: str) -> bool:
    """Check whether a query may look into a graph by name; without ``GRAPH`` and ``FROM`` it sees the default graph alone.

    Some engines split words that others read as one, so a word or name that contains one of these keywords counts.
    """
    words = (syntax.decode(token.text).upper() for token in syntax.tokens(text) if token.kind not in {"string", "iri"})
    return any("GRAPH" in word or "FROM" in word for word in words)


def read_dataset(text: str, prefixes: Mapping[str, str], base: str) -> Graphs | None:
    """Read the dataset that a query describes by ``FROM`` and ``FROM NAMED``; nothing if it has neither."""
    graphs = [(reference.clause, reference.iri) for reference in _dataset_clauses(text, prefixes, base) if reference.iri]
    default = dict.fromkeys(iri for clause, iri in graphs if clause == "FROM")
    named = dict.fromkeys(iri for clause, iri in graphs if clause == "FROM NAMED")
    return Graphs(tuple(default), tuple(named)) if default or named else None


def _dataset_clauses(text: str, prefixes: Mapping[str, str], base: str) -> Iterator[Reference]:
    """Find the graphs that ``FROM`` and ``FROM NAMED`` name."""
    if "FROM" in syntax.decode(text).upper():  # resolving the names of a query takes longer than all other checks
        named = syntax.find_references(text, prefixes, base)
        yield from (reference for reference in named if reference.clause in {"FROM", "FROM NAMED"})


def _check_nesting(tokens: list[SparqlToken], text: str, max_depth: int) -> Iterator[Problem]:
    depth = 0
    for token in tokens:
        depth = max(0, depth + {"open": 1, "close": -1}.get(token.kind, 0))
        if depth > max_depth:
            yield _problem("KB606", f"More than {max_depth} brackets are nested.", "Simplify the query.", text, token.start)
            return


def _check_keywords(tokens: list[SparqlToken], text: str) -> Iterator[Problem]:
    is_query = False
    for token in tokens:
        word = token.keyword
        is_query = is_query or word in syntax.FORMS
        if word == "SERVICE":
            message = "SERVICE would query another machine; queries stay on this one."
            yield _problem("KB603", message, "Query the other endpoint separately and join the answers.", text, token.start)
            return
        if word in _UPDATES and not is_query:
            yield _problem("KB603", f"{word} is an update; queries only read.", "Change the records instead.", text, token.start)
            return


def _check_dataset(text: str, graphs: Collection[str], prefixes: Mapping[str, str], base: str) -> Iterator[Problem]:
    """Find the graphs in ``FROM`` that do not exist; an undeclared prefix is left to the engine."""
    for token, iri, _ in _dataset_clauses(text, prefixes, base):
        if iri is not None and iri not in graphs:
            message = f"FROM {token.text[:200]} is not a graph of this knowledge base."
            yield _problem("KB603", message, "Leave FROM out: every graph is searched.", text, token.start)


def _problem(code: str, message: str, remedy: str, text: str, offset: int) -> Problem:
    return Problem(Place("<query>", *syntax.find_position(text, offset)), code, message, remedy)
