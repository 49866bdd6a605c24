"""The metadata of a knowledge base (``kb.yaml``), its edges (``biolink.yaml``), and who entered and reviewed a fact."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


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
    imports: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    vocabulary: str = ""  # see kb.schema.vocabulary.declare


class EdgeRule(NamedTuple):
    """The edge of the Biolink Model that a fact becomes, and the facts that the edge does not overstate.

    Args:
        predicate, association: The predicate and the class of the edge, without prefix.
        modalities: The modalities under which it may be written; none: those of the predicate's ``plain``.
        subject, object: The kinds of subject and of object that it is for; none: all.
        qualifiers, negatable: Slots that every such edge has; whether a denied fact becomes a negated edge.
        bearer: The restricting qualifier whose value is the subject of the edge, in the place of the fact's.
    """

    predicate: str
    association: str = "Association"
    modalities: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    object: tuple[str, ...] = ()
    qualifiers: Mapping[str, str] = MappingProxyType({})
    negatable: bool = False
    bearer: str = ""


class BiolinkProfile(NamedTuple):
    """How facts become edges (``biolink.yaml``); terms may be nodes without an exact match (unmatched), or an edge (unlinked).

    ``trade_names`` is the predicate whose objects are names of medicines.
    """

    infores: str = ""
    terms: Mapping[str, str] = MappingProxyType({})
    predicates: Mapping[str, tuple[EdgeRule, ...]] = MappingProxyType({})
    trade_names: str = ""
    unmatched: bool = False
    unlinked: bool = False
    record: Any = None  # kb.model.Record, which cannot be imported here


class Review(NamedTuple):
    """What a reviewer says of a fact: who, on which day, the verdict, and the digest of the claim and evidence at that time."""

    by: str
    on: str
    verdict: str
    digest: str


class Curation(NamedTuple):
    """Who or what entered a fact, and when; its reviews; its status, if it is disputed or deprecated, and the reason."""

    curator: str = ""
    added: str = ""
    reviews: tuple[Review, ...] = ()
    status: str = ""
    reason: str = ""

    def agents(self) -> set[str]:
        """Return the agents that it names."""
        return {name for name in (self.curator, *(review.by for review in self.reviews)) if name}

    def words(self) -> set[str]:
        """Return the words of the vocabulary that it uses."""
        return {word for word in (self.status, *(review.verdict for review in self.reviews)) if word}
