"""The SPARQL endpoint: queries, the service description, the query page, and graphs as a whole."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from kb.problems import KbError, fail, quote
from kb.rdf.quads import iri_value
from kb.server import service_description
from kb.server.http import negotiation, protocol, responses, templates
from kb.server.http.body_memory import BodyMemory
from kb.server.http.gateway import Gateway, Reply, client_address, log_answer
from kb.server.http.middleware import query_page_policy
from kb.server.http.pages import FactSupport, Link
from kb.server.http.response_cache import ResponseCache
from kb.server.http.work_process import WorkProcess
from kb.server.messages import HTML, QueryRequest, QueryResponse
from kb.server.served_dataset import ServedDataset
from kb.server.settings import ServerSettings
from kb.sparql import guard, syntax
from kb.sparql.values import Graphs

_NONDETERMINISTIC = re.compile(r"\b(?:rand|now|uuid|struuid|bnode)\b", re.IGNORECASE)
_LONG = 2000  # characters of a query that is checked in the work process
# Formats in which a part of an answer looks complete. They are cut only for clients that state that they accept it.
_WITHOUT_COMMENTS = {"csv": "CSV", "tsv": "TSV", "jsonld": "JSON-LD"}
_CUT_REMEDY = "Use LIMIT and OFFSET, or another format; or request a part with 'Prefer: handling=lenient' or cut=allow."


class SparqlEndpoint(responses.RequestHandler):
    """Answers SPARQL queries."""

    def __init__(
        self, gateway: Gateway, work: WorkProcess, dataset: ServedDataset, settings: ServerSettings, *, reading: WorkProcess
    ) -> None:
        super().__init__(gateway, work, dataset, settings)
        self._reading, self._memory = reading, BodyMemory()  # what reads long queries
        self._cache = ResponseCache(settings.integer("kept"))
        reading.register(protocol.decode, self._prepare)
        work.register(self._answer_page, self._query_page)
        self._describers.append(dataset.describe_service)

    async def sparql(self, request: Request) -> Response:
        """Answer a query, describe the service, or show the query page (SPARQL 1.1 Protocol, section 2.1)."""
        query = await protocol.read_request(request, self._settings, self._reading, self._memory)
        if query.text is not None:
            return await self._answer(request, query.text, query)
        if request.method == "POST":
            raise fail("KB622", "The request has no query.", "Send one as 'query'.", "<request>")
        return await self._describe_service(request, query.format)

    async def graph_store(self, request: Request) -> Response:
        """Return a graph as a whole (SPARQL 1.1 Graph Store HTTP Protocol, section 5.2)."""
        named = request.query_params.getlist("graph")
        default = "default" in request.query_params
        if len(named) + default != 1:
            raise fail("KB622", "The request names no graph, or several.", "Use ?default or ?graph=IRI.", "<request>")
        if named and named[0] not in self._dataset.graphs:
            message = f"The graph {quote(named[0])} does not exist."
            raise fail("KB629", message, "The service description at /sparql lists the graphs.", "<request>")
        text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
        graphs, fmt = None if default else Graphs((named[0],)), request.query_params.get("format", "")
        return await self._answer(request, text, protocol.ProtocolRequest(text, graphs, fmt, protocol.is_lenient(request)))

    async def _answer(self, request: Request, text: str, query: protocol.ProtocolRequest) -> Response:
        accept, encodings = request.headers.get("accept"), request.headers.get("accept-encoding")
        arguments = (query, text, accept, encodings)
        if len(text) > _LONG:
            prepared, choice, tag = await self._reading.run(client_address(request), self._prepare, *arguments)
        else:
            prepared, choice, tag = self._prepare(*arguments)
        request.state.query = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        if tag and request.method != "POST" and responses.matches(request, tag):
            return responses.make_not_modified(tag)
        reply = await self._reply(request, prepared, tag)
        if reply.response.cut and choice.name in _WITHOUT_COMMENTS and not query.lenient:
            limit = f"{reply.response.limit:,} {reply.response.cut}"
            reason = f"There is more than the {limit} that this server gives, and {_WITHOUT_COMMENTS[choice.name]} cannot say so."
            raise fail("KB624", reason, _CUT_REMEDY, "<request>")
        if choice.name == HTML:
            page = (reply.read(), reply.response, text, f"{request.base_url}sparql")
            return await self._work_on(request, self._answer_page, *page)
        return responses.send(reply, choice.media_type, "" if request.method == "POST" else tag)

    def _prepare(
        self, query: protocol.ProtocolRequest, text: str, accept: str | None, encodings: str | None
    ) -> tuple[QueryRequest, negotiation.Choice, str]:
        """Check a query; return it for the query process, with the format of its answer and its entity tag, if it has one."""
        self._check(text)
        if query.explain:
            choice = negotiation.choose_format(accept, query.format, negotiation.EXPLANATION_FORMATS)
        else:
            choice = negotiation.choose_answer_format(negotiation.form_of(syntax.find_form(text)), accept, query.format)
        # a page is made here, of rows that travel between two processes
        compress = choice.name != HTML and negotiation.accepts_gzip(encodings)
        kind: Literal["service", "query"] = "service" if service_description.is_about_service(text) else "query"
        parts = ("query", text, str(query.graphs), choice.media_type, str(compress), str(query.explain))
        tag = "" if _NONDETERMINISTIC.search(text) else self._tag(*parts)
        return QueryRequest(kind, text, choice.name, compress, query.graphs, explain=query.explain), choice, tag

    async def _reply(self, request: Request, query: QueryRequest, tag: str) -> Reply:
        """Return the answer to a query, from the cache if it is there."""
        cached = self._cache.get(tag)
        if cached:
            log_answer(request, cached[0], "kept")
        else:
            reply = await self._gateway.send(request, query)
            if not tag or not self._cache.accepts(reply.response):
                return reply
            cached = (reply.response, reply.read())
            self._cache.put(tag, *cached)
        return Reply(cached[0], BytesIO(cached[1]))

    def _check(self, text: str) -> None:
        """Refuse a query that is too long or nested too deeply, or that reaches outside the dataset (KB602 to KB606)."""
        names, limit = self._dataset.names, self._settings.integer
        limits = {"max_length": limit("query_length"), "max_depth": limit("query_depth")}
        problem = next(guard.check(text, self._dataset.graphs, names.prefixes, names.base, **limits), None)
        if problem is not None:
            raise KbError([problem])

    async def _describe_service(self, request: Request, fmt: str) -> Response:
        """Describe the service (SPARQL 1.1 Service Description), or show the query page to a browser."""
        formats = (*negotiation.graph_formats(), negotiation.Choice("html", "text/html"))
        choice = negotiation.choose_format(request.headers.get("accept"), fmt, formats)
        if choice.name == "html":
            return await self._work_on(request, self._query_page, self._dataset.first_query, None, f"{request.base_url}sparql")
        return await self._send_triples(request, choice, self._dataset.describe_service, str(request.base_url))

    def _answer_page(self, body: bytes, response: QueryResponse, text: str, endpoint: str) -> Response:
        form, variables, rows, truth, total, support, unknown = json.loads(body)
        answer = {
            "form": form,
            "variables": variables if form == "select" else ["subject", "predicate", "object"],
            "rows": [[self._links.link(term, {}) if term else Link("") for term in row] for row in rows],
            "truth": truth,
            "total": total,
            "cut": response.cut,
            "limit": response.limit,
            "reasons": response.reasons,
            "support": [[FactSupport.make(fact, self._links) for fact in facts] for facts in support],
            "unknown": unknown,
        }
        return self._query_page(text, answer, endpoint)

    def _query_page(self, text: str, answer: Mapping[str, Any] | None, endpoint: str) -> Response:
        has_editor = templates.has_yasgui()
        page = templates.render(
            "sparql.html",
            title=self._dataset.title,
            yasgui=has_editor,
            answer=answer,
            query=text,
            examples=self._dataset.sample_queries,
            about={
                "endpoint": endpoint,
                "query": text,
                "given": text != self._dataset.first_query,
                "prefixes": self._dataset.names.prefixes,
                "classes": [iri_value(term) for term in self._dataset.counts.classes],
                "properties": [iri_value(term) for term in self._dataset.counts.properties],
            },
        )
        headers = {"Content-Security-Policy": query_page_policy(has_editor=has_editor), "Vary": "Accept"}
        return Response(page, headers=headers, media_type="text/html")
