"""A record against its JSON Schema (2020-12).

A compiled validator (jsonschema-rs) accepts what is good; only what it refuses goes through jsonschema,
which tells what is wrong and where. Both see local schemas only: nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from kb import resources
from kb.model import Record
from kb.problems import Place, Problem

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

#: How many problems of one record are told.
MOST_PER_RECORD = 100


@cache
def _fast(kind: str) -> jsonschema_rs.Draft202012Validator:
    values = resources.schema("values")
    registry = jsonschema_rs.Registry([(values["$id"], values)])
    return jsonschema_rs.Draft202012Validator(resources.schema(kind), registry=registry, validate_formats=True)


@cache
def _exact(kind: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only for records that are refused
    from referencing import Registry, Resource  # noqa: PLC0415 - as above

    values = resources.schema("values")
    registry: Registry[Any] = Registry().with_resource(values["$id"], Resource.from_contents(values))
    checker = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(resources.schema(kind), registry=registry, format_checker=checker)


def accepts(kind: str, value: object) -> bool:
    """Tell whether a value keeps the schema of its kind, as the compiled validator sees it."""
    return _fast(kind).is_valid(value)


def check(record: Record) -> Iterator[Problem]:
    """Hold a record against the schema of its kind (KB201 to KB206)."""
    if accepts(record.kind, record.value):
        return
    told = 0
    for error in _exact(record.kind).iter_errors(record.value):
        for problem in _explain(record, error):
            yield problem
            told += 1
            if told >= MOST_PER_RECORD:
                return
    if not told:
        yield Problem(record.place, "KB206", "The record breaks its schema.", f"See schemas/{record.kind}.schema.json.")


def _explain(record: Record, error: ValidationError) -> Iterator[Problem]:
    path = tuple(error.absolute_path)
    place = record.at(*path)
    rule = _EXPLAIN.get(str(error.validator), _other)
    yield from rule(record, error, path, place)


def _required(record: Record, error: Any, path: tuple[Any, ...], place: Place) -> Iterator[Problem]:
    missing = next(key for key in error.validator_value if key not in error.instance and f"'{key}'" in error.message)
    yield Problem(place, "KB201", f"{_name(record, path)} has no '{missing}'.", f"Add '{missing}': {_describe(error, missing)}")


def _dependent(record: Record, error: Any, path: tuple[Any, ...], place: Place) -> Iterator[Problem]:
    for key, needed in error.validator_value.items():
        for missing in needed if key in error.instance else ():
            if missing not in error.instance and f"'{missing}'" in error.message:
                yield Problem(
                    place,
                    "KB201",
                    f"{_name(record, path)} has '{key}' but no '{missing}'.",
                    f"Add '{missing}', or remove '{key}'.",
                )


def _unknown(record: Record, error: Any, path: tuple[Any, ...], place: Place) -> Iterator[Problem]:
    known = list(error.schema.get("properties", {}))
    for key in error.instance:
        if key not in known:
            yield Problem(
                record.at(*path, key), "KB202", f"{_name(record, path)} cannot have '{_short(key)}'.", _nearest(key, known)
            )


def _type(record: Record, error: Any, path: tuple[Any, ...], place: Place) -> Iterator[Problem]:
    wanted, found = _TYPES[error.validator_value], _type_of(error.instance)
    hint = " Put it in quotes." if wanted == "text" and found in {"a number", "true or false"} else ""
    yield Problem(place, "KB203", f"{_name(record, path)} must be {wanted}, not {found}.", f"{_describe(error)}{hint}")


def _one_of(record: Record, error: Any, path: tuple[Any, ...], place: Place) -> Iterator[Problem]:
    choices = [str(each["const"]) for each in _flatten(error.validator_value) if "const" in each]
    if not choices:
        yield from _branches(record, error, path, place)
    elif not isinstance(error.instance, str):
        yield Problem(place, "KB203", f"{_name(record, path)} must be a word, not {_type_of(error.instance)}.", _choices(choices))
    else:
        message = f"{_name(record, path)} cannot be '{_short(error.instance)}'."
        yield Problem(place, "KB204", message, _nearest(error.instance, choices))


def _flatten(branches: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for branch in branches:
        resolved = branch
        if "$ref" in branch:
            resolved = resources.schema("values")["$defs"].get(branch["$ref"].rpartition("/")[2], {})
        yield from resolved.get("oneOf", [resolved])


def _branches(record: Record, error: Any, path: tuple[Any, ...], place: Place) -> Iterator[Problem]:
    """Explain a choice between shapes (a term or a literal) by the shape that was meant."""
    is_mapping = isinstance(error.instance, dict)
    meant = [each for each in error.context if (len(each.schema_path) and each.schema_path[0] == (1 if is_mapping else 0))]
    if not isinstance(error.instance, dict | str) or not meant:
        yield Problem(
            place,
            "KB203",
            f"{_name(record, path)} must be a word or a literal, not {_type_of(error.instance)}.",
            _describe(error),
        )
        return
    for each in meant:
        yield from _explain(record, each)


def _enum(record: Record, error: Any, path: tuple[Any, ...], place: Place) -> Iterator[Problem]:
    choices = [str(each) for each in error.validator_value]
    yield Problem(
        place, "KB204", f"{_name(record, path)} cannot be '{_short(error.instance)}'.", _nearest(str(error.instance), choices)
    )


def _pattern(record: Record, error: Any, path: tuple[Any, ...], place: Place) -> Iterator[Problem]:
    odd = next((each for each in str(error.instance) if not each.isascii()), "")
    seen = (
        f" It holds U+{ord(odd):04X}, which is not an ASCII letter." if odd and error.schema.get("title") == "identifier" else ""
    )
    yield Problem(place, "KB205", f"{_name(record, path)} cannot be '{_short(error.instance)}'.{seen}", _describe(error))


def _other(record: Record, error: Any, path: tuple[Any, ...], place: Place) -> Iterator[Problem]:
    limit = error.validator_value
    words = {
        "minLength": f"is shorter than {limit} characters",
        "maxLength": f"is longer than {limit} characters",
        "minItems": f"has fewer than {limit} entries",
        "maxItems": f"has more than {limit} entries",
        "minimum": f"is less than {limit}",
        "maximum": f"is more than {limit}",
        "maxProperties": f"has more than {limit} keys",
        "not": "has a datatype and a language",
    }.get(str(error.validator), "breaks its schema")
    yield Problem(place, "KB206", f"{_name(record, path)} {words}.", _describe(error))


_EXPLAIN = {
    "required": _required,
    "dependentRequired": _dependent,
    "additionalProperties": _unknown,
    "type": _type,
    "oneOf": _one_of,
    "anyOf": _one_of,
    "enum": _enum,
    "const": _enum,
    "pattern": _pattern,
    "format": _pattern,
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
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if value is None:
        return "empty"
    return {str: "text", list: "a list", dict: "a mapping"}[type(value)]


def _name(record: Record, path: tuple[Any, ...]) -> str:
    if not path:
        return f"This {record.kind}"
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _describe(error: Any, key: str = "") -> str:
    schema = error.schema.get("properties", {}).get(key, {}) if key else error.schema
    if "description" not in schema and "$ref" in schema:
        schema = resources.schema("values")["$defs"].get(schema["$ref"].rpartition("/")[2], {})
    examples = schema.get("examples", ())
    example = f" For example: {examples[0]}." if examples and isinstance(examples[0], str) else ""
    return f"{schema.get('description', 'See the schema.')}{example}"


def _nearest(word: object, known: list[str]) -> str:
    near = get_close_matches(str(word)[:100], known, n=1)
    return f"Did you mean '{near[0]}'?" if near else _choices(known)


def _choices(known: list[str]) -> str:
    return f"It can be: {', '.join(known)}."


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
