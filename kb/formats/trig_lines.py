"""Write TriG with one nanopublication per line, for tools that count, split or send lines.

Each line is a TriG document without prefixes, and so is the whole file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from kb.rdf.iris import Names
from kb.rdf.quads import Quad


def quads(statements: Iterable[Quad], _names: Names) -> Iterator[str]:
    """Write statements; graphs whose names differ only after a '#' are on one line."""
    ordered = sorted({(quad.graph, *quad[:3]) for quad in statements})
    for _, members in groupby(ordered, lambda row: row[0].partition("#")[0]):
        graphs = groupby(members, lambda row: row[0])
        yield " ".join(f"{graph} {{ {' '.join(f'{s} {p} {o} .' for _, s, p, o in inside)} }}" for graph, inside in graphs) + "\n"
