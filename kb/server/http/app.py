"""The application: which path is answered by what, and how problems are reported.

Its middleware applies the quota, checks the host name, adds security headers, limits the time for sending, and writes the log.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
import os
import socket
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.formats import registry
from kb.pages import rendering as pages
from kb.problems import KbError, Place, Problem, quote, visible
from kb.server.http import responses
from kb.server.http.gateway import Gateway, WorkProcess
from kb.server.http.linked_data import LinkedData
from kb.server.http.named_questions import NamedQuestions
from kb.server.http.quota import EXCEEDED, PENALTY, REFUSED, Quota
from kb.server.http.signposts import ReleaseFiles, WholeFiles
from kb.server.http.sparql_endpoint import SparqlEndpoint
from kb.server.queue import UNKNOWN, RecentUse
from kb.server.served_dataset import ServedDataset
from kb.server.settings import ServerSettings

_EXPOSED_HEADERS = ("ETag", "KB-Cut", "Content-Location", "Link", "Retry-After")
Handler = Callable[[Request], Awaitable[Response]]


def make_app(control: socket.socket, dataset: ServedDataset, settings: ServerSettings, quota: Quota) -> ASGIApp:
    """Make the application, and start its work processes: long queries do not hold up rendering."""
    recent_use, cache = RecentUse(UNKNOWN), responses.ResponseCache(settings.integer("kept"))
    reading, rendering = WorkProcess(quota, recent_use, niceness=10), WorkProcess(quota, recent_use)
    shared = responses.Shared(Gateway(control), rendering, dataset, settings, cache)
    mimetypes.add_type("text/plain", "")  # of files of releases
    for fmt in registry.FORMATS:
        mimetypes.add_type(fmt.media_type, f".{fmt.extension}")
    endpoint, linked_data, named = SparqlEndpoint(shared, reading), LinkedData(shared), NamedQuestions(shared, reading)
    pages.compile_all()
    for work in (reading, rendering):
        work.start()

    async def health(_: Request) -> Response:
        """Report that the server is running, and what it serves."""
        status = {"status": "ok", "dataset": dataset.title, "version": responses.VERSION, "content": dataset.digest}
        return JSONResponse(status, headers={"Cache-Control": "no-store"})

    handlers = {
        "/sparql": endpoint.sparql,
        "/store": endpoint.graph_store,
        "/health": health,
        "/.well-known/void": linked_data.send("dataset"),
        "/.well-known/sparql-examples": linked_data.send("queries"),
        "/ontology": linked_data.ontology,
        "/search": linked_data.search,
        "/ask": named.list_all,
        "/ask/{name}": named.ask,
        "/openapi.json": named.describe,
    }
    routes = [
        *(
            _route(path + slash, handler, "GET", "HEAD", *(["POST"] if path == "/sparql" else []), "OPTIONS")
            for path, handler in handlers.items()
            for slash in ("", "/")
        ),
        Mount("/static", WholeFiles(directory=pages.STATIC)),
        *(Mount(f"/releases/{name}", ReleaseFiles(name, folder)) for name, folder in settings.releases.items()),
        _route("/service/{path:path}", linked_data.send("service"), "GET", "HEAD", "OPTIONS"),
        _route("/{path:path}", linked_data.thing, "GET", "HEAD", "OPTIONS"),
    ]
    error_handlers: Any = {KbError: _report_problem, HTTPException: _report_http_error}
    app: ASGIApp = Starlette(routes=routes, exception_handlers=error_handlers)
    if settings.origins:
        app = CORSMiddleware(
            app,
            allow_origins=settings.origins,
            allow_methods=("GET", "HEAD", "POST", "OPTIONS"),
            allow_headers=("*",),
            expose_headers=_EXPOSED_HEADERS,
        )
    return RequestMiddleware(app, settings, quota)


def _route(path: str, handler: Handler, *methods: str) -> Route:
    """Return a route that answers OPTIONS itself (RFC 9110, section 9.3.7)."""

    async def handle(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": ", ".join(methods)})
        return await handler(request)

    return Route(path, handle, methods=list(methods))


async def _report_problem(request: Request, error: KbError) -> Response:
    return responses.report(error.problems[0], request)


async def _report_http_error(request: Request, error: HTTPException) -> Response:
    headers = error.headers or {}
    if error.status_code == 405:
        message = f"{visible(request.method)} is not allowed here; this server is read-only."
        problem = Problem(Place("<request>"), "KB623", message, f"Use {headers.get('Allow', '')}.")
    else:
        message = f"There is nothing at {quote(request.url.path)}."
        problem = Problem(Place("<request>"), "KB629", message, "Start at the overview, at /.")
    return responses.report(problem, request, headers)


class AccessLog:
    """Writes a line of JSON for each request, at once, so that lines of several workers do not mix.

    It has the digest of a query instead of its text. Its target is a path, ``-`` for standard error, or nothing to write no log.
    """

    def __init__(self, target: str) -> None:
        self._descriptor = None
        if target:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._descriptor = sys.stderr.fileno() if target == "-" else os.open(target, flags, 0o640)

    def write(self, **fields: Any) -> None:
        """Write a line with the time and these fields."""
        if self._descriptor is None:
            return
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields}) + "\n"
        with suppress(OSError):  # a full disk must not keep clients from their answers
            os.write(self._descriptor, line.encode("ascii"))


class RequestMiddleware:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, settings: ServerSettings, quota: Quota) -> None:
        self._app, self._settings, self._quota, self._log = app, settings, quota, AccessLog(settings.log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            return
        begun, sent, received, is_read = time.monotonic(), {"status": 0, "bytes": 0}, 0, False
        scope.setdefault("state", {})

        async def receive_on() -> Message:
            nonlocal received, is_read
            message = await receive()
            received += len(message.get("body", b""))
            is_read = is_read or not message.get("more_body")
            return message

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                _add_security_headers(headers, is_shared=bool(self._settings.origins))
                if not is_read and _has_body(Headers(scope=scope)):  # the rest of the body is not waited for (RFC 9112, 9.3)
                    headers["Connection"] = "close"
            else:
                sent["bytes"] += len(message.get("body", b""))
            async with asyncio.timeout(self._settings.limit("slow")):
                await send(message)

        try:
            await self._handle(scope, receive_on, send_on)
        except TimeoutError:
            scope["state"]["outcome"] = "slow client"
            raise
        except Exception:  # noqa: BLE001 - a fault in kb must neither end the server nor be shown to clients
            traceback.print_exc(file=sys.stderr)
            if not sent["status"]:
                problem = Problem(Place("<request>"), "KB900", "This is a fault in kb, not in your request.", "Please report it.")
                await responses.report(problem, Request(scope, receive))(scope, receive, send_on)
        finally:
            refused = REFUSED if 400 <= sent["status"] < 500 and sent["status"] not in {404, 429} else 0
            self._quota.charge(_client(scope), requests=refused, received=received, sent=sent["bytes"])
            self._write_log(scope, sent, begun)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        host, app = Headers(scope=scope).get("host", ""), self._app
        if not self._quota.allows(_client(scope)):
            await asyncio.sleep(PENALTY)
            app = responses.report(EXCEEDED, Request(scope, receive))
        elif not self._is_known_host(host):
            message = f"This server is not called {quote(host)}."
            remedy = "Use one of its names; its operator can add a name with --allow-host."
            app = responses.report(Problem(Place("<request>"), "KB630", message, remedy), Request(scope, receive))
        await app(scope, receive, send)

    def _is_known_host(self, host: str) -> bool:
        """Return whether a Host header names this server; DNS rebinding attacks servers on loopback by other names."""
        if "*" in self._settings.hosts:
            return True
        name = host.rpartition("]")[0].lstrip("[") if host.startswith("[") else host.partition(":")[0]
        return name.lower().rstrip(".") in self._settings.hosts

    def _write_log(self, scope: Scope, sent: dict[str, int], begun: float) -> None:
        state = scope["state"]
        self._log.write(
            client=_client(scope),
            method=scope["method"],
            path=scope["path"][:200],
            status=sent["status"],
            milliseconds=round((time.monotonic() - begun) * 1000, 1),
            bytes=sent["bytes"],
            **{name: state[name] for name in ("query", "form", "rows", "cut") if state.get(name)},
            outcome=state.get("outcome") or ("ok" if sent["status"] < 400 else "error"),
        )


def _client(scope: Scope) -> str:
    return scope["client"][0] if scope.get("client") else ""


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _add_security_headers(headers: MutableHeaders, *, is_shared: bool) -> None:
    headers.update(responses.SECURITY_HEADERS)
    if is_shared:
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("Content-Security-Policy", pages.POLICY)
        headers["X-Frame-Options"] = "DENY"
