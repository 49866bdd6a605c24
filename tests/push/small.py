"""A small knowledge base as quads, and what a server contains of it."""

from __future__ import annotations

from collections.abc import Iterable

import httpx

from kb.push.credentials import Credentials
from kb.push.remote_store import PushTarget
from kb.push.transfer import Outcome, TransferPlan, push
from kb.rdf.iris import Names
from kb.rdf.quads import Quad

BASE = "https://example.org/small/"
NAMES = Names(BASE, {})
VOCABULARY = NAMES.graph("vocabulary")
DBA = Credentials("digest", "dba", "dba")


def quad(number: int, graph: str = "vocabulary", obj: str = "") -> Quad:
    return Quad(f"<{BASE}s{number}>", f"<{BASE}p>", obj or f'"{number}"', f"<{NAMES.graph(graph)}>")


def quads(number: int = 40) -> list[Quad]:
    found = [quad(each, graph) for graph in ("document/leaflet", "vocabulary") for each in range(number)]
    return [*found, quad(0, "dataset")]


def lines(statements: Iterable[Quad]) -> dict[str, set[str]]:
    """Give statements as N-Triples, by the IRI of their graph."""
    found: dict[str, set[str]] = {}
    for each in statements:
        found.setdefault(each.graph[1:-1], set()).add(f"{each.subject} {each.predicate} {each.object} .")
    return found


def push_all(
    statements: Iterable[Quad],
    target: PushTarget,
    plan: TransferPlan = TransferPlan(),
    names: Names = NAMES,
    reports: list[str] | None = None,
) -> dict[str, Outcome]:
    """Push, and give the outcomes by the graph's path."""
    messages: list[str] = [] if reports is None else reports
    outcomes = push(statements, names, target, plan, messages.append)
    return {each.graph.removeprefix(names.graph("")): each for each in outcomes}


def client_of(target: PushTarget) -> httpx.Client:
    """A client that is not the one under test."""
    who = target.credentials
    auth = httpx.DigestAuth(who.user, who.secret) if who.scheme == "digest" else None
    return httpx.Client(auth=auth, trust_env=False, timeout=60)


def graph_store(target: PushTarget) -> str:
    return target.address + target.profile.graphs.add.split(" ")[1].partition("?")[0]


def held(target: PushTarget, base: str = BASE) -> dict[str, set[str]]:
    """Read back what a server holds of a knowledge base."""
    query = f'SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{base}")) }}'
    with client_of(target) as client:
        address = f"{target.address}{target.profile.query}"
        found = client.get(address, params={"query": query}, headers={"Accept": "application/sparql-results+json"}).json()
        names = [row["g"]["value"] for row in found["results"]["bindings"]]
        accept = {"Accept": "application/n-triples"}
        texts = {name: client.get(graph_store(target), params={"graph": name}, headers=accept).text for name in names}
    return {name: set(text.replace("\t", " ").splitlines()) - {""} for name, text in texts.items()}
