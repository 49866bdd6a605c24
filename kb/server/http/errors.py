"""Problems as HTTP responses: a status, and a body in a format that the client accepts."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from kb.problems import RULES, Problem
from kb.server.http import negotiation
from kb.server.http.templates import render
from kb.server.settings import STATUS

_RETRY = {"KB627": "2", "KB628": "1"}  # seconds
_FORMATS = (
    negotiation.Choice("text", "text/plain"),
    negotiation.Choice("problem", "application/problem+json"),
    negotiation.Choice("problem", "application/json"),
    negotiation.Choice("html", "text/html"),
)


def respond(problem: Problem, request: Request, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that reports a problem: text, a page, or JSON (RFC 9457), as the ``Accept`` header prefers."""
    status = STATUS.get(problem.code, 500)
    fields = {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})}
    if problem.code in _RETRY:
        fields["Retry-After"] = _RETRY[problem.code]
    request.state.outcome = problem.code
    chosen = negotiation.choose_best(request.headers.get("accept"), _FORMATS) or _FORMATS[0]
    if chosen.name == "problem":
        place = {"line": problem.place.line, "column": problem.place.column} if problem.place.line else {}
        detail = f"{problem.message} {problem.remedy}"
        body = {"title": RULES[problem.code].title, "status": status, "detail": detail, "code": problem.code, **place}
        return Response(json.dumps(body), status, fields, "application/problem+json")
    if chosen.name == "html":
        page = render("problem.html", problem=problem, title=RULES[problem.code].title, status=status)
        return Response(page, status, fields, "text/html")
    return Response(f"{problem}\n", status, fields, "text/plain")
