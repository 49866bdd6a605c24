"""Write N-Triples and N-Quads: one statement per line, sorted, without repeats (RDF 1.1 N-Quads; canonical form)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.files.sorting import Sorter
from kb.rdf.iris import Names
from kb.rdf.quads import Quad


def triples(statements: Iterable[Quad], _names: Names) -> Iterator[str]:
    """Write N-Triples; graphs are dropped."""
    yield from _sorted(f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in statements)


def quads(statements: Iterable[Quad], _names: Names) -> Iterator[str]:
    """Write N-Quads."""
    yield from _sorted(f"{' '.join(filter(None, quad))} .\n" for quad in statements)


def _sorted(lines: Iterable[str]) -> Iterator[str]:
    sorter = Sorter()
    for line in lines:
        sorter.add(line)
    return (line.decode("utf-8") for line in sorter.sorted_lines())
