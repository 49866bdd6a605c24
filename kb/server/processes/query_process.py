"""The child process that answers one request: it reads the request from a socket, queries the store, and sends the response.

The supervisor forks it with the store already open, and kills it at its time limit. Whatever the engine does, from endless
loops to crashes, ends with this process.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice, product
from pathlib import Path
from socket import MSG_WAITALL, socket

import msgspec
import pyoxigraph as ox

from kb.escaping import escape_unseen
from kb.formats import registry
from kb.problems import KbError, Place, Problem
from kb.queries import explanation, reasons
from kb.queries.child_process import Limits
from kb.queries.compiled import Compiled
from kb.queries.fact_reader import FactReader
from kb.queries.sandbox import refusal_error
from kb.rdf.iris import Names
from kb.rdf.quads import Quad
from kb.schema import vocabulary
from kb.server import messages
from kb.server.messages import HTML, QueryRequest, QueryResponse
from kb.server.processes.json_rows import JsonRows, write_rows
from kb.server.processes.loaded_dataset import LoadedDataset
from kb.server.processes.thing_description import describe_thing
from kb.server.settings import ServerSettings
from kb.sparql import result_formats
from kb.sparql.engines import oxigraph
from kb.sparql.library import Query
from kb.sparql.values import Answer, EngineError, Graphs, Question

_MIN_COMPRESSED = 512  # bytes
_PAGE_ROWS = 1000
_REMEDIES = {
    "KB604": "Narrow it: name a subject, or a predicate, or add LIMIT.",
    "KB605": "Narrow it: sort and group less, or add LIMIT inside.",
    "KB608": "Simplify it: it may be nested too deeply.",
}


# Queries that together take every path through the code, refusals included.
_WARM_UP = (
    "SELECT * { ?s ?p ?o } ORDER BY ?s",
    'SELECT (1 AS ?x) ("a"@en AS ?y) (1.5 AS ?z) {}',
    "SELECT * {}",
    "ASK { ?s a rdf:Property }",
    "CONSTRUCT { <urn:s> <urn:p> 'o' } {}",
    "SELECT * { ?s a rfd:Property }",
    "SELECT * { ?s ",
)


def warm_up(settings: ServerSettings) -> None:
    """Answer requests on an empty dataset, so that all late imports are done: a confined child can open no file for them."""
    names = Names("urn:warm-up/", {})
    store = oxigraph.load(Question(b"", "", names.prefixes, names.base))
    labels: dict[str, dict[str, tuple[str, ...]]] = {sort: {} for sort in ("term", "predicate", "document", "word")}
    empty = LoadedDataset(store, names, store, base=Compiled(Path(), {}, names, labels, ()))
    reasons.ontology_words()
    for name in vocabulary.controlled_lists():
        vocabulary.values(name)
    vocabulary.restricting_qualifiers()
    formats = [*(fmt.name for fmt in registry.FORMATS), *(fmt.name for fmt in result_formats.FORMATS), HTML]
    for text, name in product(_WARM_UP, formats):
        answer(QueryRequest("query", text, name, gzip=True), empty, settings)
        answer(QueryRequest("query", text, name, graphs=Graphs(("urn:a", "urn:b"))), empty, settings)
        answer(QueryRequest("query", text, name, explain=True), empty, settings)
    answer(QueryRequest("thing", "urn:x"), empty, settings)


def answer(request: QueryRequest, dataset: LoadedDataset, settings: ServerSettings) -> tuple[QueryResponse, bytes]:
    """Answer a request; return the response and its body. A problem is a response, too."""
    try:
        if request.kind == "thing":
            description = describe_thing(dataset.store, request.text, settings.integer("facts"), request.page)
            body = msgspec.json.encode(description)
            return QueryResponse("thing", len(description.triples), length=len(body)), body
        return _query(request, dataset, settings)
    except EngineError as refusal:
        problem = refusal_error(refusal, request.text).problems[0]
    except KbError as error:
        problem = error.problems[0]
    if problem.code == "KB653":  # its message names paths, which clients must not see
        problem = Problem(Place("<query>"), problem.code, "The store of this server is damaged.", "Report it to the operator.")
    return QueryResponse(problem=problem), b""


def _query(request: QueryRequest, dataset: LoadedDataset, settings: ServerSettings) -> tuple[QueryResponse, bytes]:
    max_rows, max_bytes = settings.integer("rows"), settings.integer("bytes_out")
    names = dataset.names
    question = Question("", request.text, names.prefixes, names.base, request.graphs, max_rows, dataset.stored)
    store = dataset.service_store if request.kind == "service" else dataset.store
    if request.explain:
        return _explain(request, dataset, store, replace(question, limit=min(max_rows, _PAGE_ROWS)), max_bytes)
    if request.format == "json":
        rows = oxigraph.evaluate(store, question, lambda result, _: write_rows(result, question, max_rows, max_bytes))
        if rows and (rows.rows > 1 or (rows.rows == 1 and b'"0"' not in rows.body)):
            return _respond(request, "select", rows, {"rows": max_rows, "bytes": max_bytes})
    answer = oxigraph.ask(store, question)
    body, written = _write_within(answer, request.format, names, max_bytes)
    count = len(written.triples) if answer.form == "graph" else len(written.rows)
    cut = "bytes" if written is not answer else "rows" if answer.cut else ""
    why = _find_reasons(request, dataset, store, question) if request.kind == "query" and reasons.is_empty(answer) else ()
    return _respond(request, answer.form, JsonRows(body, count, cut), {"rows": max_rows, "bytes": max_bytes}, why)


def _find_reasons(request: QueryRequest, dataset: LoadedDataset, store: ox.Store, question: Question) -> tuple[str, ...]:
    """Find out why an answer is empty."""
    if dataset.base is None:
        return ()
    query = Query("query", "", "", (), (), {}, request.text, Path("<query>"))

    def run(text: str) -> Answer:
        return oxigraph.ask(store, replace(question, text=text, graphs=None))

    try:
        return tuple(reason.text for reason in reasons.find_reasons(dataset.base, query, {}, run, dataset.used))
    except EngineError:  # it cannot be found out
        return ()


def _explain(
    request: QueryRequest, dataset: LoadedDataset, store: ox.Store, question: Question, max_bytes: int
) -> tuple[QueryResponse, bytes]:
    """Answer a query with the facts and sentences that its rows rest on."""

    def run(text: str) -> Answer:
        return oxigraph.ask(store, replace(question, text=text, limit=None))

    answer = oxigraph.ask(store, question)
    why = _find_reasons(request, dataset, store, question) if reasons.is_empty(answer) else ()
    explained = explanation.explain(dataset.names, request.text, answer, FactReader(run), run)
    if request.format == HTML:
        about = [answer.form, answer.variables, answer.terms, answer.truth, len(answer.terms)]
        body = json.dumps([*about, explained.support, explained.unknown]).encode("ascii")
    else:
        body = f"{json.dumps(explained.to_json(), ensure_ascii=False)}\n".encode()
    if len(body) > max_bytes:
        message = f"The facts that the rows rest on have more than the {max_bytes:,} bytes that this server gives."
        return messages.refuse("KB605", message, "Narrow the query, or add LIMIT."), b""
    written = JsonRows(body, len(answer.terms), "rows" if answer.cut else "")
    return _respond(request, answer.form, written, {"rows": question.limit or 0}, why)


def _respond(
    request: QueryRequest, form: str, written: JsonRows, limits: dict[str, int], why: tuple[str, ...] = ()
) -> tuple[QueryResponse, bytes]:
    """Return the response for a serialized answer: marked if it is cut or empty, and compressed if the client takes that."""
    body, count, cut = written
    limit = limits.get(cut, 0)
    if cut:
        body = _annotate(body, request.format, "cut", f"Cut: there is more than the {limit} {cut} that this server gives.")
    if why:
        body = _annotate(body, request.format, "reasons", *why)
    compress = request.gzip and len(body) > _MIN_COMPRESSED
    if compress:
        compressor = zlib.compressobj(5, zlib.DEFLATED, 31)
        body = compressor.compress(body) + compressor.flush()
    return QueryResponse(form, count, cut, limit, compress, len(body), reasons=why), body


def _write_within(answer: Answer, name: str, names: Names, max_bytes: int) -> tuple[bytes, Answer]:
    """Serialize an answer, halved until it fits into a number of bytes; return the bytes and what they hold."""
    part = answer
    while True:
        body = _write(part, name, names, max_bytes)
        if body is not None:
            return body, part
        part = part._replace(rows=part.rows[: len(part.rows) // 2], triples=part.triples[: len(part.triples) // 2])


def _write(part: Answer, name: str, names: Names, max_bytes: int) -> bytes | None:
    """Serialize an answer; return None if it takes more than a number of bytes and can still be halved."""
    pieces, size = [], 0
    for piece in _serialize(part, name, names):
        pieces.append(piece.encode("utf-8"))
        size += len(pieces[-1])
        if size > max_bytes and (part.rows or part.triples):
            return None
    return b"".join(pieces)


def _serialize(part: Answer, name: str, names: Names) -> Iterable[str]:
    if name == HTML:
        rows = part.triples if part.form == "graph" else part.rows
        yield json.dumps([part.form, part.variables, list(islice(rows, _PAGE_ROWS)), part.truth, len(rows), [], []])
    elif part.form == "graph":
        yield from registry.find(name).lines([Quad(*triple, "") for triple in part.triples], names)
    else:
        yield from result_formats.find(name).lines(part)


def _annotate(body: bytes, name: str, key: str, *notes: str) -> bytes:
    """Say something about an answer inside it, where its format has a place for that."""
    if name == "json":
        end = body.rindex(b"}")
        value = notes[0] if key == "cut" else list(notes)
        return body[:end] + f', "{key}": {json.dumps(value)}}}\n'.encode()
    for note in (escape_unseen(note) for note in notes):
        if name in {"xml", "rdfxml"}:
            body += f"<!-- {note.replace('--', '- -')} -->\n".encode()
        elif name in {"turtle", "ntriples", "nquads", "trig"}:
            body += f"# {note}\n".encode()
    return body


def serve_request(
    connection: socket, ready: int, dataset: LoadedDataset, settings: ServerSettings
) -> None:  # pragma: no cover - in children
    """Answer the request that a worker sends over a socket; a byte on ``ready`` reports that the answer is ready."""
    length = messages.read_length(_receive(connection, messages.HEAD))
    request = msgspec.json.decode(_receive(connection, length), type=QueryRequest)
    try:
        response, body = answer(request, dataset, settings)
    except MemoryError:
        response, body = limit_response("KB605", settings.query_limits), b""
    os.write(ready, b"r")
    connection.sendall(messages.pack(response) + body + messages.END)


def _receive(connection: socket, size: int) -> bytes:  # pragma: no cover - in children
    data = connection.recv(size, MSG_WAITALL)
    if len(data) < size:
        raise EOFError  # the client has left
    return data


def limit_response(code: str, limits: Limits) -> QueryResponse:
    """Return the response for a query that exceeded a limit or crashed its process."""
    return messages.refuse(code, limits.message(code), _REMEDIES[code])
