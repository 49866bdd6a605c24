"""Count what a dataset contains by queries, for its description, whatever its size."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from kb.queries.description import GraphCounts, Partition
from kb.rdf.iris import XSD
from kb.rdf.quads import Quad, literal_value
from kb.sparql.engines import oxigraph
from kb.sparql.values import Question, Row

_TRUE = f'"true"^^<{XSD}boolean>'
_GRAPHS = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
_TOTALS = "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) { ?s ?p ?o }"
_CLASSES = "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c"
_PROPERTIES = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
_PARTITIONS = """SELECT ?c ?p ?t ?literal (COUNT(*) AS ?n) {
  ?s a ?c ; ?p ?o . OPTIONAL { ?o a ?k } BIND(isLiteral(?o) AS ?literal) BIND(IF(?literal, DATATYPE(?o), ?k) AS ?t)
} GROUP BY ?c ?p ?t ?literal"""


def count_dataset(select: Callable[[str], Iterable[Row]]) -> GraphCounts:
    """Count what a dataset contains; ``select`` returns the rows of a query, and none if it takes too long."""
    totals = next(iter(select(_TOTALS)), (None, None))
    return GraphCounts(
        {graph: _number(n) for graph, n in _sorted(select(_GRAPHS)) if graph},
        _number(totals[0]),
        _number(totals[1]),
        {kind: _number(n) for kind, n in _sorted(select(_CLASSES)) if kind},
        {
            Partition(kind, name, target or "", literal == _TRUE): _number(n)
            for kind, name, target, literal, n in _sorted(select(_PARTITIONS))
            if kind and name
        },
        {name: _number(n) for name, n in _sorted(select(_PROPERTIES)) if name},
    )


def count_quads(quads: Iterable[Quad]) -> GraphCounts:
    """Count what statements contain, of which no triple stands in two graphs."""
    question = Question("".join(f"{' '.join(quad)} .\n" for quad in quads), "", {}, "urn:kb:")
    store = oxigraph.load(question)
    return count_dataset(lambda text: oxigraph.ask(store, replace(question, text=text)).rows)


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [term or "" for term in row])


def _number(term: str | None) -> int:
    return int(literal_value(term).value) if term else 0
