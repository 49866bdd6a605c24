"""A SPARQL endpoint on another server, queried by the SPARQL 1.1 Protocol: the only engine that opens connections.

The endpoint receives the text of the query and nothing else. The prefixes that the query uses are declared, since the endpoint
does not know those of the knowledge base.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from kb.escaping import hide_user
from kb.http_client import (
    HttpClient,
    HttpError,
    HttpRequest,
    HttpResponse,
    RequestPolicy,
    is_private,
    split_user,
)
from kb.problems import fail, quote
from kb.rdf.quads import literal
from kb.sparql import syntax
from kb.sparql.values import Answer, EngineError, Question

#: Queries that find out whether a store keeps its statements where queries do not look, and what to do then.
FIND_STATEMENT, FIND_NAMED_STATEMENT = "SELECT ?s { ?s ?p ?o } LIMIT 1", "SELECT ?s { GRAPH ?g { ?s ?p ?o } } LIMIT 1"
UNION_REMEDY = "make the union of all graphs the default graph; docs/push.md lists the setting of each store"

_HEADERS = {
    "Accept": "application/sparql-results+json, application/n-triples;q=0.9, application/json;q=0.5",
    "Content-Type": "application/x-www-form-urlencoded",
}
_JSON = ("application/sparql-results+json", "application/json")
_TRIPLES = ("application/n-triples", "text/plain")
_FAILURES = {
    "unreachable": ("KB611", "Check the address."),
    "untrusted": ("KB611", "If its authority is your own, name the authority's file in SSL_CERT_FILE."),
    "timeout": ("KB604", "Narrow the query, or allow more with --timeout."),
    "redirect": ("KB611", "If you trust that address, use it instead."),
    "status": ("KB611", "Try again later."),
    "too large": ("KB605", "Narrow the query."),
    "invalid": ("KB611", "Check the address."),
}


# What parsers raise for a response that is not what its media type says: a MemoryError for a literal of more than 16 MiB.
_INVALID = (ValueError, LookupError, SyntaxError, MemoryError, RecursionError, OSError, msgspec.MsgspecError)


class RemoteResponse(NamedTuple):
    """What an endpoint answered, still to be parsed."""

    url: str  # the address of the endpoint for messages, without credentials
    media_type: str
    content: bytes


def fetch(url: str, text: str, seconds: float, max_bytes: int) -> RemoteResponse:
    """Query an endpoint.

    Args:
        url: The address of the endpoint, with a user name and a password if it requires them.
        text: The query, as :func:`query_text` returns it.
        seconds: How long it may take in all.
        max_bytes: How large the response may be.

    Raises:
        KbError: The endpoint cannot be reached (KB611), refuses the query (KB612) or takes too long (KB604), its response is
            too large (KB605), or a password would be sent unencrypted (KB752).
    """
    body = urlencode({"query": text}).encode("ascii")

    def read(response: HttpResponse) -> tuple[str, bytes]:
        return response.media_type, response.read(max_bytes)

    shown = hide_user(url)
    try:
        address, auth, redact = split_user(url)
        shown = hide_user(address)
        if auth and not is_private(address):
            message = "With a password over http:// others can read it."
            raise fail("KB752", message, "Use https://.", shown)
        with HttpClient(address, RequestPolicy(seconds, attempts=1, is_query=True), auth, redact) as client:
            return RemoteResponse(shown, *client.send(HttpRequest("POST", address, _HEADERS, body), read))
    except HttpError as error:
        code, remedy = _FAILURES[error.kind]
        if 400 <= error.status < 500:
            code, remedy = "KB612", "Correct the query, or the address."
        raise fail(code, error.message, remedy, shown) from error


def query_text(question: Question) -> str:
    """Return the text of a query with its declarations on the first line, so that its lines keep their numbers."""
    return syntax.add_declarations(question.text, question.prefixes, question.base, " ")


def import_reader(response: RemoteResponse) -> tuple[Callable[[Question], RemoteResponse], Callable[[Any, Question], Answer]]:
    """Return the ``load`` and ``ask`` of an engine that parses a response, which belongs in a process with limits."""
    import pyoxigraph  # noqa: F401 - before the process is confined

    def ask(loaded: RemoteResponse, question: Question) -> Answer:
        answer = parse(loaded)
        if (answer.form == "ask") != (syntax.find_form(question.text) == "ASK"):
            raise EngineError("KB613", "it answers another form of query than the one that was sent")
        return answer

    return lambda _: response, ask


def parse(response: RemoteResponse) -> Answer:
    """Parse a response.

    Raises:
        EngineError: It is not what the standard says (KB613).
    """
    import pyoxigraph as ox

    try:
        if response.media_type in _TRIPLES:
            quads = ox.parse(response.content, format=ox.RdfFormat.N_TRIPLES)
            return Answer("graph", triples=tuple((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads))
        if response.media_type in _JSON:
            results = ox.parse_query_results(_find_answer(response.content), format=ox.QueryResultsFormat.JSON)
            if isinstance(results, ox.QueryBoolean):
                return Answer("ask", truth=bool(results))
            rows = tuple(tuple(None if term is None else _write(term) for term in row) for row in results)
            return Answer("select", tuple(variable.value for variable in results.variables), rows)
    except _INVALID as error:
        raise EngineError("KB613", f"its results do not follow the standard ({type(error).__name__})") from error
    raise EngineError("KB613", f"its media type is {quote(response.media_type) if response.media_type else 'missing'}")


def _find_answer(content: bytes) -> bytes:
    """Return JSON results with their head and their one answer; servers add keys of their own, which the parser refuses.

    Raises:
        ValueError: There is no answer, there are several, or a key occurs twice.
        LookupError, RecursionError, msgspec.MsgspecError: They are malformed in another way.
    """

    def find_answers(pairs: list[tuple[str, Any]]) -> set[str] | None:
        names = {name for name, _ in pairs}
        if len(names) < len(pairs):
            raise ValueError
        return names & {"boolean", "results"} or None  # what is returned is held until all has been read

    answers = json.loads(content, object_pairs_hook=find_answers)
    if not isinstance(answers, set) or len(answers) != 1:
        raise ValueError
    document = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    if "boolean" in document:
        return b'{"head": {}, "boolean": %b}' % bytes(document["boolean"])
    bindings = msgspec.json.decode(document["results"], type=dict[str, msgspec.Raw])["bindings"]
    return b'{"head": %b, "results": {"bindings": %b}}' % (bytes(document["head"]), bytes(bindings))


def _write(term: Any) -> str:
    return str(term) if not hasattr(term, "datatype") else literal(term.value, term.datatype.value, term.language or "")
