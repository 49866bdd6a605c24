"""The names of the Biolink Model: what ``schemas/biolink.json`` and ``schemas/biolink-names.json`` say of it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

from kb import resources

#: What stands before every name of the model.
PREFIX = "biolink:"
#: The class of what no narrower one is known for.
ANYTHING = "NamedThing"


class Association(NamedTuple):
    """A class of edges.

    Args:
        slots: What its edges may have, beside nothing else.
        required: What they must have, beside what all must have.
        predicates: The predicates that it takes; none named: all.
    """

    slots: frozenset[str]
    required: frozenset[str]
    predicates: frozenset[str]


@cache
def _model() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((resources.schemas() / "biolink.json").read_text(encoding="utf-8"))
    return loaded


@cache
def _names() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads((resources.schemas() / "biolink-names.json").read_text(encoding="utf-8"))
    return loaded


def version() -> str:
    """Give the version of the model that the names are of."""
    return str(_model()["version"])


@cache
def predicates() -> frozenset[str]:
    """Name every predicate."""
    return frozenset(_model()["predicates"].split())


@cache
def node_classes() -> frozenset[str]:
    """Name every class of nodes."""
    return frozenset(_model()["nodes"])


@cache
def attribute_classes() -> frozenset[str]:
    """Name the classes of nodes that are attributes, which must name their type."""
    return frozenset(_model()["attributes"].split())


@cache
def associations() -> dict[str, Association]:
    """Give every class of edges by name."""
    shared = frozenset(_model()["slots"].split())
    return {
        name: Association(
            shared | frozenset(each.get("slots", "").split()),
            frozenset(each.get("required", "").split()),
            frozenset(each.get("predicates", "").split()),
        )
        for name, each in _model()["associations"].items()
    }


def values(slot: str) -> frozenset[str]:
    """Give the words that a slot takes; none: any."""
    words: str = _model()["values"].get(slot, "")
    return frozenset(words.split(", ")) if words else frozenset()


def slot_of(qualifier: str) -> str:
    """Give the slot that says what a qualifier of ours says, or nothing."""
    return _names()["qualifiers"].get(qualifier, "")


def agent_of(evidence: str) -> str:
    """Give the type of agent that a code of the Evidence and Conclusion Ontology speaks of."""
    return _names()["agents"].get(evidence, "not_provided")


@cache
def _prefixes() -> dict[str, str]:
    return {**{name.lower(): name for name in _model()["prefixes"].split()}, **_names()["prefixes"]}


def spell(curie: str) -> str:
    """Spell a CURIE as the model does, or give nothing if the model does not know its prefix."""
    prefix, _, local = curie.partition(":")
    known = _prefixes().get(prefix.lower())
    return f"{known}:{local}" if known else ""


@cache
def rank(node_class: str) -> dict[str, int]:
    """Give the order in which the model prefers prefixes for a class of nodes."""
    return {prefix: place for place, prefix in enumerate(_model()["nodes"].get(node_class, "").split())}
