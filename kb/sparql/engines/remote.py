"""A SPARQL endpoint elsewhere, asked by the SPARQL 1.1 Protocol: the one engine whose purpose is to go out.

It is given the query as text, and nothing else. Prefixes are declared for it, since it does not know ours.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any

import httpx

from kb.problems import KbError, fail
from kb.rdf.iris import XSD
from kb.rdf.quads import iri, literal
from kb.sparql.values import Answer, Question

#: An endpoint is sent on at most so often.
MOST_REDIRECTS = 5

_ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9, application/json;q=0.5"
_SHOWN = 500  # as many characters of an endpoint's own words are shown
_JSON = ("application/sparql-results+json", "application/json")
_TRIPLES = ("application/n-triples", "text/plain")


def is_url(engine: str) -> bool:
    """Tell whether an engine is named by an address."""
    return engine.startswith(("http://", "https://"))


def ask(url: str, question: Question, seconds: float, largest: int) -> Answer:
    """Ask an endpoint.

    Args:
        url: Its address.
        question: What to ask; its data are not sent.
        seconds: How long it may take in all.
        largest: How many bytes the answer may have.

    Raises:
        KbError: It cannot be reached (KB611), refuses the query (KB612), takes too long (KB604), or its answer is too
            large (KB605) or cannot be read (KB613).
    """
    try:
        media_type, body = _fetch(url, declared(question), time.monotonic() + seconds, largest)
    except httpx.TimeoutException as error:
        raise fail(
            "KB604", f"{url} did not answer within {seconds:g} seconds.", "Narrow the query, or allow more.", url
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise fail(
            "KB611", f"The endpoint cannot be reached: {error or type(error).__name__}.", "Check the address.", url
        ) from error
    try:
        if media_type in _TRIPLES:
            return Answer("graph", triples=_triples(body))
        if media_type in _JSON:
            return _answer(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise _unreadable(url, f"its results do not follow the standard ({type(error).__name__})") from error
    raise _unreadable(url, f"it is of type {media_type or 'unknown'}")


def declared(question: Question) -> str:
    """Give a query with the prefixes declared that it uses, on its first line, so that its lines keep their numbers."""
    used = {
        name: start for name, start in question.prefixes.items() if re.search(rf"(?<![\w.-]){re.escape(name)}:", question.text)
    }
    lines = "".join(f"PREFIX {name}: <{start}> " for name, start in used.items())
    return f"BASE <{question.base}> {lines}{question.text}"


def _fetch(url: str, sparql: str, deadline: float, largest: int) -> tuple[str, bytes]:
    left = deadline - time.monotonic()
    with httpx.Client(timeout=httpx.Timeout(left, connect=min(left, 30.0)), trust_env=True) as client:
        headers = {"Accept": _ACCEPT, "User-Agent": "linked-kb"}
        where = httpx.URL(url)
        for _ in range(MOST_REDIRECTS + 1):
            request = client.build_request("POST", where, data={"query": sparql}, headers=headers)
            response = client.send(request, stream=True)
            try:
                if response.next_request is None:
                    body = _read(url, response, deadline, largest)
                    return _type(response), _judged(url, response, body)
                where = _onward(url, where, response.next_request.url)
            finally:
                response.close()
    raise fail("KB611", f"The endpoint sends on more than {MOST_REDIRECTS} times.", "Check the address.", url)


def _onward(url: str, before: httpx.URL, target: httpx.URL) -> httpx.URL:
    """Follow a redirect, but never to another scheme than HTTP, nor from a safe connection to an open one."""
    if target.scheme not in {"http", "https"} or (before.scheme, target.scheme) == ("https", "http"):
        message = f"The endpoint sends on to {str(target)[:200]}, which is not followed."
        raise fail("KB611", message, "Name the address that it leads to, if you trust it.", url)
    return target


def _read(url: str, response: httpx.Response, deadline: float, largest: int) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        parts.append(part)
        size += len(part)
        if size > largest:
            raise fail("KB605", f"The answer has more than {largest >> 20:,} MB.", "Narrow the query.", url)
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("")
    return b"".join(parts)


def _judged(url: str, response: httpx.Response, body: bytes) -> bytes:
    if response.is_success:
        return body
    words = " ".join(body.decode("utf-8", "replace").split())[:_SHOWN] if not _type(response).endswith("html") else ""
    message = f"The endpoint answers {response.status_code} {response.reason_phrase}{': ' if words else ''}{words.rstrip('.')}."
    if response.is_client_error:
        raise fail("KB612", message, "Correct the query, or the address.", url)
    raise fail("KB611", message, "Try again later.", url)


def _type(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _answer(value: Any) -> Answer:
    """Read SPARQL 1.1 Query Results JSON Format."""
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


def _triples(body: bytes) -> tuple[tuple[str, str, str], ...]:
    from pyoxigraph import RdfFormat, parse

    found = parse(body, format=RdfFormat.N_TRIPLES)
    return tuple((str(each.subject), str(each.predicate), str(each.object)) for each in found)


def _unreadable(url: str, why: str) -> KbError:
    return fail("KB613", f"The answer cannot be read: {why}.", "Check that the address is that of a SPARQL endpoint.", url)
