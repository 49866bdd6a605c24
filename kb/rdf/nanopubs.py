"""Nanopublications: each fact on its own, with its evidence and its creators (http://nanopub.net/guidelines/working_draft/).

The assertion holds the fact as an ``rdf:Statement`` with its qualifiers, and the plain triple only where that does not
overstate it. So a negated or conditional fact is never asserted without its negation or condition. The provenance holds the
evidence, the sentences with their positions and digests, and the document. The publication info holds creators, date, licence
and labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from kb.model import Fact, KnowledgeBase
from kb.problems import Place, fail
from kb.rdf import documents, facts, reviews, trusty
from kb.rdf.iris import DCTERMS, FOAF, KB, NP, NPX, PROV, RDF, RDFS, SKOS, XSD, Names
from kb.rdf.quads import Quad, iri, iri_value, literal
from kb.rdf.wording import word_fact

#: How many statements a nanopublication may have (the limit of the nanopublication network).
LARGEST = 1200

_TYPE, _LABEL = iri(f"{RDF}type"), iri(f"{RDFS}label")
_CREATED, _SUPERSEDES, _RETRACTS = iri(f"{DCTERMS}created"), iri(f"{NPX}supersedes"), iri(f"{NPX}retracts")
EVIDENCE = {facts.EVIDENCE, facts.DERIVED, facts.PRIMARY_SOURCE, facts.NOTE, *reviews.PROVENANCE}
_SOURCES = {facts.DERIVED, facts.PRIMARY_SOURCE}
# Notes and decisions of curators on a sentence are not part of the provenance of a fact.
OMITTED = {facts.NOTE, *(iri(KB + name) for name in ("status", "exemption", "restated"))}

Triple = tuple[str, str, str]


class Published(NamedTuple):
    """A nanopublication of an earlier release: its IRI, when it was created, and the IRI of that which it supersedes."""

    node: str
    created: str
    superseded: str


def read_published(quads: Iterable[Quad]) -> dict[str, Published]:
    """Return the nanopublication of each fact, by the IRI of the fact."""
    known: dict[str, dict[str, str]] = {}
    for subject, predicate, obj, graph in quads:
        node = f"{graph.partition('#')[0]}>"
        if (predicate, obj) == (_TYPE, facts.FACT):
            known.setdefault(node, {})[_TYPE] = subject
        elif subject == node and predicate in {_CREATED, _SUPERSEDES}:
            known.setdefault(node, {})[predicate] = obj
    return {
        about[_TYPE]: Published(node, about.get(_CREATED, ""), about.get(_SUPERSEDES, ""))
        for node, about in known.items()
        if _TYPE in about
    }


class Publisher:
    """Makes nanopublications; what they share is written once. ``published`` are those of an earlier release."""

    def __init__(self, kb: KnowledgeBase, names: Names, published: Mapping[str, Published] = MappingProxyType({})) -> None:
        self._kb, self._names, self._published = kb, names, published
        self._compiler = facts.Compiler(names, kb.predicates, kb.dataset.language, terms=kb.terms)
        self._known: dict[str, dict[str, list[Triple]]] = {}
        self.start = f"{names.base}np/"
        self._this = iri(f"{self.start}{trusty.PLACEHOLDER}")

    def publish(self, fact: Fact) -> list[Quad]:
        """Make the nanopublication of a fact, named by its trusty URI: the earlier one, or one that supersedes it.

        Raises:
            KbError: It would be too large (KB771).
        """
        before = self._published.get(iri(self._names.base + fact.path))
        if before:
            draft = self.draft(fact, before.created, before.superseded)
            code = trusty.compute_code(draft)
            if before.node == iri(self.start + code):
                return trusty.fill_in(draft, code)
        draft = self.draft(fact, superseded=before.node if before else "")
        return trusty.fill_in(draft, trusty.compute_code(draft))

    def draft(self, fact: Fact, created: str = "", superseded: str = "") -> list[Quad]:
        """Make it with a placeholder for its artifact code; by default it is created on the date of the version.

        Raises:
            KbError: It would be too large (KB771).
        """
        claimed, evidence = self._claim(fact)
        made = assemble(self._names, claimed, evidence, self._provenance(fact), self._info(fact, created, superseded))
        if len(made) > LARGEST:
            place = fact.record.place if fact.record else Place(str(self._kb.folder))
            message = f"As a nanopublication the fact has {len(made)} statements; {LARGEST} are the most."
            raise fail("KB771", message, "Name fewer sentences, or cut it into several facts.", place)
        return made

    def retract(self, retracted: str) -> list[Quad]:
        """Make a nanopublication in which the first creator retracts one whose fact is gone; its claim is not denied."""
        about = self._kb.dataset
        creators = self._creators()
        label = literal(f"Retraction of {iri_value(retracted)}", language="en")
        described = describe_nanopub(self._names, write_created(about.issued), about.license, label, creators)
        info = [(node, name, _RETRACTS if value == facts.FACT else value) for node, name, value in described]
        draft = assemble(self._names, [(creators[0][0], _RETRACTS, retracted)], (), (), info)
        return trusty.fill_in(draft, trusty.compute_code(draft))

    def _creators(self) -> list[tuple[str, str]]:
        names = self._names
        creators = self._kb.dataset.creators
        return [(iri(creator.url or f"{names.base}agent/{creator.id}"), literal(creator.name)) for creator in creators]

    def _claim(self, fact: Fact) -> tuple[list[Triple], list[Triple]]:
        """Return the triples of the claim, and those of its evidence."""
        compiled = self._compiler.quads(fact, self._kb.documents[fact.document].evidence)
        evidence, about, plain = ([quad[:3] for quad in part] for part in compiled)
        claimed = [triple for triple in about if triple[1] not in EVIDENCE]
        claimed += [triple for triple in evidence if is_value(triple)]
        provenance = [triple for triple in about if triple[1] in EVIDENCE]
        return [*claimed, *plain], [*provenance, *(triple for triple in evidence if not is_value(triple))]

    def _provenance(self, fact: Fact) -> Iterator[Triple]:
        """Yield the triples of the document and the sentences of a fact."""
        triples, names = self._sources(fact.document), self._names
        yield from triples[iri(names.document(fact.document))]
        for sentence in fact.sentences:
            yield from triples[iri(names.sentence(fact.document, sentence))]

    def _sources(self, name: str) -> dict[str, list[Triple]]:
        """Return the triples of a document and of each of its sentences, selectors included, by node."""
        if name not in self._known:
            made: dict[str, list[Triple]] = {}
            sentences = {iri(self._names.sentence(name, sentence.id)) for sentence in self._kb.documents[name].sentences}
            compiled = documents.compile_document(self._kb.documents[name], (), self._names, self._kb.dataset.language)
            for quad in compiled.quads():
                around = f"{quad.subject[:-1].rpartition('/')[0]}>"
                node = around if around in sentences else quad.subject
                if quad.predicate not in OMITTED:
                    made.setdefault(node, []).append(quad[:3])
            self._known = {name: made}  # facts come document by document; one document is held at a time
        return self._known[name]

    def _info(self, fact: Fact, created: str, superseded: str) -> Iterator[Triple]:
        about, names = self._kb.dataset, self._names
        label = literal(word_fact(fact, self._kb.terms, self._kb.predicates), language=about.language)
        yield from describe_nanopub(names, created or write_created(about.issued), about.license, label, self._creators())
        if superseded:
            yield self._this, _SUPERSEDES, superseded
        predicate = self._kb.predicates[fact.predicate]
        yield iri(names.predicate(fact.predicate)), _LABEL, literal(predicate.label, language=about.language)
        for name in sorted(set(self._terms(fact))):
            yield iri(names.term(name)), iri(f"{SKOS}prefLabel"), literal(self._kb.terms[name].label, language=about.language)

    def _terms(self, fact: Fact) -> Iterator[str]:
        yield fact.subject
        if isinstance(fact.object, str):
            yield fact.object
        yield from (word for word in fact.values if word in self._kb.terms)


def compile_nanopubs(
    kb: KnowledgeBase, names: Names, published: Mapping[str, Published] = MappingProxyType({})
) -> Iterator[Quad]:
    """Make a nanopublication of every fact; a fact that was published and has not changed keeps its own.

    Those whose facts are gone, or have another IRI since their claim changed, are retracted.

    Raises:
        KbError: One would be too large (KB771).
    """
    publisher = Publisher(kb, names, published)
    for fact in kb.stated_facts():
        yield from publisher.publish(fact)
    known = {iri(names.base + fact.path) for fact in kb.facts}
    for node in sorted(before.node for fact, before in published.items() if fact not in known):
        yield from publisher.retract(node)


def assemble(
    names: Names, claimed: Iterable[Triple], evidence: Iterable[Triple], sources: Iterable[Triple], info: Iterable[Triple]
) -> list[Quad]:
    """Assemble a nanopublication with a placeholder for its artifact code.

    Args:
        names: The names of the knowledge base.
        claimed: The triples of the claim.
        evidence: Those of its evidence; the document and the sentences that they name are the source of the claim.
        sources: Those of this document and these sentences.
        info: Those on the nanopublication itself.
    """
    this = f"{names.base}np/{trusty.PLACEHOLDER}"
    node, activity = iri(this), iri(f"{names.base}activity/curation")
    head, assertion, provenance, about = (iri(f"{this}#{name}") for name in ("Head", "assertion", "provenance", "pubinfo"))
    evidence = list(evidence)
    parts: dict[str, list[Triple]] = {
        head: [
            (node, _TYPE, iri(f"{NP}Nanopublication")),
            (node, iri(f"{NP}hasAssertion"), assertion),
            (node, iri(f"{NP}hasProvenance"), provenance),
            (node, iri(f"{NP}hasPublicationInfo"), about),
        ],
        assertion: list(claimed),
        provenance: [
            (assertion, iri(f"{PROV}wasGeneratedBy"), activity),
            (activity, _TYPE, iri(f"{PROV}Activity")),
            *((assertion, predicate, obj) for _, predicate, obj in evidence if predicate in _SOURCES),
            *evidence,
            *sources,
        ],
        about: list(info),
    }
    return [Quad(*triple, graph) for graph, triples in parts.items() for triple in triples]


def describe_nanopub(
    names: Names, created: str, rights: str, label: str, creators: Iterable[tuple[str, str]]
) -> Iterator[Triple]:
    """Yield what is stated about a nanopublication itself; ``creators`` are IRIs and names."""
    this = iri(f"{names.base}np/{trusty.PLACEHOLDER}")
    yield this, _CREATED, created
    yield this, iri(f"{DCTERMS}license"), iri(rights)
    yield this, iri(f"{DCTERMS}isPartOf"), iri(names.base)
    yield this, iri(f"{NPX}hasNanopubType"), facts.FACT
    yield this, _LABEL, label
    for agent, name in creators:
        yield this, iri(f"{DCTERMS}creator"), agent
        yield agent, iri(f"{FOAF}name"), name


def write_created(issued: str) -> str:
    """Write the time at which the nanopublications of a version are created."""
    return literal(f"{issued}T00:00:00Z", f"{XSD}dateTime")


def is_value(triple: Triple) -> bool:
    """Return whether a triple is about the node of a value, which belongs to the claim."""
    return any(kind in triple[0] for kind in facts.VALUE_NODES)
