"""What handlers and responses share: reports of problems, entity tags, caching, and how a body is sent."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from importlib.metadata import version
from io import BytesIO
from typing import NamedTuple, TypeVar

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kb.formats import registry
from kb.pages import questions
from kb.pages.links import Links, link_suggestion
from kb.pages.page_graph import Triple
from kb.pages.rendering import render
from kb.problems import RULES, Problem
from kb.rdf.quads import Quad
from kb.server.http import negotiation
from kb.server.http.gateway import IN_MEMORY, Gateway, Reply, WorkProcess, client_address
from kb.server.messages import QueryResponse
from kb.server.served_dataset import ServedDataset
from kb.server.settings import STATUS, ServerSettings

Result = TypeVar("Result")
VERSION = version("linked-kb")
_LONGEST_HEADER = 2_000
_MAX_BODY = 1 << 20  # bytes of one body
_MAX_WAIT = 1.0  # seconds for an answer that is being made for another client
_OVERHEAD = 500  # bytes that an entry takes in addition to its body
#: The headers of every response.
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_RETRY = {"KB627": "2", "KB628": "1"}  # seconds
_FORMATS = (
    negotiation.Choice("text", "text/plain"),
    negotiation.Choice("problem", "application/problem+json"),
    negotiation.Choice("problem", "application/json"),
    negotiation.Choice("html", "text/html"),
)


def report(problem: Problem, request: Request, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that reports a problem: text, a page, or JSON (RFC 9457), as the ``Accept`` header prefers."""
    request.state.outcome = problem.code
    status, fields, body = _describe(problem, request.headers.get("accept"))
    return Response(body, status, {**fields, **(headers or {})})


def write_problem(problem: Problem, accept: str | None) -> bytes:
    """Return the same response as bytes, for a request that is refused before it is parsed; the connection closes after it."""
    status, fields, body = _describe(problem, accept, _FORMATS[:-1])
    content = body.encode("utf-8")
    fields |= {"Content-Length": str(len(content)), "Connection": "close", **SECURITY_HEADERS}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii") + b"\r\n" + content


def _describe(
    problem: Problem, accept: str | None, formats: Sequence[negotiation.Choice] = _FORMATS
) -> tuple[int, dict[str, str], str]:
    """Return status, headers and body of the response that reports a problem."""
    status, title = STATUS.get(problem.code, 500), RULES[problem.code].title
    fields = {"Cache-Control": "no-store", "Vary": "Accept", "Content-Type": "text/plain; charset=utf-8"}
    if problem.code in _RETRY:
        fields["Retry-After"] = _RETRY[problem.code]
    chosen = negotiation.choose_best(accept, formats) or formats[0]
    if chosen.name == "problem":
        place = {"line": problem.place.line, "column": problem.place.column} if problem.place.line else {}
        detail = f"{problem.message} {problem.remedy}"
        fields["Content-Type"] = "application/problem+json"
        return status, fields, json.dumps({"title": title, "status": status, "detail": detail, "code": problem.code, **place})
    if chosen.name == "html":
        fields["Content-Type"] = "text/html; charset=utf-8"
        remedy = link_suggestion(problem.remedy, f"{problem.place.file}/" if problem.place.file.startswith("/") else "")
        return status, fields, render("problem.html", problem=problem, title=title, status=status, remedy=remedy)
    return status, fields, f"{problem}\n"


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
        return Response(reply.body.read(), headers=headers, media_type=media_type)
    return StreamingResponse(reply.pieces(), headers=headers, media_type=media_type)


class ResponseCache:
    """Keeps the most recently used answers within a number of bytes: while a dataset is served, an answer does not change."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._max_body = min(_MAX_BODY, size - _OVERHEAD)
        self._entries: OrderedDict[str, tuple[QueryResponse, bytes]] = OrderedDict()
        self._making: dict[str, asyncio.Event] = {}  # answers that are being made

    async def answer(self, tag: str, make: Callable[[], Awaitable[Reply]]) -> tuple[Reply, bool]:
        """Return the answer with an entity tag, and whether it was in the cache; otherwise make it, and add it if it is small.

        While it is being made for another client, it is waited for a moment.
        """
        if tag in self._making:
            with suppress(TimeoutError):
                async with asyncio.timeout(_MAX_WAIT):
                    await self._making[tag].wait()
        if entry := self._entries.get(tag):
            self._entries.move_to_end(tag)
            return Reply(entry[0], BytesIO(entry[1])), True
        made = self._making.setdefault(tag, asyncio.Event())
        try:
            reply = await make()
        finally:
            made.set()
            self._making.pop(tag, None)
        if reply.response.length > self._max_body:
            return reply, False
        body = reply.body.read()
        self._add(tag, reply.response, body)
        return Reply(reply.response, BytesIO(body)), False

    def _add(self, tag: str, response: QueryResponse, body: bytes) -> None:
        """Add an answer, and remove the least recently used ones to make room for it."""
        if tag not in self._entries:
            self._entries[tag] = (response, body)
            self._free -= len(body) + _OVERHEAD
        while self._free < 0:
            _, (_, removed) = self._entries.popitem(last=False)
            self._free += len(removed) + _OVERHEAD


class Shared(NamedTuple):
    """What all handlers of a worker share."""

    gateway: Gateway
    work: WorkProcess
    dataset: ServedDataset
    settings: ServerSettings
    cache: ResponseCache


class RequestHandler:
    """The base of handlers: what they share, and how they send triples that the worker knows itself."""

    def __init__(self, shared: Shared) -> None:
        self._gateway, self._work, self._dataset, self._settings, self._cache = shared
        self._links = Links(self._dataset.names, self._settings.base, self._dataset.labels)
        self._labels = questions.labels_by_iri(self._dataset.names_of_things, self._dataset.names)
        self._work.register(self._write_triples)

    def _tag(self, *parts: str) -> str:
        """Return a weak entity tag: request, limits, version and dataset determine an answer (RFC 9110, section 8.8.3)."""
        context = [*parts, str(sorted(self._settings.limits.items())), VERSION, self._dataset.digest]
        return f'W/"{hashlib.sha256(json.dumps(context).encode("ascii")).hexdigest()[:24]}"'

    async def _work_on(self, request: Request, make: Callable[..., Result], *arguments: object) -> Result:
        """Return what a registered method returns; it runs in a process for such work."""
        return await self._work.run(client_address(request), make, *arguments)

    async def _send_triples(self, request: Request, choice: negotiation.Choice, source: str | list[Triple]) -> Response:
        """Return triples, or those of a description of the dataset, by its name, unless the client has them already."""
        address = str(request.base_url)
        tag = self._tag("triples", address + source if isinstance(source, str) else str(request.url), choice.media_type)
        if matches(request, tag):
            return make_not_modified(tag)

        async def make() -> Reply:
            body = await self._work_on(request, self._write_triples, choice, source, address)
            return Reply(QueryResponse(length=len(body)), BytesIO(body))

        reply, _ = await self._cache.answer(tag, make)
        return Response(reply.body.read(), headers=cache_headers(tag), media_type=choice.media_type)

    def _write_triples(self, choice: negotiation.Choice, source: str | list[Triple], address: str) -> bytes:
        triples: list[Triple] = getattr(self._dataset, f"describe_{source}")(address) if isinstance(source, str) else source
        lines = registry.find(choice.name).lines([Quad(*triple, "") for triple in triples], self._dataset.names)
        return "".join(lines).encode("utf-8")
