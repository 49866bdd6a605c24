"""Content negotiation: the format of a response, by the name in the request or by its ``Accept`` header (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from kb.formats import registry
from kb.problems import fail, quote
from kb.server.messages import HTML
from kb.sparql import result_formats

# Other media types that clients ask for: old ones and generic ones. The response carries the type that was asked for.
_TABLE_ALIASES = {"application/json": "json", "application/xml": "xml", "text/xml": "xml"}
_GRAPH_ALIASES = {
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
_NAME_ALIASES = {"n3": "turtle", "rdf+xml": "rdfxml", "html": HTML}


class Choice(NamedTuple):
    """A format, and the media type under which it is sent."""

    name: str
    media_type: str


#: The formats of the description of a thing.
THING_FORMATS = (
    Choice("html", "text/html"),
    Choice("turtle", "text/turtle"),
    Choice("jsonld", "application/ld+json"),
    Choice("ntriples", "application/n-triples"),
    Choice("rdfxml", "application/rdf+xml"),
)

Form = Literal["select", "ask", "graph"]
_FORMS: tuple[Form, ...] = ("select", "ask", "graph")


def answer_formats(form: Form) -> list[Choice]:
    """Return the formats of answers of a form; the first is sent to clients without a preference."""
    if form == "graph":
        own = [Choice(fmt.name, fmt.media_type) for fmt in registry.FORMATS]
        return [*own, *(Choice(name, kind) for kind, name in _GRAPH_ALIASES.items()), Choice(HTML, HTML)]
    own = [Choice(fmt.name, fmt.media_type) for fmt in result_formats.FORMATS]
    aliases = [Choice(name, kind) for kind, name in _TABLE_ALIASES.items()]
    return [*own, *aliases, Choice(HTML, HTML)]


#: The formats of an answer with the facts that its rows rest on.
EXPLANATION_FORMATS = (
    Choice("json", "application/json"),
    Choice("json", "application/sparql-results+json"),
    Choice(HTML, HTML),
)


def graph_formats() -> list[Choice]:
    """Return the formats of graphs without the page."""
    return [choice for choice in answer_formats("graph") if choice.name != HTML]


def form_of(keyword: str) -> Form:
    """Return the form of the answer to a query that begins with a keyword such as ``DESCRIBE``."""
    return "graph" if keyword in {"CONSTRUCT", "DESCRIBE"} else "ask" if keyword == "ASK" else "select"


def choose_answer_format(form: Form, accept: str | None, name: str) -> Choice:
    """Choose the format of an answer to a query, as :func:`choose_format` does.

    Some clients request one format for all their queries: for a form that cannot have it, the header decides.
    """
    choices, word = answer_formats(form), _normalize(name)
    names, other_names = (
        {alias for choice in answers for alias in format_names(choice)}
        for answers in (choices, [choice for other in _FORMS for choice in answer_formats(other)])
    )
    return choose_format(accept, "" if word in other_names - names else name, choices)


def choose_format(accept: str | None, name: str, choices: Sequence[Choice]) -> Choice:
    """Choose the format of a response: by its name, or else by the ``Accept`` header.

    Raises:
        KbError: No format is acceptable (KB624).
    """
    word = _normalize(name)
    chosen = next((choice for choice in choices if word in format_names(choice)), None) if word else choose_best(accept, choices)
    if chosen is None:
        requested = f"The format {quote(name)}" if name else f"None of the formats in Accept ({(accept or '')[:200]})"
        aliases = {*_TABLE_ALIASES, *_GRAPH_ALIASES}
        available = ", ".join(dict.fromkeys(choice.media_type for choice in choices if choice.media_type not in aliases))
        raise fail("KB624", f"{requested} is available here.", f"Request one of: {available}.", "<request>")
    return chosen


def _normalize(name: str) -> str:
    return name.lower().strip().lstrip(".").replace(" ", "+")


def choose_best(accept: str | None, choices: Iterable[Choice]) -> Choice | None:
    """Choose by an ``Accept`` header: the highest quality, and among equals the first choice (RFC 9110, section 12.5.1)."""
    qualities = _read_qualities(accept or "")
    qualities = qualities if all("/" in name for name in qualities) else {}
    best, best_quality = None, 0.0
    for choice in choices:
        ranges = (choice.media_type, f"{choice.media_type.partition('/')[0]}/*", "*/*")  # the most specific one counts
        quality = next((qualities[name] for name in ranges if name in qualities), 0.0 if qualities else 1.0)
        if quality > best_quality:
            best, best_quality = choice, quality
    return best


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Return whether a response may be compressed; among equals, compressed is preferred (RFC 9110, section 12.5.3)."""
    qualities = _read_qualities(accept_encoding or "")
    gzip = qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0.0)))
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)


def _read_qualities(header: str) -> dict[str, float]:
    """Return the quality of each element of a header, by its name in lower case; none if an element cannot be read.

    Parameters other than ``q`` are ignored, and with them all quoted strings. The time is proportional to the length.
    """
    qualities: dict[str, float] = {}
    for element in "".join(header.replace('\\"', "").split('"')[::2]).split(","):
        name, *parameters = (part.strip().lower() for part in element.split(";"))
        values = (parameter.partition("=") for parameter in parameters)
        quality = next((value.strip() for key, _, value in values if key.strip() == "q"), "1")
        if quality[:1] not in {"0", "1"} or not quality.replace(".", "", 1).isdecimal() or not (name + quality).isascii():
            return {}
        if name:
            qualities.setdefault(name, min(1.0, float(quality)))
    return qualities


def format_names(choice: Choice) -> set[str]:
    """Return every name by which a client can request a format."""
    names = {choice.media_type, *(alias for alias, name in _NAME_ALIASES.items() if name == choice.name)}
    known: list[registry.Format | result_formats.ResultFormat] = [*registry.FORMATS, *result_formats.FORMATS]
    for fmt in known:
        if fmt.name == choice.name:
            names |= {fmt.name, fmt.extension, *fmt.aliases}
    return names
