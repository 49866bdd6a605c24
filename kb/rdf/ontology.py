"""The words of the vocabulary with labels and definitions, read from the schemas.

All entries make up ``schemas/ontology.ttl``. An export contains the entries that it uses, so that a query can show labels
instead of IRIs. They stand in the graph of the ontology, which is the same for all knowledge bases, so that several of them can
share a store without repeating its words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from kb.rdf.iris import KB, ONTOLOGY, RDF, RDFS, SKOS
from kb.rdf.quads import Quad, iri, literal
from kb.schema import vocabulary

#: The status of a sentence. It is computed, and so in no schema.
STATUS = {
    "covered": "At least one fact rests on the sentence.",
    "exempted": "The sentence needs no fact, for a reason that is given.",
    "undecided": "Neither a fact rests on the sentence, nor is it exempted.",
    "heading": "A heading: it needs no decision.",
}

#: The parts of a fact that are no qualifiers, which evidence supports and verification compares.
PARTS = {
    "claim": "The claim of a fact: subject, predicate and object together.",
    "subject": "The subject of a fact: what it is about.",
    "predicate": "The relation of a fact, by words of its sentence.",
    "object": "The object of a fact.",
    "negation": "Whether a sentence denies the claim.",
    "hedges": "How firmly a sentence makes the claim.",
}

#: The class of the qualifiers that restrict a claim, by which queries find them, be they of the schema or added later.
RESTRICTING = iri(f"{KB}RestrictingQualifier")


@dataclass(frozen=True, slots=True)
class OntologyEntry:
    """A word of the vocabulary: IRI, class, label, definition, list, links to other vocabularies, whether it restricts facts."""

    iri: str
    type: str
    label: str
    definition: str
    scheme: str = ""
    links: Mapping[str, list[str]] = field(default_factory=dict)
    restricts: bool = False


def list_entries() -> Iterator[OntologyEntry]:
    """List every word: kinds as classes, values of lists as concepts, qualifiers as properties."""
    for kind in vocabulary.values("kind").values():
        yield OntologyEntry(KB + vocabulary.class_name(kind.name), f"{RDFS}Class", kind.label, kind.definition, links=kind.links)
    for name in vocabulary.controlled_lists():
        for value in vocabulary.values(name).values():
            yield OntologyEntry(
                KB + value.name, f"{SKOS}Concept", value.label, value.definition, f"{KB}{name}-values", value.links
            )
    for name, definition in STATUS.items():
        yield OntologyEntry(KB + name, f"{SKOS}Concept", name, definition, f"{KB}status-values")
    for name, definition in PARTS.items():
        yield OntologyEntry(KB + name, f"{SKOS}Concept", name, definition, f"{KB}part-values")
    for qualifier in vocabulary.qualifiers().values():
        restricts = qualifier.restricts
        yield OntologyEntry(KB + qualifier.name, f"{RDF}Property", qualifier.name, qualifier.definition, restricts=restricts)


def compile_used(used: Collection[str]) -> Iterator[Quad]:
    """Compile type, label and definition of the words in ``used``, which holds terms."""
    graph = iri(ONTOLOGY)
    for entry in list_entries():
        node = iri(entry.iri)
        if node in used:
            key = "prefLabel" if entry.scheme else "label"
            yield Quad(node, iri(f"{RDF}type"), iri(entry.type), graph)
            if entry.restricts:
                yield Quad(node, iri(f"{RDF}type"), RESTRICTING, graph)
            yield Quad(node, iri((SKOS if entry.scheme else RDFS) + key), literal(entry.label, language="en"), graph)
            yield Quad(node, iri(f"{SKOS}definition"), literal(entry.definition, language="en"), graph)
