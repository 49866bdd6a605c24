"""What is on the page of a thing, as plain values: labels for people, links that work here, and nothing that is not stated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote

from kb.rdf.iris import DCTERMS, KB, OA, OWL, PROV, RDF, RDFS, SKOS, SSSOM, Names
from kb.rdf.quads import iri_value, is_iri, literal_value
from kb.rdf.wording import LABEL, word_claim
from kb.server.processes.describe import Found, Triple

_ONTOLOGY = KB.removesuffix("#")
_LINKED = re.compile(r"(?:https?://|urn:|mailto:)", re.IGNORECASE)
_TITLES = (f"{SKOS}prefLabel", f"{RDFS}label", f"{DCTERMS}title", f"{DCTERMS}identifier")
_DEFINITIONS = (f"{SKOS}definition", f"{DCTERMS}description", f"{RDFS}comment")
_MATCHES = {f"{SKOS}{each}Match" for each in ("exact", "close", "broad", "narrow", "related")} | {f"{OWL}sameAs"}
_PARTS = {f"{RDF}{each}" for each in ("type", "subject", "predicate", "object")} | {
    f"{PROV}hadPrimarySource",
    f"{PROV}wasDerivedFrom",
    f"{KB}evidence",
}
_NOTES = {f"{SKOS}editorialNote", f"{RDFS}comment"}


class Link(NamedTuple):
    """A word with what it leads to: an address here or elsewhere, or nothing where a link would not be safe."""

    text: str
    href: str = ""
    title: str = ""


class Evidence(NamedTuple):
    """A sentence, the parts of the fact that it supports, its own hedge, and its text where that may be shown."""

    sentence: Link
    supports: list[str]
    hedge: str
    quote: str


class Statement(NamedTuple):
    """A fact: its three parts, its hedges by name, its sentences, and notes."""

    fact: Link
    subject: Link
    predicate: Link
    object: Link
    hedges: list[tuple[Link, list[Link]]]
    evidence: list[Evidence]
    document: list[Link]
    notes: list[str]


class Page(NamedTuple):
    """What is on the page of a thing."""

    iri: str
    title: str
    kinds: list[Link]
    definition: list[str]
    properties: list[tuple[Link, list[Link]]]
    matches: list[tuple[str, list[Link]]]
    statement: Statement | None
    subject_of: list[Statement]
    named_in: list[Statement]
    others: list[tuple[Link, list[Link]]]
    cut: bool


class Links:
    """Gives the links of pages.

    Args:
        names: The names of the knowledge base.
        base: The IRI that the root of the server stands for.
        labels: Labels that are known besides those of the dataset, by IRI.
    """

    def __init__(self, names: Names, base: str, labels: Mapping[str, str] | None = None) -> None:
        self.names, self.base, self._labels = names, base, labels or {}

    def address(self, iri: str) -> str:
        """Give the address of a thing: on this server if it is one of ours, nothing if it is no safe place to go."""
        if iri.startswith(self.base):
            return "/" + quote(iri[len(self.base) :], safe="/;:@!$&'()*+,=~%-._")
        if iri.startswith(_ONTOLOGY) and iri[len(_ONTOLOGY) : len(_ONTOLOGY) + 1] in {"", "#"}:
            return "/ontology" + quote(iri[len(_ONTOLOGY) :], safe="#-._~")
        return iri if _LINKED.match(iri) else ""

    def link(self, term: str, labels: Mapping[str, str]) -> Link:
        """Give the link of a term: literals lead nowhere."""
        if not is_iri(term):
            if not term.startswith('"'):
                return Link(term)
            value = literal_value(term)
            return Link(value.value, title=value.language or self.names.compact(value.datatype) or value.datatype)
        iri = iri_value(term)
        short = self.names.relative(iri) or self.names.compact(iri) or iri
        return Link(labels.get(iri) or self._labels.get(iri) or short, self.address(iri), iri)

    def words(self, iri: str, labels: Mapping[str, str]) -> Link:
        """Give the link of a predicate in words: its label, or its last part taken apart."""
        label = labels.get(iri) or self._labels.get(iri) or _local(iri)
        return Link(label or self.names.compact(iri) or iri, self.address(iri), iri)


class _Graph:
    """Triples by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._about: dict[str, dict[str, list[str]]] = {}
        for subject, predicate, obj in triples:
            self._about.setdefault(subject, {}).setdefault(iri_value(predicate), []).append(obj)

    def about(self, term: str) -> dict[str, list[str]]:
        """Give the predicates of a subject, each with its objects."""
        return self._about.get(term, {})

    def nodes(self) -> Iterable[dict[str, list[str]]]:
        """Give what is said of each subject."""
        return self._about.values()

    def texts(self, term: str, predicates: Iterable[str]) -> list[str]:
        """Give the literals that a subject has by some predicates."""
        about = self.about(term)
        return [literal_value(obj).value for each in predicates for obj in about.get(each, []) if obj.startswith('"')]


def page(iri: str, found: Found, links: Links) -> Page:
    """Make the page of a thing."""
    graph = _Graph(found.triples)
    node, labels = f"<{iri}>", {**_matched(graph), **found.labels}
    about = graph.about(node)
    facts = {subject for subject, _ in found.others if f"<{KB}Fact>" in graph.about(f"<{subject}>").get(f"{RDF}type", [])}
    statements = {each: _statement(f"<{each}>", graph, links, labels) for each, _ in found.others if each in facts}
    first = [each for each in statements if node in graph.about(f"<{each}>").get(f"{RDF}subject", [])]
    is_fact = f"<{KB}Fact>" in about.get(f"{RDF}type", [])
    stated = {iri_value(each) for fact in first for each in graph.about(f"<{fact}>").get(f"{RDF}predicate", [])}
    told = (
        stated
        | {*_TITLES[:3], *_DEFINITIONS, *_MATCHES, f"{RDF}type"}
        | (_PARTS | _NOTES | set(_hedges(about)) if is_fact else set())
    )
    fact = _statement(node, graph, links, labels) if is_fact else None
    claim = [word_claim(fact.subject.text, fact.predicate.text, fact.object.text, LABEL)] if fact else []
    return Page(
        iri,
        next(iter([*graph.texts(node, _TITLES), *claim]), links.names.relative(iri) or iri),
        [links.link(each, labels) for each in about.get(f"{RDF}type", [])],
        list(dict.fromkeys(graph.texts(node, _DEFINITIONS))),
        [
            (links.words(name, labels), [links.link(each, labels) for each in some])
            for name, some in about.items()
            if name not in told
        ],
        [(_local(name), [links.link(each, labels) for each in about[name]]) for name in sorted(_MATCHES & set(about))],
        fact,
        [statements[each] for each in first],
        [statements[each] for each in statements if each not in first],
        _others(found, facts, graph, links),
        found.cut,
    )


def _matched(graph: _Graph) -> dict[str, str]:
    """Give the labels that mappings know of things elsewhere."""
    found = {}
    for about in graph.nodes():
        for target, label in zip(about.get(f"{OWL}annotatedTarget", []), about.get(f"{SSSOM}object_label", []), strict=False):
            found[iri_value(target)] = literal_value(label).value
    return found


def _others(found: Found, facts: set[str], graph: _Graph, links: Links) -> list[tuple[Link, list[Link]]]:
    """Give what else points to a thing, by how it does; mappings are told by the matches of the thing itself."""
    stated = {each for fact in facts for each in graph.about(f"<{fact}>").get(f"{RDF}predicate", [])}
    ways: dict[str, list[Link]] = {}
    for subject, triples in found.others:
        if subject in facts or f"<{SSSOM}Mapping>" in graph.about(f"<{subject}>").get(f"{RDF}type", []):
            continue
        for name in dict.fromkeys(predicate for _, predicate, _ in triples if predicate not in stated):
            ways.setdefault(name, []).append(links.link(f"<{subject}>", found.labels))
    return [(links.words(iri_value(name), found.labels), some) for name, some in ways.items()]


def _statement(fact: str, graph: _Graph, links: Links, labels: Mapping[str, str]) -> Statement:
    about = graph.about(fact)

    def one(name: str) -> Link:
        return links.link(about.get(name, ['""'])[0], labels)

    return Statement(
        links.link(fact, {}),
        one(f"{RDF}subject"),
        one(f"{RDF}predicate"),
        one(f"{RDF}object"),
        [(links.words(name, labels), [links.link(each, labels) for each in about[name]]) for name in _hedges(about)],
        [_evidence(each, graph, links, labels) for each in about.get(f"{KB}evidence", [])],
        [links.link(each, labels) for each in about.get(f"{PROV}hadPrimarySource", [])],
        graph.texts(fact, _NOTES),
    )


def _hedges(about: Mapping[str, list[str]]) -> list[str]:
    """Give the predicates that limit or grade a fact, how firmly it is said first."""
    found = [name for name in about if name.startswith(KB) and name not in _PARTS]
    return sorted(found, key=lambda name: (name != f"{KB}modality", name))


def _evidence(piece: str, graph: _Graph, links: Links, labels: Mapping[str, str]) -> Evidence:
    about = graph.about(piece)
    target = about.get(f"{OA}hasTarget", ['""'])[0]
    selectors = [*about.get(f"{OA}hasSelector", []), *graph.about(target).get(f"{OA}hasSelector", [])]
    return Evidence(
        links.link(target, labels),
        [links.link(each, labels).text for each in about.get(f"{KB}supports", [])],
        ", ".join(links.link(each, labels).text for each in about.get(f"{KB}modality", [])),
        " … ".join(text for each in selectors for text in graph.texts(each, (f"{OA}exact",))),
    )


def _local(iri: str) -> str:
    """Put the last part of an IRI into words: exactMatch, exact match."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.split("[#/]", iri)[-1]).lower()
