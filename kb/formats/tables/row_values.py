"""What several tables share: the identifiers of terms, numbers, and lists in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kb.model import KnowledgeBase, LiteralObject
from kb.rdf import quantities

EXACT = "skos:exactMatch"
_NUMERIC = {"xsd:integer", "xsd:decimal", "xsd:double"}
_SEPARATOR = re.compile(r"\\(.)|(\|)", re.DOTALL)


def join_list(values: Iterable[str]) -> str:
    """Write several values in one cell: separated by a bar, with a backslash before a bar or backslash of a value."""
    return "|".join(value.replace("\\", "\\\\").replace("|", "\\|") for value in values)


def split_list(cell: str) -> list[str]:
    """Read what :func:`join_list` wrote."""
    marked = _SEPARATOR.sub(lambda match: "\0" if match[2] else match[1], cell)
    return marked.split("\0") if cell else []


def find_number(literal: LiteralObject) -> float | None:
    """Return the value of a numeric literal, or of a quantity that is one number and no share or 'about' it; or nothing."""
    if not literal.quantity:
        return float(literal.value) if literal.datatype in _NUMERIC else None
    amount = quantities.parse(literal.quantity)
    return float(amount.value) if amount.value and not (amount.approx or amount.per or amount.band) else None


def exact_matches(kb: KnowledgeBase) -> dict[str, tuple[str, ...]]:
    """Return the CURIEs that stand for the same thing as a term (``skos:exactMatch``), by the term's id, sorted."""
    return find_matches(kb, EXACT)


def find_matches(kb: KnowledgeBase, match: str) -> dict[str, tuple[str, ...]]:
    """Return the CURIEs that terms are matched to with a strength, by the term's id, sorted."""
    curies: dict[str, tuple[str, ...]] = {}
    for mapping in kb.mappings:
        kind, _, name = mapping.subject.partition(":")
        if kind == "term" and mapping.match == match:
            curies[name] = (*curies.get(name, ()), mapping.object)
    return curies
