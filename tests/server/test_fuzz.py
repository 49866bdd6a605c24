"""Every request receives an HTTP response with a reason: no fault in kb, no traceback, no silence."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.client import Server, serving

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

fuzzed = settings(
    max_examples=settings().max_examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

CLOSE = "Host: localhost\r\nConnection: close\r\n"
NAMES = [
    "query",
    "update",
    "default-graph-uri",
    "named-graph-uri",
    "format",
    "output",
    "graph",
    "default",
    "results",
    "callback",
    "",
]
WORDS = [
    *(
        "SELECT * { ?s ?p ?o } LIMIT 1",
        "ASK {}",
        "CONSTRUCT WHERE { ?s ?p ?o }",
        "DESCRIBE <urn:x>",
        "SELECT",
        "{",
        "INSERT DATA {}",
    ),
    *("\0", "json", "csv", "text/turtle", "urn:x", "http://[::1", "%", "\ud800", "é", "x" * 5000, "SELECT (<urn:f>(1) AS ?x) {}"),
    *("SELECT (1/0 AS ?x) {}", "BASE <x> ASK {}", "PREFIX : <> ASK { :a :b :c }", "SELECT * FROM <urn:none> {}", "# a comment"),
]
values = st.one_of(st.sampled_from(WORDS), st.text(max_size=60))
parameters = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=5)
headers = st.dictionaries(
    st.sampled_from(
        ["Accept", "Accept-Encoding", "Content-Type", "If-None-Match", "Origin", "Content-Encoding", "Expect", "Range", "X"]
    ),
    st.one_of(
        st.sampled_from(
            ["*/*", "text/csv;q=x", "a/b;q=9, ,;", "gzip;q=0", "*;q=0", "application/sparql-query;charset=x", '"', "W/"]
        ),
        st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=40),
    ),
    max_size=4,
)
methods = st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "QUERY", "get"])
paths = st.sampled_from(
    [
        "/sparql",
        "/store",
        "/",
        "/term/x",
        "/ontology",
        "/health",
        "/.well-known/void",
        "/static/style.css",
        "//x",
        "/static/..%2f",
    ]
)


@pytest.fixture(scope="module")
def quick() -> Iterator[Server]:
    """A server whose queries end soon, so that none holds up the others."""
    with serving("--timeout", "2", "--patience", "1", "--rows", "100", "--no-access-log") as running:
        yield running


def send(server: Server, request: bytes, *, leave: bool = False) -> bytes:
    """Send bytes and read until the server closes, which it is asked to do."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(request)
        if leave:
            line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))


def holds(answer: bytes) -> None:
    found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    assert found, answer[:200]
    assert found[1] != b"500", answer[:2000]
    assert b"Traceback" not in answer


@given(methods, paths, parameters, parameters, headers)
@fuzzed
def test_requests_of_all_sorts_are_answered(
    quick: Server, method: str, path: str, in_url: list[tuple[str, str]], in_body: list[tuple[str, str]], more: dict[str, str]
) -> None:
    def encoded(pairs: list[tuple[str, str]]) -> str:
        return urlencode(pairs, errors="surrogatepass")

    body = encoded(in_body).encode()
    fields = {
        "Content-Type": "application/x-www-form-urlencoded",
        **more,
        "Host": "localhost",
        "Connection": "close",
        "Content-Length": str(len(body)),
    }
    lines = "".join(f"{name}: {value.strip()}\r\n" for name, value in fields.items())
    holds(send(quick, f"{method} {path}?{encoded(in_url)} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body))


@given(
    st.binary(max_size=300),
    st.sampled_from(["application/sparql-query", "application/x-www-form-urlencoded", "application/sparql-update"]),
)
@fuzzed
def test_bodies_of_any_bytes_are_answered(quick: Server, body: bytes, kind: str) -> None:
    length = len(body)
    head = f"POST /sparql HTTP/1.1\r\n{CLOSE}Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    holds(send(quick, head.encode() + body))


@given(st.binary(max_size=80))
@fuzzed
def test_any_path_is_answered(quick: Server, path: bytes) -> None:
    holds(
        send(
            quick,
            f"GET /{quote_from_bytes(path)} HTTP/1.1\r\n{CLOSE}Accept: text/html\r\n\r\n".encode(),
        )
    )


@given(st.binary(min_size=1, max_size=200))
@settings(fuzzed, max_examples=settings().max_examples // 2)
def test_what_is_no_http_is_refused_or_closed(quick: Server, junk: bytes) -> None:
    answer = send(quick, junk + b"\r\n\r\n", leave=True)
    assert not answer.startswith(b"HTTP/1.1 5")


TOKENS = st.sampled_from(
    [
        *(
            "SELECT",
            "ASK",
            "CONSTRUCT",
            "WHERE",
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "?s",
            "?p",
            "?o",
            "*",
            "a",
            ".",
            ";",
            ",",
            "<urn:x>",
        ),
        *(
            "'x'",
            "1",
            "true",
            "kb:Drug",
            "skos:prefLabel",
            "FILTER",
            "OPTIONAL",
            "UNION",
            "MINUS",
            "GRAPH",
            "BIND",
            "VALUES",
            "UNDEF",
        ),
        *(
            "EXISTS",
            "NOT",
            "IN",
            "AS",
            "GROUP",
            "BY",
            "HAVING",
            "ORDER",
            "DESC",
            "LIMIT",
            "OFFSET",
            "DISTINCT",
            "COUNT",
            "SUM",
            "STR",
        ),
        *("REGEX", "REPLACE", "BNODE", "IRI", "+", "-", "/", "|", "^", "=", "!=", "<"),
    ]
)


@given(st.lists(TOKENS, max_size=25))
@fuzzed
def test_queries_put_together_by_chance_are_answered(quick: Server, tokens: list[str]) -> None:
    query = quote(" ".join(tokens))
    holds(send(quick, f"GET /sparql?query={query} HTTP/1.1\r\n{CLOSE}\r\n".encode()))
