"""Compile documents and sentences: positions and digests, and text only where it ships.

The selectors are those of the Web Annotation Data Model, section 4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from typing import NamedTuple

from kb.document_parts import Section, Sentence
from kb.model import Document
from kb.rdf import verifications
from kb.rdf.iris import ADMS, DCTERMS, KB, OA, OWL, PAV, PROV, RDF, SKOS, XSD, Names
from kb.rdf.quads import NodeRows, Quad, iri, literal, make_quads, write_lines

_TYPE = iri(f"{RDF}type")
_INTEGER = f"{XSD}integer"
_NOTE, _PART_OF, _SHA256, _NUMBER = iri(f"{SKOS}editorialNote"), iri(f"{DCTERMS}isPartOf"), iri(f"{KB}sha256"), iri(f"{KB}number")
_SENTENCE = (f" {_TYPE} {iri(f'{OA}SpecificResource')}", f" {_TYPE} {iri(f'{KB}Sentence')}")
_POSITION_TYPE = f" {_TYPE} {iri(f'{OA}TextPositionSelector')}"
_IDENTIFIER_IS, _NUMBER_IS, _SHA256_IS = f' <{DCTERMS}identifier> "', f' {_NUMBER} "', f' {_SHA256} "'
_PART_OF_IS, _SELECTOR_IS, _SOURCE_IS = f" {_PART_OF} <", f" <{OA}hasSelector> <", f" <{OA}hasSource> <"
_STATUS_IS, _START_IS, _END_IS = f" <{KB}status> <{KB}", f' <{OA}start> "', f' <{OA}end> "'
_QUOTE_TYPE = f" {_TYPE} {iri(f'{OA}TextQuoteSelector')}"
_EXACT, _PREFIX, _SUFFIX = iri(f"{OA}exact"), iri(f"{OA}prefix"), iri(f"{OA}suffix")
# The properties of documents, by the fields of the model that hold them: in the language of the knowledge base, and without one.
_PHRASES = {
    "title": iri(f"{DCTERMS}title"),
    "rights": iri(f"{DCTERMS}rights"),
    "version": iri(f"{OWL}versionInfo"),
    "note": _NOTE,
}
_CODES = {
    "language": iri(f"{DCTERMS}language"),
    "mediatype": iri(f"{DCTERMS}format"),
    "sha256": _SHA256,
    "words_sha256": iri(f"{KB}wordsSha256"),
    "issued": iri(f"{DCTERMS}issued"),
}
_DAYS = {"retrieved": iri(f"{PAV}retrievedOn"), "standing_since": iri(f"{KB}standingSince")}
_ADDRESSES = {
    "license": iri(f"{DCTERMS}license"),
    "source": iri(f"{DCTERMS}source"),
    "standing_source": iri(f"{KB}standingSource"),
}
#: The length of the text before and after a quote, in code points, that distinguishes it from similar passages.
_AROUND = 32


class DocumentRows(NamedTuple):
    """A document as rows, in two parts: each is sorted, and no line of another document belongs between its lines.

    Args:
        inside: Its sections, sentences and verifications, made one by one.
        node: The document itself.
        graph: The graph of both.
    """

    inside: Iterator[NodeRows]
    node: NodeRows
    graph: str

    def lines(self) -> DocumentLines:
        """Write it as lines of N-Quads."""
        return DocumentLines((write_lines(*piece, self.graph) for piece in self.inside), write_lines(*self.node, self.graph))

    def quads(self) -> Iterator[Quad]:
        """Make it into statements."""
        return (quad for piece in (*self.inside, self.node) for quad in make_quads(*piece, self.graph))


class DocumentLines(NamedTuple):
    """A document as lines of N-Quads, in the two parts of :class:`DocumentRows`."""

    inside: Iterator[str]
    node: str


def compile_document(document: Document, covered: Collection[str], names: Names, language: str) -> DocumentRows:
    """Compile a document with its sections and sentences.

    Args:
        document: The document.
        covered: The ids of the sentences that facts rest on.
        names: The names of the knowledge base.
        language: The language of labels and notes.
    """
    return DocumentRows(
        _inside(document, covered, names.document(document.id), language),
        (iri(names.document(document.id)), sorted(_document(document, names, language))),
        iri(names.graph(f"document/{document.id}")),
    )


def _document(document: Document, names: Names, language: str) -> Iterator[str]:
    yield from (f" {_TYPE} {iri(kind)}" for kind in (f"{KB}Document", f"{PROV}Entity"))
    yield f" {iri(f'{KB}availability')} {iri(KB + document.text)}"
    yield from (f" {iri(f'{DCTERMS}identifier')} {literal(name)}" for name in document.identifiers)
    yield from (f" {iri(f'{DCTERMS}subject')} {iri(names.term(name))}" for name in document.topic)
    yield from (f" {iri(KB + name)} {literal(str(getattr(document, name)), _INTEGER)}" for name in ("bytes", "characters"))
    yield from (f" {iri(f'{DCTERMS}replaces')} {iri(names.document(name))}" for name in document.replaces)
    if document.evidence:
        yield f" {iri(f'{KB}evidenceType')} {iri(names.expand(document.evidence) or '')}"
    if document.standing:
        yield f" {iri(f'{ADMS}status')} {iri(KB + document.standing)}"
    day = partial(literal, datatype=f"{XSD}date")
    for fields, write in ((_PHRASES, partial(literal, language=language)), (_CODES, literal), (_DAYS, day), (_ADDRESSES, iri)):
        yield from (f" {key} {write(value)}" for name, key in fields.items() if (value := getattr(document, name)))


def _inside(document: Document, covered: Collection[str], node: str, language: str) -> Iterator[NodeRows]:
    """Compile sections, sentences and results of verification in the order of their IRIs, one at a time."""
    sections = {section.number: section for section in document.sections}
    numbers = sorted({sentence.section for sentence in document.sentences} | set(sections))
    order: list[tuple[str, int]] = [(f"section/{number}>", number) for number in numbers]
    for index, sentence in enumerate(document.sentences):
        order += ((f"{sentence.id}>", index), (f"{sentence.id}/position>", index))
        if document.words:
            order.append((f"{sentence.id}/quote>", index))
    order += [(f"verification/{result.fact}>", index) for index, result in enumerate(document.verified)]
    order.sort()
    for name, index in order:
        here = f"<{node}/{name}"
        if name.startswith("verification/"):
            yield here, sorted(verifications.describe_result(document.verified[index], node))
        elif name.endswith("/position>"):
            yield here, _position(document.sentences[index])
        elif name.endswith("/quote>"):
            yield here, sorted(_quote(document.sentences[index], document))
        elif name.startswith("section/"):
            yield here, sorted(_section(sections.get(index, Section(index)), node, language))
        else:
            rows = _sentence(document.sentences[index], covered, node)
            if document.words or document.sentences[index].exempt:
                rows = sorted([*rows, *_optional_rows(document.sentences[index], document, node, language)])
            yield here, rows


def _section(section: Section, node: str, language: str) -> Iterator[str]:
    yield f" {_TYPE} {iri(f'{KB}Section')}"
    yield f" {_NUMBER} {literal(str(section.number), _INTEGER)}"
    yield f" {_PART_OF} <{node}>"
    if section.topic:
        yield f" {iri(f'{SKOS}prefLabel')} {literal(section.topic, language=language)}"
    if section.code:
        yield f" {iri(f'{SKOS}notation')} {literal(section.code)}"


def _position(sentence: Sentence) -> tuple[str, ...]:
    """Return the rows of the position of a sentence, sorted."""
    return _POSITION_TYPE, f'{_END_IS}{sentence.end}"^^<{_INTEGER}>', f'{_START_IS}{sentence.start}"^^<{_INTEGER}>'


def _quote(sentence: Sentence, document: Document) -> list[str]:
    """Return the rows of a quote from a text that ships (Web Annotation Data Model, section 4.2.4)."""
    words = document.words
    around = {_PREFIX: words[max(0, sentence.start - _AROUND) : sentence.start], _SUFFIX: words[sentence.end :][:_AROUND]}
    return [
        _QUOTE_TYPE,
        f" {_EXACT} {literal(words[sentence.start : sentence.end])}",
        *[f" {key} {literal(value)}" for key, value in around.items() if value],
    ]


def _sentence(sentence: Sentence, covered: Collection[str], node: str) -> list[str]:
    """Return the rows that every sentence has, sorted."""
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


def _optional_rows(sentence: Sentence, document: Document, node: str, language: str) -> Iterator[str]:
    """Yield the rows of sentences with a quote or an exemption."""
    if document.words:
        yield f"{_SELECTOR_IS}{node}/{sentence.id}/quote>"
    if sentence.exempt:
        yield f" {iri(f'{KB}exemption')} {iri(KB + sentence.exempt.reason)}"
        yield from (f" {iri(f'{KB}restated')} <{node}/{other}>" for other in sentence.exempt.by)
        if sentence.exempt.note:
            yield f" {_NOTE} {literal(sentence.exempt.note, language=language)}"
