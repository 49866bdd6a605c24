"""``dcat.ttl``: the catalogue in DCAT 3, by the profile DCAT-AP 3.0, and VoID statistics of the graph.

Every resource has its type in this file, because the shapes of the profile check ranges within this file.
There are no blank nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from kb.formats import registry
from kb.model import Creator
from kb.queries import description
from kb.rdf.iris import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD, Names, names_of
from kb.rdf.quads import Quad, iri, literal
from kb.release.details import ReleaseDetails, creator_url, release_details
from kb.release.draft import Draft, ReleaseFile

_DCATAP, _SPDX, _VCARD = "http://data.europa.eu/r5r/", "http://spdx.org/rdf/terms#", "http://www.w3.org/2006/vcard/ns#"
_MEDIA = "https://www.iana.org/assignments/media-types/"
_STABLE = "http://publications.europa.eu/resource/authority/planned-availability/STABLE"
_PUBLIC = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
_PREFIXES = {"dcatap": _DCATAP, "spdx": _SPDX, "vcard": _VCARD}

Triple = tuple[str, str, str]


def add_catalogue(draft: Draft) -> None:
    """Add dcat.ttl."""
    dataset, details = draft.kb.dataset, release_details(draft.kb.dataset)
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
    lines = turtle.lines(
        [Quad(*triple, "") for triple in sorted(triples)], Names(dataset.base, {**_PREFIXES, **dataset.prefixes})
    )
    draft.add("dcat.ttl", lines, "The catalogue: DCAT 3 and VoID.", turtle.media_type, "metadata")


def _describe(node: str, kind: str, properties: Mapping[str, str | Iterable[str]] = MappingProxyType({})) -> Iterator[Triple]:
    """Yield the type of a resource and its properties, each with a value or several; empty values are left out."""
    yield node, iri(f"{RDF}type"), iri(kind)
    for name, values in properties.items():
        yield from ((node, iri(name), value) for value in ([values] if isinstance(values, str) else values) if value)


def _catalogue(details: ReleaseDetails) -> Iterator[Triple]:
    dataset, themes = details.dataset, iri(f"{details.dataset.base}themes")
    properties = {
        **_shared_properties(details),
        f"{DCTERMS}title": _text(f"{details.publisher.name}: datasets", details),
        f"{DCTERMS}description": _text(f"The catalogue that holds the dataset '{dataset.title}'.", details),
        f"{FOAF}homepage": iri(details.homepage),
        f"{DCAT}dataset": iri(dataset.base),
        f"{DCAT}themeTaxonomy": themes if dataset.themes else "",
        f"{DCAT}service": iri(f"{dataset.base}service/sparql") if dataset.endpoint else "",
    }
    yield from _describe(iri(f"{dataset.base}catalogue"), f"{DCAT}Catalog", properties)
    if dataset.themes:
        yield from _describe(themes, f"{SKOS}ConceptScheme", {f"{DCTERMS}title": _text("Themes", details)})


def _text(words: str, details: ReleaseDetails) -> str:
    return literal(words, language=details.dataset.language)


def _shared_properties(details: ReleaseDetails) -> dict[str, str | Iterable[str]]:
    """Return the properties that the catalogue and the dataset have in common."""
    dataset = details.dataset
    return {
        f"{DCTERMS}publisher": iri(f"{dataset.base}agent/publisher"),
        f"{DCTERMS}issued": literal(dataset.issued, f"{XSD}date"),
        f"{DCTERMS}modified": literal(dataset.issued, f"{XSD}date"),
        f"{DCTERMS}license": iri(dataset.license),
        f"{DCTERMS}language": _language(dataset.language),
        f"{DCTERMS}spatial": map(iri, dataset.spatial),
    }


def _dataset(details: ReleaseDetails, draft: Draft) -> Iterator[Triple]:
    dataset = details.dataset
    properties = {
        **_shared_properties(details),
        f"{DCTERMS}title": _text(dataset.title, details),
        f"{DCTERMS}description": _text(dataset.description, details),
        f"{DCTERMS}identifier": literal(details.identifier),
        f"{DCTERMS}accessRights": iri(_PUBLIC),
        f"{DCTERMS}accrualPeriodicity": iri(dataset.accrual) if dataset.accrual else "",
        f"{DCTERMS}temporal": iri(f"{dataset.base}period") if dataset.temporal else "",
        f"{DCTERMS}bibliographicCitation": literal(details.citation),
        f"{DCTERMS}creator": (_creator(creator, details) for creator in dataset.creators),
        f"{DCTERMS}source": (iri(f"{dataset.base}document/{name}") for name in draft.kb.documents),
        f"{DCAT}version": literal(dataset.version),
        f"{DCAT}landingPage": iri(details.homepage),
        f"{DCAT}keyword": (_text(word, details) for word in dataset.keywords),
        f"{DCAT}theme": map(iri, dataset.themes),
        f"{DCAT}contactPoint": iri(f"{dataset.base}agent/contact") if dataset.contact else "",
    }
    return _describe(iri(dataset.base), f"{DCAT}Dataset", properties)


def _creator(creator: Creator, details: ReleaseDetails) -> str:
    return iri(creator_url(creator) or f"{details.dataset.base}agent/{creator.id}")


def _language(tag: str) -> str:
    """Return the IRI of a language in the list of the Library of Congress, which has languages of two letters."""
    code = tag.partition("-")[0].lower()
    return iri(f"http://id.loc.gov/vocabulary/iso639-1/{code}") if len(code) == 2 else ""


def _agents(details: ReleaseDetails) -> Iterator[Triple]:
    dataset, publisher = details.dataset, details.publisher
    page = iri(publisher.url) if publisher.url else ""
    properties = {f"{FOAF}name": literal(publisher.name), f"{FOAF}homepage": page}
    yield from _describe(iri(f"{dataset.base}agent/publisher"), f"{FOAF}Agent", properties)
    if page:
        yield from _describe(page, f"{FOAF}Document")
    for creator in dataset.creators:
        yield from _describe(_creator(creator, details), f"{FOAF}Agent", {f"{FOAF}name": literal(creator.name)})
    if contact := dataset.contact:
        properties = {
            f"{_VCARD}fn": literal(contact.name),
            f"{_VCARD}hasEmail": iri(f"mailto:{contact.email}") if contact.email else "",
            f"{_VCARD}hasURL": iri(contact.url) if contact.url else "",
        }
        yield from _describe(iri(f"{dataset.base}agent/contact"), f"{_VCARD}Kind", properties)


def _types(details: ReleaseDetails) -> Iterator[Triple]:
    """Describe the other resources."""
    dataset = details.dataset
    yield from _describe(iri(dataset.license), f"{DCTERMS}LicenseDocument")
    yield from _describe(iri(details.homepage), f"{FOAF}Document")
    yield from _describe(iri(_PUBLIC), f"{DCTERMS}RightsStatement")
    if _language(dataset.language):
        yield from _describe(_language(dataset.language), f"{DCTERMS}LinguisticSystem")
    if dataset.accrual:
        yield from _describe(iri(dataset.accrual), f"{DCTERMS}Frequency")
    labels = {_STABLE: "stable", **{theme: theme.rpartition("/")[2].rpartition("#")[2] for theme in dataset.themes}}
    for concept, label in labels.items():
        yield from _describe(iri(concept), f"{SKOS}Concept", {f"{SKOS}prefLabel": literal(label, language="en")})
    for place in dataset.spatial:
        yield from _describe(iri(place), f"{DCTERMS}Location")
    if dataset.temporal:
        days = zip(("startDate", "endDate"), dataset.temporal, strict=True)
        properties = {DCAT + key: literal(day, f"{XSD}date") for key, day in days if day}
        yield from _describe(iri(f"{dataset.base}period"), f"{DCTERMS}PeriodOfTime", properties)
    if dataset.endpoint:
        yield from _service(details)


def _service(details: ReleaseDetails) -> Iterator[Triple]:
    dataset, standard = details.dataset, iri("https://www.w3.org/TR/sparql11-protocol/")
    properties = {
        f"{DCTERMS}title": _text(f"{dataset.title}: SPARQL endpoint", details),
        f"{DCTERMS}conformsTo": standard,
        f"{DCTERMS}publisher": iri(f"{dataset.base}agent/publisher"),
        f"{DCTERMS}license": iri(dataset.license),
        f"{DCAT}endpointURL": iri(dataset.endpoint),
        f"{DCAT}servesDataset": iri(dataset.base),
    }
    yield from _describe(iri(f"{dataset.base}service/sparql"), f"{DCAT}DataService", properties)
    yield from _describe(standard, f"{DCTERMS}Standard")


def _distribution(file: ReleaseFile, details: ReleaseDetails) -> Iterator[Triple]:
    dataset, media = details.dataset, iri(_MEDIA + file.media)
    address, digest = f"{dataset.base}release/{dataset.version}/{file.name}", iri(f"{_SPDX}checksumAlgorithm_sha256")
    properties = {
        f"{DCTERMS}title": literal(file.name),
        f"{DCTERMS}description": _text(file.what, details),
        f"{DCTERMS}license": iri(dataset.license),
        f"{DCTERMS}format": media,
        f"{DCAT}mediaType": media,
        f"{DCAT}accessURL": iri(details.download + file.name),
        f"{DCAT}downloadURL": iri(details.download + file.name),
        f"{DCAT}byteSize": literal(str(file.size), f"{XSD}nonNegativeInteger"),
        f"{_DCATAP}availability": iri(_STABLE),
        f"{_SPDX}checksum": iri(f"{address}#sha256"),
    }
    checksum = {f"{_SPDX}algorithm": digest, f"{_SPDX}checksumValue": literal(file.sha256, f"{XSD}hexBinary")}
    yield iri(dataset.base), iri(f"{DCAT}distribution"), iri(address)
    yield from _describe(iri(address), f"{DCAT}Distribution", properties)
    yield from _describe(media, f"{DCTERMS}MediaType")
    yield from _describe(media, f"{DCTERMS}MediaTypeOrExtent")
    yield from _describe(iri(f"{address}#sha256"), f"{_SPDX}Checksum", checksum)
    yield from _describe(digest, f"{_SPDX}ChecksumAlgorithm")
