"""What a query gives, in plain values, whichever engine gave it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

#: The engines by name; the first is the one that is used unless another is named.
ENGINES = ("oxigraph", "rdflib")

#: A row of a SELECT: one RDF term per variable, as N-Triples writes it, or nothing where unbound.
Row = tuple[str | None, ...]


class Answer(NamedTuple):
    """The answer to a query.

    Args:
        form: What kind of answer it is.
        variables: The columns of a SELECT.
        rows: The rows of a SELECT, in the order of the engine.
        truth: The answer to an ASK.
        triples: The triples of a CONSTRUCT or DESCRIBE: terms as N-Triples writes them.
        cut: Whether there was more than the question wanted at most.
    """

    form: Literal["select", "ask", "graph"]
    variables: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    truth: bool = False
    triples: tuple[tuple[str, str, str], ...] = ()
    cut: bool = False


class Graphs(NamedTuple):
    """The dataset that a protocol names (SPARQL 1.1 Protocol, section 2.1.4); it stands above ``FROM`` in the query.

    Args:
        default: The IRIs of the graphs that make up the default graph.
        named: The IRIs of the named graphs.
    """

    default: tuple[str, ...] = ()
    named: tuple[str, ...] = ()


class Stored(NamedTuple):
    """A store on disk.

    Args:
        data: The folder of its files.
        graphs: How many named graphs it holds.
        lock: What keeps the store in place for as long as it is referred to.
    """

    data: str
    graphs: int
    lock: object = None


class Question(NamedTuple):
    """What an engine is asked.

    Args:
        data: The dataset as N-Quads. If no statement is in the default graph, that holds the triples of all graphs.
        text: The query, in SPARQL 1.1.
        prefixes: Prefixes that the query may use without declaring them.
        base: The IRI against which the query's relative IRIs are resolved.
        graphs: The dataset to ask, if not the whole.
        most: How many rows or triples to give at most, if there is a bound.
        store: A store on disk that holds the dataset, in place of ``data``.
    """

    data: str | bytes
    text: str
    prefixes: Mapping[str, str]
    base: str
    graphs: Graphs | None = None
    most: int | None = None
    store: Stored | None = None


class EngineError(Exception):
    """An engine cannot answer a question.

    Args:
        code: The rule, a key of ``problems.RULES``.
        message: The engine's words.
        line: The line of the query, from 1, or 0.
        column: The column, from 1, or 0.
    """

    def __init__(self, code: str, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(code, message, line, column)
        self.code, self.message, self.line, self.column = code, message, line, column
