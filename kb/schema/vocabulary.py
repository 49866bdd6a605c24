"""What the schemas say about the vocabulary: qualifiers, controlled lists, kinds.

The JSON Schemas are the one source; the ontology, the shapes and this module are read from them.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from kb import resources

#: The version of the rules by which quotes are compared and facts are held against sentences (docs/quotes.md,
#: docs/verification.md); it changes when a verdict could.
RULES = 1


class Value(NamedTuple):
    """One entry of a controlled list.

    Args:
        name: The word that records use, such as ``self-limiting``.
        label: The label, such as ``self limiting``.
        definition: What it means.
        links: Outside terms by SKOS relation, such as ``{"exactMatch": ["HP:0012825"]}``.
    """

    name: str
    label: str
    definition: str
    links: dict[str, list[str]]


class Qualifier(NamedTuple):
    """A qualifier that facts may carry.

    Args:
        name: The key in a record.
        definition: What it says.
        listed: Whether its values come from a controlled list of the same name.
        kinds: The kinds of term that it takes, if its values are terms.
        restricts: Whether it is part of the claim, so that the bare triple would claim more.
    """

    name: str
    definition: str
    listed: bool
    kinds: tuple[str, ...]
    restricts: bool


@cache
def values(name: str) -> dict[str, Value]:
    """Give a controlled list of ``values.schema.json`` by name, in its order."""
    entries: list[dict[str, Any]] = resources.schema("values")["$defs"][name]["oneOf"]
    return {
        entry["const"]: Value(entry["const"], entry["title"], entry["description"], entry.get("x-links", {})) for entry in entries
    }


@cache
def listed() -> tuple[str, ...]:
    """Name the controlled lists whose values are concepts of the ontology."""
    return (
        "modality",
        "polarity",
        "frequency",
        "severity",
        "seriousness",
        "course",
        "degree",
        "listing",
        "reason",
        "availability",
        "verdict",
    )


@cache
def qualifiers() -> dict[str, Qualifier]:
    """Give every qualifier that ``fact.schema.json`` allows, in its order."""
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
def restricting() -> tuple[str, ...]:
    """Name the qualifiers that are part of a fact's identity, in the order in which its IRI spells them."""
    return tuple(qualifier.name for qualifier in qualifiers().values() if qualifier.restricts)


def class_name(kind: str) -> str:
    """Give the ontology class of a kind: ``drug-class`` is ``DrugClass``."""
    return "".join(part.capitalize() for part in kind.split("-"))
