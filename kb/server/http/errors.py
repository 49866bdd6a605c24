"""Problems as HTTP says them: a status, and a body in the form that the client reads."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from kb.problems import RULES, Problem
from kb.server.http import negotiation
from kb.server.http.negotiation import Choice
from kb.server.http.templates import render
from kb.server.settings import STATUS

_RETRY = {"KB627": "2", "KB628": "1"}  # seconds
_FORMS = (
    Choice("text", "text/plain"),
    Choice("problem", "application/problem+json"),
    Choice("problem", "application/json"),
    Choice("html", "text/html"),
)


def respond(problem: Problem, request: Request, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a problem: as text, as a page for those who ask for one, or as JSON (RFC 9457).

    Args:
        problem: What is wrong.
        request: The request; its ``Accept`` header chooses the form.
        headers: Further headers.
    """
    status = STATUS.get(problem.code, 500)
    also = {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})}
    if problem.code in _RETRY:
        also["Retry-After"] = _RETRY[problem.code]
    request.state.outcome = problem.code
    form = negotiation.best(request.headers.get("accept"), _FORMS) or _FORMS[0]
    if form.name == "problem":
        body = json.dumps({**_fields(problem), "status": status})
        return Response(body, status, also, "application/problem+json")
    if form.name == "html":
        page = render("problem.html", problem=problem, title=RULES[problem.code].title, status=status)
        return Response(page, status, also, "text/html")
    return Response(f"{problem}\n", status, also, "text/plain")


def _fields(problem: Problem) -> dict[str, object]:
    place = {"line": problem.place.line, "column": problem.place.column} if problem.place.line else {}
    return {
        "title": RULES[problem.code].title,
        "detail": f"{problem.message} {problem.remedy}",
        "code": problem.code,
        **place,
    }
