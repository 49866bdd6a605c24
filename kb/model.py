"""The model: what a knowledge base consists of, as immutable values.

:mod:`kb.records.resolve` parses records into these values; everything after that sees only them. They refer to each other by
ids, so that each can be compiled on its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from kb.document_parts import Section, Sentence, SentenceStatus, Verification
from kb.escaping import count_of
from kb.metadata import BiolinkProfile, Curation, Dataset
from kb.problems import Place, fail, quote

#: In the places of a record, ``(*path, KEY)`` is the place of the key of a value, if it differs from that of the value.
KEY = -1

#: What stands between several values of a qualifier: ``any-of,a,b``, which no id and no quantity has.
SEPARATOR = ","
#: What a fact has of its document, and its own status: they are told with the claim, but are no part of it.
STANDING, STATUS = "standing", "status"
#: What a fact has of evidence that speaks against it; the second value is that of a fact that no evidence states.
DISPUTE = "dispute"
ALSO_DISPUTED, ONLY_DISPUTED = "also-disputed", "only-disputed"

#: Words of a term or predicate in other languages than the base's: the key (label, aliases or definition), the tag, the words.
Translations = tuple[tuple[str, str, str], ...]
#: The path of a value inside a record: keys and indexes.
Trail = tuple[str | int, ...]


@dataclass(frozen=True)
class Record:
    """A record as it was read.

    Args:
        kind: ``kb``, ``document``, ``term``, ``predicate``, ``fact`` or ``mapping``.
        value: The plain value: strings, numbers, booleans, lists and mappings.
        place: The place where it begins.
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


class Document(NamedTuple):
    """A source text, identified by its digest.

    Args:
        sha256, bytes, characters: The digest and the length of its file; the length of its normal form in code points.
        words, words_sha256: Its normal form, if its text ships; and the digest of that, if it is not the file.
        topic, standing: The terms that it is about; what became of it, if it is not current, since when, and by which source.
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
    identifiers: tuple[str, ...] = ()  # those that the text states of itself, as issued and version
    issued: str = ""
    version: str = ""
    topic: tuple[str, ...] = ()
    retrieved: str = ""
    replaces: tuple[str, ...] = ()
    standing: str = ""
    standing_since: str = ""
    standing_source: str = ""
    record: Record | None = None


class Term(NamedTuple):
    """A thing that facts are about; a retired one, which has perhaps a successor, is in exports so that its IRI stays.

    Its words are in the language of the knowledge base, those in others are ``translations``. One that is
    imported has an ``origin``: its IRI in the knowledge base that it comes from.
    """

    id: str
    kind: str
    label: str
    definition: str
    aliases: tuple[str, ...] = ()
    value: str = ""
    unit: str = ""
    note: str = ""
    deprecated: bool = False
    replaced_by: str = ""
    translations: Translations = ()
    origin: str = ""
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
    translations: Translations = ()
    origin: str = ""
    record: Record | None = None


def list_names(thing: Term | Predicate, language: str = "") -> tuple[str, ...]:
    """Return the labels and aliases of a term or predicate: those in a language, of the knowledge base, and in all others."""
    own = (thing.label, *(thing.aliases if isinstance(thing, Term) else ()))
    others = [(tag, words) for key, tag, words in thing.translations if key != "definition"]
    first = [words for tag, words in others if language and primary_tag(tag) == primary_tag(language)]
    return tuple(dict.fromkeys((*first, *own, *(words for _, words in others)))) if others else own


def split_values(value: str) -> tuple[str, ...]:
    """Return the values of a qualifier: each of several (:mod:`kb.rdf.value_groups`), or the one."""
    return tuple(value.split(SEPARATOR)[1:]) if SEPARATOR in value else (value,)


def primary_tag(language: str) -> str:
    """Return the language of a BCP 47 tag without region and script: ``pt`` of ``pt-BR``."""
    return language.partition("-")[0].lower()


class LiteralObject(NamedTuple):
    """A literal that is an object; ``datatype`` is a CURIE. A quantity has its words as value; ``quantity`` spells it."""

    value: str
    datatype: str = "xsd:string"
    language: str = ""
    quantity: str = ""

    @property
    def kind(self) -> str:
        """How predicates name it among the kinds of their objects."""
        return "quantity" if self.quantity else "literal"


class Evidence(NamedTuple):
    """A sentence and the parts of a fact that it supports, with its own modality where that differs.

    Args:
        name: The last part of its IRI: the sentence, and the parts where the record names them.
        sentence, supports: The sentence's id, and the parts: ``claim`` and names of qualifiers.
        modality: The modality of these parts in the sentence, if it is not that of the fact.
        start, end: The span of the words that state it, in code points of the text, where that is narrower than the sentence.
        wordings: Parts of the fact with the words by which the sentence names them, if it uses none of their labels.
        basis: The type of this evidence, as a CURIE, if it is not that of the document.
        disputes: The parts that the sentence speaks against; then it supports none.
    """

    name: str
    sentence: str
    supports: tuple[str, ...]
    modality: str = ""
    start: int | None = None
    end: int | None = None
    wordings: tuple[tuple[str, str], ...] = ()
    basis: str = ""
    disputes: tuple[str, ...] = ()

    @property
    def rests_claim_on_heading(self) -> bool:
        """Whether it gives a heading for the claim, which states nothing."""
        return self.sentence.endswith(".0") and "claim" in self.supports

    def is_inside(self, sentence: Sentence) -> bool:
        """Return whether its span, if it has one, is inside of that of its sentence."""
        return self.start is None or self.end is None or sentence.start <= self.start < self.end <= sentence.end


class Fact(NamedTuple):
    """One claim by one document.

    Args:
        path: Its identity, as a path below the base.
        qualifiers: Name to value, in the order of the schema: a word, the id of a term, a quantity, or several terms.
        evidence: Each sentence with the parts that it supports.
        curation: Who entered and reviewed it, and its status, if the record says so.
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
    curation: Curation | None = None

    @property
    def dispute(self) -> str:
        """Whether evidence speaks against it: :data:`ALSO_DISPUTED`, :data:`ONLY_DISPUTED`, or empty."""
        for piece in self.evidence:  # a loop, since each fact of a build comes here
            if piece.disputes:
                return ALSO_DISPUTED if any(other.supports for other in self.evidence) else ONLY_DISPUTED
        return ""

    @property
    def sources(self) -> tuple[str, ...]:
        """The sentences that state it, or if none does, those that dispute it."""
        stating = tuple(dict.fromkeys([piece.sentence for piece in self.evidence if piece.supports]))
        return stating or self.sentences

    def stated_in(self, standing: str) -> Fact:
        """Return the fact with the standing of its document, the dispute about it and its status, which readers are told."""
        dispute = self.dispute
        if not (standing or dispute or self.curation):  # most facts
            return self
        own = ((STANDING, standing), (DISPUTE, dispute), (STATUS, self.curation.status if self.curation else ""))
        marks = {name: mark for name, mark in own if mark}
        return self._replace(qualifiers={**self.qualifiers, **marks}) if marks else self

    @property
    def values(self) -> tuple[str, ...]:
        """The values of its qualifiers, each of several by itself."""
        return tuple(one for value in self.qualifiers.values() for one in split_values(value))

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentences that it cites, without repeats, in the order of the record."""
        return tuple(dict.fromkeys([piece.sentence for piece in self.evidence]))


class OutsideMatch(NamedTuple):
    """A term or predicate of ours, or an outside term, matched to an outside one: a row of SSSOM.

    Args:
        subject, match, object: ``term:ID`` or ``pred:ID``, or a CURIE; the SKOS relation and the outside term as CURIEs.
        justification: How it was made, as a CURIE of the Semantic Mapping Vocabulary.
        source_version, date, label: The version of the vocabulary; when it was made; the outside label, if it may ship.
        slots, prefixes: The other slots of SSSOM and of its set, by name; the prefixes of its file that it uses, to IRIs.
        heading, extensions: What the heading of its file says of the set; its cells in columns that are not those of SSSOM.
    """

    subject: str
    match: str
    object: str
    justification: str
    source_version: str
    date: str
    label: str = ""
    comment: str = ""
    slots: Mapping[str, str] = MappingProxyType({})
    prefixes: Mapping[str, str] = MappingProxyType({})
    heading: Mapping[str, Any] = MappingProxyType({})
    extensions: Mapping[str, str] = MappingProxyType({})
    record: Record | None = None

    @property
    def is_ours(self) -> bool:
        """Whether its subject is a term or predicate of the knowledge base."""
        return self.subject.partition(":")[0] in {"term", "pred"}

    def foreign_set(self, about: Dataset) -> str:
        """Return the name of the mapping set of others that it comes from; empty for one under the knowledge base's licence."""
        name, licence = self.slots.get("mapping_set_id", ""), self.slots.get("license", about.license)
        return "" if licence == about.license and (not name or name.startswith(about.base)) else name or licence


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
        folder, dataset: Where it was read from, and its metadata.
        documents, terms, predicates, facts, mappings: The first three by id, the others sorted, facts by path.
        outside: What mapping sets say of outside terms alone; it is for checks, and not exported.
        biolink, cues: How facts become edges of the Biolink Model; the cue words that it adds to those of the schemas.
        retired: The terms that no record may name any more, by id; they are not among the terms.
    """

    folder: Path
    dataset: Dataset
    documents: Mapping[str, Document]
    terms: Mapping[str, Term]
    predicates: Mapping[str, Predicate]
    facts: tuple[Fact, ...]
    mappings: tuple[OutsideMatch, ...]
    outside: tuple[OutsideMatch, ...] = ()
    biolink: BiolinkProfile = BiolinkProfile()
    cues: tuple[Cue, ...] = ()
    retired: Mapping[str, Term] = MappingProxyType({})

    def stated_facts(self) -> tuple[Fact, ...]:
        """Return the facts, each with its status and the standing of its document, if it has one."""
        return tuple(fact.stated_in(getattr(self.documents.get(fact.document), "standing", "")) for fact in self.facts)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its terms and predicates: its own first, then the others in lower case."""
        things: list[Term | Predicate] = [*self.terms.values(), *self.predicates.values()]
        tags = {tag.lower() for thing in things for _, tag, _ in thing.translations}
        return (self.dataset.language, *sorted(tags - {self.dataset.language.lower()}))

    def __repr__(self) -> str:
        counted = {"fact": self.facts, "term": self.terms, "document": self.documents}
        counts = ", ".join(count_of(len(records), kind) for kind, records in counted.items())
        return f"<KnowledgeBase {self.dataset.id}: {counts}>"

    def find_document(self, name: str, place: Place | None = None) -> Document:
        """Return a document by its id, which is in a place; raise :class:`KbError` if there is none (KB303)."""
        if known := self.documents.get(name):
            return known
        raise fail("KB303", f"There is no document {quote(name)}.", f"Known: {', '.join(self.documents)}.", place or "")

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
        for name, document in self.documents.items():
            yield document, [sentence.status(covered.get(name, ())) for sentence in document.sentences]

    def labels(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """Return the labels of things by kind and id, the preferred one first; of retired terms, after the successor."""
        labels: dict[str, dict[str, tuple[str, ...]]] = {
            "term": {name: list_names(term) for name, term in self.terms.items()},
            "predicate": {name: list_names(predicate) for name, predicate in self.predicates.items()},
            "document": {name: (document.title,) for name, document in self.documents.items()},
        }
        if self.retired:
            labels["retired"] = {name: (term.replaced_by, term.label) for name, term in self.retired.items()}
        return labels
