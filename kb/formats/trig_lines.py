"""TriG with all graphs of a nanopublication on one line: for bulk, where a line is cut off, counted or sent elsewhere.

Each line is TriG of its own, without prefixes; so are all of them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from kb.rdf.iris import Names
from kb.rdf.quads import Quad


def quads(statements: Iterable[Quad], _names: Names) -> Iterator[str]:
    """Write statements; graphs whose names differ after a '#' alone are of one line."""
    ordered = sorted({(each.graph, *each[:3]) for each in statements})
    for _, members in groupby(ordered, lambda each: each[0].partition("#")[0]):
        graphs = groupby(members, lambda each: each[0])
        yield " ".join(f"{graph} {{ {' '.join(f'{s} {p} {o} .' for _, s, p, o in inside)} }}" for graph, inside in graphs) + "\n"
