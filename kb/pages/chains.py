"""Chains of facts, such as subject → mechanism → effect: two or more facts, each about the object of the one before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

_STEPS = 4  # facts of the longest chain
_BREADTH = 200  # the most facts of a later step that is followed
_FEW = 12  # the most facts to and from a term whose combinations are chains
_ENDS = ("subject", "object")

#: Returns the facts that have one of some terms as subject or as object: fact, subject, object. The first value says as which.
FindFacts = Callable[[str, Sequence[str]], Iterable[tuple[str, str, str]]]


def find_chains(term: str, find: FindFacts) -> list[str]:
    """Return the facts of the chains that start from a term, lead to it, or pass through it, those next to it first.

    A step with very many facts is not followed, since what leads everywhere is no chain.
    """
    steps: dict[str, list[list[tuple[str, str, str]]]] = {}
    for place, end in enumerate(_ENDS):
        nodes, seen, steps[end] = [term], {term}, []
        while nodes and len(steps[end]) < _STEPS:
            facts = sorted(set(find(end, nodes)))
            if not facts or (steps[end] and len(facts) > _BREADTH):
                break
            steps[end].append(facts)
            nodes = sorted({fact[2 - place] for fact in facts} - seen)
            seen.update(nodes)
    nearest = [fact[0] for end in _ENDS for facts in steps[end][:1] for fact in facts]
    chains = dict.fromkeys(nearest if all(steps.values()) and len(nearest) <= _FEW else ())  # they pass through the term
    for place, end in enumerate(_ENDS):
        first, later = steps[end][:1], [fact for facts in steps[end][1:] for fact in facts]
        onward = {fact[1 + place] for fact in later}
        chains.update({fact[0]: None for facts in first for fact in facts if fact[2 - place] in onward})
        chains.update({fact[0]: None for fact in later})
    return list(chains)
