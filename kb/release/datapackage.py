"""``datapackage.json``: a Frictionless data package of the tables, with keys and references between them."""

from __future__ import annotations

from typing import Any

from kb.release.details import release_details
from kb.release.draft import Draft, ReleaseFile

#: Table to its primary key.
_KEYS = {"csv/facts.csv": "fact", "csv/terms.csv": "term"}


def add_package(draft: Draft) -> None:
    """Add the data package."""
    dataset, details = draft.kb.dataset, release_details(draft.kb.dataset)
    tables = [file for file in draft.of("data") if file.columns and file.name.partition("/")[0] in {"csv", "kgx"}]
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": dataset.id,
        "id": details.identifier,
        "title": dataset.title,
        "description": dataset.description,
        "version": dataset.version,
        "created": details.issued_at,
        "homepage": details.homepage,
        "keywords": list(dataset.keywords),
        "licenses": [{"name": details.spdx, "path": dataset.license} if details.spdx else {"path": dataset.license}],
        "contributors": [{"title": creator.name, "role": "author"} for creator in dataset.creators],
        "sources": [
            {"title": document.title, **({"path": document.source} if document.source else {})}
            for document in draft.kb.documents.values()
        ],
        "resources": [_resource(file, dataset.id) for file in tables],
    }
    draft.add_json("datapackage.json", package, "A Frictionless data package of the tables.")


def resource_name(file: ReleaseFile) -> str:
    """Return the name of a resource, such as ``kgx-clonazepam-nodes``."""
    stem = file.name.rpartition("/")[2].partition(".")[0].replace("_", "-")
    return stem if file.name.startswith("csv/") else f"{file.name.partition('/')[0]}-{stem}"


def _resource(file: ReleaseFile, kb: str) -> dict[str, Any]:
    tab = file.name.endswith(".tsv")
    dialect: dict[str, Any] = {"delimiter": "\t" if tab else ",", "lineTerminator": "\n" if tab else "\r\n"}
    if file.name.startswith("kgx/"):
        dialect["quoteChar"] = "\x00"  # KGX has no quotes
    return {
        "name": resource_name(file),
        "path": file.name,
        "title": file.what,
        "profile": "tabular-data-resource",
        "format": "tsv" if tab else "csv",
        "mediatype": file.media,
        "encoding": "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "rows": file.rows,
        "dialect": dialect,
        "schema": _schema(file, kb),
    }


def _schema(file: ReleaseFile, kb: str) -> dict[str, Any]:
    key = "id" if file.name.startswith("kgx/") else _KEYS.get(file.name)
    schema: dict[str, Any] = {"fields": [{"name": column, "type": "string"} for column in file.columns], "missingValues": [""]}
    if key:
        schema["primaryKey"] = [key]
    targets = {"subject": ("terms", "term"), "object": ("terms", "term")} if file.name == "csv/facts.csv" else {}
    if file.name == f"kgx/{kb}_edges.tsv":
        targets = dict.fromkeys(("subject", "object"), (f"kgx-{kb}-nodes", "id"))
    keys = [
        {"fields": [column], "reference": {"resource": resource, "fields": [field]}}
        for column, (resource, field) in targets.items()
    ]
    return {**schema, "foreignKeys": keys} if keys else schema
