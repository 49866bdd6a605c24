"""Tell the item of a list that a fact is about from the other items: 'headache, dizziness when standing, cough'."""

from __future__ import annotations

from kb.verification.cues import Span
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.passages import indexes

# The lists whose words begin no item: what they begin restricts or continues the sentence.
_NO_ITEM = (
    "condition",
    "opener",
    "population-preposition",
    "comparison",
    "exception",
    "neutral-words",
    "auxiliary",
    "relative",
    "emphasis",
)


def is_aside(reading: FactReading, claim: Claim) -> bool:
    """Return whether a sentence names the object only in a bracket that explains another item: 'X (which may cause …)'."""
    brackets = [claim.passage.bracket_of(start) for start, _ in claim.object]
    opens = {start for start, _ in reading.spans(claim.passage, "bracket-opener")}
    own = claim.passage.bracket_after(claim.subject) | indexes(claim.subject)
    return all(bracket and min(bracket) in opens and bracket.isdisjoint(own) for bracket in brackets)


def is_of_other_item(reading: FactReading, claim: Claim, cue: Span) -> bool:
    """Return whether words of a relation stand in a bracket that follows another item than the subject: 'X (used to treat Y)'."""
    passage, bracket, subject = claim.passage, claim.passage.bracket_of(cue[0]), indexes(claim.subject)
    if not claim.subject or bracket.isdisjoint(indexes(claim.object)) or not bracket.isdisjoint(subject):
        return False
    stretch = set(passage.stretch_before(min(bracket)))
    terms = [span for _, span in reading.lexicon.find_terms(passage) if span[0] in stretch]
    plain = indexes([*terms, *reading.spans(passage, "joint", "article")])
    after = [end for start, end in claim.subject if start in stretch]
    last = max((start for start, _ in terms), default=0)
    return not any(plain.issuperset(range(end, last)) for end in after)


def find_other_items(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of the other items of the list of the object, found once; see :func:`_find_other_items`."""
    if claim.passage.id not in reading.other_items:
        reading.other_items[claim.passage.id] = _find_other_items(reading, claim)
    return reading.other_items[claim.passage.id]


def _find_other_items(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of the other items of a list that has the object as an item: 'dizziness when standing, cough, …'."""
    passage = claim.passage
    stretches = list(passage.stretches())
    joints = reading.marked(passage, "joint")
    starts = {start for start, _ in claim.object}
    if not any(first in starts or (first in joints and first + 1 in starts) for first, _ in stretches):
        return set()
    begins = {start for start, _ in reading.spans(passage, *_NO_ITEM)} | joints
    begins |= {start for start, _ in reading.hedge_spans(passage)}
    begins -= {start for start, _ in reading.spans(passage, "article")}
    bracket = passage.bracket_of(claim.object[0][0])
    own = indexes([*claim.object, *claim.subject]) | passage.bracket_after(claim.object)
    own |= set(passage.stretch_before(min(bracket))) if bracket else set()
    verbs, pronouns = (reading.marked(passage, name) for name in ("auxiliary", "relative"))
    leads = [
        at
        for at, (first, last) in enumerate(stretches)
        if verbs & set(range(first, last)) and pronouns.isdisjoint(range(first, last)) and last <= min(starts)
    ]  # 'the most common reactions (5%) were rash, …'
    stretches = stretches[max(leads, default=0) :]
    others = stretches[1:] if passage.has_mark(stretches[-1][0], ";") else stretches[1:-1]  # what ends a list can be about all
    return {
        at for first, last in others if first not in begins and own.isdisjoint(range(first, last)) for at in range(first, last)
    }
