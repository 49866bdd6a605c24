"""The SPARQL endpoint: requests of the SPARQL 1.1 Protocol, the service description, the query page, and graphs as a whole."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from kb.pages import answers, questions
from kb.pages.rendering import render
from kb.problems import RULES, KbError, Problem, fail, quote
from kb.rdf.iris import is_valid
from kb.server.http import negotiation, responses
from kb.server.http.gateway import Reply, WorkProcess, client_address, client_left, log_answer
from kb.server.http.quota import BodyMemory, network_of
from kb.server.messages import HTML, QueryRequest, QueryResponse
from kb.server.served_dataset import is_about_service
from kb.server.settings import ServerSettings
from kb.sparql import guard, syntax
from kb.sparql.values import Graphs

_NONDETERMINISTIC = re.compile(r"\b(?:rand|now|uuid|struuid|bnode)\b", re.IGNORECASE)
_LONG = 2000  # characters of a query that is checked in the work process
# Formats in which a part of an answer looks complete. They are cut only for clients that state that they accept it.
_WITHOUT_COMMENTS = {"csv": "CSV", "tsv": "TSV", "jsonld": "JSON-LD"}
_CUT_REMEDY = "Use LIMIT and OFFSET, or another format; or request a part with 'Prefer: handling=lenient' or cut=allow."
_FORM, _QUERY, _UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
_MAX_PARAMETERS = 1000
_MAX_BYTES = 4  # of a character in UTF-8
_LONGEST_IRI = 8 << 10  # characters
_LONG_REQUEST = 8 << 10  # bytes of a request that is decoded there
_PLACE = "<request>"


class SparqlEndpoint(responses.RequestHandler):
    """Answers SPARQL queries."""

    def __init__(self, shared: responses.Shared, reading: WorkProcess) -> None:
        super().__init__(shared)
        self._reading, self._memory = reading, BodyMemory()  # what reads long queries
        reading.register(decode, self._prepare)
        self._work.register(self._answer_page, self._query_page)

    async def sparql(self, request: Request) -> Response:
        """Answer a query, describe the service, or show the query page (SPARQL 1.1 Protocol, section 2.1)."""
        query = await read_request(request, self._settings, self._reading, self._memory)
        if query.text is not None:
            try:
                return await self._answer(request, query.text, query)
            except KbError as error:
                return await self._report(request, error, query.format, self._query_page, query.text, None)
        if request.method == "POST":
            raise fail("KB622", "The request has no query.", "Send one as 'query'.", _PLACE)
        return await self._describe_service(request, query.format)

    async def graph_store(self, request: Request) -> Response:
        """Return a graph as a whole (SPARQL 1.1 Graph Store HTTP Protocol, section 5.2)."""
        named = request.query_params.getlist("graph")
        default = "default" in request.query_params
        if len(named) + default != 1:
            raise fail("KB622", "The request names no graph, or several.", "Use ?default or ?graph=IRI.", _PLACE)
        if named and named[0] not in self._dataset.graphs:
            message = f"The graph {quote(named[0])} does not exist."
            raise fail("KB629", message, "The service description at /sparql lists the graphs.", _PLACE)
        text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
        graphs, fmt = None if default else Graphs((named[0],)), request.query_params.get("format", "")
        return await self._answer(request, text, ProtocolRequest(text, graphs, fmt, is_lenient(request)))

    async def _answer(
        self, request: Request, text: str, query: ProtocolRequest, make: Callable[..., Response] | None = None, *parts: object
    ) -> Response:
        """Answer a query; ``make`` makes the page of an answer, by default the query page, from the answer and from ``parts``."""
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
            raise fail("KB624", reason, _CUT_REMEDY, _PLACE)
        if choice.name == HTML:
            answer = (reply.body.read(), reply.response, text)
            return await self._work_on(request, make or self._answer_page, *answer, *parts)
        return responses.send(reply, choice.media_type, "" if request.method == "POST" else tag)

    def _prepare(
        self, query: ProtocolRequest, text: str, accept: str | None, encodings: str | None
    ) -> tuple[QueryRequest, negotiation.Choice, str]:
        """Check a query; return it for the query process, with the format of its answer and its entity tag, if it has one."""
        names, limit = self._dataset.names, self._settings.integer
        limits = {"max_length": limit("query_length"), "max_depth": limit("query_depth")}
        problem = next(guard.check(text, self._dataset.graphs, names.prefixes, names.base, **limits), None)
        if problem is not None:  # it is too long, nested too deeply, or reaches outside the dataset (KB602 to KB606)
            raise KbError([problem])
        if query.explain:
            choice = negotiation.choose_format(accept, query.format, negotiation.EXPLANATION_FORMATS)
        else:
            choice = negotiation.choose_answer_format(negotiation.form_of(syntax.find_form(text)), accept, query.format)
        # a page is made here, of rows that travel between two processes
        compress = choice.name != HTML and negotiation.accepts_gzip(encodings)
        kind: Literal["service", "query"] = "service" if is_about_service(text) else "query"
        parts = ("query", text, str(query.graphs), choice.media_type, str(compress), str(query.explain))
        tag = "" if _NONDETERMINISTIC.search(text) else self._tag(*parts)
        named = (query.question, query.values, query.language)
        asked = QueryRequest(kind, text, choice.name, compress, query.graphs, 0, query.explain, *named)
        return asked, choice, tag

    async def _reply(self, request: Request, query: QueryRequest, tag: str) -> Reply:
        """Return the answer to a query, from the cache if it is there."""
        if not tag:
            return await self._gateway.send(request, query)
        reply, is_cached = await self._cache.answer(tag, partial(self._gateway.send, request, query))
        if is_cached:
            log_answer(request, reply.response, "kept")
        return reply

    async def _describe_service(self, request: Request, fmt: str) -> Response:
        """Describe the service (SPARQL 1.1 Service Description), or show the query page to a browser."""
        formats = (*negotiation.graph_formats(), negotiation.Choice("html", "text/html"))
        choice = negotiation.choose_format(request.headers.get("accept"), fmt, formats)
        if choice.name == "html":
            return await self._work_on(request, self._query_page, self._dataset.first_query)
        return await self._send_triples(request, choice, "service")

    def _answer_page(self, body: bytes, response: QueryResponse, text: str) -> Response:
        marks: dict[str, Any] = {"cut": response.cut, "limit": response.limit, "reasons": response.reasons}
        return self._query_page(text, answers.answer_view(body, self._links, self._labels, **marks))

    def _query_page(self, text: str, answer: Mapping[str, Any] | None = None, problem: Problem | None = None) -> Response:
        dataset, names = self._dataset, self._dataset.names
        page = render(
            "sparql.html",
            self._links,
            title=dataset.title,
            answer=answer,
            problem=problem,
            problem_title=RULES[problem.code].title if problem else "",
            query=text,
            groups=questions.group_questions(dataset.queries, names),
            about=questions.describe_words([*dataset.counts.classes, *dataset.counts.properties], self._links, self._labels),
        )
        return Response(page, headers={"Vary": "Accept"}, media_type="text/html")

    async def _report(self, request: Request, error: KbError, fmt: str, make: Callable[..., Response], *parts: Any) -> Response:
        """Report a problem with what was asked, on the page where it was asked if the client wants a page."""
        response = responses.report(error.problems[0], request)
        if fmt not in {HTML, "html"} and not response.headers["content-type"].startswith(HTML):
            return response
        page = await self._work_on(request, make, *parts, error.problems[0])
        headers = {name: value for name, value in response.headers.items() if name not in {"content-length", "content-type"}}
        return Response(page.body, response.status_code, headers, HTML)


@dataclass(frozen=True, slots=True)
class ProtocolRequest:
    """A request to the endpoint."""

    text: str | None  # the query, or None if none was sent
    graphs: Graphs | None  # the dataset that the request names, if it names one
    format: str  # the name of the format that it requests, or nothing
    lenient: bool  # whether the client accepts a part of an answer in a format that cannot state that it is a part
    explain: bool = False  # whether the client wants the facts and sentences that the rows rest on
    question: str = ""  # the name of the named question that it is, if it is one
    values: Mapping[str, str] = field(default_factory=dict)  # the RDF terms that its parameters are bound to
    language: str = ""  # that of the labels of a named question, if one was asked for


async def read_request(request: Request, settings: ServerSettings, work: WorkProcess, memory: BodyMemory) -> ProtocolRequest:
    """Read a request; a long one is decoded in the work process.

    Raises:
        KbError: The request is wrong (KB622), is an update (KB603), or has a body that is too large (KB625), of an unknown type
            (KB626), or too slow (KB631), or there are too many large ones (KB627).
    """
    media_type, body, client = "", b"", client_address(request)
    with memory.reserve(network_of(client)) as grow_to:
        if request.method == "POST":
            media_type = _media_type(request.headers.get("content-type"))
            body = await _read_body(request, settings, grow_to)
        in_url, preferences = request.scope["query_string"], request.headers.getlist("prefer")
        arguments = (in_url, media_type, body, settings.integer("query_length"), preferences)
        if len(in_url) + len(body) > _LONG_REQUEST:
            return await work.run(client, decode, *arguments)
        return decode(*arguments)


def decode(in_url: bytes, media_type: str, body: bytes, max_length: int, preferences: list[str]) -> ProtocolRequest:
    """Decode what a request says in its URL and in its body."""
    try:
        pairs = _decode_pairs(in_url)
        if media_type == _FORM:
            pairs += _decode_pairs(body)
        elif media_type:
            if len(body) > max_length * _MAX_BYTES:
                message = f"The query has more than {max_length:,} characters, which is the limit."
                raise fail("KB606", message, "Shorten it.", _PLACE)
            pairs.append(("query" if media_type == _QUERY else "update", body.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        message = f"The request is not UTF-8 (byte {error.start})."
        raise fail("KB622", message, "Encode it in UTF-8.", _PLACE) from error
    return _interpret(pairs, lenient=prefers_lenient(preferences))


def is_lenient(request: Request) -> bool:
    """Return whether a client prefers a part of an answer to none."""
    return "allow" in request.query_params.getlist("cut") or prefers_lenient(request.headers.getlist("prefer"))


def prefers_lenient(headers: Iterable[str]) -> bool:
    """Return whether the ``Prefer`` headers of a client ask for lenient handling (RFC 7240, section 4.4)."""
    preferences = ",".join(headers).lower().replace('"', "").split(",")
    return any(preference.partition(";")[0].replace(" ", "") == "handling=lenient" for preference in preferences)


def _interpret(pairs: list[tuple[str, str]], *, lenient: bool) -> ProtocolRequest:
    values = {name: [value for key, value in pairs if key == name] for name, _ in pairs}
    if "update" in values:
        raise fail("KB603", "This server does not take updates.", "Change the records of the knowledge base instead.", _PLACE)
    queries = values.get("query", [])
    if len(queries) > 1:
        raise fail("KB622", f"The request has {len(queries)} queries.", "Send one 'query' at a time.", _PLACE)
    graphs = Graphs(_graph_iris(values, "default-graph-uri"), _graph_iris(values, "named-graph-uri"))
    fmt = next((value for name in ("format", "output") for value in values.get(name, []) if value), "")
    lenient = lenient or "allow" in values.get("cut", [])
    explain = any(value.lower() in {"1", "true", "yes"} for value in values.get("explain", ()))
    return ProtocolRequest(queries[0] if queries else None, graphs if any(graphs) else None, fmt, lenient, explain)


def _graph_iris(values: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    """Return the graphs that a parameter names; clients that mean no graph send an empty value."""
    graphs = tuple(value for value in values.get(name, []) if value)
    for graph in graphs:
        if len(graph) > _LONGEST_IRI or not is_valid(graph):
            message = f"The value of {name} is not an absolute IRI of at most {_LONGEST_IRI:,} characters: {quote(graph)}."
            raise fail("KB622", message, "Send the complete IRI of the graph.", _PLACE)
    return graphs


def _media_type(header: str | None) -> str:
    """Return the media type in a Content-Type, which must be one of those of the protocol, in UTF-8."""
    media_type, _, rest = (header or "").partition(";")
    media_type = media_type.strip().lower()
    charsets = (parameter.partition("=")[2] for parameter in rest.split(";") if parameter.strip().lower().startswith("charset="))
    charset = next(charsets, "utf-8")
    if media_type not in {_FORM, _QUERY, _UPDATE}:
        message = f"A query cannot be sent as {quote(media_type)}." if media_type else "The request has no Content-Type."
        raise fail("KB626", message, f"Send it as {_QUERY}, or as 'query' in {_FORM}.", _PLACE)
    if charset.strip().strip('"').lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise fail("KB626", f"The charset {quote(charset)} is not supported.", "Send UTF-8.", _PLACE)
    return media_type


async def _read_body(request: Request, settings: ServerSettings, grow_to: Callable[[int], None]) -> bytes:
    """Read the body of a request, chunked or not."""
    if request.headers.get("content-encoding", "identity").lower() not in {"identity", ""}:
        raise fail("KB626", "Compressed requests are not supported.", "Send the request without compression.", _PLACE)
    limit = settings.integer("bytes_in")
    body, announced = bytearray(), int(request.headers.get("content-length", "0"))  # h11 takes digits alone
    try:
        async with asyncio.timeout(settings.limit("slow")):
            if announced <= limit:
                async for part in request.stream():
                    body += part
                    grow_to(len(body))
                    if len(body) > limit:
                        break
    except TimeoutError:
        message = f"The request did not arrive within {settings.limit('slow'):g} seconds."
        raise fail("KB631", message, "Send it again without pauses.", _PLACE) from None
    except ClientDisconnect:
        raise client_left() from None
    if max(announced, len(body)) > limit:
        raise fail("KB625", f"The request has more than {limit:,} bytes.", "Shorten it.", _PLACE)
    return bytes(body)


def _decode_pairs(encoded: bytes) -> list[tuple[str, str]]:
    if encoded.count(b"&") >= _MAX_PARAMETERS:
        raise fail("KB622", f"The request has more than {_MAX_PARAMETERS:,} parameters.", "Send fewer.", _PLACE)
    return parse_qsl(encoded.decode("utf-8"), keep_blank_values=True, errors="strict")
