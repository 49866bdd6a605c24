"""IRIs and language tags that every reader of the exports takes.

The patterns of the schemas keep out most of what would break a file. Whether a text is an IRI (RFC 3987) and a tag is
well-formed (RFC 5646) is then asked of pyoxigraph, the strictest of the readers that exports are made for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kb import resources
from kb.model import Record
from kb.problems import Place, Problem
from kb.rdf.iris import STANDARD

# An IRI that needs no second look: nearly all do not, and the check then needs nothing to be imported.
_PLAIN = re.compile(r"https?://[A-Za-z0-9-]+([.][A-Za-z0-9-]+)*(/[A-Za-z0-9_:-]+([.][A-Za-z0-9_:-]+)*)*/?(#[A-Za-z0-9_]*)?")
_DOT_SEGMENT = re.compile(r"^[^?#]*/[.]{1,2}([/?#]|$)")
_NO_HOST = re.compile(r"https?:(//([/?#:]|$)|(?!//))", re.IGNORECASE)
_PLAIN_TAG = re.compile("[A-Za-z]{2,3}(-[A-Za-z]{2})?")

_IRIS = {
    "kb": ("base", "license", "homepage", "download", "repository", "endpoint", "accrual"),
    "document": ("license", "source"),
}
_OURS = {"term": "term/", "pred": "predicate/"}


def flaw(iri: str) -> str:
    """Tell what is wrong with an absolute IRI, or give nothing if it is valid and stays the same when it is resolved."""
    if _PLAIN.fullmatch(iri):
        return ""
    if _DOT_SEGMENT.search(iri):
        return "readers would resolve its dot segments"
    if _NO_HOST.match(iri):
        return "it has no host"
    from pyoxigraph import NamedNode

    try:
        NamedNode(iri)
    except ValueError as error:
        return _lower(str(error))
    return ""


def problem(place: Place, name: str, iri: str, what: str) -> Problem:
    """Say that an IRI is not valid (KB502)."""
    shown = iri if len(iri) <= 100 else f"{iri[:100]}…"
    message = f"{name} is not a valid IRI: '{shown}': {what}."
    return Problem(place, "KB502", message, "Write it as RFC 3987 has it; percent-encode what may not stand in it.")


def check(record: Record) -> Iterator[Problem]:
    """Check the IRIs (KB502), language tags and prefixes (KB205) of a record.

    What the record's schema refuses is passed over: it is told there.
    """
    if not isinstance(record.value, dict):
        return
    for key in _IRIS.get(record.kind, ()):
        yield from _iri(record, key)
    yield from _language(record, record.value, "language")
    obj = record.value.get("object")
    if record.kind == "fact" and isinstance(obj, dict):
        yield from _language(record, obj, "object", "language")
    for path in (("themes",), ("spatial",), ("publisher", "url"), ("contact", "url")) if record.kind == "kb" else ():
        yield from _deeper(record, *path)
    prefixes = record.value.get("prefixes")
    if record.kind == "kb" and isinstance(prefixes, dict):
        for prefix in prefixes:
            yield from _iri(record, "prefixes", prefix)
        yield from _reserved(record, prefixes)


def _iri(record: Record, *path: str) -> Iterator[Problem]:
    value: Any = record.value
    for key in path:
        value = value.get(key)
    if _keeps_schema(value, "iri") and (what := flaw(value)):
        yield problem(record.at(*path), ".".join(path), value, what)


def _deeper(record: Record, key: str, inner: str = "") -> Iterator[Problem]:
    """Check the IRIs of a list, or one inside a mapping."""
    value = record.value.get(key)
    places: list[tuple[str | int, Any]] = [(index, each) for index, each in enumerate(value)] if isinstance(value, list) else []
    places += [(inner, value[inner])] if isinstance(value, dict) and inner in value else []
    for place, iri in places:
        if _keeps_schema(iri, "iri") and (what := flaw(iri)):
            yield problem(record.at(key, place), f"{key}.{place}", iri, what)


def _keeps_schema(value: object, name: str) -> bool:
    pattern: str = resources.schema("values")["$defs"][name]["pattern"]
    return isinstance(value, str) and not value.endswith("\n") and re.search(pattern, value) is not None


def _language(record: Record, holder: dict[str, Any], *path: str) -> Iterator[Problem]:
    tag: Any = holder.get("language")
    if not _keeps_schema(tag, "language") or _PLAIN_TAG.fullmatch(tag):
        return
    from pyoxigraph import Literal

    try:
        Literal("", language=tag)
    except ValueError as error:
        message = f"{'.'.join(path)} cannot be '{tag[:40]}': {_lower(str(error))}."
        yield Problem(record.at(*path), "KB205", message, "Write a BCP 47 language tag, such as en or pt-BR.")


def _reserved(record: Record, prefixes: dict[str, Any]) -> Iterator[Problem]:
    fixed = {**STANDARD, **{name: f"{record.value.get('base', '')}{path}" for name, path in _OURS.items()}}
    for prefix, iri in prefixes.items():
        if prefix in fixed and isinstance(iri, str) and iri != fixed[prefix]:
            message = f"The prefix '{prefix}' always stands for {fixed[prefix]}."
            yield Problem(record.at("prefixes", prefix), "KB205", message, "Remove it, or choose another prefix.")


def _lower(text: str) -> str:
    text = "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text.rstrip("."))
    return text[:1].lower() + text[1:200]
