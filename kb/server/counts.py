"""What a dataset holds, counted by asking it: also where it is too large for anything else.

A store never changes, so what was counted of one is remembered in ``~/.cache/linked-kb/counts`` (or ``XDG_CACHE_HOME``), by the
digest of its manifest, which holds the digests of all its files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from kb import resources
from kb.files import atomic
from kb.problems import KbError
from kb.queries.description import Counts, Partition
from kb.rdf.iris import XSD
from kb.rdf.quads import literal_value
from kb.sparql.values import Row, Stored

_MOST = 32  # stores of which it is remembered
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


def recall(stored: Stored) -> Counts | None:
    """Give what was counted of a store, if that is remembered."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        found = json.loads(_place(stored).read_text(encoding="utf-8"))
        return Counts(**{**found, "partitions": {Partition(*each): number for each, number in found["partitions"]}})
    return None


def remember(stored: Stored, counts: Counts) -> None:
    """Remember what was counted of a store, where there is a place for that."""
    plain = {**counts._asdict(), "partitions": list(counts.partitions.items())}
    with suppress(OSError, KbError):
        place = _place(stored)
        place.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_file(place, [json.dumps(plain)])
        for old in sorted(place.parent.glob("*.json"), key=lambda each: -each.stat().st_mtime_ns)[_MOST:]:
            old.unlink(missing_ok=True)


def _place(stored: Stored) -> Path:
    manifest = (Path(stored.data).parent / "manifest.json").read_bytes()
    return resources.cached("counts") / f"{sha256(manifest).hexdigest()[:32]}.json"


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [term or "" for term in row])


def _number(term: str | None) -> int:
    return int(literal_value(term).value) if term else 0
