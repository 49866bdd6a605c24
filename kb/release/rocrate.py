"""``ro-crate-metadata.json``: RO-Crate 1.1, with an entity for every file.

The context is the one address that the specification asks for (RO-Crate 1.1, section 2); readers of crates bring it along.
"""

from __future__ import annotations

from typing import Any

from kb.model import Creator
from kb.release.about import About, about, page_of
from kb.release.draft import Draft, File

NAME = "ro-crate-metadata.json"
_SELF = ("A checksum for every file.", "text/plain")

Entity = dict[str, Any]


def add_crate(draft: Draft) -> None:
    """Add the crate; it comes last, since it tells of every file."""
    said = about(draft.kb.dataset)
    files = draft.of("data", "copy", "metadata", "text")
    sums: Entity = {
        "@id": "SHA256SUMS",
        "@type": "File",
        "name": "SHA256SUMS",
        "description": _SELF[0],
        "encodingFormat": _SELF[1],
    }
    graph = [_descriptor(), _root(said, files), *map(_file, files), sums, *_agents(said), *_contexts(said)]
    draft.add_json(
        NAME, {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}, "RO-Crate 1.1.", "application/ld+json"
    )


def _descriptor() -> Entity:
    conforms = {"@id": "https://w3id.org/ro/crate/1.1"}
    return {"@id": NAME, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": conforms}


def _root(said: About, files: list[File]) -> Entity:
    dataset = said.dataset
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": dataset.title,
        "description": dataset.description,
        "identifier": said.identifier,
        "version": dataset.version,
        "datePublished": said.moment,
        "license": {"@id": dataset.license},
        "creator": _one_or_many([{"@id": _id(each)} for each in dataset.creators]),
        "author": _one_or_many([{"@id": _id(each)} for each in dataset.creators]),
        "publisher": {"@id": "#publisher"},
        "keywords": ", ".join(dataset.keywords),
        "url": said.homepage,
        "inLanguage": dataset.language,
        "hasPart": [{"@id": each.name} for each in files] + [{"@id": "SHA256SUMS"}],
        **({"contactPoint": {"@id": "#contact"}} if dataset.contact else {}),
    }


def _one_or_many(values: list[Entity]) -> Entity | list[Entity]:
    """Write one value as itself (RO-Crate 1.1, appendix on JSON-LD)."""
    return values[0] if len(values) == 1 else values


def _file(file: File) -> Entity:
    return {
        "@id": file.name,
        "@type": "File",
        "name": file.name.rpartition("/")[2],
        "description": file.what,
        "encodingFormat": file.media,
        "contentSize": str(file.size),
    }


def _id(creator: Creator) -> str:
    return page_of(creator) or f"#{creator.id}"


def _agents(said: About) -> list[Entity]:
    agents: list[Entity] = []
    for each in said.dataset.creators:
        kind = "Person" if each.orcid else "Organization"
        agents.append({"@id": _id(each), "@type": kind, "name": each.name, "url": page_of(each) or said.homepage})
    url = said.publisher.url or said.homepage
    agents.append({"@id": "#publisher", "@type": "Organization", "name": said.publisher.name, "url": url})
    if contact := said.dataset.contact:
        point: Entity = {"@id": "#contact", "@type": "ContactPoint", "name": contact.name, "contactType": "questions"}
        point |= {"email": contact.email} if contact.email else {}
        agents.append(point | ({"url": contact.url} if contact.url else {}))
    return agents


def _contexts(said: About) -> list[Entity]:
    name = said.spdx or said.dataset.license
    words = f"The licence of the data: {name}."
    return [
        {"@id": said.dataset.license, "@type": "CreativeWork", "name": name, "description": words, "url": said.dataset.license}
    ]
