"""The endpoint follows the SPARQL 1.1 Protocol, section by section, with a client that sends exact bytes."""

from __future__ import annotations

import gzip
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.server.client import Response, Server, serving

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

DRUGS = "SELECT ?drug { ?drug a kb:Drug ; skos:prefLabel 'clonazepam'@en }"
CLONAZEPAM = "https://w3id.org/linked-kb/clonazepam/term/clonazepam"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"


def drug(body: dict[str, dict[str, list[dict[str, dict[str, str]]]]]) -> str:
    return body["results"]["bindings"][0]["drug"]["value"]


def test_a_query_can_come_by_get_by_form_and_as_the_body(server: Server) -> None:
    assert drug(server.ask(DRUGS).json) == CLONAZEPAM
    assert drug(server.send("POST", "/sparql", urlencode({"query": DRUGS}), Content_Type=FORM).json) == CLONAZEPAM
    assert drug(server.send("POST", "/sparql", DRUGS, Content_Type=f"{DIRECT}; charset=UTF-8").json) == CLONAZEPAM


def test_a_body_can_come_in_chunks(server: Server) -> None:
    pieces = [DRUGS[:20].encode(), DRUGS[20:].encode()]
    found = server.send("POST", "/sparql", iter(pieces), Content_Type=DIRECT, Transfer_Encoding="chunked")
    assert drug(found.json) == CLONAZEPAM


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/sparql-results+json"),
        ("*/*", "application/sparql-results+json"),
        ("application/sparql-results+xml;q=0.7, application/sparql-results+json;q=0.3", "application/sparql-results+xml"),
        ("application/json", "application/json"),
        ("text/csv;q=0.2,text/tab-separated-values", "text/tab-separated-values"),
        ("text/*", "text/csv"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml"),
        ("application/pdf, text/csv; charset=utf-8", "text/csv"),
        ("TEXT/CSV", "text/csv"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
    ],
)
def test_rows_come_in_the_format_that_accept_prefers(server: Server, accept: str, kind: str) -> None:
    assert server.ask(DRUGS, accept).kind == kind


@pytest.mark.parametrize(
    "kind",
    [
        "text/turtle",
        "application/ld+json",
        "application/n-triples",
        "application/n-quads",
        "application/trig",
        "application/rdf+xml",
    ],
)
def test_graphs_come_in_every_format_of_rdf(server: Server, kind: str) -> None:
    found = server.ask("CONSTRUCT WHERE { term:clonazepam a ?kind }", kind)
    assert (found.status, found.kind) == (200, kind)
    assert "clonazepam" in found.text


def test_a_graph_of_which_no_format_is_asked_for_is_turtle(server: Server) -> None:
    assert server.ask("DESCRIBE term:clonazepam").kind == "text/turtle"


@pytest.mark.parametrize(
    ("query", "name", "kind"),
    [
        (DRUGS, "csv", "text/csv"),
        (DRUGS, "application/sparql-results xml", "application/sparql-results+xml"),
        (DRUGS, "turtle", "application/sparql-results+json"),
        ("CONSTRUCT WHERE { ?s a kb:Drug }", "json", "application/ld+json"),
        ("CONSTRUCT WHERE { ?s a kb:Drug }", "xml", "application/rdf+xml"),
        ("ASK {}", "xml", "application/sparql-results+xml"),
    ],
)
def test_a_format_asked_for_by_name_stands_above_accept(server: Server, query: str, name: str, kind: str) -> None:
    assert server.ask(query, "*/*", format=name).kind == kind
    assert server.ask(query, "*/*", output=name).kind == kind


def test_ask_is_answered_in_every_format(server: Server) -> None:
    query = "ASK { term:clonazepam a kb:Drug }"
    assert server.ask(query, "application/sparql-results+json").json["boolean"] is True
    found = ET.fromstring(server.ask(query, "application/sparql-results+xml").text)
    assert found.findtext("{http://www.w3.org/2005/sparql-results#}boolean") == "true"
    assert server.ask(query, "text/csv").text == server.ask(query, format="csv").text == "boolean\r\ntrue\r\n"
    assert server.ask(query, "text/tab-separated-values").text.startswith('?boolean\n"true"^^<')


GRAPH = "https://w3id.org/linked-kb/clonazepam/graph/vocabulary"
OTHER = "https://w3id.org/linked-kb/clonazepam/graph/mappings"


def count(server: Server, query: str, *graphs: tuple[str, str]) -> int:
    found = server.get(f"/sparql?{urlencode([('query', query), *graphs])}")
    assert found.status == 200, found.text
    return int(found.json["results"]["bindings"][0]["n"]["value"])


def test_the_client_names_the_dataset(server: Server) -> None:
    default, named = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    whole = count(server, default)
    one, other = (count(server, default, ("default-graph-uri", graph)) for graph in (GRAPH, OTHER))
    assert 0 < one < whole
    assert count(server, default, ("default-graph-uri", GRAPH), ("default-graph-uri", OTHER)) == one + other
    assert count(server, default, ("named-graph-uri", GRAPH)) == 0
    assert count(server, named, ("named-graph-uri", GRAPH)) == 1
    assert count(server, named, ("default-graph-uri", GRAPH)) == 0
    assert count(server, default, ("default-graph-uri", "")) == whole
    assert count(server, default.replace("{", f"FROM <{OTHER}> {{"), ("default-graph-uri", GRAPH)) == one


def test_what_is_given_of_whole_graphs_is_the_export(server: Server) -> None:
    exported: dict[str, set[str]] = {}
    for line in (ROOT / "exports" / "clonazepam.nq").read_text(encoding="utf-8").splitlines():
        triple, _, graph = line.removesuffix("> .").rpartition(" <")
        exported.setdefault(graph, set()).add(f"{triple} .")
    assert len(exported) == 6
    for graph, triples in exported.items():
        assert read_triples(server.get(f"/store?graph={quote(graph, safe='')}", Accept="application/n-triples")) == triples
    everything = set().union(*exported.values())
    assert read_triples(server.get("/store?default", Accept="application/n-triples")) == everything
    assert read_triples(server.ask("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "application/n-triples")) == everything
    assert read_triples(server.ask("CONSTRUCT { ?s ?p ?o } { GRAPH ?g { ?s ?p ?o } }", "application/n-triples")) == everything


def read_triples(reply: Response) -> set[str]:
    assert reply.status == 200, reply.text
    lines = reply.text.splitlines()
    assert len(set(lines)) == len(lines)
    return set(lines)


def test_parameters_that_are_unknown_are_passed_over(server: Server) -> None:
    assert server.ask(DRUGS, results="json", timeout="1", foo="bar").status == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "status", "words"),
    [
        ("GET", "/sparql?query=SELECT", None, "", 400, "cannot be read"),
        ("GET", f"/sparql?{urlencode([('query', 'ASK {}'), ('query', 'ASK {}')])}", None, "", 400, "2 queries"),
        ("GET", "/sparql?query=ASK%20%7B%7D%FF", None, "", 400, "not UTF-8"),
        ("GET", "/sparql?query=", None, "", 400, "empty"),
        ("GET", "/sparql?query=ASK%7B%7D&default-graph-uri=no", None, "", 400, "not an absolute IRI"),
        ("GET", "/sparql?query=ASK%7B%7D&format=pdf", None, "", 406, "'pdf'"),
        ("GET", "/sparql?update=CLEAR+ALL", None, "", 403, "does not take updates"),
        ("GET", "/sparql?query=INSERT+DATA+%7B%7D", None, "", 403, "INSERT is an update"),
        ("GET", f"/sparql?query={quote('SELECT * { SERVICE <http://x.example/> { ?s ?p ?o } }')}", None, "", 403, "SERVICE"),
        ("GET", f"/sparql?query={quote('LOAD <http://x.example/>')}", None, "", 403, "LOAD"),
        ("POST", "/sparql", b"query=ASK%7B%7D", "", 415, "no Content-Type"),
        ("POST", "/sparql", b"ASK {}", "text/plain", 415, "text/plain"),
        ("POST", "/sparql", b"ASK {}", f"{DIRECT}; charset=utf-16", 415, "utf-16"),
        ("POST", "/sparql", b"ASK { \xff }", DIRECT, 400, "not UTF-8"),
        ("POST", "/sparql?query=ASK%7B%7D", b"ASK {}", DIRECT, 400, "2 queries"),
        ("POST", "/sparql", b"", FORM, 400, "no query"),
        ("POST", "/sparql", b"update=DROP+ALL", FORM, 403, "does not take updates"),
        ("POST", "/sparql", b"DROP ALL", "application/sparql-update", 403, "does not take updates"),
        ("POST", "/sparql", b"x" * (1 << 20 | 1), DIRECT, 413, "1,048,576 bytes"),
        ("POST", "/sparql", b"query=" + b"x" * 70_000, FORM, 400, "65,536"),
        ("PUT", "/sparql", b"", "", 405, "PUT is not allowed"),
        ("DELETE", "/store?default", None, "", 405, "DELETE is not allowed"),
        ("POST", "/store?default", b"", "text/turtle", 405, "POST is not allowed"),
    ],
)
def test_what_is_wrong_is_refused_with_a_reason(
    server: Server, method: str, path: str, body: bytes | None, kind: str, status: int, words: str
) -> None:
    found = server.send(method, path, body, **({"Content_Type": kind} if kind else {}))
    assert (found.status, words in found.text) == (status, True), found.text
    assert found.kind == "text/plain"
    assert "Traceback" not in found.text


def test_a_refusal_comes_as_json_or_as_a_page_to_those_who_ask_for_that(server: Server) -> None:
    problem = server.ask("SELECT * {\n?s", "application/problem+json, application/sparql-results+json;q=0.5")
    assert (problem.status, problem.kind) == (400, "application/problem+json")
    assert (problem.json["code"], problem.json["line"], problem.json["status"]) == ("KB602", 2, 400)
    page = server.ask("SELECT <script>alert(1)</script>", "text/html")
    assert (page.status, page.kind) == (400, "text/html")
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("path", ["/sparql/", "/store/?default", "/health/", "/ontology/", "/.well-known/void/"])
def test_a_slash_at_the_end_changes_nothing(server: Server, path: str) -> None:
    with_it, without = (server.get(each, Accept="*/*") for each in (path, path.replace("/?", "?").removesuffix("/")))
    assert (with_it.status, with_it.body) == (200, without.body)
    posted = server.send("POST", path, urlencode({"query": DRUGS}), Content_Type=FORM)
    assert posted.status == (200 if path == "/sparql/" else 405)


def test_a_format_that_there_is_not_is_reported_before_the_query_runs(server: Server) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    assert server.ask(endless, "image/png").status == 406
    assert server.ask(endless, format="pdf").status == 406
    assert (
        server.ask(
            "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a = ?i && ?b = ?f) }", format="text/turtle", accept="application/pdf"
        ).status
        == 406
    )


def test_head_gives_what_get_gives_without_the_body(server: Server) -> None:
    path = f"/sparql?{urlencode({'query': DRUGS})}"
    got, head = server.get(path), server.send("HEAD", path)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(got.body))
    assert head.headers["ETag"] == got.headers["ETag"]


def test_options_tells_the_methods(server: Server) -> None:
    assert set(server.send("OPTIONS", "/sparql").headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}


def test_pages_of_other_origins_read_answers_only_where_that_is_switched_on(server: Server) -> None:
    asks = {"Origin": "https://x.example", "Access_Control_Request_Method": "POST"}
    asks |= {"Access_Control_Request_Headers": "content-type, authorization"}
    for found in (server.send("OPTIONS", "/sparql", **asks), server.get("/health", Origin="https://x.example")):
        assert "Access-Control-Allow-Origin" not in found.headers
        assert found.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    with serving("--cors", "*", "--no-access-log") as open_to_all:
        found = open_to_all.send("OPTIONS", "/sparql", **asks)
        assert (found.status, found.headers["Access-Control-Allow-Origin"]) == (200, "*")
        assert "authorization" in found.headers["Access-Control-Allow-Headers"]
        found = open_to_all.get("/sparql?query=ASK%7B%7D", Origin="https://x.example")
        assert found.headers["Access-Control-Allow-Origin"] == "*"
        assert found.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_an_answer_is_compressed_for_those_who_take_it(server: Server) -> None:
    query = {"query": "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 500"}
    path = f"/sparql?{urlencode(query)}"
    packed = server.get(path, Accept_Encoding="br;q=1, gzip;q=0.8, *;q=0")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == server.get(path, Accept_Encoding="gzip;q=0").body


def test_an_answer_that_is_known_is_not_sent_again(server: Server) -> None:
    path = f"/sparql?{urlencode({'query': DRUGS})}"
    tag = server.get(path, Accept="text/csv").headers["ETag"]
    again = server.get(path, Accept="text/csv", If_None_Match=f'"other", {tag}')
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert server.get(path, Accept="text/tab-separated-values", If_None_Match=tag).status == 200
    assert server.ask("SELECT (RAND() AS ?x) {}").headers["ETag"] is None


def test_the_graph_store_is_read(server: Server) -> None:
    whole = server.get("/store?default", Accept="application/n-triples")
    part = server.get(f"/store?{urlencode({'graph': GRAPH})}", Accept="application/n-triples")
    assert set(part.text.splitlines()) < set(whole.text.splitlines())
    assert server.get("/store?graph=urn:none").status == 404
    assert server.get("/store").status == 400
    assert server.send("HEAD", "/store?default").status == 200
