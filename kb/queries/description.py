"""The description of a dataset for clients and query editors: VoID, prefixes and named queries.

Editors complete names from the partitions of VoID, by class and property. Prefixes and queries are described in SHACL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kb.rdf.iris import RDF, RDFS, SH, VOID, XSD, Names
from kb.rdf.quads import iri, iri_value, is_iri, literal
from kb.sparql import syntax
from kb.sparql.library import Query, standalone_text

SCHEMA = "https://schema.org/"
_SPEX = "https://purl.expasy.org/sparql-examples/ontology#"
_VOID_EXT = "http://ldf.fi/void-ext#"
_TYPE = f"{RDF}type"

Triple = tuple[str, str, str]


class Partition(NamedTuple):
    """How things of a class use a property; ``object`` is the class or datatype of its values, empty if they are of none."""

    subject: str
    predicate: str
    object: str
    is_datatype: bool


class GraphCounts(NamedTuple):
    """The counts of a dataset: of triples by graph, partition and property, of instances by class, and of what is distinct."""

    graphs: dict[str, int]
    triples: int
    subjects: int
    classes: dict[str, int]
    partitions: dict[Partition, int]
    properties: dict[str, int]


def describe_dataset(counts: GraphCounts, names: Names, endpoint: str) -> Iterator[Triple]:
    """Describe the dataset in VoID; ``endpoint`` may be empty."""
    about = iri(names.base)
    yield about, iri(_TYPE), iri(f"{VOID}Dataset")
    if endpoint:
        yield about, iri(f"{VOID}sparqlEndpoint"), iri(endpoint)
    totals = counts.triples, counts.subjects, len(counts.classes), len(counts.properties)
    for name, total in zip(("triples", "distinctSubjects", "classes", "properties"), totals, strict=True):
        yield about, iri(VOID + name), integer(total)
    for word, numbers, unit in (("class", counts.classes, "entities"), ("property", counts.properties, "triples")):
        for name, number in numbers.items():
            node = service_iri(names, word, name)
            yield about, iri(f"{VOID}{word}Partition"), node
            yield node, iri(VOID + word), name
            yield node, iri(VOID + unit), integer(number)
    yield from _partitions(counts, names)


def _partitions(counts: GraphCounts, names: Names) -> Iterator[Triple]:
    """Describe the property partitions of class partitions, with the classes and datatypes of the values."""
    for partition, triples in counts.partitions.items():
        node = service_iri(names, "class", partition.subject, "property", partition.predicate)
        yield service_iri(names, "class", partition.subject), iri(f"{VOID}propertyPartition"), node
        yield node, iri(f"{VOID}property"), partition.predicate
        if partition.object:
            leaf = service_iri(names, "class", partition.subject, "property", partition.predicate, "to", partition.object)
            kind, word = (_VOID_EXT, "datatype") if partition.is_datatype else (VOID, "class")
            yield node, iri(f"{kind}{word}Partition"), leaf
            yield leaf, iri(f"{kind}{word}"), partition.object
            yield leaf, iri(f"{VOID}triples"), integer(triples)


def describe_prefixes(names: Names) -> Iterator[Triple]:
    """Describe the prefixes (SHACL, section 5.2.1)."""
    owner = service_iri(names, "prefixes")
    for prefix, start in names.prefixes.items():
        node = service_iri(names, "prefix", prefix)
        yield owner, iri(f"{SH}declare"), node
        yield node, iri(_TYPE), iri(f"{SH}PrefixDeclaration")
        yield node, iri(f"{SH}prefix"), literal(prefix)
        yield node, iri(f"{SH}namespace"), literal(start, f"{XSD}anyURI")


def describe_queries(queries: Sequence[Query], names: Names, endpoint: str, language: str) -> Iterator[Triple]:
    """Describe the named queries as SHACL-SPARQL executables, in the form of the SIB's collections of examples.

    ``endpoint`` may be empty; ``language`` is that of titles and questions.
    """
    for query in queries:
        node = service_iri(names, "query", query.name)
        form = syntax.find_form(query.text).lower() or "select"
        yield node, iri(_TYPE), iri(f"{SH}SPARQLExecutable")
        yield node, iri(_TYPE), iri(f"{SH}SPARQL{form.capitalize()}Executable")
        yield node, iri(f"{RDFS}label"), literal(query.title, language=language)
        yield node, iri(f"{RDFS}comment"), literal(query.question or query.title, language=language)
        yield node, iri(f"{SH}prefixes"), service_iri(names, "prefixes")
        text = literal(standalone_text(query.text, names))
        yield node, iri(f"{SH}{form}"), text
        if form == "describe":  # SHACL has no property for it; the SIB's README and its editor use one each
            yield node, iri(f"{_SPEX}describe"), text
        if endpoint:
            yield node, iri(f"{SCHEMA}target"), iri(endpoint)
        yield from ((node, iri(f"{SCHEMA}keywords"), literal(word)) for word in query.keywords)


def integer(value: int) -> str:
    """Write a number as an RDF term."""
    return literal(str(value), f"{XSD}integer")


def service_iri(names: Names, *parts: str) -> str:
    """Mint an IRI below ``service/``; IRIs among the parts are shortened."""
    words = []
    for part in parts:
        value = iri_value(part) if is_iri(part) else part
        words.append(names.relative(value) or names.compact(value) or value)
    return iri(f"{names.base}service/" + "/".join(re.sub(r"[^A-Za-z0-9:._~/-]", "-", word) for word in words))
