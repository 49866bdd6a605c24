"""Compile the metadata of a knowledge base: DCAT 3, VoID and PROV-O, in the graph ``dataset``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from kb.metadata import Dataset
from kb.model import KnowledgeBase
from kb.rdf.iris import DCAT, DCTERMS, FOAF, KB, OA, PROV, RDF, RDFS, SH, SKOS, VOID, XSD, Names
from kb.rdf.quads import Quad, iri, literal
from kb.schema import vocabulary

_TYPE = iri(f"{RDF}type")
_OWN_WORDS = "Terms and predicates with kinds and definitions by the curators, in their own words; no document states them."


@dataclass(frozen=True, slots=True)
class DatasetCounts:
    """How much a knowledge base holds; headings are not counted as sentences, decided sentences are covered or exempted."""

    facts: int
    terms: int
    sentences: int
    decided: int


def count(kb: KnowledgeBase) -> DatasetCounts:
    """Count what a knowledge base holds."""
    counts = Counter(status for _, statuses in kb.statuses() for status in statuses)
    sentences = counts.total() - counts["heading"]
    return DatasetCounts(len(kb.facts), len(kb.terms), sentences, sentences - counts["undecided"])


def compile_dataset(about: Dataset, counts: DatasetCounts, names: Names) -> Iterator[Quad]:
    """Compile the description of the dataset, its makers and how it was made; see :func:`compile_members` for its documents."""
    language = about.language
    graph, node = iri(names.graph("dataset")), iri(names.base)
    for kind in (f"{DCAT}Dataset", f"{VOID}Dataset", f"{PROV}Entity"):
        yield Quad(node, _TYPE, iri(kind), graph)
    for key, text in (
        (f"{DCTERMS}title", about.title),
        (f"{DCTERMS}description", about.description),
        (f"{KB}disclaimer", about.disclaimer),
    ):
        if text:
            yield Quad(node, iri(key), literal(text, language=language), graph)
    for keyword in about.keywords:
        yield Quad(node, iri(f"{DCAT}keyword"), literal(keyword, language=language), graph)
    yield Quad(node, iri(f"{DCTERMS}identifier"), literal(about.id), graph)
    yield Quad(node, iri(f"{DCTERMS}language"), literal(language), graph)
    yield Quad(node, iri(f"{DCTERMS}license"), iri(about.license), graph)
    yield Quad(node, iri(f"{DCTERMS}issued"), literal(about.issued, f"{XSD}date"), graph)
    yield Quad(node, iri(f"{DCAT}version"), literal(about.version), graph)
    yield Quad(node, iri(f"{VOID}uriSpace"), literal(names.base), graph)
    for used in (KB, SKOS, PROV, OA):
        yield Quad(node, iri(f"{VOID}vocabulary"), iri(used), graph)
    for package in vocabulary.packages():
        yield Quad(node, iri(f"{KB}package"), literal(package), graph)
    numbers = {"facts": counts.facts, "terms": counts.terms, "sentences": counts.sentences, "decidedSentences": counts.decided}
    for key, number in numbers.items():
        yield Quad(node, iri(KB + key), literal(str(number), f"{XSD}integer"), graph)
    for prefix, start in about.prefixes.items():  # SHACL, section 5.2.1
        declared = iri(f"{names.base}prefix/{prefix}")
        yield Quad(node, iri(f"{SH}declare"), declared, graph)
        yield Quad(declared, iri(f"{SH}prefix"), literal(prefix), graph)
        yield Quad(declared, iri(f"{SH}namespace"), literal(start, f"{XSD}anyURI"), graph)
    yield from _provenance(about, names, graph, node)


def _provenance(about: Dataset, names: Names, graph: str, node: str) -> Iterator[Quad]:
    curation = iri(f"{names.base}activity/curation")
    yield Quad(curation, _TYPE, iri(f"{PROV}Activity"), graph)
    yield Quad(node, iri(f"{PROV}wasGeneratedBy"), curation, graph)
    for creator in about.creators:
        agent = iri(f"{names.base}agent/{creator.id}")
        yield Quad(agent, _TYPE, iri(f"{PROV}Agent"), graph)
        yield Quad(agent, _TYPE, iri(f"{FOAF}Agent"), graph)
        yield Quad(agent, iri(f"{FOAF}name"), literal(creator.name), graph)
        if creator.url:
            yield Quad(agent, iri(f"{RDFS}seeAlso"), iri(creator.url), graph)
        yield Quad(curation, iri(f"{PROV}wasAssociatedWith"), agent, graph)
        yield Quad(node, iri(f"{DCTERMS}creator"), agent, graph)
        yield Quad(node, iri(f"{PROV}wasAttributedTo"), agent, graph)
    for name in ("claims", "vocabulary", "mappings", "dataset"):
        yield from _part(names, name)
    own = iri(names.graph("vocabulary"))
    yield Quad(own, iri(f"{DCTERMS}description"), literal(_OWN_WORDS, language="en"), graph)
    yield Quad(own, iri(f"{DCTERMS}source"), curation, graph)


def compile_members(documents: Sequence[str], names: Names) -> tuple[Iterator[Quad], Iterator[Quad], Iterator[Quad]]:
    """Compile the links between the dataset and its documents: it derives from them, they were used, each has a graph.

    Args:
        documents: The ids of the documents, sorted as if each ended in ``>``.
        names: The names of the knowledge base.

    Returns:
        Three series of statements, each in order.
    """
    dataset, activity, graph = iri(names.base), iri(f"{names.base}activity/curation"), iri(names.graph("dataset"))
    derived, used = iri(f"{PROV}wasDerivedFrom"), iri(f"{PROV}used")
    return (
        (Quad(dataset, derived, iri(names.document(name)), graph) for name in documents),
        (Quad(activity, used, iri(names.document(name)), graph) for name in documents),
        (quad for name in documents for quad in _part(names, f"document/{name}", name)),
    )


def compile_agents(used: Iterable[str], names: Names) -> Iterator[Quad]:
    """Compile the description of the agents among the terms that facts use."""
    start, graph = f"<{names.base}agent/", iri(names.graph("dataset"))
    for node in sorted(term for term in used if term.startswith(start)):
        kind, _, name = node[len(start) : -1].rpartition("/")
        yield Quad(node, _TYPE, iri(f"{PROV}Agent"), graph)
        yield Quad(node, iri(f"{DCTERMS}identifier"), literal(f"{kind or 'person'}:{unquote(name)}"), graph)


def _part(names: Names, name: str, document: str = "") -> Iterator[Quad]:
    """Compile the description of a named graph, in order."""
    node, graph = iri(names.graph(name)), iri(names.graph("dataset"))
    yield Quad(node, iri(f"{DCTERMS}isPartOf"), iri(names.base), graph)
    yield Quad(node, _TYPE, iri(f"{PROV}Entity"), graph)
    if document:
        yield Quad(node, iri(f"{PROV}wasDerivedFrom"), iri(names.document(document)), graph)
    yield Quad(node, iri(f"{PROV}wasGeneratedBy"), iri(f"{names.base}activity/curation"), graph)
