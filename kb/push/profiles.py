"""The one table of stores: where each takes graphs and queries, in which form, and what is odd about it.

Read by ``kb push``, the docs and the tests. A new store is a row here.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

#: How a client says who it is.
Scheme = Literal["none", "basic", "digest", "token"]

_MIB = 1 << 20


class Graphs(NamedTuple):
    """What is done to graphs, each as method and address.

    Args:
        add: Adds to a graph.
        remove: Removes a graph.
        replace: Replaces a graph as a whole; nothing if the store cannot in one request.
        read: Gives a graph; nothing if a query must.
    """

    add: str
    remove: str
    replace: str = ""
    read: str = ""


class Profile(NamedTuple):
    """How to speak to a store. Addresses follow the one that the user gives; ``{graph}`` stands for the graph's IRI.

    Args:
        name: The name for ``--profile``.
        title: The name of the store.
        address: What the user gives, as an example.
        query: Where SPARQL queries go by GET, or nothing if that is not known.
        graphs: What is done to graphs, and where.
        media_type: What N-Triples are sent as (all of them are Turtle as well).
        scheme: How the store asks who is there, if it does and the user names no other way.
        gzip: Whether it takes bodies compressed.
        part: How many bytes of a graph one request may carry.
        source: Where this is known from: ``tested``, or the documentation of the store.
        note: What is odd.
    """

    name: str
    title: str
    address: str
    query: str | None
    graphs: Graphs
    media_type: str = "application/n-triples"
    scheme: Scheme = "basic"
    gzip: bool = False
    part: int = 100 * _MIB
    source: str = "documentation"
    note: str = ""


def _protocol(path: str) -> Graphs:
    """Give the operations of the SPARQL 1.1 Graph Store HTTP Protocol, section 5, at a path."""
    return Graphs(*(f"{method} {path}?graph={{graph}}" for method in ("POST", "DELETE", "PUT", "GET")))


PROFILES: dict[str, Profile] = {
    each.name: each
    for each in (
        Profile(
            "oxigraph",
            "Oxigraph server",
            "http://localhost:7878",
            query="/query",
            graphs=_protocol("/store"),
            scheme="none",
            gzip=True,
            source="tested",
            note="It writes numbers and times in its own form (1.50 as 1.5). It asks nobody who they are: what guards it must.",
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
            note="Queries go to the repository itself. A context index makes counting graphs fast.",
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
            note="It takes Turtle and N-Triples only, drops bodies sent without their length, may keep a part of what it "
            "refuses, and rewrites numbers. ResultSetMaxRows cuts what it gives back: larger graphs are counted only.",
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
            note="With IAM authentication on, requests must be signed, which kb does not: push through a signing proxy. For "
            "much data its loader reads the N-Quads of a release from S3.",
        ),
        Profile(
            "blazegraph",
            "Blazegraph",
            "http://localhost:9999/blazegraph/namespace/NAMESPACE",
            query="/sparql",
            graphs=Graphs("POST /sparql?context-uri={graph}", "DELETE /sparql?c=%3C{graph}%3E"),
            media_type="text/turtle",
            note="A graph is removed and then added, so that readers may see it missing for a moment. The namespace needs quads.",
        ),
        Profile(
            "generic",
            "any store with the Graph Store Protocol",
            "http://localhost:3030/DATASET/data",
            query=None,
            graphs=_protocol(""),
            source="tested",
            note="The address is that of the Graph Store Protocol; --query-url names that of queries, without which graphs are "
            "counted by reading them and those that are gone cannot be looked for.",
        ),
    )
}
