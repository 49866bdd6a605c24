"""Trusty URIs: IRIs that contain the digest of the statements that they name (module RA, https://trustyuri.net/spec/).

The IRIs of a draft have a space in the place of the digest; no other IRI can contain a space. The digest is that of the sorted
statements in a form of their own.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from kb.rdf.quads import Literal, Quad, literal_value

#: The placeholder of the artifact code in the IRIs of a draft.
PLACEHOLDER = " "


def compute_code(draft: Iterable[Quad]) -> str:
    """Compute the artifact code of a draft: ``RA`` and 43 characters.

    Args:
        draft: The statements, with the placeholder in IRIs; no blank nodes.
    """
    rows = sorted({(quad[3][1:-1], quad[0][1:-1], quad[1][1:-1], _object(quad[2])) for quad in draft})
    text = "".join(f"{graph}\n{subject}\n{predicate}\n{obj[-1]}\n" for graph, subject, predicate, obj in rows)
    return f"RA{urlsafe_b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii').rstrip('=')}"


def fill_in(draft: Iterable[Quad], artifact: str) -> list[Quad]:
    """Replace the placeholder by the artifact code."""
    return [Quad(_fill(quad[0], artifact), quad[1], _fill(quad[2], artifact), _fill(quad[3], artifact)) for quad in draft]


def _fill(term: str, artifact: str) -> str:
    return term.replace(PLACEHOLDER, artifact) if PLACEHOLDER in term and term[0] == "<" else term


def clear(quads: Iterable[Quad], artifact: str) -> list[Quad]:
    """Replace the artifact code by the placeholder, to compute it again."""
    return [Quad(*(term.replace(artifact, PLACEHOLDER) if term[0] == "<" else term for term in quad)) for quad in quads]


@lru_cache(10_000)
def _object(term: str) -> tuple[bool, Literal, str]:
    """Return what an object is sorted by (IRIs, then literals by text, datatype and language), and the form that is hashed."""
    if term[0] == "<":
        return False, Literal(term[1:-1]), term[1:-1]
    value = literal_value(term)
    kind = f"@{value.language}" if value.language else f"^{value.datatype}"
    escaped = value.value.replace("\\", "\\\\").replace("\n", "\\n")
    return True, value, f"{kind} {escaped}"
