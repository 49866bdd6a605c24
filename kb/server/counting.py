"""What a dataset holds, counted by asking it: also where it is too large for anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kb.answers import Row
from kb.description import Counts, Partition
from kb.iris import XSD
from kb.quads import literal_value

_TRUE = f'"true"^^<{XSD}boolean>'
_GRAPHS = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
_WHOLE = "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) { ?s ?p ?o }"
_CLASSES = "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c"
_PROPERTIES = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
_PARTITIONS = """SELECT ?c ?p ?t ?literal (COUNT(*) AS ?n) {
  ?s a ?c ; ?p ?o . OPTIONAL { ?o a ?k } BIND(isLiteral(?o) AS ?literal) BIND(IF(?literal, DATATYPE(?o), ?k) AS ?t)
} GROUP BY ?c ?p ?t ?literal"""


def measure(ask: Callable[[str], Iterable[Row]]) -> Counts:
    """Count what a dataset holds.

    Args:
        ask: Gives the rows of a query; none where that takes too long.
    """
    whole = next(iter(ask(_WHOLE)), (None, None))
    return Counts(
        {graph: _number(n) for graph, n in _sorted(ask(_GRAPHS)) if graph},
        _number(whole[0]),
        _number(whole[1]),
        {kind: _number(n) for kind, n in _sorted(ask(_CLASSES)) if kind},
        {
            Partition(kind, name, target or "", literal == _TRUE): _number(n)
            for kind, name, target, literal, n in _sorted(ask(_PARTITIONS))
            if kind and name
        },
        {name: _number(n) for name, n in _sorted(ask(_PROPERTIES)) if name},
    )


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [term or "" for term in row])


def _number(term: str | None) -> int:
    return int(literal_value(term).value) if term else 0
