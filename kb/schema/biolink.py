"""The names of the Biolink Model, from ``schemas/biolink.json`` and ``schemas/biolink-names.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from kb import resources

#: The prefix of the names of the model.
PREFIX = "biolink:"
#: The class of a node without a narrower one.
ANYTHING = "NamedThing"


@dataclass(frozen=True, slots=True)
class Association:
    """A class of edges.

    Args:
        slots: The slots that its edges may have.
        required: The slots that they must have, in addition to those that all edges must have.
        predicates: The predicates that it allows; if empty, all.
    """

    slots: frozenset[str]
    required: frozenset[str]
    predicates: frozenset[str]


@cache
def _load(name: str) -> Any:
    return json.loads((resources.schemas() / name).read_bytes())


_model, _names = partial(_load, "biolink.json"), partial(_load, "biolink-names.json")


def version() -> str:
    """Return the version of the model."""
    return str(_model()["version"])


@cache
def predicates() -> frozenset[str]:
    """Return the names of all predicates."""
    return frozenset(_model()["predicates"].split())


@cache
def node_classes() -> frozenset[str]:
    """Return the names of all node classes."""
    return frozenset(_model()["nodes"])


@cache
def attribute_classes() -> frozenset[str]:
    """Return the names of the node classes that are attributes, which must state their type."""
    return frozenset(_model()["attributes"].split())


@cache
def associations() -> dict[str, Association]:
    """Return all classes of edges, by name."""
    shared = frozenset(_model()["slots"].split())
    return {
        name: Association(
            shared | frozenset(entry.get("slots", "").split()),
            frozenset(entry.get("required", "").split()),
            frozenset(entry.get("predicates", "").split()),
        )
        for name, entry in _model()["associations"].items()
    }


def values(slot: str) -> frozenset[str]:
    """Return the allowed values of a slot; if empty, all."""
    words: str = _model()["values"].get(slot, "")
    return frozenset(words.split(", ")) if words else frozenset()


def slot_of(qualifier: str) -> str:
    """Return the slot that corresponds to one of our qualifiers, or nothing."""
    return str(_names()["qualifiers"].get(qualifier, ""))


def agent_of(evidence: str) -> str:
    """Return the agent type for a code of the Evidence and Conclusion Ontology."""
    return str(_names()["agents"].get(evidence, "not_provided"))


@cache
def _prefixes() -> dict[str, str]:
    return {**{name.lower(): name for name in _model()["prefixes"].split()}, **_names()["prefixes"]}


def spell(curie: str) -> str:
    """Return a CURIE with the prefix as the model spells it, or nothing if the model lacks the prefix."""
    prefix, _, local = curie.partition(":")
    known = _prefixes().get(prefix.lower())
    return f"{known}:{local}" if known else ""


@cache
def rank(node_class: str) -> dict[str, int]:
    """Return the rank of each prefix that the model prefers for a node class."""
    return {prefix: place for place, prefix in enumerate(_model()["nodes"].get(node_class, "").split())}
