"""Trusty URIs: IRIs that contain the digest of the statements that they name (module RA, https://trustyuri.net/spec/).

The IRIs of a draft have a space in the place of the digest; no other IRI can contain a space. The digest is that of the sorted
statements in a form of their own.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from kb.rdf.quads import Quad, literal_value

#: The placeholder of the artifact code in the IRIs of a draft.
PLACEHOLDER = " "


def compute_code(draft: Iterable[Quad]) -> str:
    """Compute the artifact code of a draft: ``RA`` and 43 characters.

    Args:
        draft: The statements, with the placeholder in IRIs; no blank nodes.
    """
    rows = sorted({(quad[3][1:-1], quad[0][1:-1], quad[1][1:-1], _object(quad[2])) for quad in draft})
    text = "".join(f"{graph}\n{subject}\n{predicate}\n{obj.line()}\n" for graph, subject, predicate, obj in rows)
    return f"RA{urlsafe_b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii').rstrip('=')}"


def fill_in(draft: Iterable[Quad], artifact: str) -> list[Quad]:
    """Replace the placeholder by the artifact code."""
    return [Quad(_fill(quad[0], artifact), quad[1], _fill(quad[2], artifact), _fill(quad[3], artifact)) for quad in draft]


def _fill(term: str, artifact: str) -> str:
    return term.replace(PLACEHOLDER, artifact) if PLACEHOLDER in term and term[0] == "<" else term


def clear(quads: Iterable[Quad], artifact: str) -> list[Quad]:
    """Replace the artifact code by the placeholder, to compute it again."""
    return [Quad(*(term.replace(artifact, PLACEHOLDER) if term[0] == "<" else term for term in quad)) for quad in quads]


class _Object(NamedTuple):
    """An object, in the order of the specification: IRIs first, then literals by text, datatype and language."""

    is_literal: bool
    text: str
    datatype: str = ""
    language: str = ""

    def line(self) -> str:
        """Write it in the plain form that is hashed."""
        if not self.is_literal:
            return self.text
        kind = f"@{self.language}" if self.language else f"^{self.datatype}"
        escaped = self.text.replace("\\", "\\\\").replace("\n", "\\n")
        return f"{kind} {escaped}"


@lru_cache(10_000)
def _object(term: str) -> _Object:
    if term[0] == "<":
        return _Object(is_literal=False, text=term[1:-1])
    value = literal_value(term)
    return _Object(is_literal=True, text=value.value, datatype=value.datatype, language=value.language)
