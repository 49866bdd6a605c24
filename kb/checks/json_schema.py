"""Checks a record against its JSON Schema (2020-12), and its identifiers (:mod:`kb.checks.identifiers`).

A compiled validator (jsonschema-rs) accepts valid records. Only the records that it refuses go through jsonschema, which
reports each error with its path. Both use local schemas and fetch nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from kb.checks import identifiers, schema_messages
from kb.model import Record
from kb.problems import Problem
from kb.schema import vocabulary

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

#: How many problems of one record are reported.
MOST_PER_RECORD = 100


@vocabulary.by_vocabulary
def _fast(kind: str) -> jsonschema_rs.Draft202012Validator:
    values = vocabulary.schema("values")
    registry = jsonschema_rs.Registry([(values["$id"], values)])
    return jsonschema_rs.Draft202012Validator(vocabulary.schema(kind), registry=registry, validate_formats=True)


@vocabulary.by_vocabulary
def _exact(kind: str) -> Validator:
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend
    from referencing import Registry, Resource

    values = vocabulary.schema("values")
    registry: Registry[Any] = Registry().with_resource(values["$id"], Resource.from_contents(values))
    made: type[Validator] = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    return made(vocabulary.schema(kind), registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _pattern(_: Validator, pattern: str, instance: object, __: object) -> Iterator[Any]:
    """Match as in ECMA-262, where ``$`` does not match before a final line end."""
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError("does not match")


def accepts(kind: str, value: object) -> bool:
    """Return whether a value is valid by the schema of its kind, by the compiled validator."""
    try:
        return _fast(kind).is_valid(value)
    except UnicodeEncodeError:  # a lone surrogate
        return False


def find_value_error(name: str, text: str, kind: str = "values") -> str:
    """Return what is wrong with a text by a definition or property of a schema, as a clause; empty if it is valid."""
    schema = vocabulary.schema(kind)
    definition = schema["$defs"].get(name) or schema["properties"][name]
    if len(text) > definition.get("maxLength", len(text)):
        return f"it has more than {definition['maxLength']:,} characters"
    if any(_pattern(_exact(kind), definition.get("pattern", ""), text, schema)):
        description: str = definition["description"].partition(". ")[0].rstrip(".")
        return f"expected is {description[:1].lower()}{description[1:]}"
    return ""


def check(record: Record) -> Iterator[Problem]:
    """Check a record against the schema of its kind (KB201 to KB206), and its IRIs and language tags (KB205, KB502)."""
    if not accepts(record.kind, record.value):
        errors = _exact(record.kind).iter_errors(record.value)
        problems = list(islice(schema_messages.explain_errors(record, errors), MOST_PER_RECORD))
        remedy = f"See schemas/{record.kind}.schema.json."
        yield from problems or [Problem(record.place, "KB206", "The record breaks its schema.", remedy)]
    yield from identifiers.check(record)
