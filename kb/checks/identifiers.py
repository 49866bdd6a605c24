"""Checks that every reader of the exports accepts the IRIs and language tags.

The patterns of the schemas refuse most invalid values. pyoxigraph, the strictest reader of the exports, then decides
whether a text is an IRI (RFC 3987) and whether a tag is well-formed (RFC 5646).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from kb import resources
from kb.model import Record, Trail
from kb.problems import Place, Problem
from kb.rdf.iris import STANDARD

# Nearly all IRIs match this pattern, so that pyoxigraph need not be imported.
_PLAIN = re.compile(r"https?://[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*(/[A-Za-z0-9_:-]+([.][A-Za-z0-9_:-]+)*)*/?(#[A-Za-z0-9_]*)?")
_DOT_SEGMENT = re.compile(r"^[^?#]*/[.]{1,2}([/?#]|$)")
_NO_HOST = re.compile(r"https?:(//([/?#:]|$)|(?!//))", re.IGNORECASE)
_UNSAFE = re.compile(r"(?:javascript|vbscript|data|file|blob|about|filesystem|view-source):", re.IGNORECASE)
_PLAIN_TAG = re.compile("[A-Za-z]{2,3}(-[A-Za-z]{2})?")

_IRIS = {
    "kb": (
        *("base", "license", "homepage", "download", "repository", "endpoint", "accrual", "publisher.url", "contact.url"),
        *("themes.*", "spatial.*", "prefixes.*"),
    ),
    "document": ("license", "source"),
}
_OURS = {"term": "term/", "pred": "predicate/"}


def find_iri_error(iri: str) -> str:
    """Return what is wrong with an absolute IRI; empty if it is valid and resolving it does not change it."""
    if _PLAIN.fullmatch(iri):
        return ""
    if _UNSAFE.match(iri):
        return "its scheme could run a program or read a file where somebody follows it"
    if _DOT_SEGMENT.search(iri):
        return "readers would resolve its dot segments"
    if _NO_HOST.match(iri):
        return "it has no host"
    from pyoxigraph import NamedNode

    try:
        NamedNode(iri)
    except ValueError as error:
        return _as_clause(str(error))
    return ""


def find_url_error(url: str) -> str:
    """Return what is wrong with the address of a server or page; empty if it is an absolute HTTP URL without credentials."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises if it is not a number
    except ValueError:
        return "it cannot be read"
    if parts.scheme not in {"http", "https"} or not parts.hostname or not (_matches(url, "iri") and url.isprintable()):
        return "it is not an http:// or https:// URL without blanks and quotes"
    if {"@", "%"} & {*parts.netloc.partition("[")[0]}:  # an escaped @ as well
        return "it holds a user name or a password"
    return find_iri_error(url)


def find_server_error(url: str) -> str:
    """Return what is wrong with the URL of a server or folder, which paths are added to; empty if it is valid."""
    return find_url_error(url) or ("it has a '?' or '#', after which no path can follow" if set(url) & {"?", "#"} else "")


def find_language_error(tag: str) -> str:
    """Return what is wrong with a language tag that its schema accepts; empty if it is well-formed."""
    if _PLAIN_TAG.fullmatch(tag):
        return ""
    from pyoxigraph import Literal

    try:
        Literal("", language=tag)
    except ValueError as error:
        return _as_clause(str(error))
    return ""


def make_iri_problem(place: Place, name: str, iri: str, error: str) -> Problem:
    """Return the problem of an IRI (KB502) that is the value of a key or CURIE, with what :func:`find_iri_error` says of it."""
    excerpt = iri if len(iri) <= 100 else f"{iri[:100]}…"
    message = f"{name} is not a valid IRI: '{excerpt}': {error}."
    return Problem(place, "KB502", message, "Write an IRI by RFC 3987; percent-encode the characters that it may not hold.")


def check(record: Record) -> Iterator[Problem]:
    """Check the IRIs (KB502), language tags and prefixes (KB205) of a record.

    A value that the record's schema refuses is skipped, since the schema reports it.
    """
    for pattern in _IRIS.get(record.kind, ()):
        for path, iri in _find_values(record.value, pattern.split(".")):
            if _matches(iri, "iri") and (error := find_iri_error(iri)):
                yield make_iri_problem(record.at(*path), ".".join(map(str, path)), iri, error)
    for pattern in ("language", "object.language") if record.kind == "fact" else ("language",):
        for path, tag in _find_values(record.value, pattern.split(".")):
            yield from _language(record, path, tag)
    if record.kind == "kb":
        for path, iri in _find_values(record.value, ["prefixes", "*"]):
            yield from _reserved(record, str(path[-1]), iri)


def _find_values(value: Any, pattern: list[str], path: Trail = ()) -> Iterator[tuple[Trail, Any]]:
    """Yield the path and the value of everything that a path of keys leads to; an asterisk stands for all keys or indexes."""
    if not pattern:
        yield path, value
        return
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        if pattern[0] in ("*", key):
            yield from _find_values(inner, pattern[1:], (*path, key))


def _matches(value: object, name: str) -> bool:
    pattern: str = resources.schema("values")["$defs"][name]["pattern"]
    return isinstance(value, str) and not value.endswith("\n") and re.search(pattern, value) is not None


def _language(record: Record, path: Trail, tag: Any) -> Iterator[Problem]:
    if _matches(tag, "language") and (error := find_language_error(tag)):
        message = f"{'.'.join(map(str, path))} cannot be '{tag[:40]}': {error}."
        yield Problem(record.at(*path), "KB205", message, "Write a BCP 47 language tag, such as en or pt-BR.")


def _reserved(record: Record, prefix: str, iri: object) -> Iterator[Problem]:
    fixed = {**STANDARD, **{name: f"{record.value.get('base', '')}{path}" for name, path in _OURS.items()}}
    if prefix in fixed and isinstance(iri, str) and iri != fixed[prefix]:
        message = f"The prefix '{prefix}' always stands for {fixed[prefix]}."
        yield Problem(record.at("prefixes", prefix), "KB205", message, "Remove it, or choose another prefix.")


def _as_clause(text: str) -> str:
    """Return the message of a library for use inside a sentence."""
    text = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text.rstrip("."))
    return text[:1].lower() + text[1:200]
