"""What a text says of itself: title, language, identifiers, date, version, rights and licence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from kb import resources
from kb.schema.vocabulary import OPEN_LICENCES

_IDENTIFIERS = ("doi", "pmid", "pmcid", "setid", "id")
_FRONT_MATTER = re.compile(r"^(title|language|lang|date|version|rights|license|licence|doi):[ \t]*+(.+)$", re.MULTILINE)
_SAME = {"lang": "language", "licence": "license"}
_DATE = re.compile(r"(\d{4})(?:[-/]?(\d{1,2}))?(?:[-/]?(\d{1,2}))?(?!\d)")
_LANGUAGE = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_IRI = re.compile('https?://[^ <>"]+$')
_LONGEST_TITLE = 200


class TextDetails(NamedTuple):
    """The details that a text states; those that it does not state are empty. The licence is an IRI."""

    title: str = ""
    language: str = ""
    identifiers: tuple[str, ...] = ()
    issued: str = ""
    version: str = ""
    rights: str = ""
    license: str = ""

    @property
    def source(self) -> str:
        """The IRI of its DOI, if it has one."""
        return next((f"https://doi.org/{name[4:]}" for name in self.identifiers if name.startswith("doi:")), "")


def read_details(markup: str, find: Callable[[str], str]) -> TextDetails:
    """Read the details of a text; ``find`` returns the words at a selector, or nothing."""
    selectors: Mapping[str, Sequence[str]] = resources.markup_languages()[markup]["details"]
    return _make({name: next(filter(None, map(find, listed)), "") for name, listed in selectors.items()})


def read_front_matter(text: str) -> TextDetails:
    """Read the details in the YAML heading of a Markdown text."""
    pairs = (match.groups() for match in _FRONT_MATTER.finditer(text))
    return _make({_SAME.get(name, name): value.strip().strip("\"'") for name, value in pairs})


def _make(values: Mapping[str, str]) -> TextDetails:
    """Make details of the values found, each on one line; values of another form than they should have are left out."""
    lines = {name: " ".join(value.split()) for name, value in values.items()}
    if lines.get("pmcid", "").isdigit():
        lines["pmcid"] = f"PMC{lines['pmcid']}"
    title = lines.get("title", "")
    language = lines.get("language", "")
    licence = lines.get("license", "")
    return TextDetails(
        title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1].rpartition(' ')[0]}…",
        language if _LANGUAGE.fullmatch(language) else "",
        tuple(f"{name}:{value}" for name in _IDENTIFIERS if (value := lines.get(name, "")) and " " not in value),
        _read_date(lines.get("date", "")),
        lines.get("version", ""),
        lines.get("rights", ""),
        find_licence(licence),
    )


def find_licence(words: str) -> str:
    """Return the IRI of a licence that is given by its SPDX identifier or IRI, in the form of those that are known."""
    return _OPEN.get(_compare_form(words), words) if _IRI.match(words) else OPEN_LICENCES.get(words, "")


def _compare_form(iri: str) -> str:
    """Return the IRI of a licence without scheme, the names of its pages, and slashes at its ends, in which texts differ."""
    return re.sub(r"^https?:|/(legalcode|deed)([.]\w+)?$", "", iri).strip("/")


_OPEN = {_compare_form(iri): iri for iri in OPEN_LICENCES.values()}


def _read_date(text: str) -> str:
    """Return a date, a month or a year as ISO 8601 has it, or nothing."""
    match = _DATE.match(text)
    if not match:
        return ""
    year, month, day = match.groups()
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return ""
    return "-".join(part.zfill(2) for part in (year, month, day) if part)
