"""Explains the errors of a schema validator to curators: one problem for each value or key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from kb.files.text_file import spell
from kb.model import KEY, Record
from kb.problems import Place, Problem, quote, visible
from kb.schema import vocabulary
from kb.suggestions import did_you_mean

Path = tuple[Any, ...]
Explanation = Callable[[Record, Any, Path, Place], Iterator[Problem]]


def explain_errors(record: Record, errors: Iterable[Any]) -> Iterator[Problem]:
    """Explain the errors that jsonschema finds in a record: one for each value, and every error about a key."""
    explained: set[Path] = set()
    for error in errors:
        path = subject = tuple(error.absolute_path)
        explain = _EXPLAIN.get(str(error.validator), _other)
        if "propertyNames" in error.relative_schema_path:
            subject, explain = (*path, KEY, error.instance), _key
        elif error.validator in _ABOUT_KEYS:
            subject = (*path, KEY, *error.absolute_schema_path)
        if subject not in explained:
            explained.add(subject)
            yield from explain(record, error, path, record.at(*path))


def _key(record: Record, error: Any, path: Path, _: Place) -> Iterator[Problem]:
    place = record.at(*path, error.instance, KEY)
    message = f"{_name(record, path)} cannot have the key {quote(error.instance)}."
    remedy = "Start it with a letter; then letters, digits and a few marks, 60 at most."
    if error.schema.get("title") == "language tag":
        remedy = f"Name the language: {_describe(error)}"
    yield Problem(place, "KB205", message, remedy)


def _required(record: Record, error: Any, path: Path, place: Place) -> Iterator[Problem]:
    for key in error.validator_value:
        if key not in error.instance:
            remedy = f"Add '{key}': {_describe(error, key)}"
            yield Problem(place, "KB201", f"{_name(record, path)} has no '{key}'.", remedy)


def _dependent(record: Record, error: Any, path: Path, place: Place) -> Iterator[Problem]:
    for key, needed in error.validator_value.items():
        for missing in needed:
            if key in error.instance and missing not in error.instance:
                message = f"{_name(record, path)} has '{key}' but no '{missing}'."
                yield Problem(place, "KB201", message, f"Add '{missing}', or remove '{key}'.")


def _unknown(record: Record, error: Any, path: Path, _: Place) -> Iterator[Problem]:
    known = tuple(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in known:
            message = f"{_name(record, path)} cannot have {quote(key)}."
            remedy = "Write a space after the dash." if key.startswith("-") else _nearest(key, known)
            yield Problem(record.at(*path, key, KEY), "KB202", message, remedy)


def _type(record: Record, error: Any, path: Path, place: Place) -> Iterator[Problem]:
    expected = _TYPES[error.validator_value]
    quotable = expected == "text" and isinstance(error.instance, bool | int | float)
    hint = " Put it in quotes." if quotable else _LAYOUT.get(expected, "")
    yield Problem(place, "KB203", _must_be(expected, record, error, path), f"{_describe(error)}{hint}")


def _must_be(expected: str, record: Record, error: Any, path: Path) -> str:
    if error.instance is None:
        return f"{_name(record, path)} is left empty; it must be {expected}."
    is_fraction = expected == "a whole number" and isinstance(error.instance, float)
    return f"{_name(record, path)} must be {expected}, not {'a fraction' if is_fraction else _type_of(error.instance)}."


def _one_of(record: Record, error: Any, path: Path, place: Place) -> Iterator[Problem]:
    choices = tuple(error.validator_value)
    if error.validator != "enum":
        choices = tuple(str(branch["const"]) for branch in _flatten(error.validator_value) if "const" in branch)
    if not choices:
        yield from _branches(record, error, path, place)
    elif isinstance(error.instance, str):
        message = f"{_name(record, path)} cannot be {quote(error.instance)}."
        yield Problem(place, "KB204", message, _nearest(error.instance, choices))
    else:
        yield Problem(place, "KB203", _must_be("a word", record, error, path), _choices(choices))


def _flatten(branches: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for branch in branches:
        resolved = branch
        if "$ref" in branch:
            resolved = vocabulary.schema("values")["$defs"].get(branch["$ref"].rpartition("/")[2], {})
        yield from resolved.get("oneOf", [resolved])


def _branches(record: Record, error: Any, path: Path, place: Place) -> Iterator[Problem]:
    """Explain a choice between a term and a literal, or a text and texts by language, by the one that was meant."""
    if not isinstance(error.instance, dict | str) and "x-localized" not in error.schema:
        yield Problem(place, "KB203", _must_be("a word or a literal", record, error, path), _describe(error))
        return
    meant = 1 if isinstance(error.instance, dict) else 0
    yield from explain_errors(record, (inner for inner in error.context if inner.schema_path[0] == meant))


def _pattern(record: Record, error: Any, path: Path, place: Place) -> Iterator[Problem]:
    character = _refused_character(error)
    detail = f" It holds {character}." if character else ""
    remedy, holder = _describe(error), record.value
    for part in path[:-1]:
        holder = holder[part]
    if path[-1:] == ("value",) and (datatype := holder.get("datatype")):
        remedy = f"Write it as XML Schema writes {datatype}, or choose another datatype."
    yield Problem(place, "KB205", f"{_name(record, path)} cannot be {quote(error.instance)}.{detail}", remedy)


def _refused_character(error: Any) -> str:
    """Name the first character beyond ASCII, if a pattern refuses the value only for such characters."""
    match = re.search(r"[^\x00-\x7f]", error.instance)
    if not match or error.validator != "pattern":
        return ""
    for substitute in "a1":
        if re.search(error.validator_value, re.sub(r"[^\x00-\x7f]", substitute, error.instance)):
            return spell(match.group())
    return ""


def _other(record: Record, error: Any, path: Path, place: Place) -> Iterator[Problem]:
    limit = error.validator_value
    limits = {
        "minLength": f"is shorter than {limit} characters",
        "maxLength": f"is longer than {limit} characters",
        "minItems": f"needs at least {limit} entry",
        "uniqueItems": "has the same entry twice",
        "maxItems": f"has more than {limit} entries",
        "minimum": f"is less than {limit}",
        "maximum": f"is more than {limit}",
        "minProperties": f"has fewer than {limit} keys",
        "maxProperties": f"has more than {limit} keys",
        "not": "has both a datatype and a language",
    }.get(str(error.validator), "breaks its schema")
    yield Problem(place, "KB206", f"{_name(record, path)} {limits}.", _describe(error))


_ABOUT_KEYS = ("required", "dependentRequired", "additionalProperties")
_EXPLAIN: dict[str, Explanation] = {
    "required": _required,
    "dependentRequired": _dependent,
    "additionalProperties": _unknown,
    "type": _type,
    "oneOf": _one_of,
    "anyOf": _one_of,
    "enum": _one_of,
    "pattern": _pattern,
    "format": _pattern,
}
# What is missing in the layout of YAML where a value has another type than the schema's.
_LAYOUT = {
    "a list": " Begin each item with a dash and a space.",
    "a mapping": " Write a colon and a space after each key.",
}
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


def _type_of(value: object) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array"}
    return _TYPES[names.get(type(value), "object")]


def _name(record: Record, path: Path) -> str:
    if not path:
        return f"This {_KINDS.get(record.kind, record.kind)}"
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{visible(part)}" for part in path).lstrip(".")


_KINDS = {"kb": "knowledge base", "query": "heading"}


def _describe(error: Any, key: str = "") -> str:
    schema = error.schema.get("properties", {}).get(key, {}) if key else error.schema
    examples = schema.get("examples", ())
    example = f" For example: {examples[0].rstrip('.')}." if examples and isinstance(examples[0], str) else ""
    return f"{schema.get('description', 'See the schema.')}{example}"


@vocabulary.by_vocabulary
def _nearest(word: str, known: tuple[str, ...]) -> str:
    """Suggest the value that texts express by a word, or else the one that is spelled like it; or name all."""
    values = [value for value in known if word.lower().replace("-", " ") in _words_by_value().get(value, ())]
    if values:
        return f"Texts say '{word}' for {' or '.join(repr(value) for value in values)}."
    return did_you_mean(word, known, _choices(known))


@vocabulary.by_vocabulary
def _words_by_value() -> dict[str, set[str]]:
    """Return the cue words of each value of the controlled lists."""
    entries = (entry for node in vocabulary.schema("values")["$defs"].values() for entry in node.get("oneOf", ()))
    return {entry["const"]: {*chain(*entry["x-cues"].values())} for entry in entries if "x-cues" in entry}


def _choices(known: Iterable[str]) -> str:
    return f"It can be: {', '.join(known)}."
