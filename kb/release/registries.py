"""What registries and search engines want: DataCite 4.5, Zenodo, schema.org with the Bioschemas profile of datasets."""

from __future__ import annotations

from typing import Any

from kb.model import Creator
from kb.release.about import About, about, page_of
from kb.release.draft import Draft

Made = dict[str, Any]


def add_datacite(draft: Draft) -> None:
    """Add the metadata that DataCite registers with a DOI (kernel 4.5)."""
    dataset, said = draft.kb.dataset, about(draft.kb.dataset)
    found: Made = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        **({"doi": dataset.doi} if dataset.doi else {}),
        "types": {"resourceType": "Knowledge base", "resourceTypeGeneral": "Dataset"},
        "creators": [_datacite_creator(each) for each in dataset.creators],
        "titles": [{"title": dataset.title, "lang": dataset.language}],
        "publisher": {"name": said.publisher.name},
        "publicationYear": dataset.issued[:4],
        "dates": [{"date": dataset.issued, "dateType": "Issued"}],
        "language": dataset.language,
        "alternateIdentifiers": [{"alternateIdentifier": dataset.base, "alternateIdentifierType": "URL"}],
        "subjects": [{"subject": each} for each in dataset.keywords],
        "version": dataset.version,
        "formats": sorted({file.media for file in draft.of("data")}),
        "sizes": [f"{sum(file.size for file in draft.of('data'))} bytes", f"{len(draft.kb.facts)} facts"],
        "rightsList": [_rights(said)],
        "descriptions": [{"description": dataset.description, "descriptionType": "Abstract"}],
        "relatedIdentifiers": [
            {"relatedIdentifier": each.source, "relatedIdentifierType": "URL", "relationType": "IsDerivedFrom"}
            for each in draft.kb.documents.values()
            if each.source
        ],
    }
    draft.add_json("datacite.json", found, "DataCite 4.5.")


def _datacite_creator(creator: Creator) -> Made:
    found: Made = {"name": creator.name, "nameType": "Personal" if creator.orcid else "Organizational"}
    if page_of(creator):
        scheme = "ORCID" if creator.orcid else "ROR"
        uri = "https://orcid.org" if creator.orcid else "https://ror.org"
        found["nameIdentifiers"] = [{"nameIdentifier": page_of(creator), "nameIdentifierScheme": scheme, "schemeUri": uri}]
    return found


def _rights(said: About) -> Made:
    rights: Made = {"rights": said.spdx or said.dataset.license, "rightsUri": said.dataset.license}
    if said.spdx:
        rights |= {"rightsIdentifier": said.spdx, "rightsIdentifierScheme": "SPDX", "schemeUri": "https://spdx.org/licenses/"}
    return rights


def add_zenodo(draft: Draft) -> None:
    """Add what Zenodo reads of a repository that it archives."""
    dataset, said = draft.kb.dataset, about(draft.kb.dataset)
    found: Made = {
        "upload_type": "dataset",
        "title": dataset.title,
        "description": "".join(f"<p>{_html(each)}</p>" for each in (dataset.description, dataset.disclaimer) if each),
        "creators": [{"name": each.name, **({"orcid": each.orcid} if each.orcid else {})} for each in dataset.creators],
        "publication_date": dataset.issued,
        "version": dataset.version,
        "keywords": list(dataset.keywords),
        "access_right": "open",
        "related_identifiers": [{"identifier": dataset.base, "relation": "isIdenticalTo", "resource_type": "dataset"}],
        **({"license": said.spdx.lower()} if said.spdx else {}),
    }
    draft.add_json(".zenodo.json", found, "What Zenodo reads.")


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def add_schemaorg(draft: Draft) -> None:
    """Add a schema.org Dataset that keeps the Bioschemas profile Dataset 1.0, required and recommended; its context is inline."""
    dataset, said = draft.kb.dataset, about(draft.kb.dataset)
    found: Made = {
        "@context": {"@vocab": "https://schema.org/", "dct": "http://purl.org/dc/terms/"},
        "@id": dataset.base,
        "@type": "Dataset",
        "dct:conformsTo": {"@id": "https://bioschemas.org/profiles/Dataset/1.0-RELEASE"},
        "name": dataset.title,
        "alternateName": dataset.alternative or dataset.id,
        "description": dataset.description,
        "identifier": said.identifier,
        "keywords": list(dataset.keywords),
        "license": {"@id": dataset.license},
        "url": {"@id": said.homepage},
        "version": dataset.version,
        "datePublished": dataset.issued,
        "inLanguage": dataset.language,
        "isAccessibleForFree": True,
        "creator": [_maker(each) for each in dataset.creators],
        "publisher": {"@type": "Organization", "name": said.publisher.name},
        "citation": said.citation,
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "@id": f"{dataset.base}catalogue",
            "name": f"{said.publisher.name}: datasets",
        },
        "isBasedOn": [_work(each.title, each.source) for each in draft.kb.documents.values()],
        "variableMeasured": [each.label for each in draft.kb.predicates.values()],
        **({"measurementTechnique": dataset.technique} if dataset.technique else {}),
        "distribution": [
            {
                "@type": "DataDownload",
                "name": file.name,
                "contentUrl": {"@id": f"{said.download}{file.name}"},
                "encodingFormat": file.media,
                "contentSize": f"{file.size} B",
            }
            for file in draft.of("data", "copy")
        ],
    }
    draft.add_json("schemaorg.jsonld", found, "A schema.org Dataset that keeps the Bioschemas profile.", "application/ld+json")


def _maker(creator: Creator) -> Made:
    found: Made = {"@type": "Person" if creator.orcid else "Organization", "name": creator.name}
    return {**({"@id": page_of(creator)} if page_of(creator) else {}), **found}


def _work(title: str, source: str) -> Made:
    return {**({"@id": source} if source else {}), "@type": "CreativeWork", "name": title}
