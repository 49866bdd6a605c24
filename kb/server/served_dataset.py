"""The details of the dataset that each worker receives at startup, so that it need not query the store for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kb.queries import description
from kb.queries.description import GraphCounts, Triple
from kb.rdf.iris import RDFS, SKOS, Names
from kb.rdf.quads import iri_value, literal_value
from kb.server import service_description
from kb.sparql.library import Query, standalone_text


@dataclass(frozen=True)
class ServedDataset:
    """The details of a dataset that workers receive."""

    names: Names
    title: str
    language: str
    disclaimer: str  # the disclaimer that every page of a thing shows
    digest: str  # the digest of its content
    counts: GraphCounts  # how much of what it contains
    queries: Sequence[Query]
    ontology: list[Triple]

    @cached_property
    def graphs(self) -> frozenset[str]:
        """The IRIs of its graphs."""
        return frozenset(map(iri_value, self.counts.graphs))

    @cached_property
    def labels(self) -> dict[str, str]:
        """The labels of the vocabulary, by IRI."""
        predicates = {f"{SKOS}prefLabel", f"{RDFS}label"}
        return {
            iri_value(subject): literal_value(obj).value
            for subject, predicate, obj in self.ontology
            if iri_value(predicate) in predicates
        }

    @cached_property
    def sample_queries(self) -> list[tuple[str, str]]:
        """The queries that the query page offers, each as question and text."""
        return [(query.question or query.title, standalone_text(query.text, self.names)) for query in self.queries]

    @property
    def first_query(self) -> str:
        """The query that the query page starts with."""
        return self.sample_queries[0][1] if self.queries else "SELECT * WHERE { ?subject ?predicate ?object } LIMIT 10"

    def describe_dataset(self, address: str) -> list[Triple]:
        """Describe the dataset, which is served at an address."""
        return sorted(set(description.describe_dataset(self.counts, self.names, f"{address}sparql")))

    def describe_queries(self, address: str) -> list[Triple]:
        """Describe the named queries, and the prefixes that they use."""
        queries = description.describe_queries(self.queries, self.names, f"{address}sparql", self.language)
        return sorted({*queries, *description.describe_prefixes(self.names)})

    def describe_service(self, address: str) -> list[Triple]:
        """Describe the service, including the dataset and the queries."""
        service = service_description.describe_service(self.counts, self.names, f"{address}sparql")
        return sorted({*service, *self.describe_dataset(address), *self.describe_queries(address)})
