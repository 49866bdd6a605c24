"""Sort statements into the order that people read best: by subject, its types and labels first.

Statements are sorted on disk if they do not fit into memory, and returned as nested iterators, so that not even the
statements about one subject have to fit into memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from kb.files.sorting import Sorter
from kb.rdf.iris import DCTERMS, KB, RDF, RDFS, SKOS
from kb.rdf.quads import Quad

#: The predicate of types.
TYPE = f"<{RDF}type>"

_READ_FIRST = (
    *(RDF + name for name in ("type", "subject", "predicate", "object", "reifies")),
    *(f"{SKOS}prefLabel", f"{RDFS}label", f"{DCTERMS}title", f"{DCTERMS}identifier", f"{KB}modality"),
)
_FIRST = {f"<{iri}>": chr(ord("a") + rank) for rank, iri in enumerate(_READ_FIRST)}

#: A subject with its predicates, and these with their objects, all sorted. Each iterator must be read before the next one.
Grouped = tuple[str, Iterator[tuple[str, Iterator[str]]]]

# No term contains it, since canonical literals escape it. It sorts before every character of a term.
_BETWEEN = "\0"
_Row = list[str]


def group_by_subject(statements: Iterable[Quad]) -> Iterator[Grouped]:
    """Group statements by subject, without repeats; graphs are dropped.

    Subjects are in the order of their IRIs, so that an IRI is followed by those below it.
    """
    return _subjects(_sorted((statement[0], statement[1], statement[2], "") for statement in statements))


def group_by_graph(statements: Iterable[Quad]) -> Iterator[tuple[str, Iterator[Grouped]]]:
    """Group statements by graph, in the order of their IRIs, then as :func:`group_by_subject`."""
    for graph, members in groupby(_sorted(statements), itemgetter(0)):
        yield _restore_end(graph), _subjects(members)


def _sorted(statements: Iterable[tuple[str, str, str, str]]) -> Iterator[_Row]:
    """Sort statements by graph, subject, rank of the predicate, predicate and object."""
    sorter, first, last = Sorter(), _FIRST, chr(ord("a") + len(_FIRST))
    for subject, predicate, obj, graph in statements:
        rank = first.get(predicate, last)
        sorter.add(f"{graph.rstrip('>')}\0{subject.rstrip('>')}\0{rank}\0{predicate}\0{obj}\n")
    return (line[:-1].decode("utf-8").split(_BETWEEN) for line in sorter.sorted_lines())


def _subjects(rows: Iterable[_Row]) -> Iterator[Grouped]:
    for subject, about in groupby(rows, itemgetter(1)):
        yield _restore_end(subject), _predicates(about)


def _predicates(rows: Iterable[_Row]) -> Iterator[tuple[str, Iterator[str]]]:
    for predicate, same in groupby(rows, itemgetter(3)):
        yield predicate, map(itemgetter(4), same)


def _restore_end(term: str) -> str:
    """Restore the last character of an IRI, which was removed so that an IRI sorts before those that continue it."""
    return f"{term}>" if term.startswith("<") else term
