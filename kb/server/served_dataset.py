"""What a server knows of its dataset before the first request, so that its front never has to ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kb.queries import description
from kb.queries.description import Counts, Triple
from kb.rdf.iris import DCTERMS, KB, RDFS, SKOS, Names
from kb.rdf.quads import iri_value, literal_value
from kb.server import service_description
from kb.server.http.pages import Link, Links
from kb.sparql.library import Query, standalone_text


class Example(NamedTuple):
    """A question for the query page."""

    question: str
    text: str


class About(NamedTuple):
    """What is known of a dataset.

    Args:
        names: Its names.
        title: What it is called.
        language: Of its words.
        disclaimer: What its readers must know.
        digest: Which content it is.
        counts: What it holds.
        queries: Its named questions.
        ontology: The vocabulary, as triples.
    """

    names: Names
    title: str
    language: str
    disclaimer: str
    digest: str
    counts: Counts
    queries: Sequence[Query]
    ontology: list[Triple]

    @property
    def graphs(self) -> frozenset[str]:
        """The IRIs of its graphs."""
        return frozenset(map(iri_value, self.counts.graphs))

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the vocabulary, by IRI."""
        named = {f"{SKOS}prefLabel", f"{RDFS}label"}
        return {iri_value(each): literal_value(obj).value for each, name, obj in self.ontology if iri_value(name) in named}

    @property
    def examples(self) -> list[Example]:
        """The questions for the query page."""
        return [Example(each.question or each.title, standalone_text(each.text, self.names)) for each in self.queries]

    @property
    def start(self) -> str:
        """The query that the query page begins with."""
        return self.examples[0].text if self.queries else "SELECT * WHERE { ?subject ?predicate ?object } LIMIT 10"

    def dataset(self, address: str) -> list[Triple]:
        """Describe the dataset."""
        return sorted(set(description.void(self.counts, self.names, f"{address}sparql")))

    def questions(self, address: str) -> list[Triple]:
        """Give the named questions, and the prefixes that they use."""
        found = description.questions(self.queries, self.names, f"{address}sparql", self.language)
        return sorted({*found, *description.prefixes(self.names)})

    def service(self, address: str) -> list[Triple]:
        """Describe the service, with all of that."""
        found = service_description.service(self.counts, self.names, f"{address}sparql")
        return sorted({*found, *self.dataset(address), *self.questions(address)})

    def words(self, links: Links) -> list[tuple[str, Link, list[str]]]:
        """Give the words of the vocabulary: the last part of the IRI, the label, the definition."""
        about: dict[str, dict[str, list[str]]] = {}
        for subject, predicate, obj in self.ontology:
            if iri_value(subject).startswith(KB) and obj.startswith('"'):
                about.setdefault(subject, {}).setdefault(iri_value(predicate), []).append(literal_value(obj).value)
        found = []
        for subject, texts in sorted(about.items()):
            label = next((texts[each][0] for each in (f"{SKOS}prefLabel", f"{RDFS}label") if each in texts), "")
            meaning = [
                text for each in (f"{SKOS}definition", f"{RDFS}comment", f"{DCTERMS}description") for text in texts.get(each, [])
            ]
            name = iri_value(subject).removeprefix(KB)
            found.append((name, links.link(subject, {iri_value(subject): label or name}), meaning))
        return found
