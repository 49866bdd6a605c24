"""The words of the vocabulary with labels and definitions, read from the schemas.

All entries make up ``schemas/ontology.ttl``. An export contains the entries that it uses, so that a query can show labels
instead of IRIs. They stand in the graph of the ontology, which is the same for all knowledge bases, so that several of them can
share a store without repeating its words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from kb.rdf.iris import DCTERMS, KB, ONTOLOGY, RDF, RDFS, SH, SKOS, XSD, Names, kind_iri, word_iri
from kb.rdf.quads import Quad, iri, literal
from kb.schema import composition, vocabulary
from kb.schema.units import find_unit

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

#: The property that leads to the classes of what a property takes.
RANGE = "https://schema.org/rangeIncludes"

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
    superclass: str = ""


def list_iri(name: str) -> str:
    """Make the IRI of a controlled list."""
    return f"{word_iri(name)}-values"


def list_entries() -> Iterator[OntologyEntry]:
    """List every word: kinds as classes, values of lists as concepts, qualifiers as properties."""
    for kind in vocabulary.values("kind").values():
        yield OntologyEntry(
            kind_iri(kind.name), f"{RDFS}Class", kind.label, kind.definition, links=kind.links, superclass=kind.superclass
        )
    for name in vocabulary.controlled_lists():
        for value in vocabulary.values(name).values():
            yield OntologyEntry(
                word_iri(value.name), f"{SKOS}Concept", value.label, value.definition, list_iri(name), value.links
            )
    for name, definition in STATUS.items():
        yield OntologyEntry(KB + name, f"{SKOS}Concept", name, definition, f"{KB}status-values")
    for name, definition in PARTS.items():
        yield OntologyEntry(KB + name, f"{SKOS}Concept", name, definition, f"{KB}part-values")
    for qualifier in vocabulary.qualifiers().values():
        restricts = qualifier.restricts
        node = word_iri(qualifier.name)
        yield OntologyEntry(node, f"{RDF}Property", qualifier.label, qualifier.definition, restricts=restricts)


def compile_used(used: Collection[str]) -> Iterator[Quad]:
    """Compile type, label and definition of the words of the ontology in ``used``, which holds terms."""
    for entry in list_entries():
        if iri(entry.iri) in used and entry.iri.startswith(KB):
            yield from _describe(entry, iri(ONTOLOGY), "en")


def compile_own(names: Names) -> Iterator[Quad]:
    """Compile the words that the knowledge base declares itself, with their classes, lists and links to other vocabularies.

    All that ``kb.yaml`` says of them is there, except for cues and examples; :mod:`kb.importers.rdf_vocabulary` reads it.
    """
    graph, own, language = iri(names.graph("vocabulary")), vocabulary.own_iris(), vocabulary.own_language()
    for name in own.keys() & set(vocabulary.controlled_lists()):
        label, scheme = vocabulary.qualifiers()[name].label, iri(list_iri(name))
        yield Quad(scheme, iri(f"{RDF}type"), iri(f"{SKOS}ConceptScheme"), graph)
        yield Quad(scheme, iri(f"{SKOS}prefLabel"), literal(label, language=language), graph)
        yield Quad(iri(word_iri(name)), iri(f"{RDFS}seeAlso"), scheme, graph)
    for entry in list_entries():
        if entry.iri not in own.values():
            continue
        node = iri(entry.iri)
        yield from _describe(entry, graph, language)
        if entry.scheme:
            yield Quad(node, iri(f"{SKOS}inScheme"), iri(entry.scheme), graph)
        elif entry.type == f"{RDFS}Class":
            superclass = kind_iri(entry.superclass) if entry.superclass else f"{KB}Term"
            yield Quad(node, iri(f"{RDFS}subClassOf"), iri(superclass), graph)
        for relation, targets in entry.links.items():
            yield from (Quad(node, iri(SKOS + relation), iri(names.expand(target) or target), graph) for target in targets)
    yield from _describe_declared(graph)


def _describe_declared(graph: str) -> Iterator[Quad]:
    """Compile the order of own words, the names of own kinds, and what own qualifiers take."""
    own = vocabulary.own_words()
    kinds = {composition.class_name(name): name for name in own.kinds}
    for names in (kinds, own.qualifiers, *(entry.get("values", ()) for entry in own.qualifiers.values())):
        for number, name in enumerate(names):
            yield Quad(iri(word_iri(name)), iri(f"{SH}order"), literal(str(number), f"{XSD}integer"), graph)
    for class_name, name in kinds.items():
        yield Quad(iri(word_iri(class_name)), iri(f"{DCTERMS}identifier"), literal(name), graph)
    for name, entry in own.qualifiers.items():
        node = iri(word_iri(name))
        taken = [f"{KB}Term" if kind == composition.ANY else kind_iri(kind) for kind in entry.get("kinds", ())]
        taken += [f"{SKOS}Concept"] * ("values" in entry) + [f"{KB}Quantity"] * ("units" in entry)
        yield from (Quad(node, iri(RANGE), iri(each), graph) for each in taken)
        units = dict.fromkeys(find_unit(unit).base for unit in entry.get("units", ()))
        yield from (Quad(node, iri(f"{KB}baseUnit"), literal(unit), graph) for unit in units)


def _describe(entry: OntologyEntry, graph: str, language: str) -> Iterator[Quad]:
    node, key = iri(entry.iri), f"{SKOS}prefLabel" if entry.scheme else f"{RDFS}label"
    yield Quad(node, iri(f"{RDF}type"), iri(entry.type), graph)
    if entry.restricts:
        yield Quad(node, iri(f"{RDF}type"), RESTRICTING, graph)
    yield Quad(node, iri(key), literal(entry.label, language=language), graph)
    yield Quad(node, iri(f"{SKOS}definition"), literal(entry.definition, language=language), graph)
