"""Which format a client gets: by the name that it asks for, or by its ``Accept`` header (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from webob.acceptparse import create_accept_encoding_header, create_accept_header

from kb.formats import registry
from kb.problems import fail, quote
from kb.server.processes.messages import HTML
from kb.sparql import result_formats

_PARAMETERS = re.compile(r"""\s*;\s*(?!q\s*=)[\w!#$&^.+-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]*)""", re.IGNORECASE)
_EMPTY = re.compile(r"^[\s,]+|[\s,]+$")
# Other media types that clients ask for, of old or for want of a better one; answered as they were asked.
_ROWS_TOO = {"application/json": "json", "application/xml": "xml", "text/xml": "xml"}
_GRAPHS_TOO = {
    "application/x-turtle": "turtle",
    "application/turtle": "turtle",
    "text/n3": "turtle",
    "text/rdf+n3": "turtle",
    "application/json": "jsonld",
    "application/x-json+ld": "jsonld",
    "application/xml": "rdfxml",
    "text/xml": "rdfxml",
    "text/plain": "ntriples",
    "text/x-nquads": "nquads",
    "application/x-trig": "trig",
}
_NAMES_TOO = {"n3": "turtle", "rdf+xml": "rdfxml", "html": HTML}


class Choice(NamedTuple):
    """A format, and the media type under which it is sent."""

    name: str
    media_type: str


#: The formats in which a thing can be had.
THINGS = (
    Choice("html", "text/html"),
    Choice("turtle", "text/turtle"),
    Choice("jsonld", "application/ld+json"),
    Choice("ntriples", "application/n-triples"),
    Choice("rdfxml", "application/rdf+xml"),
)

Form = Literal["select", "ask", "graph"]
_FORMS: tuple[Form, ...] = ("select", "ask", "graph")


def offers(form: Form) -> list[Choice]:
    """Give every format that an answer of this form can have, the one first that is sent if the client does not mind."""
    if form == "graph":
        own = [Choice(each.name, each.media_type) for each in registry.FORMATS]
        return [*own, *(Choice(name, kind) for kind, name in _GRAPHS_TOO.items()), Choice(HTML, HTML)]
    own = [Choice(each.name, each.media_type) for each in result_formats.FORMATS]
    also = [Choice(name, kind) for kind, name in _ROWS_TOO.items()]
    tables = {"csv", "tsv"} if form == "ask" else set()  # which cannot carry a boolean
    return [each for each in (*own, *also, Choice(HTML, HTML)) if each.name not in tables]


def form_of(word: str) -> Form:
    """Give the form of the answer to a query that begins with a word, ``DESCRIBE`` say."""
    return "graph" if word in {"CONSTRUCT", "DESCRIBE"} else "ask" if word == "ASK" else "select"


def choose(form: Form, accept: str | None, name: str) -> Choice:
    """Choose the format of an answer.

    Args:
        form: The form of the answer.
        accept: The ``Accept`` header, if there is one.
        name: The value of ``format`` or ``output``, which stands above the header, or nothing.

    Raises:
        KbError: No format fits (KB624).
    """
    can = offers(form)
    word = name.lower().strip().lstrip(".").replace(" ", "+")
    found = next((each for each in can if word in names(each)), None)
    if found is None and (not word or any(word in names(each) for other in _FORMS for each in offers(other))):
        found = best(accept, can)  # a client that asks for all its answers in one format means those that can have it
    if found is None:
        asked = f"in what Accept asks for ({accept})" if accept and not word else f"as {quote(name)}"
        known = ", ".join(each.media_type for each in can if each.media_type not in {*_ROWS_TOO, *_GRAPHS_TOO})
        raise fail("KB624", f"The answer cannot be sent {asked[:300]}.", f"Ask for one of: {known}.", "<request>")
    return found


def best(accept: str | None, can: Iterable[Choice]) -> Choice | None:
    """Choose by an ``Accept`` header: the highest quality, and of equals the first that we offer."""
    by_type = {each.media_type: each for each in reversed(list(can))}
    header = None if accept is None else _EMPTY.sub("", _PARAMETERS.sub("", accept)) or None
    ranked = create_accept_header(header).acceptable_offers(list(reversed(by_type)))
    return by_type[ranked[0][0]] if ranked else None


def wants_gzip(accept_encoding: str | None) -> bool:
    """Tell whether an answer may be compressed; of equals, compressed is better."""
    if not accept_encoding or not accept_encoding.strip():
        return False
    ranked = create_accept_encoding_header(accept_encoding).acceptable_offers(["gzip", "identity"])
    return bool(ranked) and ranked[0][0] == "gzip"


def names(choice: Choice) -> set[str]:
    """Give every name by which a format can be asked for."""
    also = {alias for alias, name in _NAMES_TOO.items() if name == choice.name}
    known: list[registry.Format | result_formats.ResultFormat] = [*registry.FORMATS, *result_formats.FORMATS]
    for each in known:
        if each.name == choice.name:
            also |= {each.name, each.extension, *each.aliases}
    return {choice.media_type, *also}
