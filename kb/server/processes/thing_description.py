"""Describe one thing by a few look-ups in the store, however large the store is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import pyoxigraph as ox

from kb.rdf.iris import DCTERMS, KB, OA, PROV, RDF, RDFS, SKOS, SSSOM
from kb.server.messages import Description, Triple

# Predicates by which other nodes point to a thing, in the order in which pages show them.
_INCOMING = (f"{RDF}subject", f"{RDF}object", f"{RDF}predicate", f"{PROV}wasDerivedFrom", f"{RDF}type")
# Predicates whose objects belong to the description of their subject.
_NESTED = {f"{KB}evidence", f"{OA}hasSelector"}
_TYPE = ox.NamedNode(f"{RDF}type")
_STATEMENTS = {ox.NamedNode(f"{KB}Fact"), ox.NamedNode(f"{SSSOM}Mapping")}
_LABELS = (f"{SKOS}prefLabel", f"{RDFS}label", f"{DCTERMS}title", f"{DCTERMS}identifier")
_MAX_OWN_TRIPLES = 5_000


def describe_thing(store: ox.Store, iri: str, page_size: int, page: int = 0) -> Description:
    """Return what a store states about a thing; a page holds ``page_size`` of the nodes that point to it, the first is page 0."""
    node = ox.NamedNode(iri)
    own = list(_describe_node(store, node))
    start = page * page_size
    # One more than the page holds: whether there are more is known then, and how many would take time to count.
    subjects = list(islice(_unique(_find_incoming(store, node)), start, start + page_size + 1))
    others = [(subject, _describe_other(store, ox.NamedNode(subject), node)) for subject in subjects[:page_size]]
    cut = len(subjects) > page_size or len(own) >= _MAX_OWN_TRIPLES
    labels = _labels(store, [*own, *(triple for _, triples in others for triple in triples)])
    return Description(own, others, labels, cut)


def _describe_node(store: ox.Store, node: ox.NamedNode) -> Iterator[Triple]:
    """Yield the triples of a node and of the nodes that belong to it."""
    for quad in islice(store.quads_for_pattern(node, None, None), _MAX_OWN_TRIPLES):
        predicate, obj = quad.predicate, quad.object
        yield str(node), str(predicate), str(obj)
        if predicate.value in _NESTED and isinstance(obj, ox.NamedNode):
            yield from _describe_node(store, obj)


def _describe_other(store: ox.Store, other: ox.NamedNode, node: ox.NamedNode) -> list[Triple]:
    """Return all about a statement on a thing; of any other node, only how it points to the thing."""
    types = {quad.object for quad in store.quads_for_pattern(other, _TYPE, None)}
    if types & _STATEMENTS:
        return list(_describe_node(store, other))
    return [(str(other), str(quad.predicate), str(node)) for quad in store.quads_for_pattern(other, None, node)]


def _find_incoming(store: ox.Store, node: ox.NamedNode) -> Iterator[str]:
    """Yield the IRIs of the nodes that point to a node."""
    for predicate in (*map(ox.NamedNode, _INCOMING), None):
        for quad in store.quads_for_pattern(None, predicate, node):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject != node:
                yield quad.subject.value


def _labels(store: ox.Store, triples: Iterable[Triple]) -> dict[str, str]:
    labels = {}
    for term in {term for triple in triples for term in triple if term.startswith("<") and not term.startswith("<<")}:
        node = ox.NamedNode(term[1:-1])
        for predicate in _LABELS:
            quad = next(store.quads_for_pattern(node, ox.NamedNode(predicate), None), None)
            if quad is not None and isinstance(quad.object, ox.Literal):
                labels[node.value] = quad.object.value
                break
    return labels


def _unique(values: Iterable[Any]) -> Iterator[Any]:
    """Yield each value once: a node may point to a thing by several predicates."""
    seen = set()
    for value in values:
        if value not in seen:
            seen.add(value)
            yield value
