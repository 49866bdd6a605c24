"""Named questions, each at an address of its own, with a form, and answers in every format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kb.pages import answers, questions
from kb.pages.links import link_suggestion
from kb.pages.rendering import render
from kb.problems import KbError, Problem, fail, quote
from kb.server.http import responses
from kb.server.http.gateway import WorkProcess
from kb.server.http.sparql_endpoint import ProtocolRequest, SparqlEndpoint, is_lenient
from kb.server.messages import QueryRequest, QueryResponse
from kb.sparql import library
from kb.sparql.label_language import word_in
from kb.sparql.parameters import MANY_TERMS, require_parameters, resolve_parameter
from kb.suggestions import did_you_mean

_OWN = {"format", "output", "explain", "cut", "language"}
_FORMATS = ("csv", "tsv", "json", "xml")


class FilledForm(NamedTuple):
    """The form of a question: its name, what was typed or chosen, the values of its pick lists, and the language of labels."""

    name: str
    given: dict[str, str]
    options: dict[str, list[str]]
    language: str = ""

    @property
    def values(self) -> dict[str, str]:
        """All that was typed or chosen, with the language."""
        return {**self.given, **({"language": self.language} if self.language else {})}


class NamedQuestions(SparqlEndpoint):
    """Answers named questions."""

    def __init__(self, shared: responses.Shared, reading: WorkProcess) -> None:
        super().__init__(shared, reading)
        self._queries = {query.name: query for query in self._dataset.queries}
        self._work.register(self._list_page, self._question_page, self._refusal_page)

    async def list_all(self, request: Request) -> Response:
        """List the questions."""
        return await self._work_on(request, self._list_page)

    async def describe(self, request: Request) -> Response:
        """Describe the addresses of all questions in OpenAPI."""
        dataset = self._dataset
        description = questions.describe_api(
            dataset.title, responses.VERSION, dataset.queries, str(request.base_url), dataset.languages
        )
        return JSONResponse(description, headers={"Cache-Control": "no-cache"})

    async def ask(self, request: Request) -> Response:
        """Answer a named question, with the values of its parameters in the address."""
        name, fmt = request.path_params["name"], request.query_params.get("format") or request.query_params.get("output", "")
        if name not in self._queries:
            raise fail(
                "KB629", f"There is no question {quote(name)}.", did_you_mean(name, self._queries, "/ask lists them."), "/ask"
            )
        given = {key: value for key, value in request.query_params.items() if value and key not in _OWN}
        language = request.query_params.get("language", "")
        form = FilledForm(name, given, await self._list_values(request, name), language)
        try:
            values = self._resolve(name, given)
            question = self._queries[name]._replace(text=word_in(self._queries[name], self._dataset.languages, language))
            text = library.bind(question, values)
            explain = request.query_params.get("explain", "") in {"1", "true", "yes"}
            query = ProtocolRequest(text, None, fmt, is_lenient(request), explain, name, values, language)
            return await self._answer(request, text, query, self._question_page, form)
        except KbError as error:
            return await self._report(request, error, fmt, self._refusal_page, form)

    async def _list_values(self, request: Request, name: str) -> dict[str, list[str]]:
        """List the values for pick lists; none if there are many terms, or if it takes too long."""
        if not self._queries[name].parameters or len(self._dataset.names_of_things.get("term", ())) > MANY_TERMS:
            return {}
        with suppress(KbError):
            reply = await self._reply(request, QueryRequest("values", name), self._tag("values", name))
            options: dict[str, list[str]] = json.loads(reply.body.read())
            return options
        return {}

    def _resolve(self, name: str, given: Mapping[str, str]) -> dict[str, str]:
        """Convert the values in an address to RDF terms.

        Raises:
            KbError: The question has no such parameter, needs one that is missing, or a value names nothing (KB607, KB705).
        """
        query, dataset = self._queries[name], self._dataset
        require_parameters(query, given, dataset.names_of_things)
        labels, names = dataset.names_of_things, dataset.names
        return {key: resolve_parameter(query, key, value, labels, names) for key, value in given.items()}

    def _list_page(self) -> Response:
        dataset = self._dataset
        groups = questions.group_questions(dataset.queries, dataset.names)
        return Response(render("questions.html", self._links, title=dataset.title, groups=groups), media_type="text/html")

    def _question_page(self, body: bytes, response: QueryResponse, text: str, form: FilledForm) -> Response:
        marks: dict[str, Any] = {"cut": response.cut, "limit": response.limit, "reasons": response.reasons}
        return self._page(form, text, answers.answer_view(body, self._links, self._labels, self._queries[form.name], **marks))

    def _refusal_page(self, form: FilledForm, problem: Problem) -> Response:
        return self._page(form, self._queries[form.name].text, problem=problem)

    def _page(
        self, form: FilledForm, text: str, answer: Mapping[str, object] | None = None, problem: Problem | None = None
    ) -> Response:
        dataset = self._dataset
        query = self._queries[form.name]
        things, names = dataset.names_of_things, dataset.names
        view = questions.question_view(query, things, names, form.given, form.options)
        mistyped = [key for key, value in form.given.items() if problem and quote(value) in problem.message]
        others = urlencode({key: value for key, value in form.values.items() if key not in mistyped})
        start = f"?{others}{'&' * bool(others)}{mistyped[0]}=" if mistyped else ""
        view.fields.extend(questions.language_fields(dataset.languages, form.language))
        page = render(
            "ask.html",
            self._links,
            title=dataset.title,
            question=view,
            chosen=questions.describe_choice(view),
            answer=answer,
            problem=problem,
            remedy=link_suggestion(problem.remedy, start) if problem else "",
            sparql=library.standalone_text(text, dataset.names),
            explain_address=f"?{urlencode({**form.values, 'explain': 1})}",
            downloads=[(fmt, f"?{urlencode({**form.values, 'format': fmt})}") for fmt in _FORMATS],
        )
        return Response(page, headers={"Vary": "Accept"}, media_type="text/html")
