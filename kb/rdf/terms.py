"""Compile terms, predicates and mappings, in the graphs ``vocabulary`` and ``mappings``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from kb.metadata import Dataset
from kb.model import OutsideMatch, Predicate, Term
from kb.rdf.iris import DCTERMS, KB, OWL, RDF, RDFS, SKOS, SSSOM, XSD, Names, kind_iri, word_iri
from kb.rdf.quads import Quad, iri, iri_value, literal
from kb.rdf.quantities import Quantity, list_compared

_TYPE, _LABEL, _DEFINITION = iri(f"{RDF}type"), iri(f"{RDFS}label"), iri(f"{SKOS}definition")
_NOTE, _PREFERRED, _OTHER = iri(f"{SKOS}editorialNote"), iri(f"{SKOS}prefLabel"), iri(f"{SKOS}altLabel")
# What is left out of a mapping of our own, since it is said of the whole.
_OF_SET = {"license", "mapping_set_id", "mapping_set_version", "mapping_set_title", "mapping_set_source"}

#: The slots of a mapping that name people and tools, several of them separated by bars.
AGENT_SLOTS = ("author_id", "creator_id", "reviewer_id")
_PLAIN_IRI = re.compile(r"https?://[A-Za-z0-9.-]+/[A-Za-z0-9._~/#?=&@:-]+")


def kind_class(kind: str) -> str:
    """Return the class of a kind of term, or ``rdfs:Literal`` for literals, as a term."""
    return iri(f"{RDFS}Literal") if kind == "literal" else iri(kind_iri(kind))


def compile_term(term: Term, names: Names, language: str) -> Iterator[Quad]:
    """Compile a term: a SKOS concept and an instance of its kind."""
    graph, node = iri(names.graph("vocabulary")), iri(names.term(term.id))
    yield Quad(node, _TYPE, iri(f"{SKOS}Concept"), graph)
    yield Quad(node, _TYPE, iri(f"{KB}Term"), graph)
    yield Quad(node, _TYPE, kind_class(term.kind), graph)
    yield Quad(node, _PREFERRED, literal(term.label, language=language), graph)
    yield Quad(node, _DEFINITION, literal(term.definition, language=language), graph)
    for alias in term.aliases:
        yield Quad(node, _OTHER, literal(alias, language=language), graph)
    keys = {"label": _PREFERRED, "aliases": _OTHER, "definition": _DEFINITION}
    yield from (Quad(node, keys[key], literal(words, language=tag), graph) for key, tag, words in term.translations)
    if term.value:
        yield Quad(node, iri(f"{KB}value"), literal(term.value, f"{XSD}decimal"), graph)
        yield Quad(node, iri(f"{KB}unit"), literal(term.unit), graph)
        for key, value in list_compared(Quantity(term.value, unit=term.unit)):
            yield Quad(node, iri(KB + key), value, graph)
    if term.deprecated:
        yield Quad(node, iri(f"{OWL}deprecated"), literal("true", f"{XSD}boolean"), graph)
    if term.replaced_by:
        yield Quad(node, iri(f"{DCTERMS}isReplacedBy"), iri(names.term(term.replaced_by)), graph)
    if term.note:
        yield Quad(node, _NOTE, literal(term.note, language=language), graph)
    yield from _compile_origin(node, term, graph)


def compile_predicate(predicate: Predicate, names: Names, language: str) -> Iterator[Quad]:
    """Compile a predicate: a property, with the kinds of its subjects and objects."""
    graph, node = iri(names.graph("vocabulary")), iri(names.predicate(predicate.id))
    yield Quad(node, _TYPE, iri(f"{RDF}Property"), graph)
    yield Quad(node, _TYPE, iri(f"{KB}Predicate"), graph)
    yield Quad(node, _LABEL, literal(predicate.label, language=language), graph)
    yield Quad(node, _DEFINITION, literal(predicate.definition, language=language), graph)
    keys = {"label": _LABEL, "definition": _DEFINITION}
    yield from (Quad(node, keys[key], literal(words, language=tag), graph) for key, tag, words in predicate.translations)
    values_by_key = {
        "subjectKind": map(kind_class, predicate.subject),
        "objectKind": map(kind_class, predicate.object),
        "qualifier": (iri(word_iri(name)) for name in predicate.qualifiers),
        "requiredQualifier": (iri(word_iri(name)) for name in predicate.requires),
        "plainModality": (iri(KB + name) for name in predicate.plain),
    }
    for key, values in values_by_key.items():
        for value in values:
            yield Quad(node, iri(KB + key), value, graph)
    if predicate.symmetric:
        yield Quad(node, iri(f"{KB}symmetric"), literal("true", f"{XSD}boolean"), graph)
    if predicate.note:
        yield Quad(node, _NOTE, literal(predicate.note, language=language), graph)
    yield from _compile_origin(node, predicate, graph)


def _compile_origin(node: str, thing: Term | Predicate, graph: str) -> Iterator[Quad]:
    """Compile where an imported term or predicate comes from: the same thing there, and the knowledge base that defines it."""
    if thing.origin:
        base = thing.origin.removesuffix(f"{'term' if isinstance(thing, Term) else 'predicate'}/{thing.id}")
        yield Quad(node, iri(f"{SKOS}exactMatch"), iri(thing.origin), graph)
        yield Quad(node, iri(f"{RDFS}isDefinedBy"), iri(base), graph)


def compile_mapping(mapping: OutsideMatch, names: Names, about: Dataset) -> Iterator[Quad]:
    """Compile a mapping: the SKOS triple, and a node with its provenance (SSSOM), with the licence of another's set."""
    graph = iri(names.graph("mappings"))
    subject = iri(names.expand(mapping.subject) or "")
    path = iri_value(subject).removeprefix(names.base)
    match, target = iri(names.expand(mapping.match) or ""), iri(names.expand(mapping.object) or "")
    relation = mapping.match.partition(":")[2]
    prefix, _, local = mapping.object.partition(":")
    node = iri(f"{names.base}mapping/{path}/{relation}/{prefix}/{quote(local, safe='._~-')}")
    yield Quad(subject, match, target, graph)
    about_node = {
        _TYPE: iri(f"{SSSOM}Mapping"),
        iri(f"{OWL}annotatedSource"): subject,
        iri(f"{OWL}annotatedProperty"): match,
        iri(f"{OWL}annotatedTarget"): target,
        iri(f"{KB}curie"): literal(mapping.object),
        iri(f"{SSSOM}mapping_justification"): iri(names.expand(mapping.justification) or ""),
        iri(f"{SSSOM}object_source_version"): mapping.source_version and literal(mapping.source_version),
        iri(f"{SSSOM}mapping_date"): mapping.date and literal(mapping.date, f"{XSD}date"),
        iri(f"{SSSOM}object_label"): mapping.label and literal(mapping.label),
        iri(f"{RDFS}comment"): mapping.comment and literal(mapping.comment),
    }
    yield from (Quad(node, key, value, graph) for key, value in about_node.items() if value)
    is_own = not mapping.foreign_set(about)
    for slot, cell in mapping.slots.items():
        if slot == "license" and not is_own:
            yield Quad(node, iri(f"{DCTERMS}license"), iri(cell), graph)
        elif not (is_own and slot in _OF_SET):
            values = [_name_agent(part, mapping, names) for part in cell.split("|")] if slot in AGENT_SLOTS else [literal(cell)]
            yield from (Quad(node, iri(f"{SSSOM}{slot}"), value, graph) for value in dict.fromkeys(values))


def _name_agent(text: str, mapping: OutsideMatch, names: Names) -> str:
    """Return the IRI of an agent of a mapping, or its text where that is no CURIE and no IRI."""
    prefix, _, local = text.strip().partition(":")
    start = {**mapping.prefixes, **names.prefixes}.get(prefix, f"{prefix}:")
    return iri(start + local) if _PLAIN_IRI.fullmatch(start + local) else literal(text.strip())
