"""The details of a release that all its metadata files share, derived once from ``kb.yaml``."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from kb.metadata import Agent, Dataset
from kb.model import KnowledgeBase
from kb.schema.vocabulary import OPEN_LICENCES

_CREATIVE_COMMONS = re.compile(r"https?://creativecommons\.org/(?:licenses/([a-z-]+)|publicdomain/(zero))/([0-9.]+)/?.*")
_KEYWORDS = 5
_SPDX = re.compile(r"https?://spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.html)?")


@dataclass(frozen=True, slots=True)
class ReleaseDetails:
    """Details of a dataset for metadata.

    Args:
        dataset: The description in ``kb.yaml``.
        publisher: The publisher; by default the first creator.
        homepage: The homepage; by default the base IRI.
        download: The URL of the folder with the files of this version, if ``kb.yaml`` names it.
        release: The IRI of this version, below which its files have their IRIs.
        keywords: The keywords; by default the labels of what most facts are about.
        spdx: The SPDX identifier of the licence, or nothing.
        identifier: The DOI as a URL, or the base IRI.
        issued_at: The date of the version as ``xsd:dateTime``, at midnight UTC.
    """

    dataset: Dataset
    publisher: Agent
    homepage: str
    download: str
    release: str
    keywords: tuple[str, ...]
    spdx: str
    identifier: str
    issued_at: str

    @property
    def publisher_url(self) -> str:
        """The ROR URL of the publisher, or its homepage, or nothing."""
        return f"https://ror.org/{self.publisher.ror}" if self.publisher.ror else self.publisher.url

    @property
    def citation(self) -> str:
        """The recommended citation."""
        names = ", ".join(creator.name for creator in self.dataset.creators)
        year, dataset = self.dataset.issued[:4], self.dataset
        return f"{names} ({year}). {dataset.title}, version {dataset.version}. {self.publisher.name}. {self.identifier}"


def release_details(kb: KnowledgeBase) -> ReleaseDetails:
    """Derive the details of a release of a knowledge base."""
    dataset, first = kb.dataset, kb.dataset.creators[0]
    subjects = Counter(fact.subject for fact in kb.facts).most_common(_KEYWORDS)
    return ReleaseDetails(
        dataset,
        publisher=dataset.publisher or Agent(first.name, first.url if first.orcid else "", "", first.ror),
        homepage=dataset.homepage or dataset.base,
        download=f"{dataset.download.rstrip('/')}/" if dataset.download else "",
        release=f"{dataset.base}releases/{dataset.version}/",
        keywords=dataset.keywords or tuple(kb.terms[name].label for name, _ in subjects) or (dataset.title,),
        spdx=spdx_identifier(dataset.license),
        identifier=f"https://doi.org/{dataset.doi}" if dataset.doi else dataset.base,
        issued_at=f"{dataset.issued}T00:00:00+00:00",
    )


def spdx_identifier(license_: str) -> str:
    """Return the SPDX identifier of a licence by its IRI, or nothing."""
    for name, address in OPEN_LICENCES.items():
        if license_.rstrip("/") == address.rstrip("/"):
            return name
    if match := _CREATIVE_COMMONS.fullmatch(license_):
        return f"CC0-{match[3]}" if match[2] else f"CC-{match[1].upper()}-{match[3]}"
    match = _SPDX.fullmatch(license_)
    return match[1] if match else ""
