"""Documents and sentences as RDF: positions and digests, never text (Web Annotation Data Model, section 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from kb.iris import DCTERMS, KB, OA, PROV, RDF, SKOS, XSD, Names
from kb.model import Document, Sentence
from kb.quads import Quad, iri, literal

_TYPE = iri(f"{RDF}type")
_INTEGER = f"{XSD}integer"
_POSITION = f"{XSD}nonNegativeInteger"  # the range of oa:start and oa:end


def compile_document(document: Document, covered: Collection[str], names: Names, language: str) -> Iterator[Quad]:
    """Compile a document with its sections and sentences.

    Args:
        document: The document.
        covered: The ids of the sentences that facts rest on.
        names: The names of the knowledge base.
        language: The language of our own words.
    """
    graph, node = iri(names.graph(f"document/{document.id}")), iri(names.document(document.id))
    yield Quad(node, _TYPE, iri(f"{KB}Document"), graph)
    yield Quad(node, _TYPE, iri(f"{PROV}Entity"), graph)
    yield Quad(node, iri(f"{DCTERMS}title"), literal(document.title, language=language), graph)
    yield Quad(node, iri(f"{DCTERMS}language"), literal(document.language), graph)
    yield Quad(node, iri(f"{DCTERMS}rights"), literal(document.rights, language=language), graph)
    yield Quad(node, iri(f"{DCTERMS}format"), literal(document.mediatype), graph)
    yield Quad(node, iri(f"{KB}availability"), iri(KB + document.text), graph)
    yield Quad(node, iri(f"{KB}sha256"), literal(document.sha256), graph)
    yield Quad(node, iri(f"{KB}bytes"), literal(str(document.bytes), _INTEGER), graph)
    yield Quad(node, iri(f"{KB}characters"), literal(str(document.characters), _INTEGER), graph)
    if document.source:
        yield Quad(node, iri(f"{DCTERMS}source"), iri(document.source), graph)
    if document.note:
        yield Quad(node, iri(f"{SKOS}editorialNote"), literal(document.note, language=language), graph)
    topics = {section.number: section.topic for section in document.sections}
    for number in sorted({sentence.section for sentence in document.sentences} | set(topics)):
        section = iri(f"{names.document(document.id)}/section/{number}")
        yield Quad(section, _TYPE, iri(f"{KB}Section"), graph)
        yield Quad(section, iri(f"{KB}number"), literal(str(number), _INTEGER), graph)
        yield Quad(section, iri(f"{DCTERMS}isPartOf"), node, graph)
        if number in topics:
            yield Quad(section, iri(f"{SKOS}prefLabel"), literal(topics[number], language=language), graph)
    for sentence in document.sentences:
        yield from _sentence(sentence, document, covered, names, language)


def status(sentence: Sentence, covered: Collection[str]) -> str:
    """Tell what was decided on a sentence: ``covered``, ``exempted``, ``undecided``; headings need no decision."""
    if sentence.is_heading:
        return "heading"
    if sentence.id in covered:
        return "covered"
    return "exempted" if sentence.exempt else "undecided"


def _sentence(sentence: Sentence, document: Document, covered: Collection[str], names: Names, language: str) -> Iterator[Quad]:
    graph = iri(names.graph(f"document/{document.id}"))
    path = names.sentence(document.id, sentence.id)
    node, selector = iri(path), iri(f"{path}/position")
    yield Quad(node, _TYPE, iri(f"{OA}SpecificResource"), graph)
    yield Quad(node, _TYPE, iri(f"{KB}Sentence"), graph)
    yield Quad(node, iri(f"{OA}hasSource"), iri(names.document(document.id)), graph)
    yield Quad(node, iri(f"{OA}hasSelector"), selector, graph)
    yield Quad(node, iri(f"{DCTERMS}identifier"), literal(sentence.id), graph)
    yield Quad(node, iri(f"{DCTERMS}isPartOf"), iri(f"{names.document(document.id)}/section/{sentence.section}"), graph)
    yield Quad(node, iri(f"{KB}number"), literal(str(sentence.number), _INTEGER), graph)
    yield Quad(node, iri(f"{KB}sha256"), literal(sentence.sha256), graph)
    yield Quad(node, iri(f"{KB}status"), iri(KB + status(sentence, covered)), graph)
    yield Quad(selector, _TYPE, iri(f"{OA}TextPositionSelector"), graph)
    yield Quad(selector, iri(f"{OA}start"), literal(str(sentence.start), _POSITION), graph)
    yield Quad(selector, iri(f"{OA}end"), literal(str(sentence.end), _POSITION), graph)
    if sentence.exempt:
        yield Quad(node, iri(f"{KB}exemption"), iri(KB + sentence.exempt.reason), graph)
        for other in sentence.exempt.by:
            yield Quad(node, iri(f"{KB}restated"), iri(names.sentence(document.id, other)), graph)
        if sentence.exempt.note:
            yield Quad(node, iri(f"{SKOS}editorialNote"), literal(sentence.exempt.note, language=language), graph)
