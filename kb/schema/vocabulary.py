"""The vocabulary of facts: qualifiers, controlled lists, kinds; and open licences.

The JSON Schemas define it; the ontology, the shapes and this module are derived from them.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from kb import resources

#: The version of the rules by which quotes are compared and facts are compared with sentences (docs/quotes.md,
#: docs/verification.md); it changes when a verdict could.
RULES = 3

#: Licences under which a text ships with the records: SPDX identifier to IRI.
OPEN_LICENCES = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    **{
        f"CC-{name}-{version}": f"https://creativecommons.org/licenses/{name.lower()}/{version}/"
        for name in ("BY", "BY-SA")
        for version in ("2.0", "2.5", "3.0", "4.0")
    },
}


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
        kinds: The kinds of terms that it allows; none if its values are no terms.
        restricts: Whether it restricts the claim, so that the bare triple would say more.
        units: The units that its quantities are compared in; none: any. Nothing if its values are no quantities.
    """

    name: str
    definition: str
    listed: bool
    kinds: tuple[str, ...]
    restricts: bool
    units: tuple[str, ...] | None = None


#: The standings of documents and the status of facts under which no plain triple is written.
VOID = frozenset(("retracted", "withdrawn", "deprecated"))


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
    names = "modality polarity frequency severity seriousness course degree listing temporal standing dispute reason"
    return (*names.split(), "availability", "verdict", "fact-status", "review-verdict")


@cache
def qualifiers() -> dict[str, Qualifier]:
    """Return the qualifiers of ``fact.schema.json``, by name, in order."""
    names: list[str] = resources.schema("values")["$defs"]["qualifier"]["enum"]
    properties: dict[str, dict[str, Any]] = resources.schema("fact")["properties"]
    return {
        name: Qualifier(
            name,
            properties[name]["description"],
            name in controlled_lists(),
            tuple(properties[name].get("x-kinds", ())) or tuple(values("kind")) * ("x-kinds" in properties[name]),
            bool(properties[name].get("x-restricts")),
            tuple(properties[name]["x-units"]) if "x-units" in properties[name] else None,
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
