"""A SPARQL endpoint on another server, queried by the SPARQL 1.1 Protocol: the only engine that opens connections.

The endpoint receives the text of the query and nothing else. The prefixes that the query uses are declared, since the endpoint
does not know those of the knowledge base.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from kb.http_client import FailureKind, HttpClient, HttpError, HttpRequest, HttpResponse, RequestPolicy
from kb.problems import KbError, fail
from kb.rdf.iris import XSD
from kb.rdf.quads import iri, literal
from kb.sparql import guard, syntax
from kb.sparql.values import Answer, Question

#: Queries that find out whether a store keeps its statements where queries do not look, and what to do then.
FIND_STATEMENT, FIND_NAMED_STATEMENT = "SELECT ?s { ?s ?p ?o } LIMIT 1", "SELECT ?s { GRAPH ?g { ?s ?p ?o } } LIMIT 1"
UNION_REMEDY = "make the union of all graphs the default graph; docs/push.md lists the setting of each store"

_NOTHING = (None, literal("0", f"{XSD}integer"))
_HEADERS = {
    "Accept": "application/sparql-results+json, application/n-triples;q=0.9, application/json;q=0.5",
    "Content-Type": "application/x-www-form-urlencoded",
}
_JSON = ("application/sparql-results+json", "application/json")
_TRIPLES = ("application/n-triples", "text/plain")
_FAILURES = {
    FailureKind.UNREACHABLE: ("KB611", "Check the address."),
    FailureKind.UNTRUSTED: ("KB611", "If its authority is your own, name the authority's file in SSL_CERT_FILE."),
    FailureKind.TIMEOUT: ("KB604", "Narrow the query, or allow more with --timeout."),
    FailureKind.REDIRECT: ("KB611", "If you trust that address, use it instead."),
    FailureKind.STATUS: ("KB611", "Try again later."),
    FailureKind.TOO_LARGE: ("KB605", "Narrow the query."),
    FailureKind.INVALID: ("KB611", "Check the address."),
}


def ask(url: str, question: Question, seconds: float, max_bytes: int) -> Answer:
    """Query an endpoint.

    Args:
        url: The address of the endpoint.
        question: The query; its data are not sent.
        seconds: How long it may take in all.
        max_bytes: How large the response may be.

    Raises:
        KbError: The endpoint cannot be reached (KB611), refuses the query (KB612) or takes too long (KB604), its response is too
            large (KB605) or cannot be read (KB613), or nothing was found since its default graph is empty (KB616).
    """
    answer = _send(url, query_text(question), seconds, max_bytes)
    if _is_empty(answer) and not guard.uses_named_graphs(question.text):
        default, named = (_send(url, text, seconds, max_bytes).rows for text in (FIND_STATEMENT, FIND_NAMED_STATEMENT))
        if named and not default:
            raise fail(
                "KB616", "The default graph of the store is empty, its named graphs are not.", f"M{UNION_REMEDY[1:]}.", url
            )
    return answer


def _is_empty(answer: Answer) -> bool:
    """Check whether an answer holds nothing, or counts nothing."""
    return not answer.truth and not answer.triples and all(cell in _NOTHING for row in answer.rows for cell in row)


def _send(url: str, text: str, seconds: float, max_bytes: int) -> Answer:
    body = urlencode({"query": text}).encode("ascii")

    def read(response: HttpResponse) -> tuple[str, bytes]:
        return response.media_type, response.read(max_bytes)

    try:
        with HttpClient(url, RequestPolicy(seconds, attempts=1, is_query=True)) as client:
            media_type, content = client.send(HttpRequest("POST", url, _HEADERS, body), read)
    except HttpError as error:
        code, remedy = _FAILURES[error.kind]
        if 400 <= error.status < 500:
            code, remedy = "KB612", "Correct the query, or the address."
        raise fail(code, error.message, remedy, url) from error
    return _parse(url, media_type, content)


def query_text(question: Question) -> str:
    """Return the text of a query with its declarations on the first line, so that its lines keep their numbers."""
    return syntax.add_declarations(question.text, question.prefixes, question.base, " ")


def _parse(url: str, media_type: str, content: bytes) -> Answer:
    try:
        if media_type in _TRIPLES:
            return Answer("graph", triples=_parse_triples(content))
        if media_type in _JSON:
            return _parse_results(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise _unreadable_error(url, f"its results do not follow the standard ({type(error).__name__})") from error
    raise _unreadable_error(url, f"its media type is {media_type or 'missing'}")


def _parse_results(value: Any) -> Answer:
    """Parse SPARQL 1.1 Query Results JSON Format."""
    if "boolean" in value:
        return Answer("ask", truth=value["boolean"] is True)
    variables = tuple(map(str, value["head"]["vars"]))
    rows = value["results"]["bindings"]
    return Answer("select", variables, tuple(tuple(_term(row.get(name)) for name in variables) for row in rows))


def _term(binding: Any) -> str | None:
    if binding is None:
        return None
    kind, value = binding["type"], binding["value"]
    if kind == "uri":
        return iri(value)
    if kind == "bnode":
        return f"_:{value}"
    if kind not in {"literal", "typed-literal"}:
        raise ValueError(kind)
    language = binding.get("xml:lang", "")
    return literal(value, language=language) if language else literal(value, binding.get("datatype", f"{XSD}string"))


def _parse_triples(content: bytes) -> tuple[tuple[str, str, str], ...]:
    from pyoxigraph import RdfFormat, parse

    quads = parse(content, format=RdfFormat.N_TRIPLES)
    return tuple((str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads)


def _unreadable_error(url: str, reason: str) -> KbError:
    message = f"The response cannot be read: {reason}."
    return fail("KB613", message, "Check that the address is that of a SPARQL endpoint.", url)
