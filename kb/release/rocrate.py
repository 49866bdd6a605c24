"""``ro-crate-metadata.json``: RO-Crate 1.1, with an entity for every file.

The context is referred to by its URL, as RO-Crate 1.1 requires (section 2); readers of RO-Crate include a copy.
"""

from __future__ import annotations

from typing import Any

from kb.model import Creator
from kb.release.details import ReleaseDetails, creator_url, release_details
from kb.release.draft import CHECKSUMS, Draft, ReleaseFile

NAME = "ro-crate-metadata.json"

Entity = dict[str, Any]


def add_crate(draft: Draft) -> None:
    """Add ro-crate-metadata.json; it is added last because it lists every file."""
    details = release_details(draft.kb.dataset)
    files = draft.of("data", "copy", "metadata", "text")
    conforms = {"@id": "https://w3id.org/ro/crate/1.1"}
    graph = [
        {"@id": NAME, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": conforms},
        _root(details, files),
        *({**_file(file), "contentSize": str(file.size)} for file in files),
        _file(ReleaseFile(CHECKSUMS, "A checksum for every file.", "text/plain", "text", 0, "")),  # not written yet
        *_agents(details),
        _licence(details),
    ]
    crate = {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph}
    draft.add_json(NAME, crate, "RO-Crate 1.1.", "application/ld+json")


def _root(details: ReleaseDetails, files: list[ReleaseFile]) -> Entity:
    dataset = details.dataset
    creators = [{"@id": _id(creator)} for creator in dataset.creators]
    creator = creators[0] if len(creators) == 1 else creators  # a single value without a list (appendix on JSON-LD)
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": dataset.title,
        "description": dataset.description,
        "identifier": details.identifier,
        "version": dataset.version,
        "datePublished": details.issued_at,
        "license": {"@id": dataset.license},
        "creator": creator,
        "author": creator,
        "publisher": {"@id": "#publisher"},
        "keywords": ", ".join(dataset.keywords),
        "url": details.homepage,
        "inLanguage": dataset.language,
        "hasPart": [{"@id": file.name} for file in files] + [{"@id": CHECKSUMS}],
        **({"contactPoint": {"@id": "#contact"}} if dataset.contact else {}),
    }


def _file(file: ReleaseFile) -> Entity:
    return {
        "@id": file.name,
        "@type": "File",
        "name": file.name.rpartition("/")[2],
        "description": file.what,
        "encodingFormat": file.media,
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


def _licence(details: ReleaseDetails) -> Entity:
    address, name = details.dataset.license, details.spdx or details.dataset.license
    words = f"The licence of the data: {name}."
    return {"@id": address, "@type": "CreativeWork", "name": name, "description": words, "url": address}
