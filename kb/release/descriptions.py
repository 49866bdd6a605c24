"""The descriptions of a release, for programs and for people, by the templates of their formats.

A template of JSON is YAML, in which every value is written as JSON; keys without a value are left out of the file that it makes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from kb.formats.tables import mapping_set
from kb.release import dictionary, lineage
from kb.release.details import release_details
from kb.release.draft import Draft, ReleaseFile, Role, render
from kb.schema.licences import spdx_identifier

_LD, _JSON = "application/ld+json", "application/json"


class ReleaseDescription(NamedTuple):
    """A file that describes a release, and its template in ``templates/``."""

    file: str
    template: str
    what: str
    media: str
    role: Role = "metadata"

    def add(self, draft: Draft) -> None:
        """Add the file."""
        text = render(self.template, **describe(draft))
        if self.template.endswith(".yaml"):
            draft.add_json(self.file, _prune(yaml.safe_load(text)), self.what, self.media)
        else:
            draft.add(self.file, text, self.what, self.media, self.role)


#: The descriptions in the order in which they are made: some list those before them.
DESCRIPTIONS = (
    ReleaseDescription("LICENSE", "LICENSE", "Under which terms it may be used.", "text/plain", "text"),
    ReleaseDescription("CITATION.cff", "CITATION.cff", "How to cite it (Citation File Format 1.2.0).", "application/yaml"),
    ReleaseDescription("DICTIONARY.md", "DICTIONARY.md", "What each column of the tables means.", "text/markdown", "text"),
    ReleaseDescription("data/csv-metadata.json", "csvw.yaml", "The tables as CSV on the Web.", "application/csvm+json"),
    ReleaseDescription("datapackage.json", "datapackage.yaml", "A Frictionless data package of the tables.", _JSON),
    ReleaseDescription("metadata/croissant.json", "croissant.yaml", "Croissant 1.0, for machine learning.", _LD),
    ReleaseDescription("metadata/datacite.json", "datacite.yaml", "DataCite 4.5, to register a DOI.", _JSON),
    ReleaseDescription(".zenodo.json", "zenodo.yaml", "What Zenodo reads from archived repositories.", _JSON),
    ReleaseDescription(lineage.DESCRIPTION, "schemaorg.yaml", "A schema.org Dataset by the Bioschemas profile Dataset 1.0.", _LD),
    ReleaseDescription("README.md", "README.md", "What is in this folder.", "text/markdown", "text"),
    ReleaseDescription("index.html", "index.html", "The landing page, with Signposting and schema.org.", "text/html", "text"),
    ReleaseDescription("ro-crate-metadata.json", "ro-crate.yaml", "RO-Crate 1.1, with an entity for every file.", _LD),
)


def describe(draft: Draft) -> dict[str, Any]:
    """Return what templates use: the knowledge base, the details, the files, those of data, and the tables by their names."""
    data = draft.of("data")
    tables: dict[str, ReleaseFile] = {}
    for file in sorted(data, key=lambda file: (file.media != "text/csv", file.name.count("."))):
        table = dictionary.find_table(file.name) if file.columns else ""
        if table:  # a set of mappings of others has a number
            tables[f"{table}-{len(tables)}" if table in tables else table] = file
    others = [file.about for file in mapping_set.list_sets(draft.kb)[1:]]
    of_rows = [terms for about in others for terms in about.row_licenses]
    return {
        "kb": draft.kb,
        "dataset": draft.kb.dataset,
        "details": release_details(draft.kb),
        "files": draft.of("data", "metadata", "text"),
        "data": data,
        "metadata": draft.of("metadata"),
        "tables": tables,
        "others": others,
        "licences": {
            terms: spdx_identifier(terms)
            for terms in (draft.kb.dataset.license, *(file.license for file in data), *of_rows)
            if terms
        },
        "held": [document for document in draft.kb.documents.values() if document.text == "held-elsewhere"],
        "authors": [creator.url for creator in draft.kb.dataset.creators if creator.url],
        "previous": f"{draft.kb.dataset.base}releases/{draft.since.version}/" if draft.since else "",
        "read": lambda name: draft.read(name).decode("utf-8"),
    }


def _prune(value: Any) -> Any:
    """Leave out the keys without a value; the quote character of a table may be null."""
    if isinstance(value, list):
        return [_prune(item) for item in value]
    if isinstance(value, dict):
        pruned = {key: _prune(item) for key, item in value.items()}
        return {key: item for key, item in pruned.items() if key == "quoteChar" or item not in ("", None, [], {})}
    return value
