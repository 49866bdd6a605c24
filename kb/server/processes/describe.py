"""All that a dataset says about one thing, found by a few look-ups in the store, however large that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import pyoxigraph as ox

from kb.rdf.iris import DCTERMS, KB, OA, PROV, RDF, RDFS, SKOS, SSSOM

Triple = tuple[str, str, str]

# What leads from others to a thing, those first that matter most to people.
_TOWARDS = (f"{RDF}subject", f"{RDF}object", f"{RDF}predicate", f"{PROV}wasDerivedFrom", f"{RDF}type")
# What a node needs with it to be understood.
_ONWARD = {f"{KB}evidence", f"{OA}hasSelector"}
_TYPE = ox.NamedNode(f"{RDF}type")
_STATEMENTS = {ox.NamedNode(f"{KB}Fact"), ox.NamedNode(f"{SSSOM}Mapping")}
_LABELS = (f"{SKOS}prefLabel", f"{RDFS}label", f"{DCTERMS}title", f"{DCTERMS}identifier")
_MOST_OWN = 5_000


class Found(NamedTuple):
    """What was found.

    Args:
        own: The triples of the thing itself, and of what belongs to it.
        others: Nodes that point to it, each with its triples and those of what belongs to it.
        labels: Labels of the things named, by IRI.
        cut: Whether there is more of it after this page.
    """

    own: list[Triple]
    others: list[tuple[str, list[Triple]]]
    labels: dict[str, str]
    cut: bool

    @property
    def triples(self) -> list[Triple]:
        """All triples, each once."""
        return list(dict.fromkeys([*self.own, *(triple for _, triples in self.others for triple in triples)]))


def find(store: ox.Store, iri: str, most: int, page: int = 0) -> Found:
    """Find all about a thing.

    Args:
        store: The store.
        iri: The IRI of the thing.
        most: How many nodes that point to it to give on a page.
        page: Which page, from 0.
    """
    node = ox.NamedNode(iri)
    own = list(_about(store, node))
    seen: dict[str, None] = {}
    for subject in _pointing(store, node):
        seen.setdefault(subject)
        if len(seen) > (page + 1) * most:  # there is more: how much, would take time to count
            break
    others = [(subject, _of_other(store, ox.NamedNode(subject), node)) for subject in list(seen)[page * most :][:most]]
    found = Found(own, others, {}, len(seen) > (page + 1) * most or len(own) >= _MOST_OWN)
    return found._replace(labels=_labels(store, found.triples))


def _about(store: ox.Store, node: ox.NamedNode) -> Iterator[Triple]:
    """Give the triples of a node, and of what belongs to it."""
    for count, (predicate, obj) in enumerate(_once((q.predicate, q.object) for q in store.quads_for_pattern(node, None, None))):
        if count >= _MOST_OWN:
            return
        yield str(node), str(predicate), str(obj)
        if predicate.value in _ONWARD and isinstance(obj, ox.NamedNode):
            yield from _about(store, obj)


def _of_other(store: ox.Store, other: ox.NamedNode, node: ox.NamedNode) -> list[Triple]:
    """Give all about a statement on a thing; of any other node only how it points to the thing."""
    types = {quad.object for quad in store.quads_for_pattern(other, _TYPE, None)}
    if types & _STATEMENTS:
        return list(_about(store, other))
    found = _once(quad.predicate for quad in store.quads_for_pattern(other, None, node))
    return [(str(other), str(predicate), str(node)) for predicate in found]


def _pointing(store: ox.Store, node: ox.NamedNode) -> Iterator[str]:
    """Give the IRIs of what points to a node."""
    for predicate in (*(ox.NamedNode(each) for each in _TOWARDS), None):
        for quad in store.quads_for_pattern(None, predicate, node):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject != node:
                yield quad.subject.value


def _labels(store: ox.Store, triples: Iterable[Triple]) -> dict[str, str]:
    found = {}
    for term in {term for triple in triples for term in triple if term.startswith("<") and not term.startswith("<<")}:
        node = ox.NamedNode(term[1:-1])
        for predicate in _LABELS:
            quad = next(store.quads_for_pattern(node, ox.NamedNode(predicate), None), None)
            if quad is not None and isinstance(quad.object, ox.Literal):
                found[node.value] = quad.object.value
                break
    return found


def _once(found: Iterable[Any]) -> Iterator[Any]:
    """Give each once: a store holds a triple in its graph and in the default graph."""
    return iter(dict.fromkeys(found))
