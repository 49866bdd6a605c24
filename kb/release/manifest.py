"""The registry of the parts of a release.

A new part is a function that adds files to a draft, and a row here. The function is named, not imported, so that any package can
provide a part. Parts are made in the order of the registry; each part sees the files of the parts before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from kb.release.draft import Draft


@dataclass(frozen=True, slots=True)
class ReleasePart:
    """A part of a release, with its content in a few words and the function that adds its files (``module:function``)."""

    name: str
    what: str
    home: str

    def add(self, draft: Draft) -> None:
        """Add the files of the part."""
        module, _, function = self.home.partition(":")
        getattr(import_module(module), function)(draft)


PARTS: tuple[ReleasePart, ...] = (
    ReleasePart("rdf", "the graph in every format and statement model", "kb.release.content:add_rdf"),
    ReleasePart("queries", "the named queries with their answers", "kb.release.content:add_answers"),
    ReleasePart("tables", "flat tables, KGX, property graphs, triples for embeddings", "kb.release.content:add_tables"),
    ReleasePart("mappings", "all mappings as one SSSOM set", "kb.release.content:add_mappings"),
    ReleasePart("schemas", "JSON Schemas, shapes, context, ontology, prefixes", "kb.release.content:add_contracts"),
    ReleasePart("copies", "packed copies of large files", "kb.release.content:add_copies"),
    ReleasePart("losses", "what each format cannot carry", "kb.release.content:add_losses"),
    ReleasePart("changes", "changes since the previous release", "kb.release.changes:add_changes"),
    ReleasePart("licence", "LICENSE", "kb.release.cards:add_licence"),
    ReleasePart("citation", "CITATION.cff", "kb.release.cards:add_citation"),
    ReleasePart("datapackage", "Frictionless data package", "kb.release.datapackage:add_package"),
    ReleasePart("croissant", "Croissant 1.0", "kb.release.croissant:add_croissant"),
    ReleasePart("dcat", "DCAT 3 and VoID", "kb.release.dcat:add_catalogue"),
    ReleasePart("datacite", "DataCite 4.5", "kb.release.registries:add_datacite"),
    ReleasePart("zenodo", ".zenodo.json", "kb.release.registries:add_zenodo"),
    ReleasePart("schemaorg", "schema.org and Bioschemas", "kb.release.registries:add_schemaorg"),
    ReleasePart("w3id", "redirects for persistent IRIs, if kb.yaml names a target", "kb.release.redirects:add_redirects"),
    ReleasePart("readme", "README.md", "kb.release.cards:add_readme"),
    ReleasePart("crate", "RO-Crate 1.1", "kb.release.rocrate:add_crate"),
)
