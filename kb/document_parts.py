"""The parts of documents: sections, sentences with the decisions on them, and results of verification."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple

#: The decision on a sentence; a heading needs none.
SentenceStatus = Literal["heading", "covered", "exempted", "undecided"]


class Exemption(NamedTuple):
    """The reason why no fact cites a sentence."""

    reason: str
    by: tuple[str, ...] = ()
    note: str = ""


class Sentence(NamedTuple):
    """A heading or sentence: its number, its span in Unicode code points, the SHA-256 of its text."""

    id: str
    start: int
    end: int
    sha256: str
    exempt: Exemption | None = None

    @property
    def section(self) -> int:
        """The number of its section."""
        return int(self.id[1:].partition(".")[0])

    @property
    def number(self) -> int:
        """Its number in the section; 0 for the heading."""
        return int(self.id.partition(".")[2])

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading, which no fact needs to cover."""
        return self.id.endswith(".0")

    def status(self, covered: Collection[str]) -> SentenceStatus:
        """Return the decision on it; ``covered`` has the ids of the sentences that facts rest on, which no exemption changes."""
        if self.is_heading:
            return "heading"
        if self.id in covered:
            return "covered"
        return "exempted" if self.exempt else "undecided"


class Section(NamedTuple):
    """A section of a document, with a topic of our own wording, or the code that the text gives it."""

    number: int
    topic: str = ""
    code: str = ""


class Verification(NamedTuple):
    """The result of checking a fact against the sentences that it cites.

    Args:
        fact: The path of the fact below that of its document.
        digest: The digest of its claim and of its sentences at that time; see :func:`kb.rdf.verifications.digest_claim`.
        verdict, when: ``passed``, ``failed`` or ``not-checked``, and the time in UTC, as ``xsd:dateTime`` has it.
        sha256, rules, checked, unchecked: The digest of the text; the version of the rules; the parts checked, and not checked.
    """

    fact: str
    digest: str
    verdict: str
    when: str
    sha256: str
    rules: int
    checked: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
