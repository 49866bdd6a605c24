"""Answers for Python: rows of plain values, a pandas frame, and what notebooks show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from kb import resources
from kb.escaping import count_of, escape_unseen
from kb.problems import check_types, fail
from kb.queries.child_process import Limits
from kb.queries.compiled import Compiled, compile_base
from kb.queries.compiled_cache import open_base
from kb.queries.explanation import Explanation
from kb.queries.named import find_query, named_queries, parse_query
from kb.queries.query_run import QueryRun, Session
from kb.rdf.iris import XSD, Names
from kb.rdf.quads import Quad, iri_value, is_blank, is_iri, literal, literal_value
from kb.schema import vocabulary
from kb.sparql import library, result_formats
from kb.sparql.library import Query
from kb.sparql.result_formats import find_table_format, html_table, plain_value, table_lines, visible_columns
from kb.sparql.values import Answer

if TYPE_CHECKING:
    from networkx import MultiDiGraph
    from pandas import DataFrame

    from kb.model import KnowledgeBase

_DATES = {f"{XSD}date", f"{XSD}dateTime"}
_MAX_SHOWN = 50  # rows that are shown when a result is printed


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Result:
    """The result of a query.

    It has a length, and iterates over its rows as dictionaries of plain values: IRIs and texts as ``str``, numbers as ``int``,
    ``float`` or ``Decimal``, booleans as ``bool``, unbound variables as ``None``.
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

    @property
    def reasons(self) -> tuple[str, ...]:
        """What a reader of the result has to know: unknown names, and why it is empty."""
        return self.asked.notes if self.asked else ()

    def __len__(self) -> int:
        return len(self.answer.terms)

    def __bool__(self) -> bool:
        return self.answer.truth if self.answer.form == "ask" else bool(len(self))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Result: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | Result:
        """Return a row as a dictionary, or some rows as a result."""
        if isinstance(index, str):
            remedy = f"Write [row['{index[:60]}'] for row in result], or result.to_pandas()['{index[:60]}']."
            raise fail("KB607", "Rows of a result are taken by number.", remedy)
        if isinstance(index, slice):
            answer = self.answer
            return replace(self, answer=answer._replace(rows=answer.rows[index], triples=answer.triples[index]))
        return dict(zip(self.columns, map(plain_value, self.answer.terms[index]), strict=True))

    def explain(self) -> Explanation:
        """Find the facts and sentences that each row rests on.

        Raises:
            KbError: It took too long, or too much memory.
        """
        if self.asked is None:
            raise fail("KB608", "The result does not know its knowledge base.", "Explain what kb.query returns.")
        return self.asked.explain(self.answer)

    def to_pandas(self) -> DataFrame:
        """Convert it to a pandas frame with a column for each variable.

        Dates become timestamps. A column named after a controlled list, such as severity, becomes categorical in its order, in
        which a value with a hedge comes before the value without.

        Raises:
            KbError: pandas is not installed (KB713).
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise fail("KB713", "A frame needs pandas.", "Install it: pip install 'linked-kb[pandas]'.") from error
        frame = pd.DataFrame(self.rows, columns=list(self.columns))
        for name, terms in zip(self.columns, zip(*self.answer.terms, strict=True), strict=False):
            words = _order_values(name, frame[name].dropna()) if name in vocabulary.controlled_lists() else []
            datatypes = {literal_value(term).datatype if term.startswith('"') else "" for term in terms if term}
            if words:
                frame[name] = pd.Categorical(frame[name], words)
            elif datatypes and datatypes <= _DATES:
                frame[name] = pd.to_datetime(frame[name], format="ISO8601", errors="coerce").fillna(frame[name])
        return frame

    def to_rdflib(self) -> Any:
        """Convert it to rdflib: a graph to a ``Graph``, rows and truth to a ``rdflib.query.Result``."""
        import rdflib
        from rdflib.query import Result as RdflibResult

        def convert(term: str) -> Any:
            if is_iri(term) or is_blank(term):
                return rdflib.URIRef(iri_value(term)) if is_iri(term) else rdflib.BNode(term[2:])
            value = literal_value(term)
            is_typed = not value.language and value.datatype != f"{XSD}string"
            return rdflib.Literal(value.value, value.language or None, value.datatype if is_typed else None, normalize=False)

        if self.answer.form == "graph":
            graph = rdflib.Graph()
            for prefix, start in self.names.prefixes.items():
                graph.bind(prefix, start)
            for triple in self.answer.triples:
                graph.add(tuple(map(convert, triple)))
            return graph
        result = RdflibResult(self.answer.form.upper())
        result.askAnswer = self.answer.truth
        result.vars = [rdflib.Variable(name) for name in self.answer.variables]
        result.bindings = [
            {name: convert(term) for name, term in zip(result.vars, row, strict=True) if term} for row in self.answer.rows
        ]
        return result

    @check_types()
    def to_networkx(self, source: str = "", target: str = "") -> MultiDiGraph[Any]:
        """Convert it to a directed networkx graph.

        A triple is an edge with the CURIE of its predicate as key, or, where its object is a text or number, an attribute of its
        subject. A row is an edge from one column to another, by default from the subject to the object or between the first two
        that name things, with all other columns as attributes, so that an edge keeps what restricts it.

        Raises:
            KbError: networkx is not installed (KB713), or there are no such columns (KB607).
        """
        try:
            import networkx as nx
        except ImportError as error:
            raise fail("KB713", "A graph needs networkx.", "Install it: pip install 'linked-kb[tables]'.") from error
        graph: MultiDiGraph[Any] = nx.MultiDiGraph()
        if self.answer.form == "graph":
            for (subject, predicate, obj), terms in zip(self.rows, self.answer.triples, strict=True):
                key = self.names.compact(predicate) or predicate
                if terms[2].startswith('"'):
                    graph.add_node(subject)
                    graph.nodes[subject].setdefault(key, []).append(obj)
                else:
                    graph.add_edge(subject, obj, key)
            return graph
        ends = [given or own for given, own in zip((source, target), [*self._find_ends(), "", ""], strict=False)]
        if not set(ends) <= set(self.columns):
            raise fail("KB607", "The result does not have the two columns of an edge.", f"Name two: {', '.join(self.columns)}.")
        for row in self:
            first, second = (row[end] for end in ends)
            graph.add_edge(first, second, **{name: value for name, value in row.items() if name not in ends})
        return graph

    def _find_ends(self) -> list[str]:
        """Find the columns that name things: subject and object, else those with the IRI of a term beside them, or of IRIs."""
        if {"subject", "object"} <= set(self.columns):
            return ["subject", "object"]
        columns = zip(self.columns, zip(*self.answer.terms, strict=True), strict=False)
        named = {name for name, terms in columns if all(term and is_iri(term) for term in terms)}
        with_terms = [name for name in self.columns if f"{name}_term" in self.columns]
        return [*with_terms, *(name for name in self.columns if name in named and not name.endswith("_term"))]

    @check_types()
    def text(self, fmt: str = "") -> str:
        """Write it in a format: table, json, xml, csv, tsv, markdown or html for rows, table or a format of RDF for a graph.

        Raises:
            KbError: There is no such format, or it cannot hold the answer (KB702).
        """
        if table := find_table_format(fmt):
            title = self.query.question or self.query.title
            return "".join(table_lines(self.answer, self.names, table, self.query.columns, title))
        if fmt == "table":
            return f"{self!r}\n"
        if self.answer.form == "graph":
            from kb.formats import registry

            quads = [Quad(*triple, "") for triple in self.answer.triples]
            return "".join(registry.find(fmt or "turtle").lines(quads, self.names))
        return "".join(result_formats.find(fmt or "json").lines(self.answer))

    def _cut(self) -> tuple[Answer, str]:
        """Return the part that is shown, and how much of the answer it is, with the reasons for an empty answer."""
        answer = self.answer._replace(rows=self.answer.rows[:_MAX_SHOWN], triples=self.answer.triples[:_MAX_SHOWN])
        cut = f", of which {_MAX_SHOWN} are shown" if len(self) > _MAX_SHOWN else ""
        return answer, " ".join([f"{count_of(len(self), 'row')}{cut}.", *self.reasons])

    def __repr__(self) -> str:
        answer, note = self._cut()
        if answer.form == "ask":
            return "\n".join([str(answer.truth).lower(), *self.reasons])
        visible = visible_columns(answer, self.query.columns)
        rows = [answer.columns, *result_formats.table_cells(answer.terms, self.names)]
        lines = [[escape_unseen(row[index]) for index in visible] for row in rows]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        return "\n".join([*("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines), f"({note})"])

    def _repr_html_(self) -> str:
        """Write the HTML that notebooks show."""
        answer, note = self._cut()
        title = "" if answer.form == "ask" else f"{self.query.question or self.query.title} {note}"
        return html_table(answer, self.names, self.query.columns, title)


@check_types()
def query(  # noqa: PLR0913 - each of them is a choice of the caller
    question: str,
    *,
    content: Path | str | KnowledgeBase | Compiled | None = None,
    store: Path | str | None = None,
    engine: str = "oxigraph",
    timeout: float = 60.0,
    language: str = "",
    **parameters: object,
) -> Result:
    """Run a named query, or a query in SPARQL, over a knowledge base.

    Args:
        question: The name of a query, such as ``side-effects``, or SPARQL.
        content: The knowledge base, or its folder; by default that of the current folder, or the shipped one.
        store: The folder of a store that ``kb build`` made, to query instead.
        engine: ``oxigraph``, ``rdflib``, or the address of a SPARQL endpoint.
        timeout: The time limit, in seconds.
        language: The language of the labels in the answer to a named query, by default that of the knowledge base.
        parameters: The parameters of a named query, by name, as texts or numbers; one that is None is left out.

    Raises:
        KbError: There is no such query, a parameter is wrong, the query is refused, or a limit was hit.
    """
    base = open_knowledge_base(content, store)
    is_sparql = "{" in question or len(question.split()) > 1
    named = parse_query(question, Path("<query>")) if is_sparql else find_query(base, question)
    session = Session(base, engine, Limits(seconds=timeout), language)
    for name, value in parameters.items():
        if not isinstance(value, str | int | float | Decimal | date | None):
            raise fail("KB607", f"The parameter '{name}' is {value!r:.60}.", "Give one text or number.", name)
    asked = session.answer(named, {name: str(value) for name, value in parameters.items() if value is not None})
    return Result(asked.answer, base.names, named, asked)


def _order_values(name: str, present: Iterable[str]) -> list[str]:
    """Order the values of a controlled list, with those hedged ones that are present; nothing if one is not of the list."""
    labels = [value.label for value in vocabulary.values(name).values()]
    own = {word: max((label for label in labels if f" {word}".endswith(f" {label}")), key=len, default="") for word in present}
    own |= {label: label for label in labels}
    return sorted(own, key=lambda word: (labels.index(own[word]), word in labels, word)) if all(own.values()) else []


@check_types()
def list_queries(content: Path | str | KnowledgeBase | Compiled | None = None, *, store: Path | str | None = None) -> Result:
    """List the named queries with their groups, questions and parameters; the arguments are those of :func:`query`."""
    base = open_knowledge_base(content, store)
    known = sorted(named_queries(base), key=lambda query: (library.group_rank(query.group), query.name))
    rows = ((query.name, query.group, query.question, ", ".join(query.parameters)) for query in known)
    answer = Answer("select", ("name", "group", "question", "parameters"), tuple(tuple(map(literal, row)) for row in rows))
    return Result(answer, base.names, Query("queries", "Named queries", "", (), (), {}, "", Path("queries")))


def open_knowledge_base(
    content: Path | str | KnowledgeBase | Compiled | None = None, store: Path | str | None = None
) -> Compiled:
    """Open a knowledge base for queries: a store, a folder, one that is loaded, or by default that of the current folder."""
    if store is not None:
        from kb.queries.store_build import open_store

        return open_store(Path(store))
    if content is None or isinstance(content, str | Path):
        return open_base(resources.default_content() if content is None else Path(content))
    return content if isinstance(content, Compiled) else compile_base(content)
