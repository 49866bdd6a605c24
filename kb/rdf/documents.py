"""Documents and sentences as RDF: positions and digests, never text unless it ships.

The selectors are those of the Web Annotation Data Model, section 4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from kb.model import Document, Sentence
from kb.rdf import verifications
from kb.rdf.iris import DCTERMS, KB, OA, PROV, RDF, SKOS, XSD, Names
from kb.rdf.quads import Quad, iri, literal, parse

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
_IDENTIFIER_IS, _NUMBER_IS, _SHA256_IS = f' {_IDENTIFIER} "', f' {_NUMBER} "', f' {_SHA256} "'
_PART_OF_IS, _SELECTOR_IS, _SOURCE_IS = f" {_PART_OF} <", f" {_SELECTOR} <", f" {_SOURCE} <"
_STATUS_IS, _START_IS, _END_IS = f" {_STATUS} <{KB}", f' {_START} "', f' {_END} "'
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
        _about(iri(names.document(document.id)), sorted(_document(document, language)), end),
    )


def compile_document(document: Document, covered: Collection[str], names: Names, language: str) -> Iterator[Quad]:
    """Compile a document into quads; see :func:`lines`."""
    inside, node = lines(document, covered, names, language)
    for piece in (*inside, node):
        yield from parse(piece)


def _about(node: str, said: Iterable[str], end: str) -> str:
    """Write all that is said of a node, in the order in which it is given."""
    return f"{node}{(end + node).join(said)}{end}"


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
        if name.startswith("verification/"):
            yield _about(here, sorted(verifications.said(document.verified[index], node)), end)
        elif name.endswith("/position>"):
            yield _about(here, _position(document.sentences[index]), end)
        elif name.endswith("/quote>"):
            yield _about(here, sorted(_quote(document.sentences[index], document)), end)
        elif name.startswith("section/"):
            yield _about(here, sorted(_section(index, topics.get(index, ""), node, language)), end)
        else:
            said = _sentence(document.sentences[index], covered, node)
            if document.words or document.sentences[index].exempt:
                said = sorted([*said, *_more(document.sentences[index], document, node, language)])
            yield _about(here, said, end)


def _section(number: int, topic: str, node: str, language: str) -> list[str]:
    said = [
        f" {_TYPE} {iri(f'{KB}Section')}",
        f" {_NUMBER} {literal(str(number), _INTEGER)}",
        f" {_PART_OF} <{node}>",
    ]
    return [*said, f" {iri(f'{SKOS}prefLabel')} {literal(topic, language=language)}"] if topic else said


def _position(sentence: Sentence) -> tuple[str, ...]:
    """Say where a sentence stands, in order."""
    return _POSITION_TYPE, f'{_END_IS}{sentence.end}"^^<{_POSITION}>', f'{_START_IS}{sentence.start}"^^<{_POSITION}>'


def _quote(sentence: Sentence, document: Document) -> list[str]:
    """Quote a sentence of a text that ships (Web Annotation Data Model, section 4.2.4)."""
    words = document.words
    around = {_PREFIX: words[max(0, sentence.start - _AROUND) : sentence.start], _SUFFIX: words[sentence.end :][:_AROUND]}
    return [
        _QUOTE_TYPE,
        f" {_EXACT} {literal(words[sentence.start : sentence.end])}",
        *[f" {key} {literal(value)}" for key, value in around.items() if value],
    ]


def _sentence(sentence: Sentence, covered: Collection[str], node: str) -> list[str]:
    """Say what is said of every sentence, in order."""
    name = sentence.id
    section, _, number = name[1:].partition(".")
    return [
        f'{_IDENTIFIER_IS}{name}"',
        f"{_PART_OF_IS}{node}/section/{section}>",
        *_SENTENCE,
        f"{_SELECTOR_IS}{node}/{name}/position>",
        f"{_SOURCE_IS}{node}>",
        f'{_NUMBER_IS}{number}"^^<{_INTEGER}>',
        f'{_SHA256_IS}{sentence.sha256}"',
        f"{_STATUS_IS}{sentence.status(covered)}>",
    ]


def _more(sentence: Sentence, document: Document, node: str, language: str) -> Iterator[str]:
    """Say what is said of some sentences."""
    if document.words:
        yield f"{_SELECTOR_IS}{node}/{sentence.id}/quote>"
    if sentence.exempt:
        yield f" {iri(f'{KB}exemption')} {iri(KB + sentence.exempt.reason)}"
        yield from (f" {iri(f'{KB}restated')} <{node}/{other}>" for other in sentence.exempt.by)
        if sentence.exempt.note:
            yield f" {_NOTE} {literal(sentence.exempt.note, language=language)}"
