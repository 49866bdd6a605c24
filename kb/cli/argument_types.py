"""Types of arguments: a value on the command line passes the checks that the same value in a record passes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import click

from kb.problems import quote

if TYPE_CHECKING:
    TextType = click.ParamType[str]
else:  # older versions of click have no type parameter
    TextType = click.ParamType


class CheckedText(TextType):
    """A text that a function finds nothing wrong with; an empty one counts as left out.

    Args:
        name: What help and messages call the value.
        find_error: Returns what is wrong with a text, as a clause, or nothing.
    """

    def __init__(self, name: str, find_error: Callable[[str], str]) -> None:
        self.name, self._find_error = name, find_error

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, or end the command with the reason."""
        if value and (error := self._find_error(str(value))):
            self.fail(f"{quote(str(value))} is not a valid {self.name}: {error}.", param, ctx)
        return str(value)


def _keeps_schema(kind: str) -> Callable[[str], str]:
    """Return a function that checks a text against a definition of ``schemas/values.schema.json``, and its characters."""

    def find_error(text: str) -> str:
        from kb.checks import json_schema
        from kb.records import characters

        if not characters.is_clean(text):
            return "it holds a control character or one that hides or reorders text"
        return json_schema.find_value_error(kind, text)

    return find_error


def _find_iri_error(text: str) -> str:
    from kb.checks import identifiers

    return _keeps_schema("iri")(text) or identifiers.find_iri_error(text)


def _find_base_error(text: str) -> str:
    from kb.checks import json_schema

    return _find_iri_error(text) or json_schema.find_value_error("base", text, "kb")


def _find_url_error(text: str) -> str:
    from kb.checks import identifiers

    return identifiers.find_url_error(text)


def _find_line_error(text: str) -> str:
    return "it has several lines" if len(text.splitlines()) > 1 else _keeps_schema("text")(text)


def _find_date_error(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        return "it is not a day of the calendar, such as 2026-11-22"
    return _keeps_schema("date")(text)


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


def _find_word_error(text: str) -> str:
    return "" if text.isprintable() else "it holds a line end or a control character"


ID = CheckedText("ID", _keeps_schema("id"))
TITLE = CheckedText("TITLE", _keeps_schema("label"))
LINE = CheckedText("TEXT", _find_line_error)
IRI = CheckedText("IRI", _find_iri_error)
BASE = CheckedText("IRI", _find_base_error)
URL = CheckedText("URL", _find_url_error)
DATE = CheckedText("DATE", _find_date_error)
DELIMITER = CheckedText("CHARACTER", _find_delimiter_error)
HOST = CheckedText("HOST", _find_host_error)
ALLOWED_HOST = CheckedText("NAME", _find_allowed_host_error)
IP = CheckedText("IP", _find_ip_error)
WORD = CheckedText("TEXT", _find_word_error)
