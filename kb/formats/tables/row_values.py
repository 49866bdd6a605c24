"""What several tables share: the identifiers of terms, and the separator of values."""

from __future__ import annotations

from kb.model import KnowledgeBase

#: The separator of several values in a cell. It may also occur in a text; the records are the source.
JOINED = " | "

EXACT = "skos:exactMatch"


def exact_matches(kb: KnowledgeBase) -> dict[str, tuple[str, ...]]:
    """Return the CURIEs that stand for the same thing as a term (``skos:exactMatch``), by the term's id, sorted."""
    curies: dict[str, tuple[str, ...]] = {}
    for mapping in kb.mappings:
        kind, _, name = mapping.subject.partition(":")
        if kind == "term" and mapping.match == EXACT:
            curies[name] = (*curies.get(name, ()), mapping.object)
    return curies
