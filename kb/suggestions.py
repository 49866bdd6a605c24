"""Suggestions for names that are spelled almost like a known one, and that do not mean something else."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import SequenceMatcher, get_close_matches
from itertools import islice

# With how many known names an unknown one is compared; of more, only some that start or end alike.
_MOST_COMPARED = 500
# The least similarity, from 0 to 1; and that of names with different first letters, which are rarely misspelt.
_SIMILAR, _SIMILAR_INSIDE = 0.66, 0.85
# Beginnings of words that turn the meaning around, where they are exchanged for one another, or added and left out.
_OPPOSITES = re.findall(
    r"\S+",
    """
    hyper|hypo  tachy|brady  pre|post  inter|intra  macro|micro  poly|oligo  in|ex  increas|decreas  left|right  upper|lower
    before|after  with|without  more|less  can|could  can|should  could|should  should|would  could|would  must|may
    un|  in|  im|  ir|  il|  non-|  non|  not-|  no-|  dis|  anti-|  anti|  de|  a|  hyper|  hypo|  very-|
    """,
)
_NUMBER = re.compile(r"[0-9]+")


def near_miss(name: str, known: Collection[str], cutoff: float = _SIMILAR) -> str:
    """Return the known name that is spelled most like another and does not mean something else; empty if there is none."""
    name, candidates = name[:100], iter(known)
    if len(known) > _MOST_COMPARED:
        is_alike = (
            candidate
            for candidate in known
            if abs(len(candidate) - len(name)) <= 3 and (candidate[:3] == name[:3] or candidate[-3:] == name[-3:])
        )
        candidates = islice(is_alike, _MOST_COMPARED)
    matches = get_close_matches(name, candidates, n=3, cutoff=cutoff)
    return next((match for match in matches if _may_be_meant(name.casefold(), match.casefold())), "")


def _may_be_meant(name: str, match: str) -> bool:
    """Return whether a similar name can be a misspelling: numbers and parts that turn the meaning around are the same."""
    if name[:1] != match[:1] and SequenceMatcher(None, name, match).ratio() < _SIMILAR_INSIDE:
        return False
    return _NUMBER.findall(name) == _NUMBER.findall(match) and not (_turns(name, match) or _turns(match, name))


def _turns(name: str, other: str) -> bool:
    """Return whether a name becomes nearly another where a part is exchanged for its opposite."""
    for part, opposite in (pair.split("|") for pair in _OPPOSITES):
        for at in (match.start() for match in re.finditer(rf"(?<![a-z]){re.escape(part)}", name)):
            turned = name[:at] + opposite + name[at + len(part) :]
            before, after = (SequenceMatcher(None, word, other, autojunk=False).ratio() for word in (name, turned))
            if after > before:
                return True
    return False


def did_you_mean(name: str, known: Collection[str], otherwise: str) -> str:
    """Suggest the known name that is spelled most like another, or return another remedy if none is similar."""
    suggestion = near_miss(name, known)
    return f"Did you mean '{suggestion}'?" if suggestion else otherwise
