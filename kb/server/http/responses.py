"""What handlers and responses share: entity tags, caching, the page number, and how a body is sent."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kb.formats import registry
from kb.problems import fail, quote
from kb.rdf.quads import Quad
from kb.server.http.gateway import IN_MEMORY, Gateway, Reply, client_address
from kb.server.http.negotiation import Choice
from kb.server.http.pages import Links
from kb.server.http.work_process import WorkProcess
from kb.server.messages import Triple
from kb.server.served_dataset import ServedDataset
from kb.server.settings import ServerSettings

Result = TypeVar("Result")
VERSION = version("linked-kb")
_LONGEST_HEADER = 2_000


def matches(request: Request, tag: str) -> bool:
    """Return whether the client has the answer with this tag already (RFC 9110, section 13.1.2)."""
    tags = request.headers.get("if-none-match", "").split(",")
    return any(candidate.strip() in {tag, tag[2:], "*"} for candidate in tags)


def make_not_modified(tag: str) -> Response:
    """Return the response to a client that has the answer already."""
    return Response(status_code=304, headers=cache_headers(tag))


def cache_headers(tag: str) -> dict[str, str]:
    """Return the headers for caches of an answer with a tag, or without one."""
    control = {"ETag": tag, "Cache-Control": "no-cache"} if tag else {"Cache-Control": "no-store"}
    return {"Vary": "Accept, Accept-Encoding", **control}


def send(reply: Reply, media_type: str, tag: str) -> Response:
    """Return the response that carries the answer to a query."""
    about = reply.response
    headers = {**cache_headers(tag), "Content-Length": str(about.length)}
    if about.gzip:
        headers["Content-Encoding"] = "gzip"
    if about.cut:
        headers["KB-Cut"] = f"{about.cut}; limit={about.limit}"
    if about.reasons:  # formats such as CSV have no other place for them
        headers["KB-Empty"] = " ".join(about.reasons).encode("ascii", "backslashreplace").decode("ascii")[:_LONGEST_HEADER]
    if about.length <= IN_MEMORY:
        return Response(reply.read(), headers=headers, media_type=media_type)
    return StreamingResponse(reply.pieces(), headers=headers, media_type=media_type)


def page_number(request: Request) -> int:
    """Return the requested page of a thing, from 0; clients count from 1.

    Raises:
        KbError: It is not a number (KB622).
    """
    word = request.query_params.get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,5}", word):
        raise fail("KB622", f"The page {quote(word)} does not exist.", "Count pages from 1.", "<request>")
    return int(word) - 1


class RequestHandler:
    """The base of handlers: what they share, and how they send triples that the worker knows itself."""

    def __init__(self, gateway: Gateway, work: WorkProcess, dataset: ServedDataset, settings: ServerSettings) -> None:
        self._gateway, self._work, self._dataset, self._settings = gateway, work, dataset, settings
        self._links = Links(dataset.names, settings.base, dataset.labels)
        self._describers: list[Callable[..., list[Triple]]] = []  # what makes the triples that the worker knows itself
        work.register(self._write_triples)

    def _tag(self, *parts: str) -> str:
        """Return a weak entity tag: request, limits, version and dataset determine an answer (RFC 9110, section 8.8.3)."""
        context = [*parts, str(sorted(self._settings.limits.items())), VERSION, self._dataset.digest]
        return f'W/"{hashlib.sha256(json.dumps(context).encode("ascii")).hexdigest()[:24]}"'

    async def _work_on(self, request: Request, make: Callable[..., Result], *arguments: object) -> Result:
        """Return what a registered method returns; it runs in a process for such work."""
        return await self._work.run(client_address(request), make, *arguments)

    async def _send_triples(
        self, request: Request, choice: Choice, describe: Callable[..., list[Triple]], *args: object
    ) -> Response:
        """Return triples that the worker knows itself, unless the client has them already."""
        tag = self._tag("triples", str(request.url), choice.media_type)
        if matches(request, tag):
            return make_not_modified(tag)
        return await self._work_on(request, self._write_triples, choice, tag, self._describers.index(describe), args)

    def _write_triples(self, choice: Choice, tag: str, describer: int, args: tuple[Any, ...]) -> Response:
        quads = [Quad(*triple, "") for triple in self._describers[describer](*args)]
        body = "".join(registry.find(choice.name).lines(quads, self._dataset.names))
        return Response(body, headers=cache_headers(tag), media_type=choice.media_type)
