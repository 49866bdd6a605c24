"""The metadata of a knowledge base: what its ``kb.yaml`` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Creator(NamedTuple):
    """A person or group that created the knowledge base; a creator with an ORCID iD is a person."""

    id: str
    name: str
    orcid: str = ""
    ror: str = ""

    @property
    def url(self) -> str:
        """Its ORCID or ROR URL, or nothing."""
        if self.orcid:
            return f"https://orcid.org/{self.orcid}"
        return f"https://ror.org/{self.ror}" if self.ror else ""


class Agent(NamedTuple):
    """A person, group or organisation."""

    name: str
    url: str = ""
    email: str = ""
    ror: str = ""


class Dataset(NamedTuple):
    """The metadata of a knowledge base (``kb.yaml``)."""

    id: str
    title: str
    description: str
    version: str
    base: str
    license: str
    language: str
    issued: str
    creators: tuple[Creator, ...]
    prefixes: Mapping[str, str]
    keywords: tuple[str, ...] = ()
    disclaimer: str = ""
    alternative: str = ""
    publisher: Agent | None = None
    contact: Agent | None = None
    homepage: str = ""
    download: str = ""
    repository: str = ""
    endpoint: str = ""
    doi: str = ""
    themes: tuple[str, ...] = ()
    spatial: tuple[str, ...] = ()
    temporal: tuple[str, str] | None = None
    accrual: str = ""
    technique: str = ""
