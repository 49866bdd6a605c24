"""Checks arguments as the same values in records are checked, for commands and for functions that are called from Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from ipaddress import ip_address

from kb.checks import identifiers, json_schema
from kb.escaping import hide_user
from kb.files import characters
from kb.problems import KbError, Place, Problem, quote
from kb.schema import vocabulary
from kb.schema.licences import find_licence


def check_arguments(arguments: Iterable[tuple[str, str, str]]) -> None:
    """Check arguments, each given as its name, the kind of its value and the value; an empty value counts as left out.

    Raises:
        KbError: Some are invalid (KB832).
    """
    problems = [
        Problem(Place(name), "KB832", message, "Correct the argument.")
        for name, kind, value in arguments
        if value and (message := describe_argument_error(kind, value, kind))
    ]
    if problems:
        raise KbError(problems)


def describe_argument_error(kind: str, text: str, name: str) -> str:
    """Return what is wrong with a text as a value of a kind, which the user knows by a name; empty if it is valid.

    The sentence shows the text, but no password or parameter of an address.
    """
    error = _FINDERS[kind](text)
    return error and f"{quote(text if kind in _PROSE else hide_user(text))} is not a valid {name}: {error}."


def _find_schema_error(definition: str, text: str) -> str:
    """Check a text against a definition of ``schemas/values.schema.json``, and its characters."""
    if not characters.is_clean(text):
        return "it holds a control character or one that hides or reorders text"
    return json_schema.find_value_error(definition, text)


def _find_iri_error(text: str) -> str:
    return _find_schema_error("iri", text) or identifiers.find_iri_error(text)


def _find_licence_error(text: str) -> str:
    error = _find_iri_error(find_licence(text) or text)
    return error and f"{error}; nor is it the name of a licence that kb knows, such as CC0-1.0, CC-BY-4.0 or CC-BY-NC-4.0"


def _find_language_error(text: str) -> str:
    return _find_schema_error("language", text) or identifiers.find_language_error(text)


def _find_base_error(text: str) -> str:
    return _find_iri_error(text) or json_schema.find_value_error("base", text, "kb")


def _find_line_error(text: str) -> str:
    return "it has several lines" if len(text.splitlines()) > 1 else _find_schema_error("text", text)


def _find_date_error(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        return "it is not a day of the calendar, such as 2026-11-22"
    return _find_schema_error("date", text)


def _find_delimiter_error(text: str) -> str:
    if len(text) != 1 or text in '"\r\n' or not (text == "\t" or text.isprintable()):
        return "it is not one printable character or a tab, and neither a quotation mark nor a line end"
    return ""


def _find_host_error(text: str) -> str:
    allowed = text.isascii() and all(letter.isalnum() or letter in "-._:[]%" for letter in text)
    return "" if allowed else "it is not a host name or an IP address"


def _find_allowed_host_error(text: str) -> str:
    return "" if text == "*" else _find_host_error(text)


def _find_ip_error(text: str) -> str:
    try:
        ip_address(text)
    except ValueError:
        return "it is not an IP address"
    return ""


def _find_choice_error(name: str, text: str) -> str:
    """Check a text against a controlled list."""
    known = vocabulary.values(name)
    return "" if text in known else f"it is none of {', '.join(known)}"


def _find_word_error(text: str) -> str:
    return "" if text.isprintable() else "it holds a line end or a control character"


_FINDERS: dict[str, Callable[[str], str]] = {
    "id": partial(_find_schema_error, "id"),
    "language": _find_language_error,
    "title": partial(_find_schema_error, "label"),
    "line": _find_line_error,
    "word": _find_word_error,
    "iri": _find_iri_error,
    "licence": _find_licence_error,
    "base": _find_base_error,
    "url": identifiers.find_url_error,
    "server": identifiers.find_server_error,
    "date": _find_date_error,
    "delimiter": _find_delimiter_error,
    "predicate": partial(_find_schema_error, "predicate-id"),
    **{name: partial(_find_choice_error, name) for name in ("kind", "modality", "frequency")},
    "host": _find_host_error,
    "allowed host": _find_allowed_host_error,
    "ip": _find_ip_error,
}
_PROSE = {"title", "line"}  # in which a question mark or an @ is a mark like any other
