"""The table of stores: the addresses for graphs and queries, the formats, and the peculiarities of each.

``kb push``, the documentation and the tests read it. To support another store, add a row.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

#: How a client authenticates.
Scheme = Literal["none", "basic", "digest", "token"]

_MIB = 1 << 20


class GraphAddressing(NamedTuple):
    """The operations on graphs, each as method and address."""

    add: str  # adds to a graph
    remove: str  # removes a graph
    replace: str = ""  # replaces a graph as a whole; empty if the store cannot do that in one request
    read: str = ""  # returns a graph; empty if a query has to


class Profile(NamedTuple):
    """How to address a store. Addresses are appended to the one that the user gives; ``{graph}`` stands for the graph's IRI."""

    name: str  # the name for ``--profile``
    title: str
    address: str  # an example of what the user gives
    query: str | None  # where SPARQL queries are sent by GET; None if that is not known
    graphs: GraphAddressing
    media_type: str = "application/n-triples"  # the media type under which N-Triples are sent (they are Turtle, too)
    scheme: Scheme = "basic"  # how the store authenticates users, unless the user chooses otherwise
    gzip: bool = False  # whether it accepts compressed bodies
    part: int = 100 * _MIB  # how many bytes of a graph one request may contain
    source: str = "documentation"  # how this is known: ``tested``, or from the documentation of the store
    note: str = ""


def _protocol(path: str) -> GraphAddressing:
    """Return the operations of the SPARQL 1.1 Graph Store HTTP Protocol, section 5, at a path."""
    return GraphAddressing(*(f"{method} {path}?graph={{graph}}" for method in ("POST", "DELETE", "PUT", "GET")))


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "oxigraph",
            "Oxigraph server",
            "http://localhost:7878",
            query="/query",
            graphs=_protocol("/store"),
            scheme="none",
            gzip=True,
            source="tested",
            note="It writes numbers and times in its own form (1.50 as 1.5). It has no authentication: a proxy must add it.",
        ),
        Profile(
            "fuseki",
            "Apache Jena Fuseki",
            "http://localhost:3030/DATASET",
            query="/sparql",
            graphs=_protocol("/data"),
            note="The dataset needs the service gsp-rw; TDB2 replaces a graph in one transaction.",
        ),
        Profile(
            "graphdb",
            "Ontotext GraphDB",
            "http://localhost:7200/repositories/REPOSITORY",
            query="",
            graphs=_protocol("/rdf-graphs/service"),
            note="Queries are sent to the repository itself. A context index makes counting graphs fast.",
        ),
        Profile(
            "rdf4j",
            "Eclipse RDF4J server",
            "http://localhost:8080/rdf4j-server/repositories/REPOSITORY",
            query="",
            graphs=_protocol("/rdf-graphs/service"),
        ),
        Profile(
            "virtuoso",
            "OpenLink Virtuoso",
            "http://localhost:8890",
            query="/sparql-auth",
            graphs=_protocol("/sparql-graph-crud-auth"),
            scheme="digest",
            part=10 * _MIB,
            source="tested",
            note="It accepts Turtle and N-Triples only, drops bodies sent without their length, may keep a part of what it "
            "refuses, and rewrites numbers. ResultSetMaxRows cuts what it returns: larger graphs are only counted.",
        ),
        Profile(
            "qlever",
            "QLever",
            "http://localhost:7001",
            query="",
            graphs=_protocol(""),
            media_type="text/turtle",
            scheme="token",
            note="PUT and DELETE need a version of mid 2025 or later; the token is that of --access-token.",
        ),
        Profile(
            "neptune",
            "Amazon Neptune",
            "https://CLUSTER:8182",
            query="/sparql",
            graphs=_protocol("/sparql/gsp/"),
            scheme="none",
            note="With IAM authentication on, requests must be signed, which kb does not do: push through a signing proxy. For "
            "large graphs, its loader reads the N-Quads of a release from S3.",
        ),
        Profile(
            "blazegraph",
            "Blazegraph",
            "http://localhost:9999/blazegraph/namespace/NAMESPACE",
            query="/sparql",
            graphs=GraphAddressing("POST /sparql?context-uri={graph}", "DELETE /sparql?c=%3C{graph}%3E"),
            media_type="text/turtle",
            note="A graph is removed and then added, so that readers may miss it for a moment. The namespace needs quads.",
        ),
        Profile(
            "generic",
            "any store with the Graph Store Protocol",
            "http://localhost:3030/DATASET/data",
            query=None,
            graphs=_protocol(""),
            source="tested",
            note="The address is that of the Graph Store Protocol, and --query-url that of queries. Without --query-url, graphs "
            "are counted by reading them, and obsolete graphs are not found.",
        ),
    )
}
