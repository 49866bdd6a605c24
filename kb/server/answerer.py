"""The child that answers one question: it reads it from a socket, asks the store, writes the answer, and ends.

It is forked from the holder with the store already open, bounds itself before it reads the question, and is ended by the
holder when its time is over. Whatever the engine does, from looping to breaking down, ends with this process.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Callable, Iterable
from itertools import islice
from socket import socket
from typing import Any, NamedTuple, NoReturn

from kb.answers import Answer, Graphs, Question, Refusal
from kb.description import SH
from kb.formats import table
from kb.iris import Names
from kb.problems import KbError
from kb.quads import Quad
from kb.queries import results, sandbox
from kb.server import exchange, negotiation, things
from kb.server.exchange import Asked, Said
from kb.server.settings import Settings

_DECLARATION = re.compile(r"\bPREFIX\s+([\w.-]*:)\s*<([^>]*)>", re.IGNORECASE)
_PARTITION = re.compile(r"\b(?:class|property)Partition\b")
_WORTH_PACKING = 512  # bytes
_SHOWN = 1000  # rows on a page


class Served(NamedTuple):
    """A dataset that is served.

    Args:
        store: The open store.
        ask: The engine's function that asks it.
        names: Its names.
        aside: The description of the service, in a store of its own: it is no part of the dataset, whose answers are the
            same here as everywhere.
    """

    store: Any
    ask: Callable[[Any, Question], Answer]
    names: Names
    aside: Any


#: Questions that between them take every way through the code, refusals among them.
_WARM_UP = (
    "SELECT * { ?s ?p ?o } ORDER BY ?s",
    'SELECT (1 AS ?x) ("a"@en AS ?y) (1.5 AS ?z) {}',
    "ASK { ?s a rdf:Property }",
    "CONSTRUCT { <urn:s> <urn:p> 'o' } {}",
    "SELECT * { ?s a rfd:Property }",
    "SELECT * { ?s ",
)


def prepare(load: Callable[[Question], Any], ask: Callable[[Any, Question], Answer], settings: Settings) -> None:
    """Go every way once, on a dataset of nothing: what is imported late is there then; a child can open no file for it."""
    names = Names("urn:warm-up/", {})
    store = load(Question(b"", "", names.prefixes, names.base))
    nothing = Served(store, ask, names, store)
    formats = (*(each.name for each in table.FORMATS), *(each.name for each in results.FORMATS), "html")
    for text in _WARM_UP:
        for name in formats:
            answer(Asked("query", text, "*/*;q=0.5", name, gzip=True), nothing, settings)
            answer(Asked("query", text, "*/*;q=0.5", name, dataset=(("urn:a", "urn:b"), ())), nothing, settings)
    answer(Asked("thing", "urn:x"), nothing, settings)


def answer(asked: Asked, served: Served, settings: Settings) -> tuple[Said, bytes]:
    """Answer a question; whatever is wrong with it is part of what is said."""
    try:
        if asked.kind == "thing":
            found = things.find(served.store, asked.text, settings.whole("facts"))
            body = json.dumps(found).encode("ascii")
            return Said("application/json", "thing", len(found.triples), length=len(body)), body
        return _query(asked, served, settings)
    except Refusal as refusal:
        problem = sandbox.refusal(refusal, asked.text).problems[0]
    except KbError as error:
        problem = error.problems[0]
    return Said(problem=(problem.code, problem.message, problem.remedy, problem.place.line, problem.place.column)), b""


def _query(asked: Asked, served: Served, settings: Settings) -> tuple[Said, bytes]:
    graphs = Graphs(*asked.dataset) if asked.dataset else None
    most = settings.whole("rows")
    question = Question("", asked.text, served.names.prefixes, served.names.base, graphs, most)
    store = served.aside if _is_about_us(asked.text) else served.store
    found = served.ask(store, question)
    if asked.kind == "rows":
        choice = negotiation.Choice("rows", "application/json")
    else:
        choice = negotiation.choose(found, asked.accept, asked.format)
    body, found, bound = _bounded(found, choice.name, served.names, settings.whole("bytes_out"))
    cut = "bytes" if bound else "rows" if found.cut else ""
    if cut:
        body = mark(body, choice.name, cut, bound or most)
    packed = asked.gzip and len(body) > _WORTH_PACKING
    if packed:
        packer = zlib.compressobj(5, zlib.DEFLATED, 31)
        body = packer.compress(body) + packer.flush()
    rows = len(found.triples) if found.form == "graph" else len(found.rows)
    return Said(choice.media_type, found.form, rows, cut, bound or most if cut else 0, packed, len(body)), body


def _is_about_us(text: str) -> bool:
    """Tell whether a query asks what editors ask of a service for their completions and examples.

    No knowledge base speaks of that: it uses a word of SHACL, or a partition of VoID.
    """
    body = _DECLARATION.sub("", text)
    prefixes = [found[1] for found in _DECLARATION.finditer(text) if found[2] == SH]
    used = any(re.search(rf"(?<![\w.:-]){re.escape(each)}", body) for each in prefixes)
    return used or SH in body or _PARTITION.search(body) is not None


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
    if name in {"rows", negotiation.HTML}:
        shown = found.triples if found.form == "graph" else found.rows
        yield json.dumps([found.form, found.variables, list(islice(shown, _SHOWN)), found.truth, len(shown)])
    elif found.form == "graph":
        yield from table.find(name).lines([Quad(*triple, "") for triple in found.triples], names)
    else:
        yield from results.find(name).lines(found)


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
        with line.makefile("rb") as reading:
            asked = exchange.asked(reading.read(exchange.size(reading.read(4))))
        try:
            found, body = answer(asked, served, settings)
        except MemoryError:
            found, body = too_much(settings), b""
        os.write(pipe, b"r")
        line.sendall(exchange.pack(found))
        line.sendall(body + exchange.END)
    finally:
        os._exit(0)


def too_long(settings: Settings) -> Said:
    """Say that a query was stopped."""
    message = f"The query was stopped after {settings.limit('timeout'):g} seconds."
    return Said(problem=("KB604", message, "Narrow it: name a subject, or a predicate, or add LIMIT.", 0, 0))


def too_much(settings: Settings) -> Said:
    """Say that a query needed too much memory."""
    message = f"The query needed more than {settings.whole('memory'):,} MB of memory."
    return Said(problem=("KB605", message, "Narrow it: sort and group less, or add LIMIT inside.", 0, 0))
