"""The content of pages as plain values: labels, links to pages of this server, and what the dataset states."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from kb.rdf.iris import DCTERMS, KB, OA, OWL, PROV, RDF, RDFS, SKOS, SSSOM, Names
from kb.rdf.quads import iri_value, is_iri, literal_value
from kb.rdf.wording import DENIAL, EXPLANATION, word_claim
from kb.schema import vocabulary
from kb.server.messages import Description, Triple

_ONTOLOGY = KB.removesuffix("#")
_SAFE_SCHEMES = re.compile(r"(?:https?://|urn:|mailto:)", re.IGNORECASE)
_LABELS = (f"{SKOS}prefLabel", f"{RDFS}label")
_TITLES = (*_LABELS, f"{DCTERMS}title", f"{DCTERMS}identifier")
_DEFINITIONS = (f"{SKOS}definition", f"{DCTERMS}description", f"{RDFS}comment")
_MATCHES = {f"{SKOS}{strength}Match" for strength in ("exact", "close", "broad", "narrow", "related")} | {f"{OWL}sameAs"}
_FACT_PARTS = {f"{RDF}{part}" for part in ("type", "subject", "predicate", "object")} | {
    f"{PROV}hadPrimarySource",
    f"{PROV}wasDerivedFrom",
    f"{KB}evidence",
}
_NOTES = {f"{SKOS}editorialNote", f"{RDFS}comment"}


class Link(NamedTuple):
    """A text with its address here or elsewhere; the address is empty where a link would not be safe."""

    text: str
    href: str = ""
    title: str = ""


class EvidenceView(NamedTuple):
    """A sentence, the parts of the fact that it supports, its own hedge, and its text if that may be shown."""

    sentence: Link
    supports: list[str]
    hedge: str
    quote: str


class FactView(NamedTuple):
    """A fact: its three parts, its qualifiers by name, its evidence, its document, its notes, and whether it is denied."""

    fact: Link
    subject: Link
    predicate: Link
    object: Link
    hedges: list[tuple[Link, list[Link]]]
    evidence: list[EvidenceView]
    document: list[Link]
    notes: list[str]
    is_denied: bool

    @property
    def claim(self) -> str:
        """The claim in words, with its denial, its modality and what restricts it."""
        limits = {name.title.removeprefix(KB): ", ".join(value.text for value in values) for name, values in self.hedges}
        names = [name for name in ("modality", *vocabulary.restricting_qualifiers()) if name in limits]
        parts = self.subject.text, self.predicate.text, self.object.text
        return word_claim(*parts, EXPLANATION, [(name, limits[name]) for name in names])


class FactSupport(NamedTuple):
    """A fact that a row of an answer rests on: the claim as a link, its document and sentences, and their texts."""

    claim: Link
    place: str
    quotes: list[str]

    @classmethod
    def make(cls, fact: Sequence[Any], links: Links) -> FactSupport:
        """Make it of the values of a :class:`kb.queries.fact_reader.SupportingFact`."""
        node, says, document, sentences, quotes, _ = fact
        return cls(Link(says, links.address(iri_value(node))), f"{document}, {', '.join(sentences)}", quotes)


class ThingPage(NamedTuple):
    """The content of the page of a thing."""

    iri: str
    title: str
    kinds: list[Link]
    definition: list[str]
    properties: list[tuple[Link, list[Link]]]
    matches: list[tuple[str, list[Link]]]
    statement: FactView | None
    subject_of: list[FactView]
    named_in: list[FactView]
    others: list[tuple[Link, list[Link]]]
    cut: bool


class VocabularyEntry(NamedTuple):
    """A term of the vocabulary: the last part of its IRI, its label with a link, and its definitions."""

    name: str
    link: Link
    definitions: list[str]


class Links:
    """Makes the links of pages; ``labels`` are known besides those of the dataset, by IRI."""

    def __init__(self, names: Names, base: str, labels: Mapping[str, str]) -> None:
        self.names, self.base, self._labels = names, base, labels

    def address(self, iri: str) -> str:
        """Return the address of a thing: on this server if the IRI belongs to it, nothing if a link would not be safe."""
        if iri.startswith(self.base):
            return "/" + quote(iri[len(self.base) :], safe="/;:@!$&'()*+,=~%-._")
        if iri.startswith(_ONTOLOGY) and iri[len(_ONTOLOGY) : len(_ONTOLOGY) + 1] in {"", "#"}:
            return "/ontology" + quote(iri[len(_ONTOLOGY) :], safe="#-._~")
        return iri if _SAFE_SCHEMES.match(iri) else ""

    def link(self, term: str, labels: Mapping[str, str]) -> Link:
        """Return the link of a term; literals have no address."""
        if not is_iri(term):
            if not term.startswith('"'):
                return Link(term)
            value = literal_value(term)
            return Link(value.value, title=value.language or self.names.compact(value.datatype) or value.datatype)
        iri = iri_value(term)
        short = self.names.relative(iri) or self.names.compact(iri) or iri
        return Link(labels.get(iri) or self._labels.get(iri) or short, self.address(iri), iri)

    def predicate_link(self, iri: str, labels: Mapping[str, str]) -> Link:
        """Return the link of a predicate: its label, or the last part of its IRI as words."""
        label = labels.get(iri) or self._labels.get(iri) or _local_words(iri)
        return Link(label or self.names.compact(iri) or iri, self.address(iri), iri)


class _Graph:
    """The triples of a page by subject and predicate, with the links and labels of what they name."""

    def __init__(self, triples: Iterable[Triple], links: Links, labels: Mapping[str, str]) -> None:
        self._subjects: dict[str, dict[str, list[str]]] = {}
        for subject, predicate, obj in triples:
            self._subjects.setdefault(subject, {}).setdefault(iri_value(predicate), []).append(obj)
        self._links = links
        self._labels = {**self._mapped_labels(), **labels}

    def _mapped_labels(self) -> dict[str, str]:
        """Return the labels that mappings give to things of other vocabularies."""
        labels = {}
        for subject in self._subjects:
            targets = self.objects(subject, f"{OWL}annotatedTarget")
            for target, label in zip(targets, self.objects(subject, f"{SSSOM}object_label"), strict=False):
                labels[iri_value(target)] = literal_value(label).value
        return labels

    def subjects(self) -> list[str]:
        return list(self._subjects)

    def predicates(self, subject: str) -> dict[str, list[str]]:
        return self._subjects.get(subject, {})

    def objects(self, subject: str, predicate: str) -> list[str]:
        return self.predicates(subject).get(predicate, [])

    def is_a(self, subject: str, kind: str) -> bool:
        return f"<{kind}>" in self.objects(subject, f"{RDF}type")

    def texts(self, subject: str, predicates: Iterable[str]) -> list[str]:
        objects = (obj for predicate in predicates for obj in self.objects(subject, predicate))
        return [literal_value(obj).value for obj in objects if obj.startswith('"')]

    def terms(self, subject: str, predicate: str) -> list[Link]:
        return [self._links.link(term, self._labels) for term in self.objects(subject, predicate)]

    def properties(self, subject: str, predicates: Iterable[str]) -> list[tuple[Link, list[Link]]]:
        return [(self._links.predicate_link(name, self._labels), self.terms(subject, name)) for name in predicates]

    def qualifiers(self, fact: str) -> list[str]:
        """Return the predicates of the qualifiers of a fact, modality first."""
        names = [name for name in self.predicates(fact) if name.startswith(KB) and name not in _FACT_PARTS]
        return sorted(names, key=lambda name: (name != f"{KB}modality", name))

    def fact(self, fact: str) -> FactView:
        subject, predicate, obj = (
            next(iter(self.terms(fact, f"{RDF}{part}")), Link("")) for part in ("subject", "predicate", "object")
        )
        return FactView(
            self._links.link(fact, {}),
            subject,
            predicate,
            obj,
            self.properties(fact, self.qualifiers(fact)),
            [self.evidence(node) for node in self.objects(fact, f"{KB}evidence")],
            self.terms(fact, f"{PROV}hadPrimarySource"),
            self.texts(fact, _NOTES),
            f"{KB}{DENIAL}" in self.predicates(fact),
        )

    def evidence(self, node: str) -> EvidenceView:
        target = next(iter(self.objects(node, f"{OA}hasTarget")), '""')
        selectors = [*self.objects(node, f"{OA}hasSelector"), *self.objects(target, f"{OA}hasSelector")]
        return EvidenceView(
            self._links.link(target, self._labels),
            [link.text for link in self.terms(node, f"{KB}supports")],
            ", ".join(link.text for link in self.terms(node, f"{KB}modality")),
            " … ".join(text for selector in selectors for text in self.texts(selector, (f"{OA}exact",))),
        )


def thing_page(iri: str, description: Description, links: Links) -> ThingPage:
    """Return the content of the page of a thing."""
    graph = _Graph(description.triples, links, description.labels)
    node = f"<{iri}>"
    facts = [subject for subject, _ in description.others if graph.is_a(f"<{subject}>", f"{KB}Fact")]
    own_facts = [fact for fact in facts if node in graph.objects(f"<{fact}>", f"{RDF}subject")]
    displayed = {iri_value(term) for fact in own_facts for term in graph.objects(f"<{fact}>", f"{RDF}predicate")}
    displayed |= {*_TITLES[:3], *_DEFINITIONS, *_MATCHES, f"{RDF}type"}
    statement = graph.fact(node) if graph.is_a(node, f"{KB}Fact") else None
    titles = graph.texts(node, _TITLES)
    if statement:
        displayed |= _FACT_PARTS | _NOTES | set(graph.qualifiers(node))
        titles.append(statement.claim)
    return ThingPage(
        iri,
        titles[0] if titles else links.names.relative(iri) or iri,
        graph.terms(node, f"{RDF}type"),
        list(dict.fromkeys(graph.texts(node, _DEFINITIONS))),
        graph.properties(node, [name for name in graph.predicates(node) if name not in displayed]),
        [(_local_words(name), graph.terms(node, name)) for name in sorted(_MATCHES & set(graph.predicates(node)))],
        statement,
        [graph.fact(f"<{fact}>") for fact in own_facts],
        [graph.fact(f"<{fact}>") for fact in facts if fact not in own_facts],
        _group_incoming(description, set(facts), graph, links),
        description.cut,
    )


def _group_incoming(description: Description, facts: set[str], graph: _Graph, links: Links) -> list[tuple[Link, list[Link]]]:
    """Return what points to a thing, by predicate, without facts and mappings, which the page shows elsewhere."""
    stated = {term for fact in facts for term in graph.objects(f"<{fact}>", f"{RDF}predicate")}
    subjects: dict[str, list[Link]] = {}
    for subject, triples in description.others:
        if subject not in facts and not graph.is_a(f"<{subject}>", f"{SSSOM}Mapping"):
            for name in dict.fromkeys(predicate for _, predicate, _ in triples if predicate not in stated):
                subjects.setdefault(name, []).append(links.link(f"<{subject}>", description.labels))
    return [(links.predicate_link(iri_value(name), description.labels), targets) for name, targets in subjects.items()]


def vocabulary_entries(ontology: Iterable[Triple], links: Links) -> list[VocabularyEntry]:
    """Return the terms of the vocabulary in the order of their IRIs."""
    texts = (triple for triple in ontology if iri_value(triple[0]).startswith(KB) and triple[2].startswith('"'))
    graph, entries = _Graph(texts, links, {}), []
    for subject in sorted(graph.subjects()):
        iri = iri_value(subject)
        name = iri.removeprefix(KB)
        label = next(iter(graph.texts(subject, _LABELS)), name)
        definitions = graph.texts(subject, (f"{SKOS}definition", f"{RDFS}comment", f"{DCTERMS}description"))
        entries.append(VocabularyEntry(name, links.link(subject, {iri: label}), definitions))
    return entries


def _local_words(iri: str) -> str:
    """Return the last part of an IRI as words: exactMatch becomes exact match."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.split("[#/]", iri)[-1]).lower()
