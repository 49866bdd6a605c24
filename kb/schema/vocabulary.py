"""The vocabulary of facts: qualifiers, controlled lists, kinds.

The JSON Schemas define it; the ontology, the shapes and this module are derived from them.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from kb import resources

#: The version of the rules by which quotes are compared and facts are compared with sentences (docs/quotes.md,
#: docs/verification.md); it changes when a verdict could.
RULES = 1


class Value(NamedTuple):
    """An entry of a controlled list: the word in records, its label and definition.

    ``links`` has terms of other vocabularies by SKOS relation, such as ``{"exactMatch": ["HP:0012825"]}``.
    """

    name: str
    label: str
    definition: str
    links: dict[str, list[str]]


class Qualifier(NamedTuple):
    """A qualifier that facts may carry, by its key in a record.

    Args:
        listed: Whether its values come from the controlled list with its name.
        kinds: The kinds of terms that it allows, if its values are terms.
        restricts: Whether it restricts the claim, so that the bare triple would say more.
    """

    name: str
    definition: str
    listed: bool
    kinds: tuple[str, ...]
    restricts: bool


@cache
def values(name: str) -> dict[str, Value]:
    """Return a controlled list of ``values.schema.json``: word to entry, in order."""
    entries: list[dict[str, Any]] = resources.schema("values")["$defs"][name]["oneOf"]
    return {
        entry["const"]: Value(entry["const"], entry["title"], entry["description"], entry.get("x-links", {})) for entry in entries
    }


@cache
def controlled_lists() -> tuple[str, ...]:
    """Return the names of the controlled lists whose values are concepts of the ontology."""
    names = "modality polarity frequency severity seriousness course degree listing reason availability verdict"
    return tuple(names.split())


@cache
def qualifiers() -> dict[str, Qualifier]:
    """Return the qualifiers of ``fact.schema.json``, by name, in order."""
    names: list[str] = resources.schema("values")["$defs"]["qualifier"]["enum"]
    properties: dict[str, dict[str, Any]] = resources.schema("fact")["properties"]
    return {
        name: Qualifier(
            name,
            properties[name]["description"],
            "x-kinds" not in properties[name],
            tuple(properties[name].get("x-kinds", ())),
            bool(properties[name].get("x-restricts")),
        )
        for name in names
    }


@cache
def restricting_qualifiers() -> tuple[str, ...]:
    """Return the names of the qualifiers that are part of the identity of a fact, in the order of its IRI."""
    return tuple(qualifier.name for qualifier in qualifiers().values() if qualifier.restricts)


def class_name(kind: str) -> str:
    """Return the ontology class of a kind of term: ``DrugClass`` for ``drug-class``."""
    return "".join(part.capitalize() for part in kind.split("-"))
