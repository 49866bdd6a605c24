"""What all responses share: entity tags, caching, the query string, and how a body is sent."""

from __future__ import annotations

import hashlib
import json
import re
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kb.formats import registry
from kb.problems import fail, quote
from kb.rdf.iris import Names
from kb.rdf.quads import Quad
from kb.server.http.gateway import Reply
from kb.server.http.negotiation import Choice
from kb.server.messages import Description, Triple
from kb.server.settings import ServerSettings

VERSION = version("linked-kb")


class EntityTags:
    """Weak entity tags: the same request, dataset, limits and version have the same answer (RFC 9110, section 8.8.3).

    Args:
        settings: The limits.
        digest: The digest of the dataset.
    """

    def __init__(self, settings: ServerSettings, digest: str) -> None:
        self._context = json.dumps([dict(settings.limits), VERSION, digest], sort_keys=True)

    def tag(self, *parts: str) -> str:
        """Return the tag of the answer to a request, which is described by some texts."""
        digest = hashlib.sha256(json.dumps([self._context, *parts]).encode("ascii")).hexdigest()
        return f'W/"{digest[:24]}"'


def matches(request: Request, tag: str) -> bool:
    """Return whether the client has the answer with this tag already (RFC 9110, section 13.1.2)."""
    tags = request.headers.get("if-none-match", "").split(",")
    return any(candidate.strip() in {tag, tag[2:], "*"} for candidate in tags)


def not_modified(tag: str) -> Response:
    """Return the response to a client that has the answer already."""
    return Response(status_code=304, headers=caching(tag))


def caching(tag: str) -> dict[str, str]:
    """Return the headers for caches of an answer with a tag, or without one."""
    control = {"ETag": tag, "Cache-Control": "no-cache"} if tag else {"Cache-Control": "no-store"}
    return {"Vary": "Accept, Accept-Encoding", **control}


def send(reply: Reply, media_type: str, tag: str) -> Response:
    """Return the response that carries the answer to a query."""
    about = reply.response
    headers = {**caching(tag), "Content-Length": str(about.length)}
    if about.gzip:
        headers["Content-Encoding"] = "gzip"
    if about.cut:
        headers["KB-Cut"] = f"{about.cut}; limit={about.limit}"
    if isinstance(reply.body, bytes):
        return Response(reply.body, headers=headers, media_type=media_type)
    return StreamingResponse(reply.pieces(), headers=headers, media_type=media_type)


def send_triples(request: Request, triples: list[Triple], choice: Choice, names: Names, tags: EntityTags) -> Response:
    """Return the response that carries triples that the worker knows itself."""
    tag = tags.tag("triples", str(request.url), choice.media_type)
    if matches(request, tag):
        return not_modified(tag)
    body = "".join(registry.find(choice.name).lines([Quad(*triple, "") for triple in triples], names))
    return Response(body, headers=caching(tag), media_type=choice.media_type)


def page_number(request: Request) -> int:
    """Return the requested page of a thing, from 0; clients count from 1.

    Raises:
        KbError: It is not a number (KB622).
    """
    word = request.query_params.get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", word):
        raise fail("KB622", f"The page {quote(word)} does not exist.", "Count pages from 1.", "<request>")
    return int(word) - 1


def neighbours(description: Description, page: int) -> list[tuple[str, int]]:
    """Return the pages before and after a page of a thing, from 0, with the relation of their links (RFC 8288)."""
    after = description.cut and description.others
    return [*([("prev", page - 1)] if page else []), *([("next", page + 1)] if after else [])]
