"""Changes of the statements of a store, which are few: only what differs is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import pyoxigraph as ox

from kb.rdf.iris import KB, RDF

_SUBJECT, _PREDICATE, _OBJECT = (ox.NamedNode(RDF + name) for name in ("subject", "predicate", "object"))
_STATED = f"""ASK {{
  ?fact <{RDF}subject> ?s ; <{RDF}predicate> ?p ; <{RDF}object> ?o ; <{KB}modality> ?modality .
  ?p <{KB}plainModality> ?modality
  FILTER NOT EXISTS {{ ?fact ?restricting ?value VALUES ?restricting {{ RESTRICTING }} }}
}}"""


class StoreChanges:
    """Adds and removes statements of a store, and counts them.

    Args:
        store: The store.
        claims: The IRI of the graph of plain triples.
        restricting: The names of the qualifiers that restrict a fact, which then has no plain triple.
    """

    def __init__(self, store: ox.Store, claims: str, restricting: Collection[str]) -> None:
        self._store, self._claims = store, ox.NamedNode(claims)
        self._stated = _STATED.replace("RESTRICTING", " ".join(f"<{KB}{name}>" for name in restricting))
        self.gained = 0

    def replace_documents(self, lines: Iterable[str], graphs: Iterable[str], gone: Iterable[str]) -> None:
        """Replace the graphs of documents, and what they alone claim.

        Args:
            lines: The statements of the documents and their plain triples, as N-Quads.
            graphs: The IRIs of their graphs.
            gone: The IRIs of the graphs that are removed.
        """
        new = ox.Store()  # it spells literals as every store does
        new.load("".join(lines).encode("utf-8"), format=ox.RdfFormat.N_QUADS, lenient=True)
        formerly: set[ox.Triple] = set()
        for graph in map(ox.NamedNode, graphs):
            formerly.update(self._replace_graph(graph, set(new.quads_for_pattern(None, None, None, graph))))
        for graph in map(ox.NamedNode, gone):
            formerly.update(self._replace_graph(graph, set()))
            self._store.remove_graph(graph)
        claimed = {quad.triple for quad in new.quads_for_pattern(None, None, None, self._claims)}
        self._add(self._claim(triple) for triple in claimed)
        self._remove(quad for quad in self._find_claims(formerly) if not self._is_stated(quad))

    def exchange(self, removed: Iterable[str], added: Iterable[str]) -> None:
        """Remove and add statements: lines of N-Quads without their ends."""
        self._remove(_parse(removed))
        self._add(_parse(added))

    def replace_graph(self, graph: str, lines: Iterable[str]) -> None:
        """Replace a graph by other statements; see :meth:`exchange`."""
        self._replace_graph(ox.NamedNode(graph), set(_parse(lines)))

    def is_used(self, node: str, *, except_in: Collection[str]) -> bool:
        """Return whether a statement in another graph has an IRI as predicate or object."""
        iri, excepted = ox.NamedNode(node), set(map(ox.NamedNode, except_in))
        patterns = (None, iri, None), (None, None, iri)
        quads = (quad for pattern in patterns for quad in self._store.quads_for_pattern(*pattern))
        return any(quad.graph_name not in excepted for quad in quads)

    def is_value(self, node: str, properties: Iterable[str]) -> bool:
        """Return whether a statement has one of some properties, and an IRI as object."""
        patterns = ((None, ox.NamedNode(name), ox.NamedNode(node)) for name in properties)
        return any(True for pattern in patterns for _ in self._store.quads_for_pattern(*pattern))

    def _replace_graph(self, graph: ox.NamedNode, new: set[ox.Quad]) -> Iterator[ox.Triple]:
        """Replace a graph; return the claims of the facts that it had."""
        old = set(self._store.quads_for_pattern(None, None, None, graph))
        self._remove(old - new)
        self._add(new - old)
        parts: dict[object, dict[ox.NamedNode, Any]] = {}
        for quad in old:
            if quad.predicate in {_SUBJECT, _PREDICATE, _OBJECT}:
                parts.setdefault(quad.subject, {})[quad.predicate] = quad.object
        return (ox.Triple(part[_SUBJECT], part[_PREDICATE], part[_OBJECT]) for part in parts.values())

    def _claim(self, triple: ox.Triple) -> ox.Quad:
        return ox.Quad(triple.subject, triple.predicate, triple.object, self._claims)

    def _find_claims(self, triples: Iterable[ox.Triple]) -> Iterator[ox.Quad]:
        """Find those of the plain triples that the store has."""
        quads = (self._claim(triple) for triple in triples)
        return (quad for quad in quads if quad in self._store)

    def _is_stated(self, quad: ox.Quad) -> bool:
        """Return whether a fact still has a plain triple."""
        values = {ox.Variable("s"): quad.subject, ox.Variable("p"): quad.predicate, ox.Variable("o"): quad.object}
        return bool(self._store.query(self._stated, use_default_graph_as_union=True, substitutions=values))

    def _add(self, quads: Iterable[ox.Quad]) -> None:
        new = [quad for quad in quads if quad not in self._store]
        self._store.extend(new)
        self.gained += len(new)

    def _remove(self, quads: Iterable[ox.Quad]) -> None:
        for quad in quads:
            if quad in self._store:
                self._store.remove(quad)
                self.gained -= 1


def _parse(lines: Iterable[str]) -> Iterator[ox.Quad]:
    return ox.parse("\n".join(lines).encode("utf-8"), format=ox.RdfFormat.N_QUADS, lenient=True)
