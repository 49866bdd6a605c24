"""What the tables share: identifiers of terms, evidence in a line, and whether a fact holds as a plain triple."""

from __future__ import annotations

from kb.model import KnowledgeBase

#: What stands between the values of a cell that has several. Texts may hold it too: the sources are the records.
JOINED = " | "

EXACT = "skos:exactMatch"


def identifiers(kb: KnowledgeBase) -> dict[str, tuple[str, ...]]:
    """Give the CURIEs that stand for the same thing as a term (``skos:exactMatch``), by the term's id, sorted."""
    found: dict[str, tuple[str, ...]] = {}
    for mapping in kb.mappings:
        room, _, name = mapping.subject.partition(":")
        if room == "term" and mapping.match == EXACT:
            found[name] = (*found.get(name, ()), mapping.object)
    return found
