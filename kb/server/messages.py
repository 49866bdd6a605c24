"""Messages between an HTTP worker and a query process: the values, and how they travel over a socket.

The worker creates a pair of sockets for each query and sends one end, by way of the supervisor, to the query process. A
message is four bytes of length, followed by as many bytes of JSON. A response is followed by its body.
"""

from __future__ import annotations

import struct
from asyncio import StreamReader
from collections.abc import Mapping
from typing import Literal

import msgspec

from kb.problems import Place, Problem
from kb.sparql.values import Graphs

_LENGTH = struct.Struct("!I")

#: How many bytes the length takes.
HEAD = _LENGTH.size

#: The size in bytes of the ticket that a worker sends to the supervisor: the address of the client, padded with zeros.
TICKET = 64

#: The format of a page. Only a worker writes pages; the query process sends it the rows as JSON.
HTML = "text/html"


class QueryRequest(msgspec.Struct, frozen=True, array_like=True):
    """What a worker asks of a query process."""

    # ``query``; ``service``, a query of the service description; ``thing``, the description of one IRI; ``nanopub``, that of a
    # fact; ``published``, the fact of which an IRI is the nanopublication; ``values``, those with
    # which a named question has rows, by parameter; or ``rows``, those of several queries of the server's own
    kind: Literal["query", "service", "thing", "nanopub", "published", "values", "rows"]
    text: str  # the query, the IRI, the name of the question, or the queries as JSON
    format: str = "json"
    gzip: bool = False
    graphs: Graphs | None = None  # the dataset that the client names, if it names one
    page: int = 0  # the page of a thing, from 0
    explain: bool = False  # whether to return the facts and sentences that the rows rest on, too
    question: str = ""  # the name of the named question that the query is, if it is one
    values: Mapping[str, str] = {}  # the RDF terms that its parameters are bound to
    language: str = ""  # that of the labels of a named question, if one was asked for


class QueryResponse(msgspec.Struct, frozen=True, array_like=True):
    """What a query process answers: either the description of the body that follows, or a problem."""

    form: str = ""
    rows: int = 0  # the number of rows or triples in the body
    cut: str = ""  # the limit that cut the answer, ``rows`` or ``bytes``, if one did
    limit: int = 0
    gzip: bool = False
    length: int = 0  # the length of the body in bytes
    problem: Problem | None = None  # why there is no answer
    reasons: tuple[str, ...] = ()  # why the answer is empty


def refuse(code: str, message: str, remedy: str) -> QueryResponse:
    """Return the response that reports a problem which has no place in the query."""
    return QueryResponse(problem=Problem(Place("<query>"), code, message, remedy))


#: The response when the supervisor is stopping, or does not answer any more.
STOPPING = refuse("KB627", "The server is stopping.", "Send the query again a little later.")


def pack(message: QueryRequest | QueryResponse) -> bytes:
    """Return a message as bytes: its length and its JSON."""
    return frame(msgspec.json.encode(message))


def frame(data: bytes) -> bytes:
    """Return bytes with their length before them."""
    return _LENGTH.pack(len(data)) + data


def read_length(head: bytes) -> int:
    """Return how many bytes follow the first four bytes of a message."""
    return int(_LENGTH.unpack(head)[0])


async def receive(stream: StreamReader) -> bytes:
    """Receive bytes that have their length before them.

    Raises:
        EOFError: The stream ends before they are complete.
    """
    return await stream.readexactly(read_length(await stream.readexactly(HEAD)))
