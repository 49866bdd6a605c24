"""The application: which path is answered by what, and how problems are reported."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from kb.problems import KbError, Place, Problem, quote
from kb.server.http import errors, responses, templates
from kb.server.http.gateway import Gateway
from kb.server.http.linked_data import LinkedData
from kb.server.http.middleware import RequestMiddleware
from kb.server.http.rate_limit import Quota
from kb.server.http.sparql_endpoint import SparqlEndpoint
from kb.server.http.work_process import WorkProcess
from kb.server.served_dataset import ServedDataset
from kb.server.settings import ServerSettings

_EXPOSED_HEADERS = ("ETag", "KB-Cut", "Content-Location", "Link", "Retry-After")
Handler = Callable[[Request], Awaitable[Response]]


def make_app(control: socket.socket, dataset: ServedDataset, settings: ServerSettings, quota: Quota) -> ASGIApp:
    """Make the application, and start its work processes: long queries do not hold up pages."""
    reading, rendering = WorkProcess(quota, niceness=10), WorkProcess(quota)
    shared = (Gateway(control), rendering, dataset, settings)
    endpoint, linked_data = SparqlEndpoint(*shared, reading=reading), LinkedData(*shared)
    templates.compile_all()
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
        "/.well-known/void": linked_data.send(dataset.describe_dataset),
        "/.well-known/sparql-examples": linked_data.send(dataset.describe_queries),
        "/ontology": linked_data.ontology,
        "/search": linked_data.search,
    }
    routes = [
        *(
            _route(path + slash, handler, "GET", "HEAD", *(["POST"] if path == "/sparql" else []), "OPTIONS")
            for path, handler in handlers.items()
            for slash in ("", "/")
        ),
        Mount("/static", StaticFiles(directory=templates.STATIC)),
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
    return errors.respond(error.problems[0], request)


async def _report_http_error(request: Request, error: HTTPException) -> Response:
    headers = error.headers or {}
    if error.status_code == 405:
        message = f"{request.method} is not allowed here; this server is read-only."
        problem = Problem(Place("<request>"), "KB623", message, f"Use {headers.get('Allow', '')}.")
    else:
        message = f"There is nothing at {quote(request.url.path)}."
        problem = Problem(Place("<request>"), "KB629", message, "Start at the overview, at /.")
    return errors.respond(problem, request, headers)
