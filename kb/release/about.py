"""What every description of a release says, worked out once from ``kb.yaml``."""

from __future__ import annotations

import re
from typing import NamedTuple

from kb.model import Agent, Creator, Dataset
from kb.schema.licences import OPEN_LICENCES

_CREATIVE_COMMONS = re.compile(r"https?://creativecommons\.org/(?:licenses/([a-z-]+)|publicdomain/(zero))/([0-9.]+)/?.*")
_SPDX = re.compile(r"https?://spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.html)?")


class About(NamedTuple):
    """What every description says.

    Args:
        dataset: What ``kb.yaml`` says.
        publisher: Who publishes it.
        homepage: A page about it.
        download: The address below which the files of this version lie.
        spdx: The SPDX identifier of the licence, if it has one.
        identifier: What it is cited by: its DOI, or the base IRI.
        moment: The date of the version as a time, for those who want one.
    """

    dataset: Dataset
    publisher: Agent
    homepage: str
    download: str
    spdx: str
    identifier: str
    moment: str

    @property
    def citation(self) -> str:
        """How people cite it."""
        names = ", ".join(each.name for each in self.dataset.creators)
        year, about = self.dataset.issued[:4], self.dataset
        return f"{names} ({year}). {about.title}, version {about.version}. {self.publisher.name}. {self.identifier}"


def about(dataset: Dataset) -> About:
    """Work out what every description says of a dataset."""
    first = dataset.creators[0]
    return About(
        dataset,
        dataset.publisher or Agent(first.name, "", "", first.ror),
        dataset.homepage or dataset.base,
        dataset.download or f"{dataset.base}releases/{dataset.version}/",
        spdx(dataset.license),
        f"https://doi.org/{dataset.doi}" if dataset.doi else dataset.base,
        f"{dataset.issued}T00:00:00+00:00",
    )


def spdx(license_: str) -> str:
    """Give the SPDX identifier of a licence by its IRI, or nothing."""
    for name, address in OPEN_LICENCES.items():
        if license_.rstrip("/") == address.rstrip("/"):
            return name
    if found := _CREATIVE_COMMONS.fullmatch(license_):
        return f"CC0-{found[3]}" if found[2] else f"CC-{found[1].upper()}-{found[3]}"
    found = _SPDX.fullmatch(license_)
    return found[1] if found else ""


def page_of(creator: Creator) -> str:
    """Give the address that identifies a creator, or nothing."""
    if creator.orcid:
        return f"https://orcid.org/{creator.orcid}"
    return f"https://ror.org/{creator.ror}" if creator.ror else ""
