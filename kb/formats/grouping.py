"""The order in which people find statements easiest to read: by subject, what it is first, then the rest.

Statements are sorted on disk where memory would not do, and are given as nested streams, so that neither all of them nor
all that is said of one subject are ever held at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from kb.files.sorting import Sorter
from kb.rdf.iris import DCTERMS, KB, RDF, RDFS, SKOS
from kb.rdf.quads import Quad

#: The predicate that says what something is.
TYPE = f"<{RDF}type>"

_FIRST = {
    f"<{iri}>": chr(ord("a") + rank)
    for rank, iri in enumerate(
        (
            f"{RDF}type",
            f"{RDF}subject",
            f"{RDF}predicate",
            f"{RDF}object",
            f"{RDF}reifies",
            f"{SKOS}prefLabel",
            f"{RDFS}label",
            f"{DCTERMS}title",
            f"{DCTERMS}identifier",
            f"{KB}modality",
        )
    )
}

#: A subject with its predicates in order, each with its objects in order. Each must be gone through before the next.
Grouped = tuple[str, Iterator[tuple[str, Iterator[str]]]]

# No term holds it: canonical literals write it as an escape. It sorts before every character that a term may hold.
_BETWEEN = "\0"
_Row = list[str]


def group_by_subject(statements: Iterable[Quad]) -> Iterator[Grouped]:
    """Group statements by subject, each statement once; graphs are dropped.

    Subjects are in the order of their IRIs, so that what lies below an IRI follows it.
    """
    return _subjects(_sorted((each[0], each[1], each[2], "") for each in statements))


def group_by_graph(statements: Iterable[Quad]) -> Iterator[tuple[str, Iterator[Grouped]]]:
    """Group statements by graph, in the order of their IRIs, then as :func:`group_by_subject`."""
    for graph, members in groupby(_sorted(statements), itemgetter(0)):
        yield _closed(graph), _subjects(members)


def _sorted(statements: Iterable[tuple[str, str, str, str]]) -> Iterator[_Row]:
    """Sort statements, each as graph, subject, rank of the predicate, predicate, object."""
    sorter, first, last = Sorter(), _FIRST, chr(ord("a") + len(_FIRST))
    for subject, predicate, obj, graph in statements:
        rank = first.get(predicate, last)
        sorter.add(f"{graph.rstrip('>')}\0{subject.rstrip('>')}\0{rank}\0{predicate}\0{obj}\n")
    return (line[:-1].decode("utf-8").split(_BETWEEN) for line in sorter.sorted_lines())


def _subjects(rows: Iterable[_Row]) -> Iterator[Grouped]:
    for subject, about in groupby(rows, itemgetter(1)):
        yield _closed(subject), _predicates(about)


def _predicates(rows: Iterable[_Row]) -> Iterator[tuple[str, Iterator[str]]]:
    for predicate, same in groupby(rows, itemgetter(3)):
        yield predicate, map(itemgetter(4), same)


def _closed(term: str) -> str:
    """End an IRI, whose last character was left out so that it comes before those that continue it."""
    return f"{term}>" if term.startswith("<") else term
