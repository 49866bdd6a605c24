"""Problems as HTTP responses: a status, and a body in a format that the client accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from kb.problems import RULES, Problem
from kb.server.http import negotiation
from kb.server.http.templates import render
from kb.server.settings import STATUS

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


def respond(problem: Problem, request: Request, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that reports a problem: text, a page, or JSON (RFC 9457), as the ``Accept`` header prefers."""
    request.state.outcome = problem.code
    status, fields, body = _describe(problem, request.headers.get("accept"))
    return Response(body, status, {**fields, **(headers or {})})


def write(problem: Problem, accept: str | None) -> bytes:
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
        return status, fields, render("problem.html", problem=problem, title=title, status=status)
    return status, fields, f"{problem}\n"
