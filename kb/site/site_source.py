"""What a site is made from: the statements of a knowledge base in memory, and answers to queries about them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial

import pyoxigraph as ox

from kb import queries, resources
from kb.files.text_file import read_bytes
from kb.model import KnowledgeBase
from kb.pages import citations, questions
from kb.pages.page_graph import Description, Triple
from kb.pages.thing_description import describe_thing
from kb.problems import KbError
from kb.queries import sandbox
from kb.queries.child_process import Limits
from kb.queries.execution import sort_answer
from kb.queries.fact_reader import FactReader
from kb.queries.reasons import find_left_out, find_reasons
from kb.rdf.compilation import Compilation
from kb.rdf.iris import RDFS, SKOS
from kb.rdf.ontology import compile_own
from kb.rdf.quads import iri_value, literal_value
from kb.sparql.engines import oxigraph
from kb.sparql.label_language import choose_labels
from kb.sparql.library import Query
from kb.sparql.parameters import require_parameters
from kb.sparql.values import Answer, Question, Row

_LIMITS = Limits(20.0)  # of each named question


class SiteSource:
    """The statements of a knowledge base, compiled and loaded once."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self.quads = Compilation(kb).full
        self.base = queries.compile_base(kb, self.quads)
        self.names = self.base.names
        self._store = oxigraph.load(Question(self.base.quads(), "", self.names.prefixes, self.names.base))
        self.reader = FactReader(self.run)
        self.citation = citations.cite_dataset(self.names.base, self.read(citations.query_dataset(self.names)))
        self.queries = [
            query._replace(text=choose_labels(query.text, self.base.languages)) for query in queries.named_queries(self.base)
        ]
        self.base = replace(self.base, queries={query.name: query for query in self.queries})
        self.labels = {**ontology_labels(self.ontology), **questions.labels_by_iri(self.base.labels, self.names)}

    @cached_property
    def ontology(self) -> list[Triple]:
        """The statements of the vocabulary."""
        parsed = ox.parse(read_bytes(resources.schemas() / "ontology.ttl", "ontology.ttl"), format=ox.RdfFormat.TURTLE)
        known = [(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in parsed]
        return sorted([*known, *(quad[:3] for quad in compile_own(self.names))])

    @cached_property
    def classes(self) -> list[str]:
        """The classes and properties in use."""
        used = "SELECT DISTINCT ?name { { ?thing a ?name } UNION { ?thing ?name ?value } } ORDER BY ?name"
        return [row[0] or "" for row in self.read(used)]

    def run(self, text: str) -> Answer:
        """Answer a query of kb's own."""
        text = choose_labels(text, self.base.languages)
        return oxigraph.ask(self._store, Question("", text, self.names.prefixes, self.names.base))

    def read(self, text: str) -> Sequence[Row]:
        """Return the rows of a query of kb's own."""
        return self.run(text).rows

    def describe(self, iri: str, facts: int) -> Description:
        """Return what is stated about a thing, with at most a number of facts that name it."""
        return describe_thing(self._store, iri, facts, language=self.kb.dataset.language)

    def answer(self, asked: Sequence[Query]) -> list[Answer | KbError]:
        """Answer named questions; one that needs a parameter in a large base (KB607), or exceeds a limit, has its error."""
        refused = {query.name: error for query in asked if (error := self._refusal(query))}
        rest = [query for query in asked if query.name not in refused]
        answers = dict(zip((query.name for query in rest), self._ask(rest) if rest else (), strict=True))
        return [refused.get(query.name) or answers[query.name] for query in asked]

    def _refusal(self, query: Query) -> KbError | None:
        try:
            require_parameters(query, {}, self.base.labels)
        except KbError as error:
            return error
        return None

    def find_reasons(self, query: Query) -> list[str]:
        """Find out why the answer to a question is empty."""
        return [reason.text for reason in find_reasons(self.base, query, {}, self.run)]

    def find_left_out(self, query: Query) -> list[str]:
        """Find the denials that a question leaves out beside its claims."""
        return [reason.text for reason in find_left_out(query.text, self.reader)]

    def _ask(self, asked: Sequence[Query]) -> list[Answer | KbError]:
        """Answer questions in one child process; each in its own if one is refused, or if they exceed a limit together."""
        question = Question("", asked[0].text, self.names.prefixes, self.names.base)
        try:
            found = sandbox.answer(lambda: (lambda _: self._store, partial(_ask_all, asked)), question, _LIMITS)
        except KbError as error:
            return [error] if len(asked) == 1 else [answer for query in asked for answer in self._ask([query])]
        answers = (sandbox.decode_answer(json.loads(text or "")) for (text,) in found.rows)
        return [sort_answer(answer, query.text) for answer, query in zip(answers, asked, strict=True)]


def _ask_all(asked: Sequence[Query], store: ox.Store, question: Question) -> Answer:
    """Answer several questions as one whose rows are their answers in JSON."""
    answers = (oxigraph.ask(store, replace(question, text=query.text)) for query in asked)
    return Answer("select", rows=tuple((json.dumps(answer),) for answer in answers))


def ontology_labels(ontology: Sequence[Triple]) -> dict[str, str]:
    """Return the labels of the vocabulary, by IRI."""
    return {iri_value(s): literal_value(o).value for s, p, o in ontology if iri_value(p) in {f"{SKOS}prefLabel", f"{RDFS}label"}}
