"""``datapackage.json``: a Frictionless data package of the tables, with keys and references between them."""

from __future__ import annotations

from typing import Any

from kb.release.about import about
from kb.release.draft import Draft, File

#: Table to the column that names its rows.
_KEYS = {"csv/facts.csv": "fact", "csv/terms.csv": "term"}


def add_package(draft: Draft) -> None:
    """Add the data package."""
    dataset, said = draft.kb.dataset, about(draft.kb.dataset)
    tables = [file for file in draft.of("data") if file.columns and file.name.partition("/")[0] in {"csv", "kgx"}]
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": dataset.id,
        "id": said.identifier,
        "title": dataset.title,
        "description": dataset.description,
        "version": dataset.version,
        "created": said.moment,
        "homepage": said.homepage,
        "keywords": list(dataset.keywords),
        "licenses": [{"name": said.spdx, "path": dataset.license} if said.spdx else {"path": dataset.license}],
        "contributors": [{"title": each.name, "role": "author"} for each in dataset.creators],
        "sources": [
            {"title": each.title, **({"path": each.source} if each.source else {})} for each in draft.kb.documents.values()
        ],
        "resources": [_resource(file, dataset.id) for file in tables],
    }
    draft.add_json("datapackage.json", package, "A Frictionless data package of the tables.")


def resource_name(file: File) -> str:
    """Name a table for machines: ``kgx-clonazepam-nodes``."""
    stem = file.name.rpartition("/")[2].partition(".")[0].replace("_", "-")
    return stem if file.name.startswith("csv/") else f"{file.name.partition('/')[0]}-{stem}"


def _resource(file: File, kb: str) -> dict[str, Any]:
    tab = file.name.endswith(".tsv")
    dialect: dict[str, Any] = {"delimiter": "\t" if tab else ",", "lineTerminator": "\n" if tab else "\r\n"}
    if file.name.startswith("kgx/"):
        dialect["quoteChar"] = "\x00"  # KGX knows no quotes
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


def _schema(file: File, kb: str) -> dict[str, Any]:
    key = "id" if file.name.startswith("kgx/") else _KEYS.get(file.name)
    schema: dict[str, Any] = {"fields": [{"name": column, "type": "string"} for column in file.columns], "missingValues": [""]}
    if key:
        schema["primaryKey"] = [key]
    targets = {"subject": ("terms", "term"), "object": ("terms", "term")} if file.name == "csv/facts.csv" else {}
    if file.name == f"kgx/{kb}_edges.tsv":
        targets = dict.fromkeys(("subject", "object"), (f"kgx-{kb}-nodes", "id"))
    if targets:
        schema["foreignKeys"] = [
            {"fields": [column], "reference": {"resource": resource, "fields": [field]}}
            for column, (resource, field) in targets.items()
        ]
    return schema
