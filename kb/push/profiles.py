"""The table of stores: the addresses for graphs and queries, the formats, and the peculiarities of each.

``kb push``, the documentation and the tests read it. Its rows are in ``profiles.toml``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal, NamedTuple

#: How a client authenticates.
Scheme = Literal["none", "basic", "digest", "token"]


class GraphAddressing(NamedTuple):
    """The operations on graphs, each as method and address."""

    add: str  # adds to a graph
    remove: str  # removes a graph
    replace: str = ""  # replaces a graph as a whole; empty if the store cannot do that in one request
    read: str = ""  # returns a graph; empty if a query has to


class Profile(NamedTuple):
    """How to address a store. Addresses are appended to the one that the user gives; ``{graph}`` stands for the graph's IRI."""

    name: str  # the name for ``--profile``
    title: str
    address: str  # an example of what the user gives
    graphs: GraphAddressing
    query: str | None = None  # where SPARQL queries are sent by GET; None if that is not known
    update: str = ""  # where SPARQL updates are sent; empty if that is not known
    union: str = ""  # what makes the union of all graphs the default graph; empty if it always is
    media_type: str = "application/n-triples"  # the media type under which N-Triples are sent (they are Turtle, too)
    scheme: Scheme = "basic"  # how the store authenticates users, unless the user chooses otherwise
    gzip: bool = False  # whether it accepts compressed bodies
    part: int = 100 << 20  # how many bytes of a graph one request may contain
    source: str = "documentation"  # how this is known: ``tested``, or from the documentation of the store
    note: str = ""


def _protocol(path: str) -> GraphAddressing:
    """Return the operations of the SPARQL 1.1 Graph Store HTTP Protocol, section 5, at a path."""
    return GraphAddressing(*(f"{method} {path}?graph={{graph}}" for method in ("POST", "DELETE", "PUT", "GET")))


def _load() -> dict[str, Profile]:
    tables: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    for table in tables.values():
        graphs = table["graphs"]
        table["graphs"] = _protocol(graphs) if isinstance(graphs, str) else GraphAddressing(**graphs)
    return {name: Profile(name, **table) for name, table in tables.items()}


PROFILES = _load()
