"""A test double of a store: in memory, on loopback, failing on purpose."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Double:
    """What it holds, what it was asked, and what goes wrong next.

    ``faults`` gives for each method what goes wrong at the next requests, in order; each is used up once.
    """

    def __init__(self) -> None:
        self.graphs: dict[str, set[str]] = {}
        self.faults: dict[str, list[str]] = {}
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.largest = 1 << 30
        self.password = ""
        self.address = ""
        self.has_union = True

    def fault(self, method: str) -> str:
        waiting = self.faults.get(method, [])
        return waiting.pop(0) if waiting else ""

    def sent(self, method: str) -> list[str]:
        """Give the paths that were asked for by a method."""
        return [path for name, path, _ in self.requests if name == method]


@contextmanager
def running() -> Iterator[Double]:
    made = Double()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"double": made}))
    server.daemon_threads = True
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    double: Double
    fault = ""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes = b"", kind: str = "text/plain", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            read = b""
            while size := int(self.rfile.readline(), 16):
                read += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            read = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return gzip.decompress(read) if self.headers.get("Content-Encoding") == "gzip" else read

    def cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def common(self) -> bool:
        """Do what goes wrong with requests of every method; tell whether that was all."""
        self.double.requests.append((self.command, self.path, dict(self.headers)))
        self.fault = fault = self.double.fault(self.command)
        if fault == "cut":
            self.cut()
        elif fault == "silent":
            threading.Event().wait(1.0)  # longer than the patience of the test
            self.cut()
        elif fault.isdecimal():
            self.body()
            self.answer(int(fault), f"<html><title>x</title><p>no: {self.headers.get('Authorization')}</p>".encode())
        elif fault.startswith("http"):
            self.body()
            self.answer(307, Location=fault)
        elif fault == "moved":
            self.body()
            self.answer(308, Location=f"{self.double.address}{self.path}")
        elif fault == "later":
            self.body()
            self.answer(503, Retry_After="0")
        elif self.double.password and self.headers.get("Authorization") != f"Bearer {self.double.password}":
            self.body()
            self.answer(401, WWW_Authenticate='Bearer realm="double"')
        else:
            return False
        return True

    def graph(self) -> str:
        found = parse_qs(urlsplit(self.path).query)
        return next(found[name][0] for name in ("graph", "context-uri", "c") if name in found).strip("<>")

    def do_PUT(self) -> None:
        self.store(set())

    def do_POST(self) -> None:
        self.store(self.double.graphs.get(self.graph(), set()))

    def store(self, before: set[str]) -> None:
        if self.common():
            return
        if int(self.headers.get("Content-Length", 0)) > self.double.largest:
            self.body()
            self.answer(413)
            return
        if self.fault == "cut halfway":  # what came before the cut is kept, as in a store without transactions
            lines = self.rfile.read(int(self.headers["Content-Length"]) // 2).decode().splitlines()[:-1]
            self.double.graphs[self.graph()] = before | set(lines)
            self.cut()
            return
        lines = self.body().decode().splitlines()
        kept = {"half": lines[: len(lines) // 2], "lie": [], "change": [*lines[1:], "<urn:a> <urn:b> <urn:c> ."]}
        self.double.graphs[self.graph()] = before | set(kept.get(self.fault, lines))
        self.answer(204)

    def do_DELETE(self) -> None:
        if self.common():
            return
        if self.fault != "lie":
            self.double.graphs.pop(self.graph(), None)
        self.answer(204)

    def do_GET(self) -> None:
        if self.common():
            return
        query = parse_qs(urlsplit(self.path).query).get("query", [""])[0]
        named = re.search("GRAPH <([^>]*)>", query)
        if not query or query.startswith("CONSTRUCT"):
            self.give(named[1] if named else self.graph())
            return
        rows: list[dict[str, object]] = [{"g": each, "s": "x"} for each in self.double.graphs]
        if "GRAPH" not in query and not self.double.has_union:
            rows = []
        if named:
            rows = [{"n": "many" if self.fault == "miscount" else len(self.double.graphs.get(named[1], ()))}]
        bindings = [{name: {"type": "literal", "value": str(value)} for name, value in row.items()} for row in rows]
        results = {"head": {"vars": list(bindings[0]) if bindings else ["n", "s", "g"]}, "results": {"bindings": bindings}}
        text = "not json" if self.fault == "nonsense" else json.dumps(results)
        self.answer(200, text.encode(), "application/sparql-results+json")

    def give(self, graph: str) -> None:
        if graph not in self.double.graphs:
            self.answer(404)
            return
        lines = sorted(self.double.graphs[graph])
        text = "".join(f"{line}\n" for line in lines).encode()
        kind = "application/n-triples; charset=utf-8"
        answers: dict[str, Callable[[], None]] = {
            "truncated": lambda: self.answer(200, "".join(f"{line}\n" for line in lines[: len(lines) // 2]).encode(), kind),
            "html": lambda: self.answer(200, b"<html>", "text/html"),
            "broken": lambda: self.answer(200, b"<urn:a> <urn:b>", kind),
            "cut halfway": lambda: self.piecemeal(text, len(text) // 2, 0),
            "trickle": lambda: self.piecemeal(text, len(text), 0.1),
        }
        answers.get(self.fault, lambda: self.answer(200, text, kind))()

    def piecemeal(self, text: bytes, until: int, wait: float) -> None:
        """Announce a whole answer and give a part of it, byte by byte if there is a wait between them."""
        self.send_response(200)
        self.send_header("Content-Type", "application/n-triples")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        try:
            for byte in text[:until] if wait else ():
                self.wfile.write(bytes([byte]))
                threading.Event().wait(wait)
            self.wfile.write(b"" if wait else text[:until])
            self.cut()
        except OSError:
            self.close_connection = True  # the client has had enough
