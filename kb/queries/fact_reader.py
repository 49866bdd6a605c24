"""Facts read from a dataset by queries: in words, with the sentences that state them.

A query names what it reads, a batch at a time, so that its length has a bound.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kb.rdf.iris import KB, OA, PROV, RDF, RDFS, word_iri
from kb.rdf.quads import is_iri
from kb.rdf.wording import word_support
from kb.schema import vocabulary
from kb.sparql.result_formats import plain_text
from kb.sparql.values import Answer, Row

#: Runs a query of kb's own, which is not held to the limit on the length of queries.
RunQuery = Callable[[str], Answer]

#: The longest query that reads facts, in characters: on this machine, where engines may join long lists by comparing all with
#: all, and at an endpoint elsewhere, which has its own limit.
LOCAL_LENGTH, REMOTE_LENGTH = 200_000, 40_000

_LABELS = "skos:prefLabel|rdfs:label|dcterms:title|dcterms:identifier"
#: The properties of a node: predicate to terms.
Properties = Mapping[str, list[str]]


class SupportingFact(NamedTuple):
    """A fact that a row rests on.

    Args:
        fact: Its IRI, as N-Triples writes it.
        says: The fact in words: its denial, modality, restrictions and grades, each with its own hedge.
        document: The title of the document that states it.
        sentences: The numbers of the sentences that it rests on, in order.
        quotes: Their text, as far as the document's rights let it ship.
        evidence: What each sentence supports, with its own hedge: ``s3.3 usually: severity``.
    """

    fact: str
    says: str
    document: str
    sentences: tuple[str, ...]
    quotes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class FactDetails(NamedTuple):
    """A fact in words, the terms of its subject and object, whether a qualifier restricts its claim, its reviews in words."""

    words: SupportingFact
    subject: str
    object: str
    is_restricted: bool
    reviews: tuple[str, ...]


class FactReader:
    """Reads facts by queries of at most ``max_length`` characters."""

    def __init__(self, run: RunQuery, max_length: int = LOCAL_LENGTH) -> None:
        self.run, self._max_length = run, max_length

    def read(self, facts: Iterable[str]) -> dict[str, FactDetails]:
        """Read facts by their IRIs, sorted; what is no fact is left out."""
        described = self.read_properties(facts)
        own = {fact: about for fact, about in described.items() if f"<{KB}Fact>" in about.get(f"{RDF}type", ())}
        pieces = self.read_properties(_collect(own, f"{KB}evidence"))
        cited = _collect(own, f"{PROV}wasDerivedFrom") | _collect(pieces, f"{OA}hasTarget")
        places = self.read_properties(cited, "?node oa:hasSelector ?selector . ?selector ?property ?value .")
        terms = {term for about in (*own.values(), *pieces.values()) for values in about.values() for term in values}
        labels = self.read_labels(terms)
        return {fact: _describe(fact, own[fact], pieces, places, labels) for fact in sorted(own)}

    def read_labels(self, terms: Iterable[str]) -> dict[str, str]:
        """Read the labels of terms; that of a literal is its text."""
        labels = {term: plain_text(term) for term in terms}
        for node, label in self.look_up("node", filter(is_iri, labels), f"?node {_LABELS} ?label .", "?label"):
            labels[node or ""] = plain_text(label)
        return labels

    def look_up(self, variable: str, terms: Iterable[str], pattern: str, selected: str) -> Iterator[Row]:
        """Match a pattern for values of a variable, in batches; yield rows of the value and of what is selected."""
        for batch in _batch(sorted(set(terms)), self._max_length):
            text = f"SELECT DISTINCT ?{variable} {selected} WHERE {{ VALUES ?{variable} {{ {batch} }} {pattern} }}"
            yield from self.run(text).rows

    def read_properties(self, nodes: Iterable[str], pattern: str = "?node ?property ?value .") -> dict[str, Properties]:
        """Read the properties of nodes, sorted; the pattern says which."""
        properties: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
        for node, name, value in sorted(self.look_up("node", nodes, pattern, "?property ?value"), key=str):
            properties[node or ""].setdefault((name or "")[1:-1], []).append(value or "")
        return dict(properties)


def _batch(terms: Sequence[str], max_length: int) -> Iterator[str]:
    """Join terms to texts of a bounded length."""
    size = max(1, max_length // (1 + max(map(len, terms), default=0)))
    return (" ".join(terms[start : start + size]) for start in range(0, len(terms), size))


def _collect(nodes: Mapping[str, Properties], name: str) -> set[str]:
    return {value for about in nodes.values() for value in about.get(name, ())}


def _describe(
    fact: str, own: Properties, pieces: Mapping[str, Properties], places: Mapping[str, Properties], labels: Mapping[str, str]
) -> FactDetails:
    def start(sentence: str) -> int:
        return int(plain_text(next(iter(places.get(sentence, {}).get(f"{OA}start", ())), None)) or 0)

    def read(about: Properties, name: str) -> list[str]:
        return [labels[term] for term in about.get(name, ())]

    evidence = [pieces[piece] for piece in own.get(f"{KB}evidence", ()) if piece in pieces]
    evidence.sort(key=lambda piece: [start(target) for target in piece.get(f"{OA}hasTarget", ())])
    parts = (piece.get(f"{KB}supports", piece.get(f"{KB}disputes", ())) for piece in evidence)
    supports = [[re.sub(".*(#|/vocabulary/)", "", term[1:-1]) for term in terms] for terms in parts]
    hedges = [[*read(piece, f"{KB}modality"), *(["disputes"] if f"{KB}disputes" in piece else [])] for piece in evidence]
    sentences = sorted(own.get(f"{PROV}wasDerivedFrom", ()), key=start)
    words = SupportingFact(
        fact,
        "".join(read(own, f"{RDFS}label")),
        ", ".join(read(own, f"{PROV}hadPrimarySource")),
        tuple(labels[sentence] for sentence in sentences),
        tuple(plain_text(quote) for sentence in sentences for quote in places.get(sentence, {}).get(f"{OA}exact", ())),
        tuple(
            word_support(" ".join(read(piece, f"{OA}hasTarget")), " ".join(hedge), parts)
            for piece, hedge, parts in zip(evidence, hedges, supports, strict=True)
        ),
    )
    is_restricted = any(word_iri(name) in own for name in vocabulary.restricting_qualifiers())
    return FactDetails(words, own[f"{RDF}subject"][0], own[f"{RDF}object"][0], is_restricted, tuple(read(own, f"{KB}review")))
