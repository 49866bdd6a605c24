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
from kb.model import Record
from kb.problems import Place, Problem
from kb.rdf.iris import STANDARD

# Nearly all IRIs match this pattern, so that pyoxigraph need not be imported.
_PLAIN = re.compile(r"https?://[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*(/[A-Za-z0-9_:-]+([.][A-Za-z0-9_:-]+)*)*/?(#[A-Za-z0-9_]*)?")
_DOT_SEGMENT = re.compile(r"^[^?#]*/[.]{1,2}([/?#]|$)")
_NO_HOST = re.compile(r"https?:(//([/?#:]|$)|(?!//))", re.IGNORECASE)
_UNSAFE = re.compile(r"(?:javascript|vbscript|data|file|blob|about|filesystem|view-source):", re.IGNORECASE)
_PLAIN_TAG = re.compile("[A-Za-z]{2,3}(-[A-Za-z]{2})?")

_IRIS = {
    "kb": ("base", "license", "homepage", "download", "repository", "endpoint", "accrual", "publisher.url", "contact.url"),
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
    if parts.scheme not in {"http", "https"} or not parts.hostname or not _matches(url, "iri"):
        return "it is not an http:// or https:// URL without blanks and quotes"
    if "@" in parts.netloc:
        return "it holds a user name or a password"
    return find_iri_error(url)


def make_iri_problem(place: Place, name: str, iri: str, error: str) -> Problem:
    """Return the problem of an IRI (KB502) that is the value of a key or CURIE, with what :func:`find_iri_error` says of it."""
    excerpt = iri if len(iri) <= 100 else f"{iri[:100]}…"
    message = f"{name} is not a valid IRI: '{excerpt}': {error}."
    return Problem(place, "KB502", message, "Write an IRI by RFC 3987; percent-encode the characters that it may not hold.")


def check(record: Record) -> Iterator[Problem]:
    """Check the IRIs (KB502), language tags and prefixes (KB205) of a record.

    A value that the record's schema refuses is skipped, since the schema reports it.
    """
    if not isinstance(record.value, dict):
        return
    for path in _IRIS.get(record.kind, ()):
        yield from _iri(record, *path.split("."))
    yield from _language(record, record.value, "language")
    obj = record.value.get("object")
    if record.kind == "fact" and isinstance(obj, dict):
        yield from _language(record, obj, "object", "language")
    if record.kind == "kb":
        for key in ("themes", "spatial"):
            values = record.value.get(key)
            for index in range(len(values) if isinstance(values, list) else 0):
                yield from _iri(record, key, index)
        prefixes = record.value.get("prefixes")
        if isinstance(prefixes, dict):
            for prefix in prefixes:
                yield from _iri(record, "prefixes", prefix)
            yield from _reserved(record, prefixes)


def _iri(record: Record, *path: str | int) -> Iterator[Problem]:
    value: Any = record.value
    for key in path:
        if isinstance(key, str) and not isinstance(value, dict):
            return
        value = value.get(key) if isinstance(key, str) else value[key]
    if _matches(value, "iri") and (error := find_iri_error(value)):
        yield make_iri_problem(record.at(*path), ".".join(map(str, path)), value, error)


def _matches(value: object, name: str) -> bool:
    pattern: str = resources.schema("values")["$defs"][name]["pattern"]
    return isinstance(value, str) and not value.endswith("\n") and re.search(pattern, value) is not None


def _language(record: Record, mapping: dict[str, Any], *path: str) -> Iterator[Problem]:
    tag: Any = mapping.get("language")
    if not _matches(tag, "language") or _PLAIN_TAG.fullmatch(tag):
        return
    from pyoxigraph import Literal

    try:
        Literal("", language=tag)
    except ValueError as error:
        message = f"{'.'.join(path)} cannot be '{tag[:40]}': {_as_clause(str(error))}."
        yield Problem(record.at(*path), "KB205", message, "Write a BCP 47 language tag, such as en or pt-BR.")


def _reserved(record: Record, prefixes: dict[str, Any]) -> Iterator[Problem]:
    fixed = {**STANDARD, **{name: f"{record.value.get('base', '')}{path}" for name, path in _OURS.items()}}
    for prefix, iri in prefixes.items():
        if prefix in fixed and isinstance(iri, str) and iri != fixed[prefix]:
            message = f"The prefix '{prefix}' always stands for {fixed[prefix]}."
            yield Problem(record.at("prefixes", prefix), "KB205", message, "Remove it, or choose another prefix.")


def _as_clause(text: str) -> str:
    """Return the message of a library for use inside a sentence."""
    text = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text.rstrip("."))
    return text[:1].lower() + text[1:200]
