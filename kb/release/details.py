"""The details of a release that all its metadata files share, derived once from ``kb.yaml``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from kb.metadata import Agent, Dataset
from kb.model import KnowledgeBase
from kb.schema.licences import spdx_identifier

_KEYWORDS = 5


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
