"""Check what mappings claim together: compatible kinds, one strength for what is equal, and no two terms equal to a third thing.

Outside identifiers are equal if rows of mapping sets match them exactly, be it through others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.model import KnowledgeBase, OutsideMatch
from kb.problems import Place, Problem
from kb.schema import biolink

_EXACT = "skos:exactMatch"
# Vocabularies that have things of every kind, and those that have relations.
_GENERAL = frozenset({"EFO", "MESH", "NCIT", "SNOMEDCT", "UMLS", "WIKIDATA"})
_RELATIONS = frozenset({"BSPO", "RO"})


def check(kb: KnowledgeBase) -> Iterator[Problem]:
    """Check the mappings (KB324, KB325)."""
    equal = join_equal(kb.outside)
    by_pair: dict[tuple[str, str], OutsideMatch] = {}
    by_object: dict[str, OutsideMatch] = {}
    for mapping in kb.mappings:
        thing = equal.get(mapping.object, mapping.object)
        first = by_pair.setdefault((mapping.subject, thing), mapping)
        if first.match != mapping.match:
            message = f"'{mapping.subject}' is matched to {_word(first)} and to {_word(mapping)}{_reason(first, mapping)}."
            yield Problem(_place(mapping), "KB325", message, "Give both one strength, or keep one; if unsure, the weaker.")
        if mapping.match != _EXACT:
            continue
        other = by_object.setdefault(thing, mapping)
        if other.subject != mapping.subject:
            message = f"'{other.subject}' matches '{other.object}' and '{mapping.subject}' matches '{mapping.object}' exactly"
            message = f"{message}{_reason(other, mapping)}; so they would be one thing."
            yield Problem(_place(mapping), "KB325", message, "Merge them, or weaken the match of one.")
        if what := _find_other_kind(mapping, kb):
            message = f"'{mapping.subject}' is {what[0]}, but '{mapping.object}' is of a vocabulary for {what[1]}."
            yield Problem(_place(mapping), "KB324", message, "Match a thing of the same kind, or make the match weaker.")


def join_equal(rows: Iterable[OutsideMatch]) -> dict[str, str]:
    """Return the first of all identifiers that are equal, by each of them."""
    groups: dict[str, set[str]] = {}
    for row in rows:
        if row.match == _EXACT:
            joined = groups.get(row.subject, {row.subject}) | groups.get(row.object, {row.object})
            groups.update(dict.fromkeys(joined, joined))
    return {name: min(group) for name, group in groups.items()}


def _find_other_kind(mapping: OutsideMatch, kb: KnowledgeBase) -> tuple[str, str] | None:
    """Return what the subject is and what the vocabulary of the object has, if they differ, as far as the Biolink Model knows."""
    prefix, _, name = mapping.object.partition(":")
    prefix = biolink.spell(mapping.object).partition(":")[0] or prefix
    is_relation = prefix in _RELATIONS or (prefix == "biolink" and name[:1].islower())
    has_things = any(prefix in ranks for ranks in biolink.model().nodes.values())
    term = kb.terms.get(mapping.subject.removeprefix("term:"))
    if term is None:
        return ("a predicate", "things") if mapping.subject.removeprefix("pred:") in kb.predicates and has_things else None
    if is_relation:
        return f"of the kind '{term.kind}'", "relations"
    expected = biolink.model().nodes.get(biolink.class_of_kind(term.kind), {})
    is_other = has_things and prefix not in _GENERAL and expected and prefix not in expected
    return (f"of the kind '{term.kind}'", "things of other kinds") if is_other else None


def _word(mapping: OutsideMatch) -> str:
    return f"'{mapping.object}' as '{mapping.match.partition(':')[2]}'"


def _reason(first: OutsideMatch, second: OutsideMatch) -> str:
    return "" if first.object == second.object else ", which mapping sets call equal"


def _place(mapping: OutsideMatch) -> Place:
    return mapping.record.at("object_id") if mapping.record else Place("")
