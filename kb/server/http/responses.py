"""What answers have in common: the choice of a format, tags and caching, pages, how a body is sent."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kb.problems import fail, quote
from kb.server.http import negotiation
from kb.server.http.worker import Reply
from kb.server.processes import describe
from kb.server.processes.messages import HTML


def choose(accept: str | None, name: str, can: tuple[negotiation.Choice, ...]) -> negotiation.Choice:
    """Choose a format of something that is no answer to a query.

    Args:
        accept: The ``Accept`` header, if there is one.
        name: The value of ``format``, which stands above it, or nothing.
        can: The formats that there are.

    Raises:
        KbError: None fits (KB624).
    """
    known = {alias: each for each in reversed(can) for alias in negotiation.names(each)}
    found = known.get(name.lower()) if name else negotiation.best(accept, can)
    if found is None:
        asked = f"as {quote(name)}" if name else f"in what Accept asks for ({(accept or '')[:200]})"
        words = ", ".join(dict.fromkeys(each.media_type for each in can))
        raise fail("KB624", f"This cannot be sent {asked}.", f"Ask for one of: {words}.", "<request>")
    return found


def page(request: Request) -> int:
    """Read which page of a thing is asked for: from 0, where clients count from 1.

    Raises:
        KbError: It is no number (KB622).
    """
    word = request.query_params.get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", word):
        raise fail("KB622", f"There is no page {quote(word)}.", "Pages are counted from 1.", "<request>")
    return int(word) - 1


def steps(found: describe.Found, page: int) -> list[tuple[str, int]]:
    """Give the ways to the pages before and after this one, by the names of their links."""
    return [*([("prev", -1)] if page else []), *([("next", 1)] if found.cut and found.others else [])]


def graph_formats() -> tuple[negotiation.Choice, ...]:
    """Give the formats of graphs, pages aside."""
    return tuple(each for each in negotiation.offers("graph") if each.name != HTML)


def options(allowed: str = "GET, HEAD, OPTIONS") -> Response:
    """Tell the methods that are allowed (RFC 9110, section 9.3.7)."""
    return Response(status_code=204, headers={"Allow": allowed})


def known(request: Request, tag: str) -> bool:
    """Tell whether the client has the answer already (RFC 9110, section 13.1.2)."""
    return any(each.strip() in {tag, tag[2:], "*"} for each in request.headers.get("if-none-match", "").split(","))


def caching(tag: str) -> dict[str, str]:
    """Give the headers for caches of an answer with a tag, or without."""
    also = {"ETag": tag, "Cache-Control": "no-cache"} if tag else {"Cache-Control": "no-store"}
    return {"Vary": "Accept, Accept-Encoding", **also}


def client(request: Request) -> str:
    """Give the address of the client."""
    return request.client.host if request.client else ""


def send(reply: Reply, kind: str, tag: str) -> Response:
    """Send an answer to a query under a media type."""
    said = reply.said
    headers = {**caching(tag), "Content-Length": str(said.length)}
    if said.gzip:
        headers["Content-Encoding"] = "gzip"
    if said.cut:
        headers["KB-Cut"] = f"{said.cut}; limit={said.limit}"
    if isinstance(reply.body, bytes):
        return Response(reply.body, headers=headers, media_type=kind)
    return StreamingResponse(reply.pieces(), headers=headers, media_type=kind)
