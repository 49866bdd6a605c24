"""The child process that answers one request: it reads the request from a socket, queries the store, and sends the response.

The supervisor forks it with the store already open, and kills it at its time limit. Whatever the engine does, from endless
loops to crashes, ends with this process.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice, product
from pathlib import Path
from socket import socket

import msgspec
import pyoxigraph as ox

from kb.escaping import escape_unseen
from kb.formats import registry
from kb.pages.links import fact_of
from kb.pages.page_graph import Triple
from kb.pages.thing_description import describe_node, describe_thing
from kb.problems import KbError, Place, Problem
from kb.queries import explanation, reasons
from kb.queries.child_process import Limits
from kb.queries.compiled import Compiled
from kb.queries.fact_reader import FactReader
from kb.queries.sandbox import refusal_error
from kb.rdf.iris import KB, RDF, RDFS, Names
from kb.rdf.quads import Quad, iri_value, is_iri, literal_value
from kb.rdf.stored_nanopubs import find_published, read_nanopub
from kb.schema import vocabulary
from kb.server import messages
from kb.server.messages import HTML, QueryRequest, QueryResponse
from kb.server.processes.loaded_dataset import LoadedDataset
from kb.server.settings import ServerSettings
from kb.sparql import result_formats
from kb.sparql.engines import oxigraph
from kb.sparql.label_language import note_other_languages
from kb.sparql.library import Query
from kb.sparql.values import Answer, EngineError, Graphs, Question

_MIN_COMPRESSED = 512  # bytes
_PAGE_ROWS = 1000
_LABEL = ox.NamedNode(f"{RDFS}label")
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
    answer(QueryRequest("nanopub", "urn:x"), empty, settings)
    answer(QueryRequest("published", "urn:x"), empty, settings)
    answer(QueryRequest("rows", '["SELECT * {}"]'), empty, settings)


def answer(request: QueryRequest, dataset: LoadedDataset, settings: ServerSettings) -> tuple[QueryResponse, bytes]:
    """Answer a request; return the response and its body. A problem is a response, too."""
    try:
        if request.kind == "thing":
            description = describe_thing(dataset.store, request.text, settings.integer("facts"), request.page, dataset.language)
            body = msgspec.json.encode(description)
            return QueryResponse("thing", len(description.triples), length=len(body)), body
        if request.kind == "nanopub":
            quads = read_nanopub(f"<{request.text}>", dataset.names, partial(_describe_term, dataset.store))
            body = "".join(registry.find("trig").lines(quads, dataset.names)).encode("utf-8") if quads else b""
            return QueryResponse("nanopub", len(quads), length=len(body)), body
        if request.kind == "published":
            describe = partial(_describe_term, dataset.store)
            fact = find_published(f"<{request.text}>", dataset.names, _list_facts(dataset.store), describe)
            return QueryResponse("published", int(bool(fact)), length=len(fact)), fact.encode("utf-8")
        if request.kind in {"values", "rows"}:
            is_list = request.kind == "values"
            rows = _list_values(request, dataset) if is_list else [dataset.ask(text).rows for text in json.loads(request.text)]
            body = msgspec.json.encode(rows)
            return QueryResponse(request.kind, length=len(body)), body
        return _query(request, dataset, settings)
    except EngineError as refusal:
        problem = refusal_error(refusal, request.text).problems[0]
    except KbError as error:
        problem = error.problems[0]
    if problem.code == "KB653":  # its message names paths, which clients must not see
        problem = Problem(Place("<query>"), problem.code, "The store of this server is damaged.", "Report it to the operator.")
    return QueryResponse(problem=problem), b""


def _list_facts(store: ox.Store) -> Iterator[str]:
    """Yield the facts, as N-Triples writes their IRIs."""
    return (str(quad.subject) for quad in store.quads_for_pattern(None, ox.NamedNode(f"{RDF}type"), ox.NamedNode(f"{KB}Fact")))


def _describe_term(store: ox.Store, node: str, predicate: str = "") -> Iterator[Triple]:
    """Yield the triples of a node, by terms as N-Triples writes them."""
    return describe_node(store, ox.NamedNode(node[1:-1]), ox.NamedNode(predicate[1:-1]) if predicate else None)


def _list_values(request: QueryRequest, dataset: LoadedDataset) -> dict[str, list[str]]:
    """List the values of each parameter with which a named question has rows."""
    if dataset.base is None:
        return {}
    query = dataset.base.queries[request.text]
    return {name: reasons.list_values(dataset.base, query, {}, name, dataset.ask) for name in query.parameters}


def _query(request: QueryRequest, dataset: LoadedDataset, settings: ServerSettings) -> tuple[QueryResponse, bytes]:
    max_rows, max_bytes = settings.integer("rows"), settings.integer("bytes_out")
    names = dataset.names
    question = Question("", request.text, names.prefixes, names.base, request.graphs, max_rows, dataset.stored)
    store = dataset.service_store if request.kind == "service" else dataset.store
    if request.explain:
        return _explain(request, dataset, store, replace(question, limit=min(max_rows, _PAGE_ROWS)), max_bytes)
    answer = oxigraph.ask(store, question)
    labels = _label_facts(store, answer) if request.format == HTML else {}
    body, written = _write_within(answer, request.format, names, max_bytes, labels)
    limit = ("bytes", max_bytes) if written is not answer else ("rows", max_rows) if answer.cut else ("", 0)
    return _respond(request, written, body, limit, _note(request, dataset, answer))


def _note(request: QueryRequest, dataset: LoadedDataset, answer: Answer) -> tuple[str, ...]:
    """Tell what an answer does not say of itself: why it is empty, what it leaves out, what is in another language."""
    asks_why = request.kind == "query" and (answer.is_empty or (request.values and request.format == HTML))
    why = _find_reasons(request, dataset, is_empty=answer.is_empty) if asks_why else ()
    return (*why, *note_other_languages(answer, request.language))


def _find_reasons(request: QueryRequest, dataset: LoadedDataset, *, is_empty: bool) -> tuple[str, ...]:
    """Find out why an answer is empty, or which denials a named question about something in particular leaves out."""
    if dataset.base is None:
        return ()
    unnamed = Query("query", "", "", (), (), {}, request.text, Path("<query>"))
    query = dataset.base.queries.get(request.question, unnamed)
    try:
        if not is_empty:
            return tuple(reason.text for reason in reasons.find_left_out(request.text, FactReader(dataset.ask)))
        found = reasons.find_reasons(dataset.base, query, request.values, dataset.ask, dataset.used)
        return tuple(reason.text for reason in found)
    except EngineError:  # it cannot be found out
        return ()


def _explain(
    request: QueryRequest, dataset: LoadedDataset, store: ox.Store, question: Question, max_bytes: int
) -> tuple[QueryResponse, bytes]:
    """Answer a query with the facts and sentences that its rows rest on."""

    def run(text: str) -> Answer:
        return oxigraph.ask(store, replace(question, text=text, limit=None))

    answer = oxigraph.ask(store, question)
    why = _note(request, dataset, answer)
    explained = explanation.explain(dataset.names, request.text, answer, FactReader(run))
    if request.format == HTML:
        about = [answer.form, answer.variables, answer.terms, answer.truth, len(answer.terms)]
        body = json.dumps([*about, explained.support, explained.unknown, _label_facts(store, answer)]).encode("ascii")
    else:
        body = f"{json.dumps(explained.to_json(), ensure_ascii=False)}\n".encode()
    if len(body) > max_bytes:
        message = f"The facts that the rows rest on have more than the {max_bytes:,} bytes that this server gives."
        return messages.refuse("KB605", message, "Narrow the query, or add LIMIT."), b""
    return _respond(request, answer, body, ("rows", question.limit or 0) if answer.cut else ("", 0), why)


def _respond(
    request: QueryRequest, answer: Answer, body: bytes, limit: tuple[str, int], why: tuple[str, ...]
) -> tuple[QueryResponse, bytes]:
    """Return the response for a serialized answer: marked if a limit cut it or if it is empty, and compressed if possible."""
    cut, most = limit
    if cut:
        body = _annotate(body, request.format, "cut", f"Cut: there is more than the {most} {cut} that this server gives.")
    if why:
        body = _annotate(body, request.format, "reasons", *why)
    compress = request.gzip and len(body) > _MIN_COMPRESSED
    if compress:
        body = gzip.compress(body, 5, mtime=0)
    return QueryResponse(answer.form, len(answer.terms), cut, most, compress, len(body), reasons=why), body


def _label_facts(store: ox.Store, answer: Answer) -> dict[str, str]:
    """Return the words of the facts that the rows of a page name, and of nodes that belong to facts, by IRI."""
    rows = islice(answer.triples if answer.form == "graph" else answer.rows, _PAGE_ROWS)
    labels = {}
    for iri in {iri_value(term) for row in rows for term in row if term and is_iri(term) and "/fact/" in term}:
        fact = fact_of(iri)
        for quad in islice(store.quads_for_pattern(ox.NamedNode(fact), _LABEL, None), 1):
            part = iri[len(fact) + 1 :].replace("/", " ")
            says = literal_value(str(quad.object)).value
            labels[iri] = f"{part} of: {says}" if part else says
    return labels


def _write_within(answer: Answer, name: str, names: Names, max_bytes: int, labels: Mapping[str, str]) -> tuple[bytes, Answer]:
    """Serialize an answer, halved until it fits into a number of bytes; return the bytes and what they hold."""
    body = bytearray()
    for piece in _serialize(answer, name, names, labels):
        body += piece.encode("utf-8")
        if len(body) > max_bytes and (answer.rows or answer.triples):
            half = answer._replace(rows=answer.rows[: len(answer.rows) // 2], triples=answer.triples[: len(answer.triples) // 2])
            return _write_within(half, name, names, max_bytes, labels)
    return bytes(body), answer


def _serialize(part: Answer, name: str, names: Names, labels: Mapping[str, str]) -> Iterable[str]:
    if name == HTML:
        rows = part.triples if part.form == "graph" else part.rows
        yield json.dumps([part.form, part.variables, list(islice(rows, _PAGE_ROWS)), part.truth, len(rows), [], [], labels])
    elif part.form == "graph":
        yield from registry.find(name).lines([Quad(*triple, "") for triple in part.triples], names)
    else:
        yield from result_formats.find(name).lines(part)


def _annotate(body: bytes, name: str, key: str, *notes: str) -> bytes:
    """Say something about an answer inside it, where its format has a place for that."""
    if name == "json":
        value = notes[0] if key == "cut" else list(notes)
        return f'{{"{key}": {json.dumps(value)}, '.encode() + body[1:]  # at the start, since some parsers read nothing after rows
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
    with connection.makefile("rb") as stream:
        length = messages.read_length(stream.read(messages.HEAD))
        request = msgspec.json.decode(stream.read(length), type=QueryRequest)
    try:
        response, body = answer(request, dataset, settings)
    except MemoryError:
        response, body = limit_response("KB605", settings.query_limits), b""
    os.write(ready, b"r")
    connection.sendall(messages.pack(response) + body)


def limit_response(code: str, limits: Limits) -> QueryResponse:
    """Return the response for a query that exceeded a limit or crashed its process."""
    return messages.refuse(code, limits.message(code), _REMEDIES[code])
