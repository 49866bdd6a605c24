"""The details of the dataset that each worker receives at startup, so that it need not query the store for them.

They include the description of the service (SPARQL 1.1 Service Description).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from kb.formats import registry
from kb.pages.citations import Citation
from kb.queries import description
from kb.queries.description import GraphCounts, Triple, integer, service_iri
from kb.rdf.iris import DCTERMS, RDF, RDFS, SH, SKOS, VOID, Names
from kb.rdf.quads import iri, iri_value, literal_value
from kb.sparql import result_formats, syntax
from kb.sparql.library import Query, standalone_text
from kb.sparql.parameters import Labels

SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_TYPE = f"{RDF}type"
_PARTITIONS = {"classPartition", "propertyPartition"}
_FORMAT_IRIS = {
    "turtle": "Turtle", "jsonld": "JSON-LD", "ntriples": "N-Triples", "nquads": "N-Quads", "trig": "TriG", "rdfxml": "RDF_XML",
    "json": "SPARQL_Results_JSON", "xml": "SPARQL_Results_XML", "csv": "SPARQL_Results_CSV", "tsv": "SPARQL_Results_TSV",
}  # fmt: skip


@dataclass(frozen=True)
class ServedDataset:
    """The details of a dataset that workers receive."""

    names: Names
    title: str
    language: str
    disclaimer: str  # the disclaimer that every page of a thing shows
    licenses: tuple[str, ...]  # the IRI of its licence
    authors: tuple[str, ...]  # the ORCID or ROR of each creator that has one
    digest: str  # the digest of its content
    counts: GraphCounts  # how much of what it contains
    queries: Sequence[Query]
    ontology: list[Triple]
    citation: Citation  # how to cite it
    names_of_things: Labels = field(repr=False)  # the labels of terms, predicates, documents and words
    languages: tuple[str, ...] = ()  # of the labels, that of the knowledge base first

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

    @property
    def first_query(self) -> str:
        """The query that the query page starts with."""
        return (
            standalone_text(self.queries[0].text, self.names)
            if self.queries
            else "SELECT * WHERE { ?subject ?predicate ?object } LIMIT 10"
        )

    def describe_dataset(self, address: str) -> list[Triple]:
        """Describe the dataset, which is served at an address."""
        return sorted(set(description.describe_dataset(self.counts, self.names, f"{address}sparql")))

    def describe_queries(self, address: str) -> list[Triple]:
        """Describe the named queries, and the prefixes that they use."""
        queries = description.describe_queries(self.queries, self.names, f"{address}sparql", self.language)
        return sorted({*queries, *description.describe_prefixes(self.names)})

    def describe_service(self, address: str) -> list[Triple]:
        """Describe the service, including the dataset and the queries."""
        service = _describe_service(self.counts, self.names, f"{address}sparql")
        return sorted({*service, *self.describe_dataset(address), *self.describe_queries(address)})


def _describe_service(counts: GraphCounts, names: Names, endpoint: str) -> Iterator[Triple]:
    """Yield the description of the service at an endpoint."""
    node = iri(endpoint)
    yield node, iri(_TYPE), iri(f"{SD}Service")
    yield node, iri(f"{SD}endpoint"), iri(endpoint)
    yield node, iri(f"{SD}supportedLanguage"), iri(f"{SD}SPARQL11Query")
    yield node, iri(f"{SD}feature"), iri(f"{SD}UnionDefaultGraph")
    yield node, iri(f"{SD}feature"), iri(f"{SD}EmptyGraphs")
    for name in (*(fmt.name for fmt in registry.FORMATS), *(fmt.name for fmt in result_formats.FORMATS)):
        yield node, iri(f"{SD}resultFormat"), iri(f"{_FORMATS}{_FORMAT_IRIS[name]}")
    default = service_iri(names, "default-graph")
    yield node, iri(f"{SD}defaultDataset"), service_iri(names, "dataset")
    yield service_iri(names, "dataset"), iri(_TYPE), iri(f"{SD}Dataset")
    yield service_iri(names, "dataset"), iri(f"{SD}defaultGraph"), default
    yield default, iri(_TYPE), iri(f"{SD}Graph")
    yield default, iri(f"{VOID}triples"), integer(counts.triples)
    yield default, iri(f"{DCTERMS}isPartOf"), iri(names.base)
    for graph, triples in counts.graphs.items():
        named = service_iri(names, "named-graph", graph)
        yield service_iri(names, "dataset"), iri(f"{SD}namedGraph"), named
        yield named, iri(_TYPE), iri(f"{SD}NamedGraph")
        yield named, iri(f"{SD}name"), graph
        yield named, iri(f"{SD}graph"), service_iri(names, "graph", graph)
        yield service_iri(names, "graph", graph), iri(_TYPE), iri(f"{SD}Graph")
        yield service_iri(names, "graph", graph), iri(f"{VOID}triples"), integer(triples)


def is_about_service(text: str) -> bool:
    """Return whether a query is about the service, as those of query editors for their completions and examples.

    It uses a term of SHACL, or a partition of VoID. Knowledge bases use SHACL for their prefixes alone, as the service does.
    """
    if SH not in text and "Partition" not in text:
        return False
    iris = [reference.iri or reference.token.text for reference in syntax.find_references(text) if not reference.is_declaration]
    strings = (token.text for token in syntax.tokens(text) if token.kind == "string")
    return any(SH in text for text in (*iris, *strings)) or any(
        iri.replace("#", "/").replace(":", "/").rpartition("/")[2] in _PARTITIONS for iri in iris
    )
