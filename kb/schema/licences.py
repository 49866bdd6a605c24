"""Licences by the names that texts give them: IRIs, SPDX identifiers, and the usual spellings of Creative Commons."""

from __future__ import annotations

import re

from kb.schema.vocabulary import OPEN_LICENCES

_IRI = re.compile('https?://[^ <>"]+')
_CREATIVE_COMMONS = re.compile(
    r"(?:https?://)?(?:www\.)?creativecommons\.org/((?:licenses/([a-z-]+)|publicdomain/(zero))/(\d\.\d)(?:/[a-z]{2})?)"
    r"(?:/(?:legalcode|deed)(?:[.]\w+)?)?/?",
    re.IGNORECASE,
)
_SPDX = re.compile(r"https?://spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.html)?")
_NAME = re.compile(r"CC-(BY(?:-NC)?(?:-(?:SA|ND))?)-(1\.0|2\.[05]|3\.0|4\.0)")
# The long words of the names of Creative Commons, and those that change nothing.
_WORDS = {
    "CREATIVE-COMMONS": "CC",
    "ATTRIBUTION": "BY",
    "NON-?COMMERCIAL": "NC",
    "SHARE-?ALIKE": "SA",
    "NO-?DERIV(?:ATIVE)?S(?:-WORKS)?": "ND",
    "CC-?(?:0|ZERO)(?:-1.0)?": "CC0-1.0",
    "(?:INTERNATIONAL|UNIVERSAL|UNPORTED|GENERIC|PUBLIC-DOMAIN-DEDICATION|PUBLIC|LICEN[CS]E|THE|V(?=[0-9]))-?": "",
}


def find_licence(words: str) -> str:
    """Return the IRI of a licence, in the form of those that are known, or nothing for words that name none.

    Args:
        words: An IRI, an SPDX identifier of :data:`OPEN_LICENCES` or of Creative Commons, or a name such as ``CC BY 4.0``.
    """
    words = words.strip()
    if match := _CREATIVE_COMMONS.fullmatch(words):
        return f"https://creativecommons.org/{match[1].lower()}/"
    if _IRI.fullmatch(words):
        return _OPEN.get(_compare_form(words), words)
    name = re.sub(r"[\s_(),:/-]+", "-", words.upper()).strip("-.")
    for pattern, short in _WORDS.items():
        name = re.sub(rf"(?<![A-Z]){pattern}", short, name)
    name = re.sub(r"^(?:CC-)?(.+?)-CC-?\1$", r"CC-\1", name.strip("-"))  # the name twice: in long and in short
    if match := _NAME.fullmatch(name):
        return f"https://creativecommons.org/licenses/{match[1].lower()}/{match[2]}/"
    return _NAMED.get(name, "")


def spdx_identifier(license_: str) -> str:
    """Return the SPDX identifier of a licence by its IRI, or nothing."""
    for name, address in OPEN_LICENCES.items():
        if license_.rstrip("/") == address.rstrip("/"):
            return name
    if match := _CREATIVE_COMMONS.fullmatch(license_):
        return f"CC0-{match[4]}" if match[3] else f"CC-{match[2].upper()}-{match[4]}"
    match = _SPDX.fullmatch(license_)
    return match[1] if match else ""


def _compare_form(iri: str) -> str:
    """Return an IRI without scheme and slashes at its ends, in which texts differ."""
    return re.sub("^https?:", "", iri).strip("/")


_OPEN = {_compare_form(iri): iri for iri in OPEN_LICENCES.values()}
_NAMED = {name.upper(): iri for name, iri in OPEN_LICENCES.items()}
