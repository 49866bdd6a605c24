"""Describe one thing by a few look-ups in the store, however large the store is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice

import pyoxigraph as ox

from kb.pages.chains import find_chains
from kb.pages.links import fact_of
from kb.pages.page_graph import Description, Triple
from kb.pages.pictures import MAX_EDGES
from kb.rdf.facts import NODES
from kb.rdf.iris import DCTERMS, KB, OA, OWL, PROV, RDF, RDFS, SKOS, SSSOM
from kb.rdf.quads import literal_value

# Predicates by which other nodes point to a thing, in the order in which pages show them.
_INCOMING = (f"{RDF}subject", f"{RDF}object", f"{RDF}predicate", f"{PROV}wasDerivedFrom", f"{RDF}type")
# Predicates whose objects belong to the description of their subject.
_NESTED = {f"{KB}evidence", f"{OA}hasSelector"}
_VERIFIES = ox.NamedNode(f"{KB}verifies")
_MAPS = ox.NamedNode(f"{OWL}annotatedSource")
_TYPE = ox.NamedNode(f"{RDF}type")
_STATEMENTS = {ox.NamedNode(f"{KB}Fact"), ox.NamedNode(f"{SSSOM}Mapping")}
_LABELS = (f"{SKOS}prefLabel", f"{RDFS}label", f"{DCTERMS}title", f"{DCTERMS}identifier")
_MAX_OWN_TRIPLES = 5_000
_MAX_CHAINED = 500  # facts of a term that are looked at for chains


def describe_thing(store: ox.Store, iri: str, page_size: int, page: int = 0, language: str = "") -> Description:
    """Return what a store states about a thing; a page holds ``page_size`` of the nodes that point to it, the first is page 0.

    Texts in ``language`` come before those in others, and labels are in it where they can be.
    """
    node = ox.NamedNode(iri)
    own = list(describe_node(store, node))
    own.sort(key=lambda triple: bool(language) and _is_foreign(triple[2], language))
    start = page * page_size
    unique: dict[str, None] = {}  # a node may point to a thing by several predicates
    for subject in _find_incoming(store, node):
        unique[subject] = None
        if len(unique) > start + page_size:  # there are more than the page holds; how many would take time to count
            break
    subjects = list(unique)[start:]
    others = [(subject, _describe_other(store, ox.NamedNode(subject), node)) for subject in subjects[:page_size]]
    cut = len(subjects) > page_size or len(own) >= _MAX_OWN_TRIPLES
    triples = [*own, *(triple for _, triples in others for triple in triples)]
    context = list(_describe_context(store, triples))
    for quad in islice(store.quads_for_pattern(None, _MAPS, node), page_size):  # their labels, also where facts fill the page
        context += describe_node(store, quad.subject) if isinstance(quad.subject, ox.NamedNode) else ()
    chains = find_chains(iri, partial(_find_facts, store))[:MAX_EDGES] if "/term/" in iri else []
    known = {triple[0] for triple in triples}
    context += [triple for fact in chains if f"<{fact}>" not in known for triple in describe_node(store, ox.NamedNode(fact))]
    return Description(own, others, _labels(store, [*triples, *context], language), cut, context, chains)


def _find_facts(store: ox.Store, part: str, terms: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the facts that have one of some terms as subject or object; see :data:`kb.pages.chains.FindFacts`."""
    ends = [ox.NamedNode(f"{RDF}subject"), ox.NamedNode(f"{RDF}object")]
    for term in terms:
        for quad in islice(store.quads_for_pattern(None, ox.NamedNode(RDF + part), ox.NamedNode(term)), _MAX_CHAINED):
            subject, obj = (next(store.quads_for_pattern(quad.subject, end, None), quad).object for end in ends)
            if isinstance(quad.subject, ox.NamedNode) and isinstance(subject, ox.NamedNode) and isinstance(obj, ox.NamedNode):
                yield quad.subject.value, subject.value, obj.value


def _describe_context(store: ox.Store, triples: Iterable[Triple]) -> Iterator[Triple]:
    """Yield the sentences from which facts are derived, and the results of verification of these facts."""
    cited = {f"<{PROV}wasDerivedFrom>", f"<{OA}hasTarget>"}
    for sentence in dict.fromkeys(obj for _, predicate, obj in triples if predicate in cited):
        yield from describe_node(store, ox.NamedNode(sentence[1:-1]))
    for fact in dict.fromkeys(subject for subject, predicate, obj in triples if obj == f"<{KB}Fact>"):
        for quad in store.quads_for_pattern(None, _VERIFIES, ox.NamedNode(fact[1:-1])):
            yield from describe_node(store, quad.subject) if isinstance(quad.subject, ox.NamedNode) else ()


def describe_node(store: ox.Store, node: ox.NamedNode, predicate: ox.NamedNode | None = None) -> Iterator[Triple]:
    """Yield the triples of a node, or those of one predicate, and of the nodes that belong to it."""
    for quad in islice(store.quads_for_pattern(node, predicate, None), _MAX_OWN_TRIPLES):
        predicate, obj = quad.predicate, quad.object
        yield str(node), str(predicate), str(obj)
        is_value = isinstance(obj, ox.NamedNode) and obj.value.startswith(tuple(node.value + kind for kind in NODES))
        if isinstance(obj, ox.NamedNode) and (predicate.value in _NESTED or is_value):
            yield from describe_node(store, obj)


def _describe_other(store: ox.Store, other: ox.NamedNode, node: ox.NamedNode) -> list[Triple]:
    """Return all about a statement on a thing; of any other node, only how it points to the thing."""
    types = {quad.object for quad in store.quads_for_pattern(other, _TYPE, None)}
    if types & _STATEMENTS:
        return list(describe_node(store, other))
    return [(str(other), str(quad.predicate), str(node)) for quad in store.quads_for_pattern(other, None, node)]


def _find_incoming(store: ox.Store, node: ox.NamedNode) -> Iterator[str]:
    """Yield the IRIs of the nodes that point to a node."""
    for predicate in (*map(ox.NamedNode, _INCOMING), None):
        for quad in store.quads_for_pattern(None, predicate, node):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject != node:
                yield quad.subject.value


def _is_foreign(term: str, language: str) -> bool:
    """Return whether a term is a text in another language."""
    return term.startswith('"') and literal_value(term).language not in {"", language.lower()}


def _labels(store: ox.Store, triples: Iterable[Triple], language: str) -> dict[str, str]:
    """Read the labels of the nodes of triples; of a node that belongs to a fact, that of the fact."""
    labels = {}
    terms = {term for triple in triples for term in triple if term.startswith("<") and not term.startswith("<<")}
    for iri in {name for term in terms for name in (term[1:-1], fact_of(term[1:-1]))}:
        node = ox.NamedNode(iri)
        for predicate in _LABELS:
            texts = [quad.object for quad in store.quads_for_pattern(node, ox.NamedNode(predicate), None)]
            if named := [text for text in texts if isinstance(text, ox.Literal)]:
                labels[node.value] = min(named, key=lambda text: text.language not in {None, language.lower()}).value
                break
        else:
            if section := re.search("/(section)/([0-9]+)$", iri):  # one without a topic
                labels[iri] = " ".join(section.groups())
    return labels
