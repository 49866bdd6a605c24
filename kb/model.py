"""The model: what a knowledge base consists of, as immutable values.

:mod:`kb.records.resolve` parses records into these values; everything after that sees only them. They refer to each other by
ids, so that each can be compiled on its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from kb.problems import Place

#: In the places of a record, ``(*path, KEY)`` is the place of the key of a value, if it differs from that of the value.
KEY = -1

#: The path of a value inside a record: keys and indexes.
Trail = tuple[str | int, ...]

#: The decision on a sentence; a heading needs none.
SentenceStatus = Literal["heading", "covered", "exempted", "undecided"]


@dataclass(frozen=True)
class Record:
    """A record as it was read.

    Args:
        kind: ``kb``, ``document``, ``term``, ``predicate``, ``fact`` or ``mapping``.
        value: The plain value: strings, numbers, booleans, lists and mappings.
        place: The place where the record begins.
        places: The place of each value inside it, by its path of keys and indexes; empty where they are not needed.
        stem: The name of the file without folders and suffixes.
    """

    kind: str
    value: Any = field(repr=False)
    place: Place
    places: Mapping[Trail, Place] = field(default_factory=dict, repr=False)
    stem: str = ""

    def at(self, *path: str | int) -> Place:
        """Find the place of a value inside the record, or else of the nearest value that contains it."""
        while path:
            if path in self.places:
                return self.places[path]
            path = path[:-1]
        return self.place


class Creator(NamedTuple):
    """A person or group that created the knowledge base; a creator with an ORCID iD is a person."""

    id: str
    name: str
    orcid: str = ""
    ror: str = ""


class Agent(NamedTuple):
    """A person, group or organisation."""

    name: str
    url: str = ""
    email: str = ""
    ror: str = ""


class Dataset(NamedTuple):
    """The metadata of a knowledge base (``kb.yaml``)."""

    id: str
    title: str
    description: str
    version: str
    base: str
    license: str
    language: str
    issued: str
    creators: tuple[Creator, ...]
    prefixes: Mapping[str, str]
    keywords: tuple[str, ...] = ()
    disclaimer: str = ""
    alternative: str = ""
    publisher: Agent | None = None
    contact: Agent | None = None
    homepage: str = ""
    download: str = ""
    repository: str = ""
    endpoint: str = ""
    doi: str = ""
    themes: tuple[str, ...] = ()
    spatial: tuple[str, ...] = ()
    temporal: tuple[str, str] | None = None
    accrual: str = ""
    technique: str = ""


class Exemption(NamedTuple):
    """The reason why no fact cites a sentence."""

    reason: str
    by: tuple[str, ...] = ()
    note: str = ""


class Sentence(NamedTuple):
    """A heading or sentence: its number, its span in Unicode code points, the SHA-256 of its text."""

    id: str
    start: int
    end: int
    sha256: str
    exempt: Exemption | None = None

    @property
    def section(self) -> int:
        """The number of its section."""
        return int(self.id[1:].partition(".")[0])

    @property
    def number(self) -> int:
        """Its number in the section; 0 for the heading."""
        return int(self.id.partition(".")[2])

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading, which no fact needs to cover."""
        return self.id.endswith(".0")

    def status(self, covered: Collection[str]) -> SentenceStatus:
        """Return the decision on it; ``covered`` has the ids of the sentences that facts rest on, which no exemption changes."""
        if self.is_heading:
            return "heading"
        if self.id in covered:
            return "covered"
        return "exempted" if self.exempt else "undecided"


class Section(NamedTuple):
    """A section of a document, with a topic of our own wording."""

    number: int
    topic: str


class Verification(NamedTuple):
    """The result of checking a fact against the sentences that it cites.

    Args:
        fact: The path of the fact below that of its document.
        digest: The digest of its claim and of its sentences at that time; see :func:`kb.rdf.verifications.digest_claim`.
        verdict: ``passed`` or ``failed``.
        when: The time in UTC, as ``xsd:dateTime`` has it.
        sha256: The digest of the text.
        rules: The version of the rules.
        checked, unchecked: The parts that were checked, and those that could not be.
    """

    fact: str
    digest: str
    verdict: str
    when: str
    sha256: str
    rules: int
    checked: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


class Document(NamedTuple):
    """A source text, identified by its digest.

    Args:
        sha256, bytes: The digest and the length of its file.
        characters: The length of its normal form in code points.
        words, words_sha256: Its normal form, if its text ships; and the digest of that, if it is not the file.
        verified: The results of verification of its facts.
    """

    id: str
    title: str
    language: str
    rights: str
    text: str
    sha256: str
    bytes: int
    characters: int
    sentences: tuple[Sentence, ...]
    mediatype: str = "text/plain"
    license: str = ""
    source: str = ""
    evidence: str = ""
    sections: tuple[Section, ...] = ()
    note: str = ""
    words_sha256: str = ""
    words: str = ""
    verified: tuple[Verification, ...] = ()
    record: Record | None = None


class Term(NamedTuple):
    """A thing that facts are about."""

    id: str
    kind: str
    label: str
    definition: str
    aliases: tuple[str, ...] = ()
    value: str = ""
    unit: str = ""
    note: str = ""
    record: Record | None = None


class Predicate(NamedTuple):
    """A relation that facts may use, with the kinds at its ends and the qualifiers it takes."""

    id: str
    label: str
    definition: str
    subject: tuple[str, ...]
    object: tuple[str, ...]
    qualifiers: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    symmetric: bool = False
    note: str = ""
    record: Record | None = None


class LiteralObject(NamedTuple):
    """A literal that is the object of a fact; ``datatype`` is a CURIE of XML Schema."""

    value: str
    datatype: str = "xsd:string"
    language: str = ""


class Evidence(NamedTuple):
    """A sentence and the parts of a fact that it supports, with its own modality where that differs.

    Args:
        name: The last part of its IRI: the sentence, and the parts where the record names them.
        sentence: The sentence's id.
        supports: The parts: ``claim`` and names of qualifiers.
        modality: The modality of these parts in the sentence, if it is not that of the fact.
        start, end: The span of the words that state it, in code points of the text, where that is narrower than the sentence.
        wordings: Parts of the fact with the words by which the sentence names them, if it uses none of their labels.
    """

    name: str
    sentence: str
    supports: tuple[str, ...]
    modality: str = ""
    start: int | None = None
    end: int | None = None
    wordings: tuple[tuple[str, str], ...] = ()


class Fact(NamedTuple):
    """One claim by one document.

    Args:
        path: Its identity, as a path below the base IRI.
        qualifiers: Name to value, modality among them, in the order of the schema.
        evidence: Each sentence with the parts that it supports.
    """

    path: str
    document: str
    subject: str
    predicate: str
    object: str | LiteralObject
    qualifiers: Mapping[str, str]
    evidence: tuple[Evidence, ...]
    note: str = ""
    record: Record | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentences that it cites, without repeats, in the order of the record."""
        return tuple(dict.fromkeys([piece.sentence for piece in self.evidence]))


class OutsideMatch(NamedTuple):
    """A term or predicate of ours matched to an outside one: a row of SSSOM.

    Args:
        subject: ``term:ID`` or ``pred:ID``.
        match: The SKOS relation as a CURIE.
        object: The outside term as a CURIE.
        justification: How the mapping was made, as a CURIE of the Semantic Mapping Vocabulary.
        source_version: Where identifier and label were found, with the release (``object_source_version``).
        date: When the mapping was made.
        label: The label of the outside term, where its licence lets it ship.
    """

    subject: str
    match: str
    object: str
    justification: str
    source_version: str
    date: str
    label: str = ""
    comment: str = ""
    record: Record | None = None


class EdgeRule(NamedTuple):
    """The edge of the Biolink Model that a fact becomes, and the facts that the edge does not overstate.

    Args:
        predicate: The predicate of the edge, without prefix.
        association: The class of the edge, without prefix.
        modalities: The modalities under which it may be written; none: those of the predicate's ``plain``.
        subject, object: The kinds of subject and of object that it is for; none: all.
        qualifiers: Slots that every such edge has.
        negatable: Whether a denied fact becomes a negated edge.
    """

    predicate: str
    association: str = "Association"
    modalities: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    qualifiers: Mapping[str, str] = MappingProxyType({})
    negatable: bool = False


class BiolinkProfile(NamedTuple):
    """How facts become edges of the Biolink Model (``biolink.yaml``): node classes by term, rules by predicate."""

    infores: str = ""
    terms: Mapping[str, str] = MappingProxyType({})
    predicates: Mapping[str, tuple[EdgeRule, ...]] = MappingProxyType({})
    record: Record | None = None


class Cue(NamedTuple):
    """Words that express a value of a controlled list in a language."""

    list: str
    value: str
    language: str
    words: tuple[str, ...]
    record: Record | None = None


class KnowledgeBase(NamedTuple):
    """A knowledge base, resolved.

    Args:
        folder: The folder that it was read from.
        dataset: Its metadata.
        documents, terms, predicates: By id.
        facts: Sorted by path.
        mappings: Sorted.
        biolink: How facts become edges of the Biolink Model.
        cues: The cue words that it adds to those of the schemas.
    """

    folder: Path
    dataset: Dataset
    documents: Mapping[str, Document]
    terms: Mapping[str, Term]
    predicates: Mapping[str, Predicate]
    facts: tuple[Fact, ...]
    mappings: tuple[OutsideMatch, ...]
    biolink: BiolinkProfile = BiolinkProfile()
    cues: tuple[Cue, ...] = ()

    def __repr__(self) -> str:
        counts = f"{len(self.facts):,} facts, {len(self.terms):,} terms, {len(self.documents):,} documents"
        return f"<KnowledgeBase {self.dataset.id}: {counts}>"

    def covered(self) -> dict[str, dict[str, list[Fact]]]:
        """Map each cited sentence, by document and id, to the facts that rest on it."""
        covered: dict[str, dict[str, list[Fact]]] = {}
        for fact in self.facts:
            for sentence in fact.sentences:
                covered.setdefault(fact.document, {}).setdefault(sentence, []).append(fact)
        return covered

    def statuses(self) -> Iterator[tuple[Document, list[SentenceStatus]]]:
        """Return each document with the decisions on its sentences, in the order of the text."""
        covered = self.covered()
        for document in self.documents.values():
            ids = covered.get(document.id, {})
            yield document, [sentence.status(ids) for sentence in document.sentences]

    def labels(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return the labels of things by kind and id, the preferred one first."""
        return {
            "term": {name: (term.label, *term.aliases) for name, term in self.terms.items()},
            "predicate": {name: (predicate.label,) for name, predicate in self.predicates.items()},
            "document": {name: (document.title,) for name, document in self.documents.items()},
        }
