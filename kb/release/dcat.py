"""``dcat.ttl``: the catalogue in DCAT 3, by the profile DCAT-AP 3.0, and VoID statistics of the graph.

Every resource has its type in this file, because the range shapes of the profile see no other. There are no blank nodes.
"""

from __future__ import annotations

from collections.abc import Iterator

from kb.formats import registry
from kb.model import Agent
from kb.queries import description
from kb.rdf.iris import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD, Names, names_of
from kb.rdf.quads import Quad, iri, literal
from kb.release.details import ReleaseDetails, creator_url, release_details
from kb.release.draft import Draft, ReleaseFile

_DCATAP, _SPDX, _VCARD = "http://data.europa.eu/r5r/", "http://spdx.org/rdf/terms#", "http://www.w3.org/2006/vcard/ns#"
_MEDIA = "https://www.iana.org/assignments/media-types/"
_STABLE = "http://publications.europa.eu/resource/authority/planned-availability/STABLE"
_PREFIXES = {"dcatap": _DCATAP, "spdx": _SPDX, "vcard": _VCARD}

Triple = tuple[str, str, str]


def add_catalogue(draft: Draft) -> None:
    """Add dcat.ttl."""
    dataset, details = draft.kb.dataset, release_details(draft.kb.dataset)
    names = Names(dataset.base, {**_PREFIXES, **dataset.prefixes})
    files = [file for file in draft.of("data", "copy") if not file.name.startswith("schemas/")]
    triples = {
        *_catalogue(details),
        *_dataset(details, draft),
        *_agents(details),
        *_types(details),
        *(triple for file in files for triple in _distribution(file, details)),
        *description.describe_dataset(description.count_quads(draft.quads), names_of(draft.kb), dataset.endpoint),
    }
    turtle = registry.find("turtle")
    quads = [Quad(*triple, "") for triple in sorted(triples)]
    draft.add("dcat.ttl", turtle.lines(quads, names), "The catalogue: DCAT 3 and VoID.", turtle.media_type, "metadata")


def _dcterms(subject: str, **pairs: str) -> Iterator[Triple]:
    """Yield triples with properties of DCMI Terms, without empty values."""
    for key, value in pairs.items():
        if value:
            yield subject, iri(DCTERMS + key), value


def _typed(term: str, kind: str) -> Triple:
    return term, iri(f"{RDF}type"), iri(kind)


def _catalogue(details: ReleaseDetails) -> Iterator[Triple]:
    dataset, node = details.dataset, iri(f"{details.dataset.base}catalogue")
    text = {"language": dataset.language}
    yield _typed(node, f"{DCAT}Catalog")
    yield from _dcterms(
        node,
        title=literal(f"{details.publisher.name}: datasets", **text),
        description=literal(f"The catalogue that holds the dataset '{dataset.title}'.", **text),
        publisher=iri(f"{dataset.base}agent/publisher"),
        issued=literal(dataset.issued, f"{XSD}date"),
        modified=literal(dataset.issued, f"{XSD}date"),
        license=iri(dataset.license),
        language=_language(dataset.language),
    )
    yield node, iri(f"{FOAF}homepage"), iri(details.homepage)
    yield node, iri(f"{DCAT}dataset"), iri(dataset.base)
    yield from ((node, iri(f"{DCTERMS}spatial"), iri(place)) for place in dataset.spatial)
    if dataset.themes:
        yield node, iri(f"{DCAT}themeTaxonomy"), iri(f"{dataset.base}themes")
        yield _typed(iri(f"{dataset.base}themes"), f"{SKOS}ConceptScheme")
        yield iri(f"{dataset.base}themes"), iri(f"{DCTERMS}title"), literal("Themes", **text)


def _dataset(details: ReleaseDetails, draft: Draft) -> Iterator[Triple]:
    dataset, node = details.dataset, iri(details.dataset.base)
    text = {"language": dataset.language}
    yield _typed(node, f"{DCAT}Dataset")
    yield from _dcterms(
        node,
        title=literal(dataset.title, **text),
        description=literal(dataset.description, **text),
        identifier=literal(details.identifier),
        publisher=iri(f"{dataset.base}agent/publisher"),
        issued=literal(dataset.issued, f"{XSD}date"),
        modified=literal(dataset.issued, f"{XSD}date"),
        license=iri(dataset.license),
        language=_language(dataset.language),
        accessRights=iri("http://publications.europa.eu/resource/authority/access-right/PUBLIC"),
        accrualPeriodicity=iri(dataset.accrual) if dataset.accrual else "",
        temporal=iri(f"{dataset.base}period") if dataset.temporal else "",
        bibliographicCitation=literal(details.citation),
    )
    yield node, iri(f"{DCAT}version"), literal(dataset.version)
    yield node, iri(f"{DCAT}landingPage"), iri(details.homepage)
    yield from ((node, iri(f"{DCAT}keyword"), literal(word, **text)) for word in dataset.keywords)
    yield from ((node, iri(f"{DCAT}theme"), iri(theme)) for theme in dataset.themes)
    yield from ((node, iri(f"{DCTERMS}spatial"), iri(place)) for place in dataset.spatial)
    for creator in dataset.creators:
        yield node, iri(f"{DCTERMS}creator"), iri(creator_url(creator) or f"{dataset.base}agent/{creator.id}")
    for document in draft.kb.documents.values():
        yield node, iri(f"{DCTERMS}source"), iri(f"{dataset.base}document/{document.id}")
    if dataset.contact:
        yield node, iri(f"{DCAT}contactPoint"), iri(f"{dataset.base}agent/contact")


def _language(tag: str) -> str:
    """Return the IRI of a language in the list of the Library of Congress, which has languages of two letters."""
    code = tag.partition("-")[0].lower()
    return iri(f"http://id.loc.gov/vocabulary/iso639-1/{code}") if len(code) == 2 else ""


def _agents(details: ReleaseDetails) -> Iterator[Triple]:
    dataset = details.dataset
    yield from _agent(f"{dataset.base}agent/publisher", details.publisher)
    for creator in dataset.creators:
        yield from _agent(creator_url(creator) or f"{dataset.base}agent/{creator.id}", Agent(creator.name))
    if dataset.contact:
        node = iri(f"{dataset.base}agent/contact")
        yield _typed(node, f"{_VCARD}Kind")
        yield node, iri(f"{_VCARD}fn"), literal(dataset.contact.name)
        if dataset.contact.email:
            yield node, iri(f"{_VCARD}hasEmail"), iri(f"mailto:{dataset.contact.email}")
        if dataset.contact.url:
            yield node, iri(f"{_VCARD}hasURL"), iri(dataset.contact.url)


def _agent(address: str, agent: Agent) -> Iterator[Triple]:
    node = iri(address)
    yield _typed(node, f"{FOAF}Agent")
    yield node, iri(f"{FOAF}name"), literal(agent.name)
    if agent.url:
        yield node, iri(f"{FOAF}homepage"), iri(agent.url)
        yield _typed(iri(agent.url), f"{FOAF}Document")


def _types(details: ReleaseDetails) -> Iterator[Triple]:
    """State the types of the other resources."""
    dataset = details.dataset
    yield _typed(iri(dataset.license), f"{DCTERMS}LicenseDocument")
    yield _typed(iri(details.homepage), f"{FOAF}Document")
    yield _typed(iri("http://publications.europa.eu/resource/authority/access-right/PUBLIC"), f"{DCTERMS}RightsStatement")
    if _language(dataset.language):
        yield _typed(_language(dataset.language), f"{DCTERMS}LinguisticSystem")
    if dataset.accrual:
        yield _typed(iri(dataset.accrual), f"{DCTERMS}Frequency")
    yield from _concept(_STABLE, "stable")
    for theme in dataset.themes:
        yield from _concept(theme, theme.rpartition("/")[2].rpartition("#")[2])
    yield from (_typed(iri(place), f"{DCTERMS}Location") for place in dataset.spatial)
    if dataset.temporal:
        node = iri(f"{dataset.base}period")
        yield _typed(node, f"{DCTERMS}PeriodOfTime")
        for key, day in zip(("startDate", "endDate"), dataset.temporal, strict=True):
            if day:
                yield node, iri(DCAT + key), literal(day, f"{XSD}date")
    if dataset.endpoint:
        yield from _service(details)


def _concept(address: str, label: str) -> Iterator[Triple]:
    yield _typed(iri(address), f"{SKOS}Concept")
    yield iri(address), iri(f"{SKOS}prefLabel"), literal(label, language="en")


def _service(details: ReleaseDetails) -> Iterator[Triple]:
    dataset, node = details.dataset, iri(f"{details.dataset.base}service/sparql")
    standard = iri("https://www.w3.org/TR/sparql11-protocol/")
    yield _typed(node, f"{DCAT}DataService")
    yield _typed(standard, f"{DCTERMS}Standard")
    yield from _dcterms(node, title=literal(f"{dataset.title}: SPARQL endpoint", language=dataset.language), conformsTo=standard)
    yield from _dcterms(node, publisher=iri(f"{dataset.base}agent/publisher"), license=iri(dataset.license))
    yield node, iri(f"{DCAT}endpointURL"), iri(dataset.endpoint)
    yield node, iri(f"{DCAT}servesDataset"), iri(dataset.base)
    yield iri(f"{dataset.base}catalogue"), iri(f"{DCAT}service"), node


def _distribution(file: ReleaseFile, details: ReleaseDetails) -> Iterator[Triple]:
    dataset = details.dataset
    node, media = iri(f"{dataset.base}release/{dataset.version}/{file.name}"), iri(_MEDIA + file.media)
    checksum = iri(f"{dataset.base}release/{dataset.version}/{file.name}#sha256")
    address = iri(details.download + file.name)
    yield iri(dataset.base), iri(f"{DCAT}distribution"), node
    yield _typed(node, f"{DCAT}Distribution")
    yield from _dcterms(
        node,
        title=literal(file.name),
        description=literal(file.what, language=dataset.language),
        license=iri(dataset.license),
        format=media,
    )
    yield node, iri(f"{DCAT}mediaType"), media
    yield node, iri(f"{DCAT}accessURL"), address
    yield node, iri(f"{DCAT}downloadURL"), address
    yield node, iri(f"{DCAT}byteSize"), literal(str(file.size), f"{XSD}nonNegativeInteger")
    yield node, iri(f"{_DCATAP}availability"), iri(_STABLE)
    yield node, iri(f"{_SPDX}checksum"), checksum
    yield _typed(media, f"{DCTERMS}MediaType")
    yield _typed(media, f"{DCTERMS}MediaTypeOrExtent")
    yield _typed(checksum, f"{_SPDX}Checksum")
    yield checksum, iri(f"{_SPDX}algorithm"), iri(f"{_SPDX}checksumAlgorithm_sha256")
    yield checksum, iri(f"{_SPDX}checksumValue"), literal(file.sha256, f"{XSD}hexBinary")
    yield _typed(iri(f"{_SPDX}checksumAlgorithm_sha256"), f"{_SPDX}ChecksumAlgorithm")
