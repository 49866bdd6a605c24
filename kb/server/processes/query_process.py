"""The child that answers one question: it reads it from a socket, asks the store, writes the answer, and ends.

It is forked from the holder with the store already open, bounds itself before it reads the question, and is ended by the
holder when its time is over. Whatever the engine does, from looping to breaking down, ends with this process.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable
from itertools import islice
from socket import socket
from typing import Any, NamedTuple, NoReturn

from kb.formats import registry
from kb.problems import KbError
from kb.queries import sandbox
from kb.rdf.iris import Names
from kb.rdf.quads import Quad
from kb.server.processes import describe, json_rows, messages
from kb.server.processes.messages import Asked, Said
from kb.server.settings import Settings
from kb.sparql import result_formats
from kb.sparql.engines import oxigraph
from kb.sparql.values import Answer, EngineError, Graphs, Question, Stored

_WORTH_PACKING = 512  # bytes
_SHOWN = 1000  # rows on a page
_AT_ONCE = 1 << 16  # bytes


class Served(NamedTuple):
    """A dataset that is served.

    Args:
        store: The open store.
        names: Its names.
        aside: The description of the service, in a store of its own: it is no part of the dataset, whose answers are the
            same here as everywhere.
        stored: Where the store lies, if on disk.
    """

    store: Any
    names: Names
    aside: Any
    stored: Stored | None = None


#: Questions that between them take every way through the code, refusals among them.
_WARM_UP = (
    ("select", "SELECT * { ?s ?p ?o } ORDER BY ?s"),
    ("select", 'SELECT (1 AS ?x) ("a"@en AS ?y) (1.5 AS ?z) {}'),
    ("select", "SELECT * {}"),
    ("ask", "ASK { ?s a rdf:Property }"),
    ("graph", "CONSTRUCT { <urn:s> <urn:p> 'o' } {}"),
    ("select", "SELECT * { ?s a rfd:Property }"),
    ("select", "SELECT * { ?s "),
)


def prepare(settings: Settings) -> None:
    """Go every way once, on a dataset of nothing: what is imported late is there then; a child can open no file for it."""
    names = Names("urn:warm-up/", {})
    store = oxigraph.load(Question(b"", "", names.prefixes, names.base))
    nothing = Served(store, names, store)
    for form, text in _WARM_UP:
        graphs, tables = ([each.name for each in some] for some in (registry.FORMATS, result_formats.FORMATS))
        for name in {"select": tables, "ask": tables[:2], "graph": graphs}[form] + [messages.HTML]:
            answer(Asked("query", text, name, gzip=True), nothing, settings)
            answer(Asked("query", text, name, dataset=(("urn:a", "urn:b"), ())), nothing, settings)
    answer(Asked("thing", "urn:x"), nothing, settings)


def answer(asked: Asked, served: Served, settings: Settings) -> tuple[Said, bytes]:
    """Answer a question; whatever is wrong with it is part of what is said."""
    try:
        if asked.kind == "thing":
            found = describe.find(served.store, asked.text, settings.whole("facts"), asked.page)
            body = json.dumps(found).encode("ascii")
            return Said("thing", len(found.triples), length=len(body)), body
        return _query(asked, served, settings)
    except EngineError as refusal:
        problem = sandbox.refusal_error(refusal, asked.text).problems[0]
    except KbError as error:
        problem = error.problems[0]
    if problem.code == "KB653":  # whose message is not for everybody: it tells paths
        return Said(problem=(problem.code, "The store of this server is damaged.", "Tell those who serve it.", 0, 0)), b""
    return Said(problem=(problem.code, problem.message, problem.remedy, problem.place.line, problem.place.column)), b""


def _query(asked: Asked, served: Served, settings: Settings) -> tuple[Said, bytes]:
    most, size = settings.whole("rows"), settings.whole("bytes_out")
    graphs = Graphs(*asked.dataset) if asked.dataset else None
    question = Question("", asked.text, served.names.prefixes, served.names.base, graphs, most, served.stored)
    store = served.aside if asked.kind == "about" else served.store
    if asked.format == "json":
        written = oxigraph.evaluate(store, question, lambda result, _: json_rows.write(result, question, most, size))
        if written:
            return _say("select", written, asked, most, size)
    found = oxigraph.ask(store, question)
    body, found, bound = _bounded(found, asked.format, served.names, size)
    count = len(found.triples) if found.form == "graph" else len(found.rows)
    return _say(found.form, json_rows.Rows(body, count, "bytes" if bound else "rows" if found.cut else ""), asked, most, size)


def _say(form: str, written: json_rows.Rows, asked: Asked, most: int, size: int) -> tuple[Said, bytes]:
    body, count, cut = written
    limit = {"rows": most, "bytes": size}.get(cut, 0)
    if cut:
        body = mark(body, asked.format, cut, limit)
    packed = asked.gzip and len(body) > _WORTH_PACKING
    if packed:
        packer = zlib.compressobj(5, zlib.DEFLATED, 31)
        body = packer.compress(body) + packer.flush()
    return Said(form, count, cut, limit, packed, len(body)), body


def _bounded(found: Answer, name: str, names: Names, most: int) -> tuple[bytes, Answer, int]:
    """Write an answer in at most so many bytes; give what was written of it, and the bound if it was met."""
    bound = 0
    while True:
        body = _write(found, name, names, most)
        if body is not None:
            return body, found, bound
        bound = most
        found = found._replace(
            rows=found.rows[: len(found.rows) // 2], triples=found.triples[: len(found.triples) // 2], cut=True
        )


def _write(found: Answer, name: str, names: Names, most: int) -> bytes | None:
    """Write an answer, or nothing if it takes more than so many bytes."""
    parts, size = [], 0
    nothing_left = not found.rows and not found.triples
    for piece in _pieces(found, name, names):
        parts.append(piece.encode("utf-8"))
        size += len(parts[-1])
        if size > most and not nothing_left:
            return None
    return b"".join(parts)


def _pieces(found: Answer, name: str, names: Names) -> Iterable[str]:
    if name == messages.HTML:
        shown = found.triples if found.form == "graph" else found.rows
        yield json.dumps([found.form, found.variables, list(islice(shown, _SHOWN)), found.truth, len(shown)])
    elif found.form == "graph":
        yield from registry.find(name).lines([Quad(*triple, "") for triple in found.triples], names)
    else:
        yield from result_formats.find(name).lines(found)


def mark(body: bytes, name: str, cut: str, limit: int) -> bytes:
    """Say inside an answer that it is cut, where its format has a place for that."""
    words = f"Cut: there is more than the {limit} {cut} that this server gives."
    if name == "json":
        end = body.rindex(b"}")
        return body[:end] + f', "cut": {json.dumps(words)}}}\n'.encode()
    if name in {"xml", "rdfxml"}:
        return body + f"<!-- {words} -->\n".encode()
    if name in {"turtle", "ntriples", "nquads", "trig"}:
        return body + f"# {words}\n".encode()
    return body


def work(line: socket, pipe: int, served: Served, settings: Settings) -> NoReturn:  # pragma: no cover - in children
    """Be the child: answer what comes over the line and end, whatever happens.

    Args:
        line: The socket to the front.
        pipe: Where the holder hears that the answer is ready, and by its end that this process is.
        served: The dataset.
        settings: The limits.
    """
    try:
        asked = messages.asked(_read(line))
        try:
            found, body = answer(asked, served, settings)
        except MemoryError:
            found, body = too_much(settings), b""
        os.write(pipe, b"r")
        line.sendall(messages.pack(found) + body + messages.END)
    finally:
        os._exit(0)


def _read(line: socket) -> bytes:  # pragma: no cover - in children
    data = line.recv(_AT_ONCE)
    while len(data) < messages.HEAD or len(data) < messages.HEAD + messages.size(data[: messages.HEAD]):
        piece = line.recv(_AT_ONCE)
        if not piece:
            os._exit(0)  # the client has gone
        data += piece
    return data[messages.HEAD :]


def too_long(settings: Settings) -> Said:
    """Say that a query was stopped."""
    message = f"The query was stopped after {settings.limit('timeout'):g} seconds."
    return Said(problem=("KB604", message, "Narrow it: name a subject, or a predicate, or add LIMIT.", 0, 0))


def too_much(settings: Settings) -> Said:
    """Say that a query needed too much memory."""
    message = f"The query needed more than {settings.whole('memory'):,} MB of memory."
    return Said(problem=("KB605", message, "Narrow it: sort and group less, or add LIMIT inside.", 0, 0))
