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
    """The answer to a query.

    Args:
        variables: The columns of a SELECT.
        rows: The rows of a SELECT, in the order of the engine.
        truth: The answer to an ASK.
        triples: The triples of a CONSTRUCT or DESCRIBE: terms as N-Triples writes them.
        cut: Whether there was more than the question's limit.
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


class Graphs(NamedTuple):
    """The dataset that a request names by the IRIs of graphs; it takes precedence over ``FROM`` (SPARQL 1.1 Protocol, 2.1.4)."""

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class DiskStore(NamedTuple):
    """A store on disk.

    Args:
        data: The folder of its files.
        graphs: The number of its named graphs.
        lock: The lock that keeps it from being removed.
        is_cache: Whether it is that of a knowledge base in a folder, and not one that the user named.
    """

    data: str
    graphs: int
    lock: object = None
    is_cache: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and the data that an engine evaluates it over.

    Args:
        data: The dataset as N-Quads, or its triples as N-Triples; queries see the union of all graphs as the default graph.
        text: The query, in SPARQL 1.1.
        prefixes: The prefixes that the query may use without declaring them.
        base: The IRI that the query's relative IRIs are resolved against.
        graphs: The graphs that the request names, if any; without them, those of ``FROM`` are queried, or else all.
        limit: The largest number of rows or triples to return, if there is one.
        store: A store on disk to query instead of ``data``.
    """

    data: str | bytes
    text: str
    prefixes: Mapping[str, str]
    base: str
    graphs: Graphs | None = None
    limit: int | None = None
    store: DiskStore | None = None


class EngineError(Exception):
    """An engine cannot answer a query.

    Args:
        code: The rule, a key of ``problems.RULES``.
        message: What the engine reports.
        line: The line of the query, from 1, or 0.
        column: The column, from 1, or 0.
    """

    def __init__(self, code: str, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(code, message, line, column)
        self.code, self.message, self.line, self.column = code, message, line, column
