"""Whatever an endpoint answers: a problem that names it, in bounded time and memory, and never its password."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kb import cli, http_client
from kb.http_client import HttpClient, HttpError, HttpRequest, RequestPolicy

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

JSON, TRIPLES = "application/sparql-results+json", "application/n-triples"
ONE = '{"head":{"vars":["x"]},"results":{"bindings":[{"x":%s}]}}'


class Handler(BaseHTTPRequestHandler):
    """Answers every request with the same bytes."""

    body, headers_, status = b"", {"Content-Type": JSON}, 200

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.status)
        for name, value in self.headers_.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def answering(body: bytes, headers: Mapping[str, str], status: int = 200) -> Iterator[str]:
    fields = {"body": body, "status": status, "headers_": {"Content-Type": JSON, **headers}}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Answering", (Handler,), fields))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}/sparql"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def term(value: str, **more: str) -> bytes:
    pairs = ",".join(f'"{name}":"{text}"' for name, text in {"type": "literal", "value": value, **more}.items())
    return (ONE % f"{{{pairs}}}").encode()


BODIES: dict[str, bytes] = {
    "nested": b'{"head":' + b"[" * 500_000,
    "nested-value": (ONE % ("[" * 100_000 + "]" * 100_000)).encode(),
    "nested-triple": (ONE % ('{"type":"triple","value":{"subject":' * 50_000)).encode(),
    "bad-iri": term("a b> <c", type="uri"),
    "bad-datatype": term("1", datatype="not an iri> ."),
    "bad-language": term("a", **{"xml:lang": "en us>"}),
    "bad-kind": term("a", type="evil"),
    "surrogate": term("\\ud800"),
    "bad-variable": b'{"head":{"vars":["x y\\n"]},"results":{"bindings":[]}}',
    "no-head": b'{"results":{"bindings":[{}]}}',
    "list": b"[]",
    "number": b"1" * 10_000,
    "string-bindings": b'{"head":{"vars":["x"]},"results":{"bindings":"abc"}}',
    "not-utf-8": b'{"head":{"vars":["\xff"]}}',
    "cut-off": b'{"head":{"vars":["x"]},"results":{"bindings":[',
    "empty": b"",
    "nan": b'{"boolean": NaN}',
    "two-answers": b'{"head":{"vars":["x"]},"boolean":true,"results":{"bindings":[]}}',
    "two-answers-rows-first": b'{"head":{"vars":["x"]},"results":{"bindings":[]},"boolean":true}',
    "true-and-false": b'{"head":{},"boolean":true,"boolean":false}',
    "true-and-more": b'{"head":{},"boolean":true} {"head":{},"boolean":false}',
    "true-and-no-end": b'{"head":{},"boolean":true',
    "two-heads": b'{"head":{"vars":["x"]},"head":{"vars":["y"]},"results":{"bindings":[]}}',
    "two-values": b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"a","value":"b"}}]}}',
    "no-answer": b'{"head":{"vars":["x"]}}',
    "another-form": b'{"head":{},"boolean":true}',
}
TRIPLE_BODIES: dict[str, Callable[[], bytes]] = {
    "literal-of-17-mib": lambda: b'<x:a> <x:b> "' + b"a" * (17 << 20) + b'" .\n',
    "no-end": lambda: b'<x:a> <x:b> "' + b"a" * (18 << 20),
    "nested": lambda: b"<x:a> <x:b> " + b"<<( " * 100_000,
    "relative": lambda: b"<a> <b> <c> .",
    "not-rdf": lambda: b"<html>",
}


def run(engine: str, capsys: pytest.CaptureFixture[str], sparql: str = "SELECT ?x { ?x ?y ?z }") -> tuple[int, str, str]:
    code = cli.run(["query", "-e", sparql, "--engine", engine, "--timeout", "20", "-f", "json"])
    captured = capsys.readouterr()
    assert "KB900" not in captured.err
    assert captured.err.replace("\n", "").isprintable()
    assert len(captured.err) < 2_000
    return code, captured.out, captured.err


@pytest.mark.parametrize("name", BODIES)
def test_results_that_break_the_standard_are_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(BODIES[name], {}) as address:
        code, out, err = run(f"http://{address}", capsys)
    assert (code, out) == (3, "") or (name == "nested-triple" and code == 4)
    assert address in err
    assert "KB613" in err or code == 4


@pytest.mark.parametrize("name", TRIPLE_BODIES)
def test_triples_that_cannot_be_read_are_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with answering(TRIPLE_BODIES[name](), {"Content-Type": TRIPLES}) as address:
        code, out, err = run(f"http://{address}", capsys, "CONSTRUCT WHERE { ?s ?p ?o }")
    if name != "literal-of-17-mib" or code:  # a whole literal may be read
        assert (code, out) == (3, "")
        assert "KB613" in err


def test_rows_are_no_answer_to_a_question_for_true_or_false(capsys: pytest.CaptureFixture[str]) -> None:
    with answering((ONE % '{"type":"literal","value":"a"}').encode(), {}) as address:
        code, out, err = run(f"http://{address}", capsys, "ASK { ?x ?y ?z }")
    assert (code, out) == (3, "")
    assert "KB613" in err


def test_what_servers_add_to_an_answer_is_no_part_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    body = ONE.replace('"bindings"', '"distinct":false,"bindings"').replace("]}}", '],"ordered":true},"meta":{"time":[1]}}')
    with answering((body % '{"type":"literal","value":"a"}').encode(), {}) as address:
        code, out, _ = run(f"http://{address}", capsys)
    assert (code, '"value": "a"' in out) == (0, True)


def bomb(compress: Callable[[bytes], bytes] = gzip.compress) -> bytes:
    return compress(bytes(1 << 26))


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (lambda: gzip.compress(gzip.compress(bomb())), "gzip, gzip, gzip"),
        (bomb, "gzip"),
        (lambda: bomb(zlib.compress), "deflate"),
        (lambda: bomb()[:1000], "gzip"),
        (lambda: b"not compressed", "gzip"),
        (lambda: b"x", "br"),
        (lambda: b"x", "zstd"),
        (lambda: b"x", "evil\x1b"),
    ],
)
def test_compressed_answers_cannot_exhaust_memory(
    body: Callable[[], bytes], encoding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(body(), {"Content-Encoding": encoding}) as address:
        code, _, err = run(f"http://{address}", capsys)
    assert code in {3, 4}
    assert "KB6" in err


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"
#: What a server sends first, and then again and again.
DRIPS = {
    "interim responses": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a header": (HEAD + b"X: ", b"x"),
    "the extension of a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;", b"x"),
    "the name in a gzip header": (HEAD + b"Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\xff", b"x"),
    "blanks": (HEAD + b"\r\n", b" "),
    "nothing": (b"", b""),
}


@contextmanager
def dripping(first: bytes, drop: bytes) -> Iterator[str]:
    """Answer with bytes that come one by one and never end, until the client has left."""
    done = threading.Event()

    def drip(server: socket.socket) -> None:
        with server.accept()[0] as client, suppress(OSError):
            client.recv(1 << 16)
            client.sendall(first)
            while not done.wait(0.02):
                client.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize("is_query", [True, False])
@pytest.mark.parametrize("name", DRIPS)
def test_a_response_that_never_ends_is_left_when_its_time_is_over(
    name: str, is_query: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "_MIN_RATE", 1 << 20)
    policy = RequestPolicy(timeout=0.5, attempts=1, is_query=is_query)
    with dripping(*DRIPS[name]) as url, HttpClient(url, policy) as client, pytest.raises(HttpError) as raised:
        client.send(HttpRequest("POST", url, {}, b"query=x"), lambda response: response.read(1 << 20))
    assert raised.value.kind == "timeout"


@pytest.mark.parametrize("status", [200, 302, 400, 401, 500])
@pytest.mark.parametrize(
    "change",
    [str, str.upper, lambda url: url.replace("http", "ftp"), lambda url: f"{url}:x", lambda url: url.replace("127", "[127")],
)
def test_no_message_shows_the_password_of_an_address(
    status: int, change: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    headers = {"Location": "http://me:PA%24S@evil.example/PA%24S"} if status == 302 else {}
    with answering(b"you sent PA%24S and PA$S, that is bWU6UEEkUw==", headers, status) as address:
        code, out, err = run(change(f"http://me:PA%24S@{address}"), capsys)
    assert code != 0
    assert not any(secret in (out + err).upper() for secret in ("PA%24S", "PA$S"))


def test_a_password_is_not_sent_where_others_can_read_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run("http://me:PASS@store.example/sparql", capsys)
    assert code == 2
    assert "KB752" in err
    assert "PASS" not in err


def test_rows_are_read_as_the_standard_says(capsys: pytest.CaptureFixture[str]) -> None:
    bindings = '{"x":{"type":"typed-literal","value":"1","datatype":"http://www.w3.org/2001/XMLSchema#integer"}},{}'
    with answering(f'{{"head":{{"vars":["x"]}},"results":{{"bindings":[{bindings}]}}}}'.encode(), {}) as address:
        code, out, _ = run(f"http://{address}", capsys)
    assert code == 0
    assert '"value": "1"' in out


def test_an_error_page_of_any_shape_is_read_in_linear_time(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(b"<head " * 20_000 + b"<" * 60_000, {}, 500) as address:
        code, _, err = run(f"http://{address}", capsys)
    assert code == 3
    assert "500" in err
