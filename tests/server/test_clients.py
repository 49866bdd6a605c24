"""Clients that people use receive the same answers: each sends a SELECT, an ASK and a CONSTRUCT."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, RDFXML, TSV, TURTLE, XML, SPARQLWrapper

from tests.server.client import Server

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

NPM = Path(__file__).parent / "clients"
DRUGS = ["certain types of pain medications", "clonazepam", "medication", "other medications"]
PREFIXES = """PREFIX kb: <https://w3id.org/linked-kb/ontology#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX term: <https://w3id.org/linked-kb/clonazepam/term/> """
SELECT = PREFIXES + "SELECT ?label { ?drug a kb:Drug ; skos:prefLabel ?label } ORDER BY ?label"
ASK = PREFIXES + "ASK { term:clonazepam a kb:Drug }"
CONSTRUCT = PREFIXES + "CONSTRUCT { ?s skos:prefLabel ?label } WHERE { ?s a kb:Drug ; skos:prefLabel ?label }"


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:SPARQLWrapper", "ignore:ConjunctiveGraph is deprecated:DeprecationWarning"
)
@pytest.mark.parametrize(("method", "by"), [("GET", "urlencoded"), ("POST", "urlencoded"), ("POST", "postdirectly")])
def test_sparqlwrapper(server: Server, method: str, by: str) -> None:
    def ask(query: str, returned: str) -> Any:
        client = SPARQLWrapper(f"{server.url}/sparql")
        client.setMethod(method)
        client.setRequestMethod(by)
        client.setReturnFormat(returned)
        client.setQuery(query)
        return client.query().convert()

    assert [row["label"]["value"] for row in ask(SELECT, JSON)["results"]["bindings"]] == DRUGS
    assert ask(SELECT, XML).getElementsByTagName("result").length == len(DRUGS)
    assert ask(SELECT, CSV).decode().splitlines() == ["label", *DRUGS]
    assert ask(SELECT, TSV).decode().splitlines() == ["?label", *(f'"{each}"@en' for each in DRUGS)]
    assert ask(ASK, JSON)["boolean"] is True
    for kind in (RDFXML, JSONLD):
        assert len(ask(CONSTRUCT, kind)) == len(DRUGS)
    for kind in (TURTLE, N3):
        assert len(Graph().parse(data=ask(CONSTRUCT, kind), format="turtle")) == len(DRUGS)


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_sparqlstore(server: Server, method: str) -> None:
    store = SPARQLStore(f"{server.url}/sparql", method=method)
    graph = Graph(store)
    assert [str(row[0]) for row in graph.query(SELECT)] == DRUGS  # type: ignore[index]
    assert graph.query(ASK).askAnswer is True
    assert len(graph.query(CONSTRUCT).graph or ()) == len(DRUGS)
    part = Graph(store, URIRef("https://w3id.org/linked-kb/clonazepam/graph/mappings"))
    assert 0 < len(list(part.query("SELECT * { ?s ?p ?o }"))) < len(list(graph.query("SELECT * { ?s ?p ?o }")))


def test_rdflib_reads_a_thing_by_its_address(server: Server) -> None:
    graph = Graph().parse(f"{server.url}/term/drowsiness")
    assert (URIRef("https://w3id.org/linked-kb/clonazepam/term/drowsiness"), None, None) in graph
    assert len(Graph().parse(f"{server.url}/term/drowsiness", format="turtle")) == len(graph)


def test_curl(server: Server) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not there")

    def curl(query: str, *options: str) -> str:
        command = [
            "curl",
            "--silent",
            "--fail",
            "--compressed",
            "--data-urlencode",
            f"query={query}",
            *options,
            f"{server.url}/sparql",
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    assert curl(SELECT, "--get", "-H", "Accept: text/csv").split("\n")[1].strip() == DRUGS[0]
    assert len(json.loads(curl(SELECT))["results"]["bindings"]) == len(DRUGS)
    assert json.loads(curl(ASK))["boolean"] is True
    assert len(Graph().parse(data=curl(CONSTRUCT, "-H", "Accept: application/n-triples"), format="nt")) == len(DRUGS)


def test_clients_from_npm(server: Server) -> None:
    if not shutil.which("node") or not (NPM / "node_modules").is_dir():
        pytest.skip("the clients from npm are not there: run 'make npm'")
    command = ["node", str(NPM / "clients.mjs"), f"{server.url}/sparql"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    both = {"select": DRUGS, "ask": True, "construct": len(DRUGS)}
    assert seen["fetch-sparql-endpoint"] == both
    assert seen["sparql-http-client"] == {**both, "post": len(DRUGS), "form": len(DRUGS), "graph": True}
