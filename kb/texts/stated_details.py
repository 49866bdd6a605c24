"""What a text says of itself: title, language, identifiers, date, version, rights and licence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from kb import resources
from kb.schema.licences import find_licence

_IDENTIFIERS = ("doi", "pmid", "pmcid", "setid", "id")
_FRONT_MATTER = re.compile(
    r"^(title|language|lang|date|version|rights|copyright|licen[sc]e|doi|identifier):[ \t]*+(.+)$", re.MULTILINE | re.IGNORECASE
)
_SAME = {"lang": "language", "licence": "license", "copyright": "rights", "identifier": "id"}
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*|(?=10\.\d{4,}/))(10\.\S+)", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:[-/]?(\d{1,2}))?(?:[-/]?(\d{1,2}))?(?!\d)")
_LANGUAGE = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LONGEST_TITLE = 200


class TextDetails(NamedTuple):
    """The details that a text states; those that it does not state are empty.

    ``license`` is an IRI; a licence that :func:`kb.schema.licences.find_licence` does not know stands in ``rights``, in words.
    """

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
    return _make({_SAME.get(name.lower(), name.lower()): value.strip().strip("\"'") for name, value in pairs})


def _make(values: Mapping[str, str]) -> TextDetails:
    """Make details of the values found, each on one line; values of another form than they should have are left out."""
    lines = {name: " ".join(value.split()) for name, value in values.items()}
    if lines.get("pmcid", "").isdigit():
        lines["pmcid"] = f"PMC{lines['pmcid']}"
    if match := _DOI.fullmatch(lines.get("id", "")):
        lines |= {"id": "", "doi": lines.get("doi") or match[1]}
    if match := _DOI.fullmatch(lines.get("doi", "")):
        lines["doi"] = match[1]
    title, language = lines.get("title", ""), lines.get("language", "")
    licence, rights = lines.get("license", ""), lines.get("rights", "")
    known = find_licence(licence)
    words = f"Licence: {licence.rstrip('.')}." if licence and not known and licence != rights else ""
    return TextDetails(
        title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1].rpartition(' ')[0]}…",
        language if _LANGUAGE.fullmatch(language) else "",
        tuple(f"{name}:{value}" for name in _IDENTIFIERS if (value := lines.get(name, "")) and " " not in value),
        _read_date(lines.get("date", "")),
        lines.get("version", ""),
        " ".join(filter(None, (rights, words))),
        known or find_licence(rights),
    )


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
