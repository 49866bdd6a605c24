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
from kb.rdf import documents, facts, trusty
from kb.rdf.iris import DCTERMS, FOAF, KB, NP, NPX, PROV, RDF, RDFS, SKOS, XSD, Names
from kb.rdf.quads import Quad, iri, literal
from kb.rdf.wording import word_fact

#: How many statements a nanopublication may have (the limit of the nanopublication network).
LARGEST = 1200

_TYPE, _LABEL = iri(f"{RDF}type"), iri(f"{RDFS}label")
_CREATED, _SUPERSEDES = iri(f"{DCTERMS}created"), iri(f"{NPX}supersedes")
_EVIDENCE = {facts.EVIDENCE, facts.DERIVED, facts.PRIMARY_SOURCE, facts.NOTE}
# Notes and decisions of curators on a sentence are not part of the provenance of a fact.
_OMITTED = {facts.NOTE, *(iri(KB + name) for name in ("status", "exemption", "restated"))}

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
        self._parts = [iri(f"{self.start}{trusty.PLACEHOLDER}#{name}") for name in ("Head", "assertion", "provenance", "pubinfo")]

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
        head, assertion, provenance, info = self._parts
        claimed, evidence = self._claim(fact)
        made = [Quad(*triple, head) for triple in self._head()]
        made += [Quad(*triple, assertion) for triple in claimed]
        made += [Quad(*triple, provenance) for triple in self._provenance(fact, evidence)]
        made += [Quad(*triple, info) for triple in self._info(fact, created, superseded)]
        if len(made) > LARGEST:
            place = fact.record.place if fact.record else Place(str(self._kb.folder))
            message = f"As a nanopublication the fact has {len(made)} statements; {LARGEST} are the most."
            raise fail("KB771", message, "Name fewer sentences, or cut it into several facts.", place)
        return made

    def _head(self) -> Iterator[Triple]:
        _, assertion, provenance, info = self._parts
        yield self._this, _TYPE, iri(f"{NP}Nanopublication")
        yield self._this, iri(f"{NP}hasAssertion"), assertion
        yield self._this, iri(f"{NP}hasProvenance"), provenance
        yield self._this, iri(f"{NP}hasPublicationInfo"), info

    def _claim(self, fact: Fact) -> tuple[list[Triple], list[Triple]]:
        """Return the triples of the claim, and those of its evidence."""
        compiled = self._compiler.quads(fact, self._kb.documents[fact.document].evidence)
        evidence, about, plain = ([quad[:3] for quad in part] for part in compiled)
        claimed = [triple for triple in about if triple[1] not in _EVIDENCE]
        claimed += [triple for triple in evidence if _is_value(triple)]
        provenance = [triple for triple in about if triple[1] in _EVIDENCE]
        return [*claimed, *plain], [*provenance, *(triple for triple in evidence if not _is_value(triple))]

    def _provenance(self, fact: Fact, evidence: list[Triple]) -> Iterator[Triple]:
        assertion, names = self._parts[1], self._names
        source = iri(names.document(fact.document))
        yield assertion, iri(f"{PROV}hadPrimarySource"), source
        yield assertion, iri(f"{PROV}wasGeneratedBy"), iri(f"{names.base}activity/curation")
        yield iri(f"{names.base}activity/curation"), _TYPE, iri(f"{PROV}Activity")
        yield from ((assertion, facts.DERIVED, iri(names.sentence(fact.document, sentence))) for sentence in fact.sentences)
        yield from evidence
        triples = self._sources(fact.document)
        yield from triples[source]
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
                if quad.predicate not in _OMITTED:
                    made.setdefault(node, []).append(quad[:3])
            self._known = {name: made}  # facts come document by document; one document is held at a time
        return self._known[name]

    def _info(self, fact: Fact, created: str, superseded: str) -> Iterator[Triple]:
        about, names = self._kb.dataset, self._names
        yield self._this, _CREATED, created or literal(f"{about.issued}T00:00:00Z", f"{XSD}dateTime")
        if superseded:
            yield self._this, _SUPERSEDES, superseded
        yield self._this, iri(f"{DCTERMS}license"), iri(about.license)
        yield self._this, iri(f"{DCTERMS}isPartOf"), iri(names.base)
        yield self._this, iri(f"{NPX}hasNanopubType"), facts.FACT
        yield self._this, _LABEL, literal(word_fact(fact, self._kb.terms, self._kb.predicates), language=about.language)
        for creator in about.creators:
            agent = iri(creator.url or f"{names.base}agent/{creator.id}")
            yield self._this, iri(f"{DCTERMS}creator"), agent
            yield agent, iri(f"{FOAF}name"), literal(creator.name)
        predicate = self._kb.predicates[fact.predicate]
        yield iri(names.predicate(fact.predicate)), _LABEL, literal(predicate.label, language=about.language)
        for name in sorted(set(self._terms(fact))):
            yield iri(names.term(name)), iri(f"{SKOS}prefLabel"), literal(self._kb.terms[name].label, language=about.language)

    def _terms(self, fact: Fact) -> Iterator[str]:
        yield fact.subject
        if isinstance(fact.object, str):
            yield fact.object
        yield from (word for word in fact.qualifiers.values() if word in self._kb.terms)


def compile_nanopubs(
    kb: KnowledgeBase, names: Names, published: Mapping[str, Published] = MappingProxyType({})
) -> Iterator[Quad]:
    """Make a nanopublication of every fact; a fact that was published and has not changed keeps its own.

    Raises:
        KbError: One would be too large (KB771).
    """
    publisher = Publisher(kb, names, published)
    for fact in kb.stated_facts():
        yield from publisher.publish(fact)


def _is_value(triple: Triple) -> bool:
    """Return whether a triple is about the node of a value, which belongs to the claim."""
    return any(kind in triple[0] for kind in facts.VALUE_NODES)
