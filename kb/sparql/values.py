"""Queries and answers in plain values, the same for every engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

#: The engines by name; the first is the default.
ENGINES = ("oxigraph", "rdflib")

#: A row of a SELECT: one RDF term for each variable, as N-Triples writes it, or None where unbound.
Row = tuple[str | None, ...]


class Answer(NamedTuple):
    """The answer to a query: the rows of a SELECT in the order of the engine, the truth of an ASK, or triples.

    Terms are as N-Triples writes them; ``cut`` says whether there was more than the question's limit.
    """

    form: Literal["select", "ask", "graph"]
    variables: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    truth: bool = False
    triples: tuple[tuple[str, str, str], ...] = ()
    cut: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of its rows or triples."""
        return ("subject", "predicate", "object") if self.form == "graph" else self.variables

    @property
    def terms(self) -> tuple[Row, ...]:
        """Its rows, or its triples."""
        return self.triples if self.form == "graph" else self.rows

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: no rows, false, or a single row of zeros."""
        if self.form == "select" and len(self.rows) == 1 and self.rows[0]:
            return all(term is None or term.startswith('"0"') for term in self.rows[0])
        return not (self.truth or self.terms)


class Graphs(NamedTuple):
    """The dataset that a request names by the IRIs of graphs; it takes precedence over ``FROM`` (SPARQL 1.1 Protocol, 2.1.4)."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class DiskStore(NamedTuple):
    """A store on disk: its folder of files, the number of its graphs, and the lock that keeps it from being removed.

    ``is_cache`` tells that of a knowledge base in a folder from one that the user named.
    """

    data: str
    graphs: int
    lock: object = None
    is_cache: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A query in SPARQL 1.1, and the data that an engine evaluates it over: N-Quads, or a store on disk.

    The default graph is the union of all graphs. ``graphs`` are those that the request names; without them, those of ``FROM`` are
    queried, or else all. ``limit`` is the largest number of rows or triples to return.
    """

    data: str | bytes
    text: str
    prefixes: Mapping[str, str]
    base: str
    graphs: Graphs | None = None
    limit: int | None = None
    store: DiskStore | None = None


class EngineError(Exception):
    """An engine cannot answer a query: the code of the rule, what the engine reports, and the line and column from 1, or 0."""

    def __init__(self, code: str, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(code, message, line, column)
        self.code, self.message, self.line, self.column = code, message, line, column
