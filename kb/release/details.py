"""The details of a release that all its metadata files share, derived once from ``kb.yaml``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.model import Agent, Creator, Dataset
from kb.schema.licences import OPEN_LICENCES

_CREATIVE_COMMONS = re.compile(r"https?://creativecommons\.org/(?:licenses/([a-z-]+)|publicdomain/(zero))/([0-9.]+)/?.*")
_SPDX = re.compile(r"https?://spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.html)?")


@dataclass(frozen=True, slots=True)
class ReleaseDetails:
    """Details of a dataset for metadata.

    Args:
        dataset: The description in ``kb.yaml``.
        publisher: The publisher; by default the first creator.
        homepage: The homepage; by default the base IRI.
        download: The URL of the folder with the files of this version.
        spdx: The SPDX identifier of the licence, or nothing.
        identifier: The DOI as a URL, or the base IRI.
        issued_at: The date of the version as ``xsd:dateTime``, at midnight UTC.
    """

    dataset: Dataset
    publisher: Agent
    homepage: str
    download: str
    spdx: str
    identifier: str
    issued_at: str

    @property
    def citation(self) -> str:
        """The recommended citation."""
        names = ", ".join(creator.name for creator in self.dataset.creators)
        year, dataset = self.dataset.issued[:4], self.dataset
        return f"{names} ({year}). {dataset.title}, version {dataset.version}. {self.publisher.name}. {self.identifier}"


def release_details(dataset: Dataset) -> ReleaseDetails:
    """Derive the details of a release from a dataset."""
    first = dataset.creators[0]
    return ReleaseDetails(
        dataset,
        publisher=dataset.publisher or Agent(first.name, "", "", first.ror),
        homepage=dataset.homepage or dataset.base,
        download=dataset.download or f"{dataset.base}releases/{dataset.version}/",
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


def creator_url(creator: Creator) -> str:
    """Return the ORCID or ROR URL of a creator, or nothing."""
    if creator.orcid:
        return f"https://orcid.org/{creator.orcid}"
    return f"https://ror.org/{creator.ror}" if creator.ror else ""
