"""The order in which people find statements easiest to read: by subject, what it is first, then the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from kb.iris import DCTERMS, KB, RDF, RDFS, SKOS
from kb.quads import Quad

#: The predicate that says what something is.
TYPE = f"<{RDF}type>"

_FIRST = {
    f"<{iri}>": rank
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

#: A subject with its predicates in order, each with its objects in order.
Grouped = tuple[str, list[tuple[str, list[str]]]]


def by_subject(statements: Iterable[Quad]) -> Iterator[Grouped]:
    """Group statements by subject, each statement once; graphs are dropped.

    Subjects are in the order of their IRIs, so that what lies below an IRI follows it.
    """
    ordered = sorted(
        {each[:3] for each in statements},
        key=lambda each: (each[0].rstrip(">"), _FIRST.get(each[1], len(_FIRST)), each[1], each[2]),
    )
    for subject, about in groupby(ordered, lambda each: each[0]):
        yield subject, [(predicate, [each[2] for each in same]) for predicate, same in groupby(about, lambda each: each[1])]
