"""Metadata for registries and search engines: DataCite 4.5, Zenodo, schema.org with the Bioschemas profile of datasets."""

from __future__ import annotations

from html import escape
from typing import Any

from kb.model import Creator
from kb.release.details import ReleaseDetails, creator_url, release_details
from kb.release.draft import Draft

Json = dict[str, Any]


def add_datacite(draft: Draft) -> None:
    """Add datacite.json, the metadata that DataCite registers with a DOI (kernel 4.5)."""
    dataset, details = draft.kb.dataset, release_details(draft.kb.dataset)
    metadata: Json = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        **({"doi": dataset.doi} if dataset.doi else {}),
        "types": {"resourceType": "Knowledge base", "resourceTypeGeneral": "Dataset"},
        "creators": [_datacite_creator(creator) for creator in dataset.creators],
        "titles": [{"title": dataset.title, "lang": dataset.language}],
        "publisher": {"name": details.publisher.name},
        "publicationYear": dataset.issued[:4],
        "dates": [{"date": dataset.issued, "dateType": "Issued"}],
        "language": dataset.language,
        "alternateIdentifiers": [{"alternateIdentifier": dataset.base, "alternateIdentifierType": "URL"}],
        "subjects": [{"subject": keyword} for keyword in dataset.keywords],
        "version": dataset.version,
        "formats": sorted({file.media for file in draft.of("data")}),
        "sizes": [f"{sum(file.size for file in draft.of('data'))} bytes", f"{len(draft.kb.facts)} facts"],
        "rightsList": [_rights(details)],
        "descriptions": [{"description": dataset.description, "descriptionType": "Abstract"}],
        "relatedIdentifiers": [
            {"relatedIdentifier": document.source, "relatedIdentifierType": "URL", "relationType": "IsDerivedFrom"}
            for document in draft.kb.documents.values()
            if document.source
        ],
    }
    draft.add_json("datacite.json", metadata, "DataCite 4.5.")


def _datacite_creator(creator: Creator) -> Json:
    entry: Json = {"name": creator.name, "nameType": "Personal" if creator.orcid else "Organizational"}
    if creator_url(creator):
        scheme = "ORCID" if creator.orcid else "ROR"
        uri = "https://orcid.org" if creator.orcid else "https://ror.org"
        entry["nameIdentifiers"] = [{"nameIdentifier": creator_url(creator), "nameIdentifierScheme": scheme, "schemeUri": uri}]
    return entry


def _rights(details: ReleaseDetails) -> Json:
    rights: Json = {"rights": details.spdx or details.dataset.license, "rightsUri": details.dataset.license}
    if details.spdx:
        rights |= {"rightsIdentifier": details.spdx, "rightsIdentifierScheme": "SPDX", "schemeUri": "https://spdx.org/licenses/"}
    return rights


def add_zenodo(draft: Draft) -> None:
    """Add .zenodo.json, which Zenodo reads from archived repositories."""
    dataset, details = draft.kb.dataset, release_details(draft.kb.dataset)
    metadata: Json = {
        "upload_type": "dataset",
        "title": dataset.title,
        "description": "".join(
            f"<p>{escape(text, quote=False)}</p>" for text in (dataset.description, dataset.disclaimer) if text
        ),
        "creators": [
            {"name": creator.name, **({"orcid": creator.orcid} if creator.orcid else {})} for creator in dataset.creators
        ],
        "publication_date": dataset.issued,
        "version": dataset.version,
        "keywords": list(dataset.keywords),
        "access_right": "open",
        "related_identifiers": [{"identifier": dataset.base, "relation": "isIdenticalTo", "resource_type": "dataset"}],
        **({"license": details.spdx.lower()} if details.spdx else {}),
    }
    draft.add_json(".zenodo.json", metadata, "What Zenodo reads.")


def add_schemaorg(draft: Draft) -> None:
    """Add schemaorg.jsonld: a schema.org Dataset by the Bioschemas profile Dataset 1.0, with an inline context."""
    dataset, details = draft.kb.dataset, release_details(draft.kb.dataset)
    metadata: Json = {
        "@context": {"@vocab": "https://schema.org/", "dct": "http://purl.org/dc/terms/"},
        "@id": dataset.base,
        "@type": "Dataset",
        "dct:conformsTo": {"@id": "https://bioschemas.org/profiles/Dataset/1.0-RELEASE"},
        "name": dataset.title,
        "alternateName": dataset.alternative or dataset.id,
        "description": dataset.description,
        "identifier": details.identifier,
        "keywords": list(dataset.keywords),
        "license": {"@id": dataset.license},
        "url": {"@id": details.homepage},
        "version": dataset.version,
        "datePublished": dataset.issued,
        "inLanguage": dataset.language,
        "isAccessibleForFree": True,
        "creator": [_agent(creator) for creator in dataset.creators],
        "publisher": {"@type": "Organization", "name": details.publisher.name},
        "citation": details.citation,
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "@id": f"{dataset.base}catalogue",
            "name": f"{details.publisher.name}: datasets",
        },
        "isBasedOn": [
            {**({"@id": document.source} if document.source else {}), "@type": "CreativeWork", "name": document.title}
            for document in draft.kb.documents.values()
        ],
        "variableMeasured": [predicate.label for predicate in draft.kb.predicates.values()],
        **({"measurementTechnique": dataset.technique} if dataset.technique else {}),
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file.name,
                "contentUrl": {"@id": f"{details.download}{file.name}"},
                "encodingFormat": file.media,
                "contentSize": f"{file.size} B",
            }
            for file in draft.of("data", "copy")
        ],
    }
    draft.add_json("schemaorg.jsonld", metadata, "A schema.org Dataset that keeps the Bioschemas profile.", "application/ld+json")


def _agent(creator: Creator) -> Json:
    identifier = {"@id": creator_url(creator)} if creator_url(creator) else {}
    return {**identifier, "@type": "Person" if creator.orcid else "Organization", "name": creator.name}
