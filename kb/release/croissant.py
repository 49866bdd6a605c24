"""``croissant.json``: Croissant 1.0, with a record set for each flat table."""

from __future__ import annotations

from typing import Any

from kb.release.details import ReleaseDetails, creator_url, release_details
from kb.release.draft import Draft, ReleaseFile

_JSON = ("data", "examples")
_TERMS = """
    citeAs column data dataBiases dataCollection dataType equivalentProperty examples extract field fileProperty fileObject
    fileSet format includes isLiveDataset jsonPath key md5 parentField path personalSensitiveInformation recordSet references
    regex repeated replace samplingRate separator source subField transform
"""
#: Table and column to the column of another table that it refers to.
_REFERENCES = {("facts", "subject"): "terms/term", ("facts", "object"): "terms/term"}


def add_croissant(draft: Draft) -> None:
    """Add croissant.json."""
    details = release_details(draft.kb.dataset)
    tables = [file for file in draft.of("data") if file.name.startswith("csv/")]
    description: dict[str, Any] = {
        "@context": _context(draft.kb.dataset.language),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **_head(details),
        "distribution": [_object(file) for file in tables],
        "recordSet": [_record_set(file) for file in tables],
    }
    draft.add_json("croissant.json", description, "Croissant 1.0, for machine learning.", "application/ld+json")


def _context(language: str) -> dict[str, Any]:
    terms: dict[str, Any] = {
        name: {"@id": f"cr:{name}", "@type": "@json"} if name in _JSON else f"cr:{name}" for name in _TERMS.split()
    }
    terms["dataType"] = {"@id": "cr:dataType", "@type": "@vocab"}
    return {
        "@language": language,
        "@vocab": "https://schema.org/",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "dct": "http://purl.org/dc/terms/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "sc": "https://schema.org/",
        **terms,
    }


def _head(details: ReleaseDetails) -> dict[str, Any]:
    dataset = details.dataset
    makers = []
    for creator in dataset.creators:
        kind = "sc:Person" if creator.orcid else "sc:Organization"
        makers.append({"@type": kind, "name": creator.name, **({"url": creator_url(creator)} if creator_url(creator) else {})})
    return {
        "name": dataset.id,
        "alternateName": dataset.title,
        "description": dataset.description,
        "url": details.homepage,
        "license": dataset.license,
        "version": dataset.version.partition("-")[0],
        "datePublished": dataset.issued,
        "creator": makers,
        "publisher": {"@type": "sc:Organization", "name": details.publisher.name},
        "keywords": list(dataset.keywords),
        "inLanguage": dataset.language,
        "citeAs": details.citation,
        "isLiveDataset": False,
    }


def _table(file: ReleaseFile) -> str:
    return file.name.rpartition("/")[2].partition(".")[0]


def _object(file: ReleaseFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"{_table(file)}-file",
        "name": file.name.rpartition("/")[2],
        "description": file.what,
        "contentUrl": file.name,
        "contentSize": f"{file.size} B",
        "encodingFormat": file.media,
        "sha256": file.sha256,
    }


def _record_set(file: ReleaseFile) -> dict[str, Any]:
    name = _table(file)
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{file.rows} records: {file.what}",
        **({"key": {"@id": f"{name}/{name[:-1]}"}} if name in {"facts", "terms"} else {}),
        "field": [_field(name, column) for column in file.columns],
    }


def _field(table: str, column: str) -> dict[str, Any]:
    reference = _REFERENCES.get((table, column))
    return {
        "@type": "cr:Field",
        "@id": f"{table}/{column}",
        "name": column,
        "description": column.replace("_", " "),
        "dataType": "sc:Text",
        "source": {"fileObject": {"@id": f"{table}-file"}, "extract": {"column": column}},
        **({"references": {"field": {"@id": reference}}} if reference else {}),
    }
