"""Count what a dataset contains by queries, which works for a dataset of any size.

A store never changes, so its counts are cached in ``~/.cache/linked-kb/counts`` (or ``XDG_CACHE_HOME``) under the digest of its
manifest, which contains the digests of all its files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from kb import resources
from kb.files import cache_folder
from kb.files.text_file import read_bytes
from kb.problems import KbError
from kb.queries.description import GraphCounts, Partition
from kb.rdf.iris import XSD
from kb.rdf.quads import literal_value
from kb.sparql.values import DiskStore, Row

_MAX_CACHED = 32  # stores
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


def load_counts(stored: DiskStore) -> GraphCounts | None:
    """Return the cached counts of a store, if there are any."""
    with suppress(OSError, ValueError, TypeError, KeyError, KbError):
        counts = json.loads(cache_folder.read(_cache_path(stored)))
        partitions = {Partition(*partition): number for partition, number in counts["partitions"]}
        return GraphCounts(**{**counts, "partitions": partitions})
    return None


def save_counts(stored: DiskStore, counts: GraphCounts) -> None:
    """Cache the counts of a store, if the cache can be written."""
    plain = {**counts._asdict(), "partitions": list(counts.partitions.items())}
    with suppress(OSError, KbError):
        path = _cache_path(stored)
        cache_folder.write(path, [json.dumps(plain).encode()])
        cache_folder.prune(path.parent, files=_MAX_CACHED)


def _cache_path(stored: DiskStore) -> Path:
    path = Path(stored.data).parent / "manifest.json"
    manifest = read_bytes(path, str(path))
    return resources.cache_folder("counts") / f"{sha256(manifest).hexdigest()[:32]}.json"


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [term or "" for term in row])


def _number(term: str | None) -> int:
    return int(literal_value(term).value) if term else 0
