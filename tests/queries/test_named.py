"""Named queries over two documents and several drugs, by every engine, and what their answers must never claim."""

from __future__ import annotations

import csv
import io
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pyoxigraph as ox
import pytest

from kb import pipeline, queries, resources
from kb.problems import KbError
from kb.queries import Compiled
from kb.queries.child_process import Limits
from kb.queries.result import Result
from kb.sparql import engines, library, result_formats
from kb.sparql.engines import remote
from kb.sparql.values import ENGINES, Answer, Question

HERE = Path(__file__).parent
NAMES = list(library.list_query_files(resources.content()))
#: What two made-up documents about made-up medicines cannot have.
MISSING = {"document-standing", "identifiers-in", "quantities", "stale-reviews", "strengths"}


def written(answer: Answer, base: Compiled, name: str) -> str:
    """Write the promised columns, as the golden files have them."""
    query = queries.find_query(base, name)
    if answer.form == "graph":
        return Result(answer, base.names, query).text()
    rows = csv.DictReader(io.StringIO("".join(result_formats.find("csv").lines(answer)), newline=""))
    text = io.StringIO()
    writer = csv.DictWriter(text, query.columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def expected(name: str) -> str:
    (path,) = (HERE / "answers").glob(f"{name}.*")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def loaded(two: Compiled) -> dict[str, Any]:
    question = Question(two.quads(), "", two.names.prefixes, two.names.base)
    return {"question": question, **{name: engines.import_engine(name)[0](question) for name in ENGINES}}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_the_one_that_was_reviewed(engine: str, name: str, two: Compiled, loaded: dict[str, Any]) -> None:
    question = replace(loaded["question"], text=queries.find_query(two, name).text)
    answer = engines.import_engine(engine)[1](loaded[engine], question)
    if answer.form == "graph":
        answer = answer._replace(triples=tuple(sorted(set(answer.triples))))
    assert written(answer, two, name) == expected(name)
    assert bool(answer.rows or answer.triples) == (name not in MISSING)


def test_no_group_is_no_row_in_either_engine() -> None:
    text = "SELECT ?s (COUNT(?o) AS ?n) { ?s <http://e.org/none> ?o } GROUP BY ?s"
    for engine in ENGINES:
        load, ask = engines.import_engine(engine)
        question = Question("", text, {}, "http://e.org/")
        assert ask(load(question), question).rows == ()
        over_all = replace(question, text="SELECT (COUNT(?o) AS ?n) { ?s <http://e.org/none> ?o }")
        assert len(ask(load(over_all), over_all).rows) == 1


@pytest.mark.parametrize("name", ["plain-view", "biolink-view", "schema-org-view"])
def test_no_view_makes_an_edge_of_what_is_no_plain_triple(name: str, two: Compiled) -> None:
    base = two.names.base
    for folder in (HERE / "two-documents", resources.content()):
        kb = pipeline.load(folder)
        made = queries.compile_base(kb)
        base = made.names.base
        plain = {quad[:3] for quad in pipeline.compile_all(kb, "plain") if quad.predicate.startswith(f"<{base}predicate/")}
        ends = {(subject, obj) for subject, _, obj in plain}
        terms = f"<{base}term/"
        edges = [
            triple for triple in queries.ask(made, queries.find_query(made, name).text).triples if triple[2].startswith(terms)
        ]
        entails = (
            name != "schema-org-view" or folder == resources.content()
        )  # elsewhere, the relation of schema.org is only close
        assert bool(edges) == entails
        assert all((subject, obj) in ends for subject, _, obj in edges)
        assert name != "plain-view" or set(edges) == {triple for triple in plain if triple[2].startswith(terms)}


def test_a_view_promises_no_more_than_that_nothing_is_denied_or_restricted() -> None:
    """Plain triples may stand for hedged facts whose predicate has the hedge in its definition, as in 'can have'."""
    for file in library.list_query_files(resources.content()).values():
        query = queries.read_query(file)
        assert query.group != "views" or "othing denied or restricted" in query.question, query.name
        assert "othing hedged" not in query.question


@pytest.fixture(scope="module")
def endpoint(two: Compiled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A SPARQL endpoint that holds the same, each triple in the default graph too: the server of Oxigraph."""
    folder = tmp_path_factory.mktemp("endpoint")
    store = ox.Store(str(folder))
    store.load(two.quads(), format=ox.RdfFormat.N_QUADS)
    store.extend([ox.Quad(quad.subject, quad.predicate, quad.object) for quad in store])
    store.flush()
    del store
    program = Path(sys.executable).parent / "oxigraph"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(program), "serve-read-only", "--location", str(folder), "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + 20
            while time.monotonic() < until:
                try:
                    with urlopen(f"http://127.0.0.1:{port}/query"):
                        break
                except URLError:
                    continue
            yield f"http://127.0.0.1:{port}/query"
        finally:
            server.terminate()


@pytest.mark.long("seventy queries to a server")
@pytest.mark.enable_socket
def test_an_endpoint_gives_the_same_answers_to_every_named_query(two: Compiled, endpoint: str) -> None:
    for name in NAMES:
        query = queries.find_query(two, name)
        answer = queries.ask(two, query.text, endpoint)
        assert written(answer, two, name) == expected(name), name
    assert queries.ask(two, "ASK { term:velaril a kb:Drug }", endpoint).truth
    answer = queries.ask(two, "SELECT * { VALUES (?a ?b) { ('é\"\\n'@de-CH UNDEF) (true 1.50) } BIND(BNODE() AS ?c) }", endpoint)
    assert answer.rows[0][:2] == (None, '"é\\"\\n"@de-ch') or answer.variables == ("a", "b", "c")
    with pytest.raises(KbError, match="KB612 The server answered POST with 400"):
        queries.ask(two, "SELECT", endpoint)
    with pytest.raises(KbError, match="KB612 The server answered POST with 404"):
        queries.ask(two, "ASK {}", endpoint.replace("/query", "/nothing"))


def test_lines_of_a_query_keep_their_numbers_at_an_endpoint(two: Compiled) -> None:
    text = "# a comment\nSELECT * { ?s kb:modality ?o }"
    sent = remote.query_text(Question(b"", text, two.names.prefixes, two.names.base))
    assert sent.splitlines()[0] == "PREFIX kb: <https://w3id.org/linked-kb/ontology#> # a comment"
    assert sent.splitlines()[1] == text.splitlines()[1]


REPLIES = [
    (b"200 OK", b"text/html", b"<p>Hello", "KB613"),
    (b"200 OK", b"application/sparql-results+json", b"{", "KB613"),
    (b"200 OK", b"application/sparql-results+json", b'{"head":{},"results":[]}', "KB613"),
    (b"200 OK", b"application/json", b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"?","value":1}}]}}', "KB613"),
    (b"200 OK", b"application/n-triples", b"<a> <b>", "KB613"),
    (b"200 OK", b"application/n-triples", b"<http://e.org/> ", "KB605"),
    (b"500 Oh", b"text/plain", b"no", "KB611"),
    (b"302 Found\r\nLocation: ftp://e.org/", b"text/plain", b"", "KB611"),
    (b"302 Found\r\nLocation: /again", b"text/plain", b"", "KB611"),
    (b"200 OK", b"text/plain", None, "KB604"),
]


@pytest.mark.enable_socket
@pytest.mark.parametrize(("status", "kind", "body", "code"), REPLIES)
def test_every_kind_of_bad_response_gets_a_message(
    status: bytes, kind: bytes, body: bytes | None, code: str, two: Compiled
) -> None:
    script = """
import socket, sys
status, kind, body = (bytes.fromhex(word) for word in sys.argv[1:4])
body *= int(sys.argv[4])
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    while True:
        client, _ = server.accept()
        request = client.recv(65536)
        while b"query=" not in request:  # closing a connection with something unread breaks it
            request += client.recv(65536)
        if sys.argv[5] == "answer":
            head = b"HTTP/1.1 %s\\r\\nContent-Type: %s\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n"
            client.sendall(head % (status, kind, len(body)) + body)
            client.close()
        else:
            sys.stdin.read()
"""
    words = [part.hex() for part in (status, kind, body or b"")]
    words.append("200000" if code == "KB605" else "1")
    command = [sys.executable, "-c", script, *words, "answer" if body is not None else "wait"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}/"
        try:
            with pytest.raises(KbError) as error:
                queries.ask(two, "SELECT * { ?s ?p ?o }", url, Limits(seconds=0.5 if body is None else 10.0, megabytes=1))
            assert [problem.code for problem in error.value.problems] == [code]
        finally:
            server.kill()


@pytest.mark.enable_socket
def test_an_unreachable_endpoint_is_reported() -> None:
    with pytest.raises(KbError, match="KB611 The server cannot be reached"):
        remote.fetch("http://127.0.0.1:9/", "ASK {}", 5, 1000)
