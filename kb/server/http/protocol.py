"""What a client asks for: SPARQL 1.1 Protocol, section 2.1, read once into a frozen value."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from kb.problems import KbError, fail, quote
from kb.rdf.iris import is_valid
from kb.server.settings import Settings

_FORM, _QUERY, _UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
_MOST_PARAMETERS = 1000
_WHERE = "<request>"


class Wanted(NamedTuple):
    """A request to the endpoint, read.

    Args:
        query: The query, or nothing if none was sent.
        dataset: The default and the named graphs that the request names, if it names some.
        format: The format that it names, or nothing.
        lenient: Whether the client takes a part of an answer in a format that cannot say that it is one (RFC 7240, 4.4).
    """

    query: str | None
    dataset: tuple[tuple[str, ...], tuple[str, ...]] | None
    format: str
    lenient: bool = False


async def read(request: Request, settings: Settings) -> Wanted:
    """Read a request.

    Raises:
        KbError: It is wrong, or asks for an update; or its body is too large, too slow or of an unknown type.
    """
    pairs = list(_pairs(request.scope["query_string"]))
    if request.method == "POST":
        kind = _media_type(request.headers.get("content-type"))
        body = await _body(request, settings)
        if kind == _FORM:
            pairs.extend(_pairs(body))
        else:
            pairs.append(("query" if kind == _QUERY else "update", _text(body)))
    wanted = _wanted(pairs)
    return wanted._replace(lenient=wanted.lenient or is_lenient(request))


def is_lenient(request: Request) -> bool:
    """Tell whether a client takes a part of an answer for want of the whole (RFC 7240, section 4.4)."""
    if "allow" in request.query_params.getlist("cut"):
        return True
    preferences = ",".join(request.headers.getlist("prefer")).lower().replace('"', "").split(",")
    return any(each.partition(";")[0].replace(" ", "") == "handling=lenient" for each in preferences)


def _wanted(pairs: list[tuple[str, str]]) -> Wanted:
    values = {name: [value for key, value in pairs if key == name] for name, _ in pairs}
    if "update" in values:
        raise fail("KB603", "Updates are refused; queries only read.", "Change the records instead.", _WHERE)
    queries = values.get("query", [])
    if len(queries) > 1:
        raise fail("KB622", f"There are {len(queries)} queries in one request.", "Send one 'query' at a time.", _WHERE)
    default, named = _graphs(values, "default-graph-uri"), _graphs(values, "named-graph-uri")
    dataset = (default, named) if default or named else None
    chosen = next((value for name in ("format", "output") for value in values.get(name, []) if value), "")
    return Wanted(queries[0] if queries else None, dataset, chosen, "allow" in values.get("cut", []))


def _graphs(values: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    """Give the graphs that a parameter names; clients that mean none of them send an empty one."""
    graphs = tuple(each for each in values.get(name, []) if each)
    for each in graphs:
        if not is_valid(each):
            raise fail("KB622", f"{name} is no absolute IRI: {quote(each)}.", "Give the whole IRI of the graph.", _WHERE)
    return graphs


def _media_type(header: str | None) -> str:
    """Read a Content-Type.

    Raises:
        KbError: It is none of those of the protocol, or its charset is not UTF-8 (KB626).
    """
    kind, _, rest = (header or "").partition(";")
    kind = kind.strip().lower()
    charset = next((each.partition("=")[2] for each in rest.split(";") if each.strip().lower().startswith("charset=")), "utf-8")
    if kind not in {_FORM, _QUERY, _UPDATE}:
        message = f"A query cannot be sent as {quote(kind)}." if kind else "The request has a body and no Content-Type."
        raise fail("KB626", message, f"Send it as {_QUERY}, or as 'query' in {_FORM}.", _WHERE)
    if charset.strip().strip('"').lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise fail("KB626", f"The charset {quote(charset)} is not read.", "Send UTF-8.", _WHERE)
    return kind


async def _body(request: Request, settings: Settings) -> bytes:
    """Read the body of a request, chunked or not.

    Raises:
        KbError: It is compressed (KB626), too large (KB625), or does not come (KB631).
    """
    if request.headers.get("content-encoding", "identity").lower() not in {"identity", ""}:
        raise fail("KB626", "Compressed requests are not read.", "Send it as it is.", _WHERE)
    most = settings.whole("bytes_in")
    length = request.headers.get("content-length", "0")
    parts, size = [], int(length) if length.isdigit() and len(length) < 19 else 0
    try:
        async with asyncio.timeout(settings.limit("slow")):
            if size <= most:
                size = 0
                async for part in request.stream():
                    parts.append(part)
                    size += len(part)
                    if size > most:
                        break
    except TimeoutError:
        raise fail("KB631", "The request did not come in time.", "Send it again, at once.", _WHERE) from None
    except ClientDisconnect:
        raise fail("KB631", "The client has gone.", "Stay.", _WHERE) from None
    if size > most:
        raise fail("KB625", f"The request has more than {most:,} bytes.", "Shorten it.", _WHERE)
    return b"".join(parts)


def _pairs(encoded: bytes) -> Iterator[tuple[str, str]]:
    try:
        text = encoded.decode("utf-8")
        yield from parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except UnicodeDecodeError as error:
        raise _not_utf8(error) from error
    except ValueError as error:
        raise fail("KB622", f"There are more than {_MOST_PARAMETERS:,} parameters.", "Send fewer.", _WHERE) from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(error) from error


def _not_utf8(error: UnicodeDecodeError) -> KbError:
    return fail("KB622", f"The request is not UTF-8 (byte {error.start}).", "Encode it in UTF-8.", _WHERE)
