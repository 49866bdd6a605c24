"""Decide which mappings two terms have together that become one."""

from __future__ import annotations

from collections.abc import Iterator

from kb.checks.mapping_checks import join_equal
from kb.model import KnowledgeBase, OutsideMatch

#: The matches of which each says less than the one before; the others say something else.
_WEAKER = ("skos:exactMatch", "skos:closeMatch", "skos:relatedMatch")


def resolve_conflicts(kb: KnowledgeBase, old: str, new: str) -> Iterator[tuple[OutsideMatch, str]]:
    """Yield the mappings that change where a term is merged into another: each with the reason why it goes, or none if it moves.

    Of two matches to one thing the weaker stays, or none if neither is weaker. What the new term matches exactly in a vocabulary
    stays the only such thing.
    """
    equal = join_equal(kb.outside)
    rows: dict[str, list[OutsideMatch]] = {old: [], new: []}
    for row in kb.mappings:
        if row.subject.startswith("term:"):
            rows.get(row.subject[5:], []).append(row)
    by_thing = {equal.get(row.object, row.object): row for row in rows[new]}
    exact = {row.object.partition(":")[0] for row in rows[new] if row.match == _WEAKER[0]}
    for row in rows[old]:
        thing = equal.get(row.object, row.object)
        other = by_thing.get(thing)
        if other is None:
            is_rival = row.match == _WEAKER[0] and row.object.partition(":")[0] in exact
            yield row, f"since '{new}' matches another thing of that vocabulary exactly" if is_rival else ""
        elif other.match == row.match:
            yield row, f"since '{new}' has it"
        elif not {row.match, other.match} <= {*_WEAKER}:
            yield row, f"since it contradicts that of '{new}'"
            yield other, f"since it contradicts that of '{old}'"
        elif _WEAKER.index(row.match) < _WEAKER.index(other.match):
            yield row, f"since that of '{new}' is weaker"
        else:
            yield other, f"since that of '{old}' is weaker"
            yield row, ""
            by_thing[thing] = row
