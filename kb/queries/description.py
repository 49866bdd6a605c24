"""A dataset in the words that clients and editors ask for: VoID, prefixes and named questions.

VoID has the partitions by class and property that query editors complete from; prefixes and questions are as SHACL has them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kb.rdf.iris import RDF, RDFS, VOID, XSD, Names
from kb.rdf.quads import Quad, iri, iri_value, is_iri, literal, literal_value
from kb.sparql import syntax
from kb.sparql.library import Query, standalone_text

SH = "http://www.w3.org/ns/shacl#"
SCHEMA = "https://schema.org/"
_SPEX = "https://purl.expasy.org/sparql-examples/ontology#"
_VOID_EXT = "http://ldf.fi/void-ext#"
_TYPE = f"{RDF}type"
_LANG_STRING = f"{RDF}langString"

Triple = tuple[str, str, str]


class Partition(NamedTuple):
    """How things of a class use a property: the class or datatype that it leads to, and how often."""

    subject: str
    predicate: str
    object: str
    is_datatype: bool


class Counts(NamedTuple):
    """What a dataset holds, counted: triples by graph and in all, things by class, and partitions."""

    graphs: dict[str, int]
    triples: int
    subjects: int
    classes: dict[str, int]
    partitions: dict[Partition, int]
    properties: dict[str, int]


def count(quads: Iterable[Quad]) -> Counts:
    """Count what a dataset holds; a triple that several graphs hold counts once."""
    known = list(quads)
    types: dict[str, set[str]] = {}
    for quad in known:
        if quad.predicate == iri(_TYPE):
            types.setdefault(quad.subject, set()).add(quad.object)
    triples = {quad[:3] for quad in known}
    partitions: Counter[Partition] = Counter()
    for subject, predicate, obj in triples:
        for kind in types.get(subject, ()):
            for target, is_datatype in _targets(obj, types):
                partitions[Partition(kind, predicate, target, is_datatype)] += 1
    return Counts(
        dict(sorted(Counter(quad.graph for quad in known).items())),
        len(triples),
        len({subject for subject, _, _ in triples}),
        dict(sorted(Counter(kind for kinds in types.values() for kind in kinds).items())),
        dict(sorted(partitions.items())),
        dict(sorted(Counter(predicate for _, predicate, _ in triples).items())),
    )


def _targets(obj: str, types: dict[str, set[str]]) -> Iterator[tuple[str, bool]]:
    if obj.startswith('"'):
        yield iri(literal_value(obj).datatype or _LANG_STRING), True
    elif obj in types:
        yield from ((kind, False) for kind in types[obj])
    else:
        yield "", False


def void(counts: Counts, names: Names, endpoint: str) -> Iterator[Triple]:
    """Describe the dataset in VoID; it has an endpoint, or none."""
    about = iri(names.base)
    yield about, iri(_TYPE), iri(f"{VOID}Dataset")
    if endpoint:
        yield about, iri(f"{VOID}sparqlEndpoint"), iri(endpoint)
    yield about, iri(f"{VOID}triples"), number(counts.triples)
    yield about, iri(f"{VOID}distinctSubjects"), number(counts.subjects)
    yield about, iri(f"{VOID}classes"), number(len(counts.classes))
    yield about, iri(f"{VOID}properties"), number(len(counts.properties))
    for kind, things in counts.classes.items():
        node = node_of(names, "class", kind)
        yield about, iri(f"{VOID}classPartition"), node
        yield node, iri(f"{VOID}class"), kind
        yield node, iri(f"{VOID}entities"), number(things)
    for name, triples in counts.properties.items():
        node = node_of(names, "property", name)
        yield about, iri(f"{VOID}propertyPartition"), node
        yield node, iri(f"{VOID}property"), name
        yield node, iri(f"{VOID}triples"), number(triples)
    yield from _partitions(counts, names)


def _partitions(counts: Counts, names: Names) -> Iterator[Triple]:
    """Give the partitions of partitions, from which editors learn what can follow what."""
    for each, triples in counts.partitions.items():
        node = node_of(names, "class", each.subject, "property", each.predicate)
        yield node_of(names, "class", each.subject), iri(f"{VOID}propertyPartition"), node
        yield node, iri(f"{VOID}property"), each.predicate
        if each.object:
            leaf = node_of(names, "class", each.subject, "property", each.predicate, "to", each.object)
            kind, word = (_VOID_EXT, "datatype") if each.is_datatype else (VOID, "class")
            yield node, iri(f"{kind}{word}Partition"), leaf
            yield leaf, iri(f"{kind}{word}"), each.object
            yield leaf, iri(f"{VOID}triples"), number(triples)


def prefixes(names: Names) -> Iterator[Triple]:
    """Declare the prefixes (SHACL, section 5.2.1)."""
    owner = node_of(names, "prefixes")
    for prefix, start in names.prefixes.items():
        node = node_of(names, "prefix", prefix)
        yield owner, iri(f"{SH}declare"), node
        yield node, iri(_TYPE), iri(f"{SH}PrefixDeclaration")
        yield node, iri(f"{SH}prefix"), literal(prefix)
        yield node, iri(f"{SH}namespace"), literal(start, f"{XSD}anyURI")


def questions(queries: Sequence[Query], names: Names, endpoint: str, language: str) -> Iterator[Triple]:
    """Give the named questions as executables (SHACL-SPARQL), as the SIB's collections of examples do.

    Args:
        queries: The named queries.
        names: The names of the knowledge base.
        endpoint: Where they can be asked, or nothing.
        language: The language of titles and questions.
    """
    for query in queries:
        node = node_of(names, "query", query.name)
        form = syntax.form(query.text).lower() or "select"
        yield node, iri(_TYPE), iri(f"{SH}SPARQLExecutable")
        yield node, iri(_TYPE), iri(f"{SH}SPARQL{form.capitalize()}Executable")
        yield node, iri(f"{RDFS}label"), literal(query.title, language=language)
        yield node, iri(f"{RDFS}comment"), literal(query.question or query.title, language=language)
        yield node, iri(f"{SH}prefixes"), node_of(names, "prefixes")
        text = literal(standalone_text(query.text, names))
        yield node, iri(f"{SH}{form}"), text
        if form == "describe":  # for which SHACL has no word; the SIB's README and its editor use one each
            yield node, iri(f"{_SPEX}describe"), text
        if endpoint:
            yield node, iri(f"{SCHEMA}target"), iri(endpoint)
        yield from ((node, iri(f"{SCHEMA}keywords"), literal(word)) for word in query.keywords)


def number(value: int) -> str:
    """Write a count as a term."""
    return literal(str(value), f"{XSD}integer")


def node_of(names: Names, *parts: str) -> str:
    """Mint the IRI of something that belongs to the service; IRIs among the parts are written in short."""
    words = []
    for part in parts:
        value = iri_value(part) if is_iri(part) else part
        words.append(names.relative(value) or names.compact(value) or value)
    return iri(f"{names.base}service/" + "/".join(re.sub(r"[^A-Za-z0-9:._~/-]", "-", word) for word in words))
