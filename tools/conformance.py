"""Hold ``kb serve`` against the W3C's tests of SPARQL 1.1: protocol, service description, result formats.

``python tools/conformance.py SUITE`` takes a checkout of w3c/rdf-tests, or its folder ``sparql/sparql11``. Each test is sent
to a real server; one that does not apply is skipped with the reason.
"""

from __future__ import annotations

import csv
import http.client
import io
import json
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pyoxigraph as ox
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kb.queries import Compiled
from kb.rdf.iris import Names
from kb.server import serve
from kb.server.settings import LIMITS, LOOPBACK, ServerSettings

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
BASE = "http://kb.example/"
GRAPHS = {f"http://kasei.us/2009/09/sparql/data/data{n}.rdf": f"data{n}.nt" for n in (1, 2, 3)}
READ_ONLY = "the server only reads; that it refuses the update with 4xx is tried instead"
#: What the engine answers otherwise, and docs/rdf.md tells.
KNOWN = {"manifest#tsv03": "Oxigraph's store keeps numbers by value, so xsd:negativeInteger is answered as xsd:integer"}
TABULAR = {"application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values"}
RDF_TYPES = {"text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json", "text/html"}


class Outcome(NamedTuple):
    """What became of a test: ``passed``, ``failed`` or ``skipped``, and why."""

    name: str
    what: str
    why: str = ""


class Got(NamedTuple):
    """An answer of the server."""

    status: int
    kind: str
    body: bytes


class Server:
    """A running server."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Got:
        """Send a request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers)
        got = connection.getresponse()
        return Got(got.status, got.headers.get_content_type(), got.read())


@contextmanager
def served(nquads: bytes, graphs: tuple[str, ...] = ()) -> Iterator[Server]:
    """Serve statements from a process of its own."""
    names = Names(BASE, {})
    about = {"id": "w3c", "title": "Data of the W3C", "version": "1"}
    base = Compiled(Path("/nonexistent"), about, names, {}, graphs, {}, quads=lambda: nquads)
    limits = {limit.name: limit.default for limit in LIMITS}
    settings = ServerSettings("127.0.0.1", 0, 1, BASE, LOOPBACK, (), (), rate_all=False, log="", limits=limits)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            with os.fdopen(writing, "w", encoding="utf-8", buffering=1) as telling:
                serve.serve(base, settings, lambda words: print(words, file=telling))
        except BaseException:  # noqa: BLE001 - a child has nobody to raise to
            traceback.print_exc()
        os._exit(0)
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="utf-8") as told:
            found = re.search(r":(\d+)/", told.readline())
            if not found:
                sys.exit("the server does not start")
            yield Server(int(found[1]))
    finally:
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)


def manifest(folder: Path) -> Graph:
    """Read a manifest."""
    path = folder / "manifest.ttl"
    return Graph().parse(path, format="turtle", publicID=path.as_uri())


def protocol(folder: Path) -> Iterator[Outcome]:
    """Send the requests of the tests on the protocol, in order, and look at what comes back."""
    graph = manifest(folder)
    data = b"".join(
        line + f" <{iri}> .\n".encode()
        for iri, name in GRAPHS.items()
        for line in re.findall(rb"^(.+?)\s*\.\s*$", (folder / name).read_bytes(), re.MULTILINE)
    )
    with served(data, tuple(GRAPHS)) as server:
        for test in sorted(graph.subjects(RDF.type, MF.ProtocolTest), key=str):
            name = str(test).rpartition("#")[2]
            action = graph.value(test, MF.action)
            requests = list(Collection(graph, graph.value(action, HT.requests)))  # type: ignore[arg-type]
            failures = [why for each in requests for why in _protocol_request(graph, each, server, updates="update" in name)]
            if failures:
                yield Outcome(name, "failed", "; ".join(failures))
            elif name.startswith("update_"):
                yield Outcome(name, "skipped", READ_ONLY)
            else:
                yield Outcome(name, "passed")


def _protocol_request(graph: Graph, request: Node, server: Server, *, updates: bool) -> Iterator[str]:
    method, path, body, headers = _request(graph, request)
    got = server.send(method, path, body, headers)
    response = graph.value(request, HT.resp)
    wanted = {str(each)[-3] for each in graph.objects(response, MF.expectedStatus)}
    form = str(graph.value(response, MF.expectedFormat) or "")
    if updates and wanted & {"2", "3"} and headers.get("content-type", "") != "application/sparql-query" and "query=" not in path:
        if not _is_query(body, headers):
            wanted, form = {"4"}, ""
        else:
            return  # what the update would have changed
    if str(got.status)[0] not in wanted:
        yield f"{method} {path[:60]}: {got.status}, and not {sorted(wanted)}xx"
    elif form and wanted & {"2"} and not updates:
        kinds = {"boolean": TABULAR, "tabular": TABULAR, "RDF": RDF_TYPES}[form]
        if got.kind not in kinds:
            yield f"{got.kind} is not {form}"
        truth = graph.value(response, MF.expectedBoolean)
        if truth is not None and json.loads(got.body)["boolean"] is not truth.toPython():  # type: ignore[attr-defined]
            yield f"the answer is not {truth}"


def _is_query(body: bytes | None, headers: dict[str, str]) -> bool:
    kind = headers.get("content-type", "").partition(";")[0]
    return kind == "application/sparql-query" or (body or b"").startswith(b"query=")


def _request(graph: Graph, request: Node) -> tuple[str, str, bytes | None, dict[str, str]]:
    method = str(graph.value(request, HT.methodName))
    path = str(graph.value(request, HT.absolutePath)).replace("/sparql/", "/sparql", 1)
    headers = {}
    listed = graph.value(request, HT.headers)
    for each in Collection(graph, listed) if listed is not None else ():
        headers[str(graph.value(each, HT.fieldName)).lower()] = str(graph.value(each, HT.fieldValue))
    content = graph.value(request, HT.body)
    if content is None:
        return method, path, None, headers
    encoding = str(graph.value(content, CNT.characterEncoding) or "utf-8")
    return method, path, str(graph.value(content, CNT.chars)).encode(encoding), headers


def description(folder: Path) -> Iterator[Outcome]:
    """Look at the description of a service."""
    tests = {str(each).rpartition("#")[2] for each in manifest(folder).subjects(RDF.type, MF.ServiceDescriptionTest)}
    with served(b"") as server:
        got = server.send("GET", "/sparql", None, {"Accept": "text/turtle"})
        found = Graph().parse(data=got.body, format="turtle")
        service = URIRef(f"http://127.0.0.1:{server.port}/sparql")
        languages = set(found.objects(service, SD.supportedLanguage))
        whole = (service, RDF.type, SD.Service) in found and SD.SPARQL11Query in languages
        holds = {
            "returns-rdf": got.status == 200 and len(found) > 0,
            "has-endpoint-triple": (service, SD.endpoint, service) in found,
            "conforms-to-schema": whole and all(str(each).startswith(str(SD)) for each in languages),
        }
    for name in sorted(tests):
        yield Outcome(name, "passed" if holds.get(name) else "failed", "" if holds.get(name) else "not so")


def formats(folder: Path) -> Iterator[Outcome]:
    """Ask the queries of the tests on result formats, each of a server of its data, and compare the answers."""
    graph = manifest(folder)
    tests = sorted({test for test in graph.subjects(MF.result) if graph.value(test, MF.action) is not None}, key=str)
    by_data: dict[str, list[Node]] = {}
    for test in tests:
        by_data.setdefault(str(graph.value(graph.value(test, MF.action), QT.data)), []).append(test)
    for data, some in by_data.items():
        triples = ox.parse(path=_path(data), format=ox.RdfFormat.TURTLE)
        nquads = "".join(f"{each.subject} {each.predicate} {each.object} .\n" for each in triples).encode("utf-8")
        with served(nquads) as server:
            for test in some:
                yield _compared(graph, test, server)


def _compared(graph: Graph, test: Node, server: Server) -> Outcome:
    name = f"{str(test).rpartition('/')[2]}"
    query = Path(_path(str(graph.value(graph.value(test, MF.action), QT.query)))).read_text(encoding="utf-8")
    expected = Path(_path(str(graph.value(test, MF.result))))
    kind = {".csv": "text/csv", ".tsv": "text/tab-separated-values", ".srj": "application/sparql-results+json"}[expected.suffix]
    got = server.send("GET", f"/sparql?query={quote(query)}", None, {"Accept": kind})
    if (got.status, got.kind) != (200, kind):
        return Outcome(name, "failed", f"{got.status} {got.kind}")
    ours, theirs = (_values(each, expected.suffix) for each in (got.body, expected.read_bytes()))
    if ours != theirs and name in KNOWN:
        return Outcome(name, "skipped", KNOWN[name])
    return Outcome(name, "passed") if ours == theirs else Outcome(name, "failed", f"{ours} is not {theirs}")


def _values(body: bytes, suffix: str) -> Any:
    """Read results so that those that mean the same are equal: rows in any order, numbers by value, blank nodes by any name."""
    text = body.decode("utf-8")
    if suffix == ".srj":
        value = json.loads(text)
        if "boolean" in value:
            return value["boolean"]
        rows = value["results"]["bindings"]
        return sorted(value["head"]["vars"]), sorted(
            str(sorted((name, _term(cell)) for name, cell in row.items())) for row in rows
        )
    cells = csv.reader(io.StringIO(text, newline="")) if suffix == ".csv" else (line.split("\t") for line in text.splitlines())
    return sorted([_cell(each) for each in row] for row in cells)


def _term(cell: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**cell, "value": "_" if cell["type"] == "bnode" else _cell(cell["value"])}.items()))


def _cell(text: str) -> str:
    plain = re.sub(r"^_:\w+$", "_:", re.sub(r'^"(.*)"(\^\^.*)$', r"\1\2", text))
    lexical, _, datatype = plain.partition("^^")
    try:
        return repr(float(lexical)) if re.search(r"#(integer|decimal|double)>$|^$", datatype) else plain
    except ValueError:
        return plain


def _path(iri: str) -> str:
    return iri.removeprefix("file://")


def main() -> int:
    """Run the tests; 1 if one fails."""
    if len(sys.argv) != 2:
        sys.exit("usage: make conformance SUITE=PATH, the path of a checkout of w3c/rdf-tests")
    top = next(
        (each for each in (Path(sys.argv[1]) / "sparql/sparql11", Path(sys.argv[1])) if (each / "protocol").is_dir()), None
    )
    if top is None:
        sys.exit(f"there is no folder 'protocol' in {sys.argv[1]}")
    suites = {"protocol": protocol, "service-description": description, "json-res": formats, "csv-tsv-res": formats}
    counts = dict.fromkeys(("passed", "failed", "skipped"), 0)
    for name, run in suites.items():
        for each in run((top / name).resolve()) if (top / name).is_dir() else ():
            counts[each.what] += 1
            print(f"{each.what:8} {name}: {each.name}{f': {each.why}' if each.why else ''}")
    print(", ".join(f"{number} {what}" for what, number in counts.items()))
    return int(bool(counts["failed"]) or not counts["passed"])


if __name__ == "__main__":
    sys.exit(main())
