"""``croissant.json``: Croissant 1.0, with a record set for each flat table."""

from __future__ import annotations

from typing import Any

from kb.release.about import About, about, page_of
from kb.release.draft import Draft, File

_JSON = ("data", "examples")
_TERMS = [
    "citeAs",
    "column",
    "data",
    "dataBiases",
    "dataCollection",
    "dataType",
    "equivalentProperty",
    "examples",
    "extract",
    "field",
    "fileProperty",
    "fileObject",
    "fileSet",
    "format",
    "includes",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "personalSensitiveInformation",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "samplingRate",
    "separator",
    "source",
    "subField",
    "transform",
]
#: Table to its column and the column of another table that it refers to.
_REFERENCES = {("facts", "subject"): "terms/term", ("facts", "object"): "terms/term"}


def add_croissant(draft: Draft) -> None:
    """Add the description."""
    said = about(draft.kb.dataset)
    tables = [file for file in draft.of("data") if file.name.startswith("csv/")]
    found: dict[str, Any] = {
        "@context": _context(draft.kb.dataset.language),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        **_head(said),
        "distribution": [_object(file) for file in tables],
        "recordSet": [_record_set(file) for file in tables],
    }
    draft.add_json("croissant.json", found, "Croissant 1.0, for machine learning.", "application/ld+json")


def _context(language: str) -> dict[str, Any]:
    terms: dict[str, Any] = {name: {"@id": f"cr:{name}", "@type": "@json"} if name in _JSON else f"cr:{name}" for name in _TERMS}
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


def _head(said: About) -> dict[str, Any]:
    dataset = said.dataset
    makers = []
    for each in dataset.creators:
        maker = {"@type": "sc:Person" if each.orcid else "sc:Organization", "name": each.name}
        makers.append({**maker, **({"url": page_of(each)} if page_of(each) else {})})
    return {
        "name": dataset.id,
        "alternateName": dataset.title,
        "description": dataset.description,
        "url": said.homepage,
        "license": dataset.license,
        "version": dataset.version.partition("-")[0],
        "datePublished": dataset.issued,
        "creator": makers,
        "publisher": {"@type": "sc:Organization", "name": said.publisher.name},
        "keywords": list(dataset.keywords),
        "inLanguage": dataset.language,
        "citeAs": said.citation,
        "isLiveDataset": False,
    }


def _table(file: File) -> str:
    return file.name.rpartition("/")[2].partition(".")[0]


def _object(file: File) -> dict[str, Any]:
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


def _record_set(file: File) -> dict[str, Any]:
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
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{table}/{column}",
        "name": column,
        "description": column.replace("_", " "),
        "dataType": "sc:Text",
        "source": {"fileObject": {"@id": f"{table}-file"}, "extract": {"column": column}},
    }
    if (table, column) in _REFERENCES:
        field["references"] = {"field": {"@id": _REFERENCES[table, column]}}
    return field
