"""The one table of what is in a release; read by those that make it, check it, and document it.

A new part is a function that takes the draft and adds its files, and a row here. Parts are named and found when a release
is made, so that any room can have one. Their order is that in which they are made: each sees the files of those before it.
"""

from __future__ import annotations

from importlib import import_module
from typing import NamedTuple

from kb.release.draft import Draft


class Part(NamedTuple):
    """A part of a release.

    Args:
        name: What it is called.
        what: What it holds, in a few words.
        home: The module and the function that adds its files, as ``module:function``.
    """

    name: str
    what: str
    home: str

    def add(self, draft: Draft) -> None:
        """Add the files of the part."""
        module, _, function = self.home.partition(":")
        getattr(import_module(module), function)(draft)


PARTS: tuple[Part, ...] = (
    Part("rdf", "the graph in every format and statement model", "kb.release.content:add_rdf"),
    Part("queries", "the named questions with their answers", "kb.release.content:add_answers"),
    Part("tables", "flat tables, KGX, property graphs, triples for embeddings", "kb.release.content:add_tables"),
    Part("mappings", "all mappings as one SSSOM set", "kb.release.content:add_mappings"),
    Part("schemas", "JSON Schemas, shapes, context, ontology, prefixes", "kb.release.content:add_contracts"),
    Part("copies", "packed copies of large files", "kb.release.content:add_copies"),
    Part("losses", "what each format cannot carry", "kb.release.content:add_losses"),
    Part("changes", "what changed since the release before", "kb.release.changes:add_changes"),
    Part("licence", "LICENSE", "kb.release.cards:add_licence"),
    Part("citation", "CITATION.cff", "kb.release.cards:add_citation"),
    Part("datapackage", "Frictionless data package", "kb.release.datapackage:add_package"),
    Part("croissant", "Croissant 1.0", "kb.release.croissant:add_croissant"),
    Part("dcat", "DCAT 3 and VoID", "kb.release.dcat:add_catalogue"),
    Part("datacite", "DataCite 4.5", "kb.release.registries:add_datacite"),
    Part("zenodo", ".zenodo.json", "kb.release.registries:add_zenodo"),
    Part("schemaorg", "schema.org and Bioschemas", "kb.release.registries:add_schemaorg"),
    Part("w3id", "redirects for persistent IRIs, where kb.yaml says where to", "kb.release.persistent:add_redirects"),
    Part("readme", "README.md", "kb.release.cards:add_readme"),
    Part("crate", "RO-Crate 1.1", "kb.release.rocrate:add_crate"),
)
