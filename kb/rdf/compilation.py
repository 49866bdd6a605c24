"""Compile a whole knowledge base: its facts, its documents, and what belongs to neither.

A build of any size compiles facts and documents one by one instead (:mod:`kb.build.writing`), and the rest as here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain

from kb.model import KnowledgeBase
from kb.rdf import dataset, documents, nanopubs, ontology, terms, verifications
from kb.rdf.dataset import DatasetCounts
from kb.rdf.facts import Compiler, Model
from kb.rdf.iris import DCAT, DCTERMS, RDFS, SKOS, Names, names_of
from kb.rdf.quads import Quad, iri
from kb.schema import vocabulary

_EXACT, _LABELS = iri(f"{SKOS}exactMatch"), (iri(f"{SKOS}prefLabel"), iri(f"{RDFS}label"))
_ABOUT = {iri(f"{DCTERMS}title"), iri(f"{DCTERMS}license"), iri(f"{DCAT}version")}


class Compilation:
    """The statements of a knowledge base that is held in memory; what its statement models share is compiled once."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb, self._names = kb, names_of(kb)

    @cached_property
    def full(self) -> list[Quad]:
        """The statements of the model ``full``, unsorted."""
        vocabulary.use(self._kb.dataset.vocabulary)
        return self._compile("full")

    def quads(self, model: Model = "full") -> list[Quad]:
        """Return the statements of a model, unsorted.

        Raises:
            KbError: A nanopublication would be too large (KB771).
        """
        vocabulary.use(self._kb.dataset.vocabulary)
        if model == "nanopubs":
            return list(nanopubs.compile_nanopubs(self._kb, self._names))
        if model == "lean":
            return list(self._compile_lean())
        return self.full if model == "full" else self._compile(model)

    def _compile_lean(self) -> Iterator[Quad]:
        """Compile plain triples, also with the first exact match of each end in its place, and the labels of what they name."""
        claims, names = list(self._facts("lean")), self._names
        vocabulary = list(compile_vocabulary(self._kb, names))
        same: dict[str, str] = {}
        for quad in vocabulary:
            if quad.predicate == _EXACT:
                same.setdefault(quad.subject, quad.object)
        yield from claims
        yield from {
            quad._replace(subject=same.get(quad.subject, quad.subject), object=same.get(quad.object, quad.object))
            for quad in claims
        }
        named = {term for quad in claims for term in quad[:3]}
        yield from (quad for quad in vocabulary if quad.subject in named and quad.predicate in {_EXACT, *_LABELS})
        about = dataset.compile_dataset(self._kb.dataset, dataset.count(self._kb), names)
        yield from (quad for quad in about if quad.subject == iri(names.base) and quad.predicate in _ABOUT)

    def _compile(self, model: Model) -> list[Quad]:
        quads = [*self._facts(model), *(self._unverified if model == "plain" else self._documents)]
        used = {term for quad in quads for term in (quad.predicate, quad.object)}
        quads.extend(compile_rest(self._kb, dataset.count(self._kb), used, self._names))
        quads.extend(chain.from_iterable(dataset.compile_members(list(self._kb.documents), self._names)))
        return quads

    def _facts(self, model: Model) -> Iterator[Quad]:
        kb = self._kb
        compiler = Compiler(self._names, kb.predicates, kb.dataset.language, model, kb.terms)
        claims: dict[Quad, None] = {}  # several documents may state the same
        for fact in kb.stated_facts():
            evidence, node, plain = compiler.quads(fact, kb.documents[fact.document].evidence)
            yield from evidence
            yield from node
            claims.update(dict.fromkeys(plain))
        yield from claims

    @cached_property
    def _documents(self) -> list[Quad]:
        """The documents, with the results of verification that are up to date."""
        covered, language = self._kb.covered(), self._kb.dataset.language
        return [
            quad
            for document in verifications.with_current_results(self._kb)
            for quad in documents.compile_document(document, covered.get(document.id, {}), self._names, language).quads()
        ]

    @cached_property
    def _unverified(self) -> list[Quad]:
        """The documents without results of verification, which are not about bare triples."""
        starts = tuple(f"<{self._names.document(name)}/verification/" for name in self._kb.documents)
        return [quad for quad in self._documents if not quad.subject.startswith(starts)]


def compile_rest(kb: KnowledgeBase, counts: DatasetCounts, used: Iterable[str], names: Names) -> list[Quad]:
    """Compile what is neither a fact nor a document: terms, predicates, mappings, the dataset, and the words that are used.

    Args:
        kb: The knowledge base; its facts and documents are not used.
        counts: How much it holds.
        used: The terms that statements about facts and documents use as predicates and objects.
        names: The names of the knowledge base.
    """
    quads = [*compile_vocabulary(kb, names), *dataset.compile_dataset(kb.dataset, counts, names)]
    own, used = {term for quad in quads for term in (quad.predicate, quad.object)}, set(used)
    quads.extend([quad for quad in dataset.compile_agents(used, names) if quad not in quads])
    quads.extend(ontology.compile_used(own.union(used)))
    return quads


def compile_vocabulary(kb: KnowledgeBase, names: Names) -> Iterator[Quad]:
    """Compile the terms, also the retired ones, predicates and mappings."""
    language = kb.dataset.language
    yield from ontology.compile_own(names)
    for term in (*kb.terms.values(), *kb.retired.values()):
        yield from terms.compile_term(term, names, language)
    for predicate in kb.predicates.values():
        yield from terms.compile_predicate(predicate, names, language)
    for mapping in kb.mappings:
        yield from terms.compile_mapping(mapping, names, kb.dataset)
