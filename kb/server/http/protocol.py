"""Read requests of the SPARQL 1.1 Protocol (section 2.1) into frozen values."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from kb.problems import fail, quote
from kb.rdf.iris import is_valid
from kb.server.http.body_memory import BodyMemory, Reservation
from kb.server.http.gateway import client_address, client_left
from kb.server.http.rate_limit import network_of
from kb.server.http.work_process import WorkProcess
from kb.server.settings import ServerSettings
from kb.sparql.values import Graphs

_FORM, _QUERY, _UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
_MAX_PARAMETERS = 1000
_MAX_BYTES = 4  # of a character in UTF-8
_LONGEST_IRI = 8 << 10  # characters
_LONG = 8 << 10  # bytes
_PLACE = "<request>"


@dataclass(frozen=True, slots=True)
class ProtocolRequest:
    """A request to the endpoint."""

    text: str | None  # the query, or None if none was sent
    graphs: Graphs | None  # the dataset that the request names, if it names one
    format: str  # the name of the format that it requests, or nothing
    lenient: bool  # whether the client accepts a part of an answer in a format that cannot state that it is a part
    explain: bool = False  # whether the client wants the facts and sentences that the rows rest on


async def read_request(request: Request, settings: ServerSettings, work: WorkProcess, memory: BodyMemory) -> ProtocolRequest:
    """Read a request; a long one is decoded in the work process.

    Raises:
        KbError: The request is wrong (KB622), is an update (KB603), or has a body that is too large (KB625), of an unknown type
            (KB626), or too slow (KB631), or there are too many large ones (KB627).
    """
    media_type, body, client = "", b"", client_address(request)
    with memory.reserve(network_of(client)) as reservation:
        if request.method == "POST":
            media_type = _media_type(request.headers.get("content-type"))
            body = await _read_body(request, settings, reservation)
        in_url, preferences = request.scope["query_string"], request.headers.getlist("prefer")
        arguments = (in_url, media_type, body, settings.integer("query_length"), preferences)
        if len(in_url) + len(body) > _LONG:
            return await work.run(client, decode, *arguments)
        return decode(*arguments)


def decode(in_url: bytes, media_type: str, body: bytes, max_length: int, preferences: list[str]) -> ProtocolRequest:
    """Decode what a request says in its URL and in its body."""
    try:
        pairs = _decode_pairs(in_url)
        if media_type == _FORM:
            pairs += _decode_pairs(body)
        elif media_type:
            if len(body) > max_length * _MAX_BYTES:
                message = f"The query has more than {max_length:,} characters, which is the limit."
                raise fail("KB606", message, "Shorten it.", _PLACE)
            pairs.append(("query" if media_type == _QUERY else "update", body.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        message = f"The request is not UTF-8 (byte {error.start})."
        raise fail("KB622", message, "Encode it in UTF-8.", _PLACE) from error
    return _interpret(pairs, lenient=prefers_lenient(preferences))


def is_lenient(request: Request) -> bool:
    """Return whether a client prefers a part of an answer to none."""
    return "allow" in request.query_params.getlist("cut") or prefers_lenient(request.headers.getlist("prefer"))


def prefers_lenient(headers: Iterable[str]) -> bool:
    """Return whether the ``Prefer`` headers of a client ask for lenient handling (RFC 7240, section 4.4)."""
    preferences = ",".join(headers).lower().replace('"', "").split(",")
    return any(preference.partition(";")[0].replace(" ", "") == "handling=lenient" for preference in preferences)


def _interpret(pairs: list[tuple[str, str]], *, lenient: bool) -> ProtocolRequest:
    values = {name: [value for key, value in pairs if key == name] for name, _ in pairs}
    if "update" in values:
        raise fail("KB603", "This server does not take updates.", "Change the records of the knowledge base instead.", _PLACE)
    queries = values.get("query", [])
    if len(queries) > 1:
        raise fail("KB622", f"The request has {len(queries)} queries.", "Send one 'query' at a time.", _PLACE)
    graphs = Graphs(_graph_iris(values, "default-graph-uri"), _graph_iris(values, "named-graph-uri"))
    fmt = next((value for name in ("format", "output") for value in values.get(name, []) if value), "")
    lenient = lenient or "allow" in values.get("cut", [])
    explain = any(value.lower() in {"1", "true", "yes"} for value in values.get("explain", ()))
    return ProtocolRequest(queries[0] if queries else None, graphs if any(graphs) else None, fmt, lenient, explain)


def _graph_iris(values: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    """Return the graphs that a parameter names; clients that mean no graph send an empty value."""
    graphs = tuple(value for value in values.get(name, []) if value)
    for graph in graphs:
        if len(graph) > _LONGEST_IRI or not is_valid(graph):
            message = f"The value of {name} is not an absolute IRI of at most {_LONGEST_IRI:,} characters: {quote(graph)}."
            raise fail("KB622", message, "Send the complete IRI of the graph.", _PLACE)
    return graphs


def _media_type(header: str | None) -> str:
    """Return the media type in a Content-Type, which must be one of those of the protocol, in UTF-8."""
    media_type, _, rest = (header or "").partition(";")
    media_type = media_type.strip().lower()
    charsets = (parameter.partition("=")[2] for parameter in rest.split(";") if parameter.strip().lower().startswith("charset="))
    charset = next(charsets, "utf-8")
    if media_type not in {_FORM, _QUERY, _UPDATE}:
        message = f"A query cannot be sent as {quote(media_type)}." if media_type else "The request has no Content-Type."
        raise fail("KB626", message, f"Send it as {_QUERY}, or as 'query' in {_FORM}.", _PLACE)
    if charset.strip().strip('"').lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise fail("KB626", f"The charset {quote(charset)} is not supported.", "Send UTF-8.", _PLACE)
    return media_type


async def _read_body(request: Request, settings: ServerSettings, reservation: Reservation) -> bytes:
    """Read the body of a request, chunked or not."""
    if request.headers.get("content-encoding", "identity").lower() not in {"identity", ""}:
        raise fail("KB626", "Compressed requests are not supported.", "Send the request without compression.", _PLACE)
    limit = settings.integer("bytes_in")
    body, announced = bytearray(), int(request.headers.get("content-length", "0"))  # h11 takes digits alone
    try:
        async with asyncio.timeout(settings.limit("slow")):
            if announced <= limit:
                async for part in request.stream():
                    body += part
                    reservation.grow_to(len(body))
                    if len(body) > limit:
                        break
    except TimeoutError:
        message = f"The request did not arrive within {settings.limit('slow'):g} seconds."
        raise fail("KB631", message, "Send it again without pauses.", _PLACE) from None
    except ClientDisconnect:
        raise client_left() from None
    if max(announced, len(body)) > limit:
        raise fail("KB625", f"The request has more than {limit:,} bytes.", "Shorten it.", _PLACE)
    return bytes(body)


def _decode_pairs(encoded: bytes) -> list[tuple[str, str]]:
    if encoded.count(b"&") >= _MAX_PARAMETERS:
        raise fail("KB622", f"The request has more than {_MAX_PARAMETERS:,} parameters.", "Send fewer.", _PLACE)
    return parse_qsl(encoded.decode("utf-8"), keep_blank_values=True, errors="strict")
