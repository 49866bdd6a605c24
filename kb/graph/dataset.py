"""What the knowledge base says of itself as RDF: DCAT 3, VoID, PROV-O, in the graph ``dataset``."""

from __future__ import annotations

from collections.abc import Iterator

from kb.iris import DCAT, DCTERMS, FOAF, KB, OA, PROV, RDF, RDFS, SKOS, VOID, XSD, Names
from kb.model import KnowledgeBase
from kb.quads import Quad, iri, literal

_TYPE = iri(f"{RDF}type")


def compile_dataset(kb: KnowledgeBase, names: Names) -> Iterator[Quad]:
    """Compile the description of the dataset, its graphs, its makers and how it was made."""
    about, language = kb.dataset, kb.dataset.language
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
    for vocabulary in (KB, SKOS, PROV, OA):
        yield Quad(node, iri(f"{VOID}vocabulary"), iri(vocabulary), graph)
    for key, count in _counts(kb).items():
        yield Quad(node, iri(KB + key), literal(str(count), f"{XSD}integer"), graph)
    yield from _provenance(kb, names, graph, node)


def _counts(kb: KnowledgeBase) -> dict[str, int]:
    covered = kb.covered()
    sentences = [(document.id, each) for document in kb.documents.values() for each in document.sentences if not each.is_heading]
    decided = [each for name, each in sentences if each.exempt or each.id in covered.get(name, {})]
    return {"facts": len(kb.facts), "terms": len(kb.terms), "sentences": len(sentences), "decidedSentences": len(decided)}


def _provenance(kb: KnowledgeBase, names: Names, graph: str, node: str) -> Iterator[Quad]:
    curation = iri(f"{names.base}activity/curation")
    yield Quad(curation, _TYPE, iri(f"{PROV}Activity"), graph)
    yield Quad(node, iri(f"{PROV}wasGeneratedBy"), curation, graph)
    for creator in kb.dataset.creators:
        agent = iri(f"{names.base}agent/{creator.id}")
        yield Quad(agent, _TYPE, iri(f"{PROV}Agent"), graph)
        yield Quad(agent, _TYPE, iri(f"{FOAF}Agent"), graph)
        yield Quad(agent, iri(f"{FOAF}name"), literal(creator.name), graph)
        if creator.orcid:
            yield Quad(agent, iri(f"{RDFS}seeAlso"), iri(f"https://orcid.org/{creator.orcid}"), graph)
        yield Quad(curation, iri(f"{PROV}wasAssociatedWith"), agent, graph)
        yield Quad(node, iri(f"{DCTERMS}creator"), agent, graph)
        yield Quad(node, iri(f"{PROV}wasAttributedTo"), agent, graph)
    for name in kb.documents:
        document = iri(names.document(name))
        part = iri(names.graph(f"document/{name}"))
        yield Quad(curation, iri(f"{PROV}used"), document, graph)
        yield Quad(node, iri(f"{PROV}wasDerivedFrom"), document, graph)
        yield Quad(part, iri(f"{PROV}wasDerivedFrom"), document, graph)
    for part_name in (*(f"document/{name}" for name in kb.documents), "vocabulary", "mappings", "dataset"):
        part = iri(names.graph(part_name))
        yield Quad(part, _TYPE, iri(f"{PROV}Entity"), graph)
        yield Quad(part, iri(f"{DCTERMS}isPartOf"), node, graph)
        yield Quad(part, iri(f"{PROV}wasGeneratedBy"), curation, graph)
