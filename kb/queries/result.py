"""Answers for Python: rows of plain values, a pandas frame, and what notebooks show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb import resources
from kb.problems import fail
from kb.queries.child_process import Limits
from kb.queries.compiled import Compiled, compile_base
from kb.queries.compiled_cache import open_base
from kb.queries.named import find_query, parse_query
from kb.queries.query_run import QueryRun, Session
from kb.rdf.iris import Names
from kb.rdf.quads import Quad, iri_value, is_iri
from kb.sparql import result_formats
from kb.sparql.library import Query
from kb.sparql.result_formats import plain_value
from kb.sparql.values import Answer

if TYPE_CHECKING:
    from pandas import DataFrame

    from kb.model import KnowledgeBase

_MAX_SHOWN = 50  # rows that are shown when a result is printed


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Result:
    """The result of a query.

    It has a length, and iterates over its rows as dictionaries of plain values: IRIs and texts as ``str``, numbers as ``int``,
    ``float`` or ``Decimal``, booleans as ``bool``, unbound variables as ``None``.

    Args:
        answer: The answer in RDF terms.
        names: The names of the knowledge base.
        query: The query.
    """

    answer: Answer
    names: Names
    query: Query
    asked: QueryRun | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.answer.columns

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """The rows as plain values; of a graph, its triples."""
        return [tuple(map(plain_value, row)) for row in self.answer.terms]

    def __len__(self) -> int:
        return len(self.answer.terms)

    def __bool__(self) -> bool:
        return self.answer.truth if self.answer.form == "ask" else bool(len(self))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def to_pandas(self) -> DataFrame:
        """Convert it to a pandas frame with a column for each variable.

        Raises:
            KbError: pandas is not installed (KB713).
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise fail("KB713", "A frame needs pandas.", "Install it: pip install 'linked-kb[pandas]'.") from error
        return pd.DataFrame(self.rows, columns=list(self.columns))

    def text(self, fmt: str = "") -> str:
        """Write it in a format: json, xml, csv or tsv for rows, a format of RDF for a graph.

        Raises:
            KbError: There is no such format, or it cannot hold the answer (KB702).
        """
        if self.answer.form == "graph":
            from kb.formats import registry

            quads = [Quad(*triple, "") for triple in self.answer.triples]
            return "".join(registry.find(fmt or "turtle").lines(quads, self.names))
        return "".join(result_formats.find(fmt or "json").lines(self.answer))

    def _cells(self) -> list[list[str]]:
        return result_formats.table_cells(self.answer.terms[:_MAX_SHOWN], self.names)

    def _cut(self) -> str:
        return f"{len(self):,} rows, of which {_MAX_SHOWN} are shown" if len(self) > _MAX_SHOWN else f"{len(self):,} rows"

    def __repr__(self) -> str:
        if self.answer.form == "ask":
            return str(self.answer.truth).lower()
        lines = [list(self.columns), *self._cells()]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        return "\n".join([*("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines), f"({self._cut()})"])

    def _repr_html_(self) -> str:
        """Write the HTML that notebooks show; IRIs are links where a browser can follow them."""
        if self.answer.form == "ask":
            return f"<code>{str(self.answer.truth).lower()}</code>"
        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            f"<tr>{''.join(_cell(term, word) for term, word in zip(row, words, strict=True))}</tr>"
            for row, words in zip(self.answer.terms[:_MAX_SHOWN], self._cells(), strict=True)
        )
        title = escape(self.query.question or self.query.title)
        return f"<table><caption>{title} {self._cut()}.</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(term: str | None, word: str) -> str:
    target = iri_value(term) if term and is_iri(term) else ""
    if target.startswith(("http://", "https://")):
        return f'<td><a href="{escape(target)}">{escape(word.strip("<>"))}</a></td>'
    return f"<td>{escape(word)}</td>"


def query(
    question: str,
    *,
    content: Path | str | KnowledgeBase | Compiled | None = None,
    store: Path | str | None = None,
    engine: str = "oxigraph",
    timeout: float = 60.0,
    **parameters: object,
) -> Result:
    """Run a named query, or a query in SPARQL, over a knowledge base.

    Args:
        question: The name of a query, such as ``side-effects``, or SPARQL.
        content: The knowledge base, or its folder; the shipped one by default.
        store: The folder of a store that ``kb build`` made, to query instead.
        engine: ``oxigraph``, ``rdflib``, or the address of a SPARQL endpoint.
        timeout: The time limit, in seconds.
        parameters: The parameters of a named query, by name.

    Raises:
        KbError: There is no such query, a parameter is wrong, the query is refused, or a limit was hit.
    """
    if store is not None:
        from kb.queries.store_build import open_store

        base = open_store(Path(store))
    elif content is None or isinstance(content, str | Path):
        base = open_base(resources.content() if content is None else Path(content))
    else:
        base = content if isinstance(content, Compiled) else compile_base(content)
    is_sparql = "{" in question or len(question.split()) > 1
    named = parse_query(question, Path("<query>")) if is_sparql else find_query(base, question)
    session = Session(base, engine, Limits(seconds=timeout))
    asked = session.answer(named, {name: str(value) for name, value in parameters.items()})
    return Result(asked.answer, base.names, named, asked)
