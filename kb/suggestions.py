"""Suggestions for names that are spelled almost like a known one."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from itertools import islice

# With how many known names an unknown one is compared; of more, only some that start or end alike.
_MOST_COMPARED = 500


def near_miss(name: str, known: Collection[str], cutoff: float = 0.6) -> str:
    """Return the known name that is spelled most like another; empty if none is similar."""
    name, candidates = name[:100], iter(known)
    if len(known) > _MOST_COMPARED:
        is_alike = (
            candidate
            for candidate in known
            if abs(len(candidate) - len(name)) <= 3 and (candidate[:3] == name[:3] or candidate[-3:] == name[-3:])
        )
        candidates = islice(is_alike, _MOST_COMPARED)
    return next(iter(get_close_matches(name, candidates, n=1, cutoff=cutoff)), "")


def did_you_mean(name: str, known: Collection[str], otherwise: str) -> str:
    """Suggest the known name that is spelled most like another, or return another remedy if none is similar."""
    suggestion = near_miss(name, known)
    return f"Did you mean '{suggestion}'?" if suggestion else otherwise
