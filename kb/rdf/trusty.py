"""Trusty URIs of RDF: names that hold the digest of what they name (module RA, https://trustyuri.net/spec/).

A draft has a space in its IRIs where the code will stand, which no IRI may hold: so what is hashed is told from what is not
by nothing else. The digest is over the statements, sorted, in a plain form of their own.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from kb.rdf.quads import Quad, literal_value

#: Where the code will stand in the IRIs of a draft.
HOLE = " "


def code(draft: Iterable[Quad]) -> str:
    """Compute the artifact code of a draft: ``RA`` and 43 characters.

    Args:
        draft: The statements, with a space in IRIs for the code; no blank nodes.
    """
    rows = sorted({(each[3][1:-1], each[0][1:-1], each[1][1:-1], _object(each[2])) for each in draft})
    text = "".join(f"{graph}\n{subject}\n{predicate}\n{_line(*obj)}\n" for graph, subject, predicate, obj in rows)
    return f"RA{urlsafe_b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii').rstrip('=')}"


def fill(draft: Iterable[Quad], artifact: str) -> list[Quad]:
    """Put the code in its places."""
    return [Quad(_fill(each[0], artifact), each[1], _fill(each[2], artifact), _fill(each[3], artifact)) for each in draft]


def _fill(term: str, artifact: str) -> str:
    return term.replace(HOLE, artifact) if HOLE in term and term[0] == "<" else term


def empty(quads: Iterable[Quad], artifact: str) -> list[Quad]:
    """Take the code out of its places again, to compute it anew."""
    return [Quad(*(each.replace(artifact, HOLE) if each[0] == "<" else each for each in quad)) for quad in quads]


@lru_cache(10_000)
def _object(term: str) -> tuple[bool, str, str, str]:
    """Give what an object is sorted by: IRIs first, then literals by text, datatype (none with a language), language."""
    if term[0] == "<":
        return False, term[1:-1], "", ""
    value = literal_value(term)
    return True, value.value, value.datatype, value.language


def _line(is_literal: bool, text: str, datatype: str, language: str) -> str:  # noqa: FBT001 - the members of an object
    if not is_literal:
        return text
    kind = f"@{language}" if language else f"^{datatype}"
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    return f"{kind} {escaped}"
