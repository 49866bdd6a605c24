"""Read the words that a knowledge base declares itself back from its RDF, as ``vocabulary`` in ``kb.yaml`` has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kb.importers.rdf_records import RdfRecords, Value
from kb.rdf import facts
from kb.rdf.iris import DCTERMS, KB, RDF, RDFS, SH, SKOS
from kb.rdf.ontology import RANGE, RESTRICTING
from kb.rdf.quads import iri, iri_value, literal_value
from kb.schema import composition
from kb.schema.composition import ANY, IDENTITY, PACKAGES, class_name, label_of

_CLASS, _PROPERTY = iri(f"{RDFS}Class"), iri(f"{RDF}Property")
_SUPERCLASS, _SCHEME = iri(f"{RDFS}subClassOf"), iri(f"{SKOS}inScheme")
_MATCHES = {
    relation: iri(SKOS + relation) for relation in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
}


def read_declared(graph: RdfRecords) -> Value:
    """Read what a knowledge base declares as its vocabulary; nothing if it declares none.

    Cues and examples are not in RDF; units are those in which quantities are compared.
    """
    packages = _texts(graph, iri(graph.base), f"{KB}package")
    return {"packages": packages, **_Declared(graph).read()} if packages else {}


def _texts(graph: RdfRecords, node: str, name: str) -> list[str]:
    return [literal_value(term).value for term in graph.find_values(node, iri(name)) if term.startswith('"')]


class _Declared:
    """The own words in the statements of a knowledge base."""

    def __init__(self, graph: RdfRecords) -> None:
        self._graph, self._start = graph, f"<{graph.base}vocabulary/"
        nodes = sorted((node for node in graph.nodes if node.startswith(self._start)), key=self._find_place)
        self._typed = {
            kind: [node for node in nodes if kind in graph.find_values(node, facts.TYPE)] for kind in (_CLASS, _PROPERTY)
        }
        self._values = [node for node in nodes if graph.find_values(node, _SCHEME)]
        self._kinds = {iri(KB + class_name(kind)): kind for kind in composition.merge_words(PACKAGES).kinds}
        self._kinds |= {node: "".join(_texts(graph, node, f"{DCTERMS}identifier")[:1]) for node in self._typed[_CLASS]}

    def _find_place(self, node: str) -> tuple[int, str]:
        """Return the place of a word in its list."""
        return len(order := "".join(_texts(self._graph, node, f"{SH}order"))), order

    def read(self) -> Value:
        """Read the kinds and qualifiers."""
        kinds = {self._kinds[node]: self._read_kind(node) for node in self._typed[_CLASS]}
        qualifiers = {self._name(node): self._read_qualifier(node) for node in self._typed[_PROPERTY]}
        return {key: own for key, own in (("kinds", kinds), ("qualifiers", qualifiers)) if own}

    def _name(self, node: str) -> str:
        return node[len(self._start) : -1]

    def _name_kinds(self, nodes: Iterable[str]) -> list[str]:
        return [self._kinds[node] for node in nodes if node in self._kinds]

    def _read_word(self, node: str, name: str, label: str) -> Value:
        """Read what all words have: a label, if it is not the name, a definition, and links."""
        labels, definitions = _texts(self._graph, node, label), _texts(self._graph, node, f"{SKOS}definition")
        entry: Value = {"label": labels[0]} if labels and labels[0] != label_of(name, {}) else {}
        entry["definition"] = "".join(definitions[:1])
        links = {
            key: [self._graph.compact(iri_value(one)) for one in self._graph.find_values(node, match)]
            for key, match in _MATCHES.items()
        }
        links = {key: own for key, own in links.items() if own}
        return entry | ({"links": links} if links else {})

    def _read_kind(self, node: str) -> Value:
        entry = self._read_word(node, self._kinds[node], f"{RDFS}label")
        above = self._name_kinds(self._graph.find_values(node, _SUPERCLASS))
        return entry | ({"superclass": above[0]} if above else {})

    def _read_qualifier(self, node: str) -> Value:
        entry, taken = self._read_word(node, self._name(node), f"{RDFS}label"), self._graph.find_values(node, iri(RANGE))
        if RESTRICTING in self._graph.find_values(node, facts.TYPE):
            entry |= {"definition": entry["definition"].removesuffix(IDENTITY), "restricts": True}
        kinds = [ANY] * (iri(f"{KB}Term") in taken) + self._name_kinds(taken)
        values = {
            self._name(one): self._read_word(one, self._name(one), f"{SKOS}prefLabel")
            for one in self._values
            if iri(f"{iri_value(node)}-values") in self._graph.find_values(one, _SCHEME)
        }
        own: dict[str, Any] = {"kinds": kinds, "values": values}
        entry |= {key: value for key, value in own.items() if value}
        return entry | ({"units": _texts(self._graph, node, f"{KB}baseUnit")} if iri(f"{KB}Quantity") in taken else {})
