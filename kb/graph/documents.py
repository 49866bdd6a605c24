"""Documents and sentences as RDF: positions and digests, never text unless it ships.

The selectors are those of the Web Annotation Data Model, section 4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from kb.graph import verified
from kb.iris import DCTERMS, KB, OA, PROV, RDF, SKOS, XSD, Names
from kb.model import Document, Sentence
from kb.quads import Quad, iri, literal, parse

_TYPE = iri(f"{RDF}type")
_INTEGER = f"{XSD}integer"
_POSITION = f"{XSD}nonNegativeInteger"  # the range of oa:start and oa:end
_NOTE, _IDENTIFIER, _PART_OF = iri(f"{SKOS}editorialNote"), iri(f"{DCTERMS}identifier"), iri(f"{DCTERMS}isPartOf")
_SHA256, _NUMBER, _STATUS = iri(f"{KB}sha256"), iri(f"{KB}number"), iri(f"{KB}status")
_SENTENCE = (
    f" {_TYPE} {iri(f'{OA}SpecificResource')}",
    f" {_TYPE} {iri(f'{KB}Sentence')}",
)
_POSITION_TYPE = f" {_TYPE} {iri(f'{OA}TextPositionSelector')}"
_SELECTOR, _SOURCE = iri(f"{OA}hasSelector"), iri(f"{OA}hasSource")
_START, _END = iri(f"{OA}start"), iri(f"{OA}end")
_QUOTE_TYPE = f" {_TYPE} {iri(f'{OA}TextQuoteSelector')}"
_EXACT, _PREFIX, _SUFFIX = iri(f"{OA}exact"), iri(f"{OA}prefix"), iri(f"{OA}suffix")
#: How many code points of the text around a quote tell it from others like it.
_AROUND = 32


class Lines(NamedTuple):
    """A document as lines of N-Quads, in two parts: each is sorted, and no line of another document belongs between its lines.

    Args:
        inside: What is said of its sections and sentences, in pieces that are made as they are asked for.
        node: What is said of the document itself.
    """

    inside: Iterator[str]
    node: str


def lines(document: Document, covered: Collection[str], names: Names, language: str) -> Lines:
    """Compile a document with its sections and sentences.

    Args:
        document: The document.
        covered: The ids of the sentences that facts rest on.
        names: The names of the knowledge base.
        language: The language of our own words.
    """
    end = f" {iri(names.graph(f'document/{document.id}'))} .\n"
    return Lines(
        _inside(document, covered, names.document(document.id), end, language),
        _about(iri(names.document(document.id)), _document(document, language), end),
    )


def compile_document(document: Document, covered: Collection[str], names: Names, language: str) -> Iterator[Quad]:
    """Compile a document into quads; see :func:`lines`."""
    inside, node = lines(document, covered, names, language)
    for piece in (*inside, node):
        yield from parse(piece)


def _about(node: str, said: Iterable[str], end: str) -> str:
    """Write all that is said of a node, sorted."""
    return f"{node}{(end + node).join(sorted(said))}{end}"


def _document(document: Document, language: str) -> Iterator[str]:
    yield f" {_TYPE} {iri(f'{KB}Document')}"
    yield f" {_TYPE} {iri(f'{PROV}Entity')}"
    yield f" {iri(f'{DCTERMS}title')} {literal(document.title, language=language)}"
    yield f" {iri(f'{DCTERMS}language')} {literal(document.language)}"
    yield f" {iri(f'{DCTERMS}rights')} {literal(document.rights, language=language)}"
    yield f" {iri(f'{DCTERMS}format')} {literal(document.mediatype)}"
    yield f" {iri(f'{KB}availability')} {iri(KB + document.text)}"
    yield f" {_SHA256} {literal(document.sha256)}"
    yield f" {iri(f'{KB}bytes')} {literal(str(document.bytes), _INTEGER)}"
    yield f" {iri(f'{KB}characters')} {literal(str(document.characters), _INTEGER)}"
    if document.words_sha256:
        yield f" {iri(f'{KB}wordsSha256')} {literal(document.words_sha256)}"
    if document.license:
        yield f" {iri(f'{DCTERMS}license')} {iri(document.license)}"
    if document.source:
        yield f" {iri(f'{DCTERMS}source')} {iri(document.source)}"
    if document.note:
        yield f" {_NOTE} {literal(document.note, language=language)}"


def _inside(document: Document, covered: Collection[str], node: str, end: str, language: str) -> Iterator[str]:
    """Write sections and sentences in the order of their IRIs; of a long document only these are held at once."""
    topics = {section.number: section.topic for section in document.sections}
    numbers = sorted({sentence.section for sentence in document.sentences} | set(topics))
    order: list[tuple[str, int]] = [(f"section/{number}>", number) for number in numbers]
    for index, sentence in enumerate(document.sentences):
        order += ((f"{sentence.id}>", index), (f"{sentence.id}/position>", index))
        if document.words:
            order.append((f"{sentence.id}/quote>", index))
    order += [(f"verification/{each.fact}>", index) for index, each in enumerate(document.verified)]
    order.sort()
    for name, index in order:
        here = f"<{node}/{name}"
        if name.startswith("section/"):
            said = _section(index, topics.get(index, ""), node, language)
        elif name.endswith("/position>"):
            said = _position(document.sentences[index])
        elif name.startswith("verification/"):
            said = verified.said(document.verified[index], node)
        elif name.endswith("/quote>"):
            said = _quote(document.sentences[index], document)
        else:
            said = _sentence(document.sentences[index], covered, node, language)
            if document.words:
                said.append(f" {_SELECTOR} <{node}/{document.sentences[index].id}/quote>")
        yield _about(here, said, end)


def _section(number: int, topic: str, node: str, language: str) -> list[str]:
    said = [
        f" {_TYPE} {iri(f'{KB}Section')}",
        f" {_NUMBER} {literal(str(number), _INTEGER)}",
        f" {_PART_OF} <{node}>",
    ]
    return [*said, f" {iri(f'{SKOS}prefLabel')} {literal(topic, language=language)}"] if topic else said


def status(sentence: Sentence, covered: Collection[str]) -> str:
    """Tell what was decided on a sentence: ``covered``, ``exempted``, ``undecided``; headings need no decision."""
    if sentence.is_heading:
        return "heading"
    if sentence.id in covered:
        return "covered"
    return "exempted" if sentence.exempt else "undecided"


def _position(sentence: Sentence) -> list[str]:
    return [
        f' {_END} "{sentence.end}"^^<{_POSITION}>',
        f' {_START} "{sentence.start}"^^<{_POSITION}>',
        _POSITION_TYPE,
    ]


def _quote(sentence: Sentence, document: Document) -> list[str]:
    """Quote a sentence of a text that ships (Web Annotation Data Model, section 4.2.4)."""
    words = document.words
    around = {_PREFIX: words[max(0, sentence.start - _AROUND) : sentence.start], _SUFFIX: words[sentence.end :][:_AROUND]}
    return [
        _QUOTE_TYPE,
        f" {_EXACT} {literal(words[sentence.start : sentence.end])}",
        *[f" {key} {literal(value)}" for key, value in around.items() if value],
    ]


def _sentence(sentence: Sentence, covered: Collection[str], node: str, language: str) -> list[str]:
    said = [
        *_SENTENCE,
        f" {_SOURCE} <{node}>",
        f" {_SELECTOR} <{node}/{sentence.id}/position>",
        f' {_IDENTIFIER} "{sentence.id}"',
        f" {_PART_OF} <{node}/section/{sentence.section}>",
        f' {_NUMBER} "{sentence.number}"^^<{_INTEGER}>',
        f' {_SHA256} "{sentence.sha256}"',
        f" {_STATUS} <{KB}{status(sentence, covered)}>",
    ]
    if sentence.exempt:
        said.append(f" {iri(f'{KB}exemption')} {iri(KB + sentence.exempt.reason)}")
        said += [f" {iri(f'{KB}restated')} <{node}/{other}>" for other in sentence.exempt.by]
        if sentence.exempt.note:
            said.append(f" {_NOTE} {literal(sentence.exempt.note, language=language)}")
    return said
