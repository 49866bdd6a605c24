"""The ontology: every word of the kb: namespace, read from the schemas and from the two tables here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from kb import resources
from kb.formats import turtle
from kb.rdf.facts import WORDING, WORDING_OF
from kb.rdf.iris import DCAT, DCTERMS, KB, OWL, PROV, QUDT, RDF, RDFS, SKOS, SSSOM, XSD, Names
from kb.rdf.ontology import RESTRICTING, OntologyEntry, list_entries
from kb.rdf.quads import Quad, iri, literal
from kb.rdf.wording import DENIAL
from kb.schema import composition, vocabulary

_KINDS_OF_RECORD = ("kb", "document", "term", "predicate", "fact", "mapping", "query", "verification")
_SCHEMA_ORG, _VANN = "https://schema.org/", "http://purl.org/vocab/vann/"
_NAMES = Names(
    "https://w3id.org/linked-kb/",
    {
        "biolink": "https://w3id.org/biolink/vocab/",
        "HP": "http://purl.obolibrary.org/obo/HP_",
        "RO": "http://purl.obolibrary.org/obo/RO_",
        "schema": _SCHEMA_ORG,
        "SIO": "http://semanticscience.org/resource/SIO_",
        "snomedct": "http://snomed.info/id/",
        "vann": _VANN,
    },
)
_ONTOLOGY = iri(KB.rstrip("#"))
_TYPE = iri(f"{RDF}type")

#: What each class of record is, in the words of others.
_PARENTS = {
    "KnowledgeBase": f"{DCAT}Dataset",
    "Document": f"{PROV}Entity",
    "Sentence": "http://www.w3.org/ns/oa#SpecificResource",
    "Term": f"{SKOS}Concept",
    "Predicate": f"{RDF}Property",
    "Fact": f"{RDF}Statement",
    "Mapping": f"{SSSOM}Mapping",
    "Review": f"{PROV}Activity",
    "Verification": f"{PROV}Activity",
    "Quantity": f"{QUDT}QuantityValue",
}

#: Outside words for classes and properties. Those of kinds and of list list_entries stand in the schemas, as ``x-links``.
_LINKS: dict[str, dict[str, tuple[str, ...]]] = {
    "Document": {"closeMatch": ("SIO:000148",)},
    "Fact": {"closeMatch": ("biolink:Association",)},
    "Sentence": {"closeMatch": ("SIO:000113",)},
    "evidence": {"closeMatch": ("RO:0002558", "SIO:000772")},
    "frequency": {"closeMatch": ("biolink:frequency_qualifier",)},
    "location": {"closeMatch": ("biolink:anatomical_context_qualifier",)},
    "means": {"relatedMatch": ("biolink:causal_mechanism_qualifier",)},
    "polarity": {"relatedMatch": ("biolink:negated",)},
    "Proposition": {"closeMatch": ("rdfs:Proposition",)},
    "proposition": {"closeMatch": ("prov:specializationOf",), "relatedMatch": ("rdf:reifies",)},
    "population": {"closeMatch": ("biolink:population_context_qualifier",)},
    "unit": {"closeMatch": ("schema:strengthUnit",)},
    "value": {"closeMatch": ("schema:strengthValue",)},
}

#: The lists that stand in no schema, with title and definition.
_COMPUTED_LISTS = {
    "status": ("status", "What is decided on a sentence. Computed, never written in a record."),
    "part": ("part of a fact", "What a sentence can support, besides a qualifier, which is named by its property."),
}


class _Property(NamedTuple):
    """A property that is no qualifier: its domains, its range, and its definition or where the schemas define it."""

    name: str
    domains: tuple[str, ...]
    range: str
    definition: str


_PROPERTIES = (
    _Property("per", ("Quantity",), f"{XSD}integer", "fact.quantity.per"),
    _Property("count", ("Quantity",), f"{XSD}integer", "fact.quantity.n"),
    _Property("sampleSize", ("Quantity",), f"{XSD}integer", "fact.quantity.of"),
    _Property("approximate", ("Quantity",), f"{XSD}boolean", "fact.quantity.approx"),
    _Property(
        "lowest", ("Quantity", "Term"), f"{XSD}decimal", "The lower end of an amount, in the unit in which it is compared."
    ),
    _Property(
        "highest", ("Quantity", "Term"), f"{XSD}decimal", "The upper end of an amount, in the unit in which it is compared."
    ),
    _Property("baseUnit", ("Quantity", "Term"), f"{XSD}string", "The unit in which an amount is compared, by its code of UCUM."),
    _Property("member", ("AllOf", "AnyOf"), f"{KB}Term", "One of several values of a qualifier."),
    _Property("package", ("KnowledgeBase",), f"{XSD}string", "A package of kinds and qualifiers that it uses, where it chooses."),
    _Property("evidence", ("Fact",), f"{KB}Evidence", "fact.evidence"),
    _Property(
        "restrictions",
        ("Fact",),
        f"{XSD}string",
        "What denies, restricts, hedges or leaves open the claim, in words; computed from the qualifiers and the evidence.",
    ),
    _Property(
        "proposition",
        ("Fact",),
        f"{KB}Proposition",
        "What the document states, without the document: the facts of all documents that state it have the same one. "
        "Nothing asserts it; how firmly a document states it, and what became of it, is told by its fact.",
    ),
    _Property("supports", ("Evidence",), f"{RDFS}Resource", "fact.evidence.supports"),
    _Property("disputes", ("Evidence",), f"{RDFS}Resource", "The parts of a fact that the sentence speaks against."),
    _Property("dispute", ("Fact",), f"{SKOS}Concept", "Whether evidence of its document speaks against it."),
    _Property("start", ("Evidence",), f"{XSD}integer", "fact.evidence.start"),
    _Property("end", ("Evidence",), f"{XSD}integer", "fact.evidence.end"),
    _Property("wording", ("Evidence",), f"{XSD}string", "Words of the sentence that stand for a part of the fact, such as 'It'."),
    _Property("evidenceType", ("Evidence", "Document"), f"{RDFS}Resource", "document.evidence"),
    _Property("value", ("Term",), f"{XSD}decimal", "term.value"),
    _Property("unit", ("Term",), f"{XSD}string", "term.unit"),
    _Property("subjectKind", ("Predicate",), f"{RDFS}Class", "predicate.subject"),
    _Property("objectKind", ("Predicate",), f"{RDFS}Class", "The classes of what may stand as object, or rdfs:Literal."),
    _Property("qualifier", ("Predicate",), f"{RDF}Property", "predicate.qualifiers"),
    _Property("requiredQualifier", ("Predicate",), f"{RDF}Property", "predicate.requires"),
    _Property("plainModality", ("Predicate",), f"{SKOS}Concept", "predicate.plain"),
    _Property("symmetric", ("Predicate",), f"{XSD}boolean", "predicate.symmetric"),
    _Property("standing", ("Fact",), f"{SKOS}Concept", "The standing of its document, if that is not current."),
    _Property("standingSince", ("Document",), f"{XSD}date", "document.standing.since"),
    _Property("standingSource", ("Document",), f"{RDFS}Resource", "document.standing.source"),
    _Property("availability", ("Document",), f"{SKOS}Concept", "document.text"),
    _Property(
        "sha256", ("Document", "Sentence", "Verification"), f"{XSD}string", "The SHA-256 digest of the file, or of the sentence."
    ),
    _Property("wordsSha256", ("Document",), f"{XSD}string", "document.words-sha256"),
    _Property("bytes", ("Document",), f"{XSD}integer", "document.bytes"),
    _Property("characters", ("Document",), f"{XSD}integer", "document.characters"),
    _Property("number", ("Section", "Sentence"), f"{XSD}integer", "The number of a section, or of a sentence in it."),
    _Property("status", ("Sentence",), f"{SKOS}Concept", "What was decided on the sentence."),
    _Property("exemption", ("Sentence",), f"{SKOS}Concept", "document.sentence.exempt"),
    _Property("restated", ("Sentence",), f"{KB}Sentence", "A sentence that says the same."),
    _Property("verifies", ("Verification",), f"{KB}Fact", "The fact that was held against its sentences."),
    _Property("review", ("Fact",), f"{KB}Review", "fact.review"),
    _Property("outdated", ("Review",), f"{XSD}boolean", "True where the fact has changed since the review."),
    _Property("statusReason", ("Fact",), f"{RDF}langString", "fact.status.reason"),
    _Property("verdict", ("Verification", "Review"), f"{SKOS}Concept", "What a verification or a reviewer found."),
    _Property("checked", ("Verification",), f"{RDFS}Resource", "verification.result.checked"),
    _Property("unchecked", ("Verification",), f"{RDFS}Resource", "verification.result.unchecked"),
    _Property("rules", ("Verification",), f"{XSD}integer", "verification.rules"),
    _Property(
        "digest",
        ("Verification", "Review"),
        f"{XSD}string",
        "The SHA-256 of the claim and its evidence; of a verification, with the sentences.",
    ),
    _Property("curie", ("Mapping",), f"{XSD}string", "The outside term as a CURIE."),
    _Property("facts", ("KnowledgeBase",), f"{XSD}integer", "How many facts there are."),
    _Property("terms", ("KnowledgeBase",), f"{XSD}integer", "How many terms there are."),
    _Property("sentences", ("KnowledgeBase",), f"{XSD}integer", "How many sentences the documents have, without headings."),
    _Property("decidedSentences", ("KnowledgeBase",), f"{XSD}integer", "How many of them have facts or are exempted."),
    _Property("disclaimer", ("KnowledgeBase",), f"{RDF}langString", "kb.disclaimer"),
)


def write() -> str:
    """Write the ontology as Turtle."""
    quads = [*_header(), *_classes(), *_words(), *_lists(), *_properties(), *_wordings(), *_links()]
    return "".join(turtle.triples(quads, _NAMES))


def _quad(subject: str, predicate: str, obj: str) -> Quad:
    return Quad(subject, iri(predicate), obj, "")


def _text(value: str) -> str:
    return literal(value, language="en")


def _header() -> Iterator[Quad]:
    about = (
        "The words of linked-kb for facts, the sentences that state them, their hedges, and the kinds of thing they are about."
    )
    yield _quad(_ONTOLOGY, f"{RDF}type", iri(f"{OWL}Ontology"))
    yield _quad(_ONTOLOGY, f"{DCTERMS}title", _text("The linked-kb ontology"))
    yield _quad(_ONTOLOGY, f"{DCTERMS}description", _text(about))
    yield _quad(_ONTOLOGY, f"{DCTERMS}license", iri("https://creativecommons.org/publicdomain/zero/1.0/"))
    yield _quad(_ONTOLOGY, f"{DCTERMS}creator", literal("The linked-kb maintainers"))
    yield _quad(_ONTOLOGY, f"{_VANN}preferredNamespacePrefix", literal("kb"))
    yield _quad(_ONTOLOGY, f"{_VANN}preferredNamespaceUri", literal(KB))


def _classes() -> Iterator[Quad]:
    for kind in _KINDS_OF_RECORD:
        schema = resources.schema(kind)
        for each in (schema, *schema.get("$defs", {}).values()):
            if "x-class" not in each:
                continue
            name = each["x-class"]
            yield from _declare(KB + name, f"{RDFS}Class", each["title"].lower(), each["description"])
            if name in _PARENTS:
                yield _quad(iri(KB + name), f"{RDFS}subClassOf", iri(_PARENTS[name]))
    about = "A qualifier that restricts a claim: the claim is made under it alone, and never without it."
    yield from _declare(RESTRICTING[1:-1], f"{RDFS}Class", "restricting qualifier", about)
    yield _quad(RESTRICTING, f"{RDFS}subClassOf", iri(f"{RDF}Property"))
    about = "A value of a qualifier that the document hedges otherwise than the claim: its value (rdf:value) and its modality."
    yield from _declare(f"{KB}HedgedValue", f"{RDFS}Class", "hedged value", about)
    about = "A claim whoever states it: subject, predicate, object, polarity and what restricts it. Nothing asserts it by itself."
    yield from _declare(f"{KB}Proposition", f"{RDFS}Class", "proposition", about)
    yield from _declare(f"{KB}AllOf", f"{RDFS}Class", "all of", "Several values of a qualifier, which hold together.")
    yield from _declare(f"{KB}AnyOf", f"{RDFS}Class", "any of", "Several values of a qualifier, of which one is enough.")


def _words() -> Iterator[Quad]:
    for entry in list_entries():
        yield from _declare(entry.iri, entry.type, entry.label, entry.definition, concept=bool(entry.scheme))
        yield from _place(entry)
        if entry.restricts:
            yield Quad(iri(entry.iri), _TYPE, RESTRICTING, "")
        for relation, targets in entry.links.items():
            for target in targets:
                yield _quad(iri(entry.iri), SKOS + relation, iri(_NAMES.expand(target) or target))


def _place(entry: OntologyEntry) -> Iterator[Quad]:
    node = iri(entry.iri)
    if entry.scheme:
        yield _quad(node, f"{SKOS}inScheme", iri(entry.scheme))
        yield _quad(node, f"{SKOS}topConceptOf", iri(entry.scheme))
        yield _quad(iri(entry.scheme), f"{SKOS}hasTopConcept", node)
    elif entry.type == f"{RDFS}Class":
        yield _quad(node, f"{RDFS}subClassOf", iri(f"{KB}Term"))


def _lists() -> Iterator[Quad]:
    definitions = resources.schema("values")["$defs"]
    titles = {name: (definitions[name]["title"], definitions[name]["description"]) for name in vocabulary.controlled_lists()}
    for name, (title, definition) in {**titles, **_COMPUTED_LISTS}.items():
        yield from _declare(f"{KB}{name}-values", f"{SKOS}ConceptScheme", title, definition, concept=True)


def _properties() -> Iterator[Quad]:
    for each in _PROPERTIES:
        label = re.sub("([A-Z])", r" \1", each.name).lower()
        yield from _declare(KB + each.name, f"{RDF}Property", label, _definition(each.definition))
        yield from _ends(each.name, each.domains, each.range)
    for name, qualifier in vocabulary.qualifiers().items():
        domains = ("Fact", "Evidence", "HedgedValue") if name == "modality" else ("Fact",)
        is_any = len(qualifier.kinds) == len(vocabulary.values("kind"))
        classes = [f"{KB}Term"] if is_any else [KB + composition.class_name(kind) for kind in qualifier.kinds]
        classes += [f"{SKOS}Concept"] * qualifier.listed + [f"{KB}Quantity"] * (qualifier.units is not None)
        if name in {"modality", DENIAL}:
            yield from _ends(name, domains, f"{SKOS}Concept")
            continue
        yield from _ends(name, domains, "")
        groups = (f"{KB}AllOf", f"{KB}AnyOf") if qualifier.kinds else ()
        for each_class in (*classes, *groups, f"{KB}HedgedValue"):
            yield _quad(iri(KB + name), f"{_SCHEMA_ORG}rangeIncludes", iri(each_class))


def _wordings() -> Iterator[Quad]:
    """Declare the property for the words of each part of a fact."""
    for part in resources.schema("fact")["$defs"]["evidence"]["properties"]["as"]["properties"]:
        named = f"value of the qualifier '{part}'" if part in vocabulary.qualifiers() else part
        words = f"Words of the sentence that stand for the {named} of the fact."
        yield from _declare(f"{KB}{part}{WORDING_OF}", f"{RDF}Property", f"{part} wording", words)
        yield _quad(iri(f"{KB}{part}{WORDING_OF}"), f"{RDFS}subPropertyOf", WORDING)
        yield from _ends(f"{part}{WORDING_OF}", ("Evidence",), f"{XSD}string")


def _links() -> Iterator[Quad]:
    for name, links in _LINKS.items():
        for relation, targets in links.items():
            for target in targets:
                yield _quad(iri(KB + name), SKOS + relation, iri(_NAMES.expand(target) or ""))


def _ends(name: str, domains: tuple[str, ...], value: str) -> Iterator[Quad]:
    """Say what stands at the ends; several domains are alternatives, which rdfs:domain would all assert."""
    key = f"{RDFS}domain" if len(domains) == 1 else f"{_SCHEMA_ORG}domainIncludes"
    for domain in domains:
        yield _quad(iri(KB + name), key, iri(KB + domain))
    if value:
        yield _quad(iri(KB + name), f"{RDFS}range", iri(value))


def _definition(text: str) -> str:
    """Give a definition: as written, or from a schema by ``kind.key`` or ``kind.part.key``."""
    kind, *path = text.split(".")
    if not re.fullmatch("[a-z]+([.][a-z]+)+", text):
        return text
    schema: dict[str, Any] = resources.schema(kind)
    for part in path[:-1]:
        schema = schema["$defs"][part]
    found: str = schema["properties"][path[-1]]["description"]
    return found


def _declare(word: str, kind: str, label: str, definition: str, *, concept: bool = False) -> Iterator[Quad]:
    node = iri(word)
    yield Quad(node, _TYPE, iri(kind), "")
    yield _quad(node, f"{SKOS}prefLabel" if concept else f"{RDFS}label", _text(label))
    yield _quad(node, f"{SKOS}definition", _text(definition))
    yield _quad(node, f"{RDFS}isDefinedBy", _ONTOLOGY)
