"""Describe the service (SPARQL 1.1 Service Description), and recognize queries of that description."""

from __future__ import annotations

from collections.abc import Iterator

from kb.formats import registry
from kb.queries.description import SH, GraphCounts, Triple, integer, service_iri
from kb.rdf.iris import DCTERMS, RDF, VOID, Names
from kb.rdf.quads import iri
from kb.sparql import result_formats, syntax

SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_TYPE = f"{RDF}type"
_PARTITIONS = {"classPartition", "propertyPartition"}
_FORMAT_IRIS = {
    "turtle": "Turtle", "jsonld": "JSON-LD", "ntriples": "N-Triples", "nquads": "N-Quads", "trig": "TriG", "rdfxml": "RDF_XML",
    "json": "SPARQL_Results_JSON", "xml": "SPARQL_Results_XML", "csv": "SPARQL_Results_CSV", "tsv": "SPARQL_Results_TSV",
}  # fmt: skip


def describe_service(counts: GraphCounts, names: Names, endpoint: str) -> Iterator[Triple]:
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

    It uses a term of SHACL, or a partition of VoID, which occur in no knowledge base.
    """
    if SH not in text and "Partition" not in text:
        return False
    iris = [reference.iri or reference.token.text for reference in syntax.find_references(text) if not reference.is_declaration]
    strings = (token.text for token in syntax.tokens(text) if token.kind == "string")
    return any(SH in text for text in (*iris, *strings)) or any(
        iri.replace("#", "/").replace(":", "/").rpartition("/")[2] in _PARTITIONS for iri in iris
    )
