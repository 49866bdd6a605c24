"""``ro-crate-metadata.json``: RO-Crate 1.1, with an entity for every file.

The context is referred to by its URL, as RO-Crate 1.1 requires (section 2); readers of crates ship with it.
"""

from __future__ import annotations

from typing import Any

from kb.model import Creator
from kb.release.details import ReleaseDetails, creator_url, release_details
from kb.release.draft import Draft, ReleaseFile

NAME = "ro-crate-metadata.json"
_SELF = ("A checksum for every file.", "text/plain")

Entity = dict[str, Any]


def add_crate(draft: Draft) -> None:
    """Add ro-crate-metadata.json; it is added last because it lists every file."""
    details = release_details(draft.kb.dataset)
    files = draft.of("data", "copy", "metadata", "text")
    sums: Entity = {
        "@id": "SHA256SUMS",
        "@type": "File",
        "name": "SHA256SUMS",
        "description": _SELF[0],
        "encodingFormat": _SELF[1],
    }
    graph = [_descriptor(), _root(details, files), *map(_file, files), sums, *_agents(details), *_contexts(details)]
    draft.add_json(
        NAME, {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}, "RO-Crate 1.1.", "application/ld+json"
    )


def _descriptor() -> Entity:
    conforms = {"@id": "https://w3id.org/ro/crate/1.1"}
    return {"@id": NAME, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": conforms}


def _root(details: ReleaseDetails, files: list[ReleaseFile]) -> Entity:
    dataset = details.dataset
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": dataset.title,
        "description": dataset.description,
        "identifier": details.identifier,
        "version": dataset.version,
        "datePublished": details.issued_at,
        "license": {"@id": dataset.license},
        "creator": _one_or_many([{"@id": _id(creator)} for creator in dataset.creators]),
        "author": _one_or_many([{"@id": _id(creator)} for creator in dataset.creators]),
        "publisher": {"@id": "#publisher"},
        "keywords": ", ".join(dataset.keywords),
        "url": details.homepage,
        "inLanguage": dataset.language,
        "hasPart": [{"@id": file.name} for file in files] + [{"@id": "SHA256SUMS"}],
        **({"contactPoint": {"@id": "#contact"}} if dataset.contact else {}),
    }


def _one_or_many(values: list[Entity]) -> Entity | list[Entity]:
    """Return a single value without a list (RO-Crate 1.1, appendix on JSON-LD)."""
    return values[0] if len(values) == 1 else values


def _file(file: ReleaseFile) -> Entity:
    return {
        "@id": file.name,
        "@type": "File",
        "name": file.name.rpartition("/")[2],
        "description": file.what,
        "encodingFormat": file.media,
        "contentSize": str(file.size),
    }


def _id(creator: Creator) -> str:
    return creator_url(creator) or f"#{creator.id}"


def _agents(details: ReleaseDetails) -> list[Entity]:
    agents: list[Entity] = []
    for creator in details.dataset.creators:
        kind = "Person" if creator.orcid else "Organization"
        agents.append({"@id": _id(creator), "@type": kind, "name": creator.name, "url": creator_url(creator) or details.homepage})
    url = details.publisher.url or details.homepage
    agents.append({"@id": "#publisher", "@type": "Organization", "name": details.publisher.name, "url": url})
    if contact := details.dataset.contact:
        point: Entity = {"@id": "#contact", "@type": "ContactPoint", "name": contact.name, "contactType": "questions"}
        point |= {"email": contact.email} if contact.email else {}
        agents.append(point | ({"url": contact.url} if contact.url else {}))
    return agents


def _contexts(details: ReleaseDetails) -> list[Entity]:
    name = details.spdx or details.dataset.license
    words = f"The licence of the data: {name}."
    return [
        {
            "@id": details.dataset.license,
            "@type": "CreativeWork",
            "name": name,
            "description": words,
            "url": details.dataset.license,
        }
    ]
