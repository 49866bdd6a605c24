"""Content negotiation: the format of a response, by the name in the request or by its ``Accept`` header (RFC 9110, 12.5.1)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from kb.formats import registry
from kb.problems import fail, quote
from kb.server.messages import HTML
from kb.sparql import result_formats

_ALIASES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_TABLE_ALIASES, _GRAPH_ALIASES, _NAME_ALIASES = _ALIASES["tables"], _ALIASES["graphs"], _ALIASES["names"]


class Choice(NamedTuple):
    """A format, and the media type under which it is sent."""

    name: str
    media_type: str


#: The formats of the description of a thing.
THING_FORMATS = (
    Choice("html", "text/html"),
    *(Choice(name, registry.find(name).media_type) for name in ("turtle", "jsonld", "ntriples", "rdfxml")),
)

Form = Literal["select", "ask", "graph"]
_FORMS: tuple[Form, ...] = ("select", "ask", "graph")


@cache
def answer_formats(form: Form) -> list[Choice]:
    """Return the formats of answers of a form; the first is sent to clients without a preference."""
    formats = registry.FORMATS if form == "graph" else result_formats.FORMATS
    aliases = _GRAPH_ALIASES if form == "graph" else _TABLE_ALIASES
    own = [Choice(fmt.name, fmt.media_type) for fmt in formats]
    return [*own, *(Choice(name, kind) for kind, name in aliases.items()), Choice(HTML, HTML)]


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
        what = f"The format {quote(name)} is not" if name else f"None of the formats in Accept ({(accept or '')[:200]}) is"
        aliases = {*_TABLE_ALIASES, *_GRAPH_ALIASES}
        available = ", ".join(dict.fromkeys(choice.media_type for choice in choices if choice.media_type not in aliases))
        raise fail("KB624", f"{what} available here.", f"Request one of: {available}.", "<request>")
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


@cache
def format_names(choice: Choice) -> set[str]:
    """Return every name by which a client can request a format."""
    names = {choice.media_type, choice.name, *(alias for alias, name in _NAME_ALIASES.items() if name == choice.name)}
    known: list[registry.Format | result_formats.ResultFormat] = [*registry.FORMATS, *result_formats.FORMATS]
    for fmt in known:
        if fmt.name == choice.name:
            names |= {fmt.name, fmt.extension, *fmt.aliases}
    return names
