"""The names of the Biolink Model, from ``schemas/biolink.json`` and ``schemas/biolink-names.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from kb import resources
from kb.schema import vocabulary

#: The prefix of the names of the model.
PREFIX = "biolink:"
#: The class of a node without a narrower one.
ANYTHING = "NamedThing"


class Association(NamedTuple):
    """A class of edges.

    Args:
        slots: The slots that its edges may have.
        required: The slots that they must have, in addition to those that all edges must have.
        predicates: The predicates that it allows; if empty, all.
        ends: The classes that the nodes at its ends are of; an empty one allows all.
    """

    slots: frozenset[str]
    required: frozenset[str]
    predicates: frozenset[str]
    ends: tuple[str, str]

    def takes(self, *classes: str) -> bool:
        """Return whether nodes of two classes can be at its ends."""
        kinds = zip(self.ends, classes, strict=True)
        return all(not end or end in {name, *model().ancestors.get(name, ())} for end, name in kinds)


class BiolinkModel(NamedTuple):
    """A version of the model.

    Args:
        version: The version.
        predicates: All predicates.
        nodes: All node classes, with the rank of each prefix that the model prefers for them.
        ancestors: The classes above each node class, mixins included.
        attributes: The node classes that are attributes, which must state their type.
        associations: All classes of edges, by name.
        values: The allowed values of slots; a slot that is not listed allows all.
        prefixes: The spelling of prefixes, by prefix in lower case.
        slots: The slots that correspond to our qualifiers.
        agents: The agent types for codes of the Evidence and Conclusion Ontology.
        inferences: The codes of evidence that is not what a source states, but what somebody infers.
    """

    version: str
    predicates: frozenset[str]
    nodes: Mapping[str, Mapping[str, int]]
    ancestors: Mapping[str, frozenset[str]]
    attributes: frozenset[str]
    associations: Mapping[str, Association]
    values: Mapping[str, frozenset[str]]
    prefixes: Mapping[str, str]
    slots: Mapping[str, str]
    agents: Mapping[str, str]
    inferences: frozenset[str]


@cache
def model() -> BiolinkModel:
    """Return the model."""
    entries, names = (json.loads((resources.schemas() / f"{name}.json").read_bytes()) for name in ("biolink", "biolink-names"))

    def split(words: str) -> frozenset[str]:
        return frozenset(words.split())

    shared = split(entries["slots"])
    return BiolinkModel(
        version=entries["version"],
        predicates=split(entries["predicates"]),
        nodes={name: {prefix: rank for rank, prefix in enumerate(words.split())} for name, words in entries["nodes"].items()},
        ancestors={name: split(words) for name, words in entries["ancestors"].items()},
        attributes=split(entries["attributes"]),
        associations={
            name: Association(
                shared | split(entry.get("slots", "")),
                split(entry.get("required", "")),
                split(entry.get("predicates", "")),
                (entry.get("subject", ""), entry.get("object", "")),
            )
            for name, entry in entries["associations"].items()
        },
        values={slot: frozenset(words.split(", ")) for slot, words in entries["values"].items()},
        prefixes={**{name.lower(): name for name in entries["prefixes"].split()}, **names["prefixes"]},
        slots=names["qualifiers"],
        agents=names["agents"],
        inferences=split(names["inferences"]),
    )


def spell(curie: str) -> str:
    """Return a CURIE with the prefix as the model spells it, or nothing if the model lacks the prefix."""
    prefix, _, local = curie.partition(":")
    known = model().prefixes.get(prefix.lower())
    return f"{known}:{local}" if known else ""


@vocabulary.by_vocabulary
def class_of_kind(kind: str) -> str:
    """Return the class that ``values.schema.json`` matches to a kind of term: the exact, else the close, else the broader one."""
    own = vocabulary.values("kind")[kind]
    links = own.links
    matches = [curie for match in ("exactMatch", "closeMatch", "broadMatch") for curie in links.get(match, ())]
    classes = [curie.removeprefix(PREFIX) for curie in matches if curie.startswith(PREFIX)]
    above = class_of_kind(own.superclass) if own.superclass else ANYTHING
    return next((name for name in classes if name in model().nodes), above)
