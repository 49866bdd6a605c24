"""Read the conditions of a sentence: where they begin and end, and which words restrict nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kb.verification.back_references import find_reference, find_referring
from kb.verification.conditionals import find_conditional, find_conditionals
from kb.verification.consequences import find_otherwise
from kb.verification.cues import Span, longest
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.list_items import find_other_items
from kb.verification.passages import indexes
from kb.verification.uses import find_own_heading


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: its first words ('if'), its extent up to the next comma, and the tokens of what it says."""

    opening: Span
    extent: Span
    content: set[int]


class ConditionReading:
    """The conditions of a sentence as they are read for one claim."""

    def __init__(self, reading: FactReading, claim: Claim, neutral: list[Span]) -> None:
        self.reading, self.claim, self.passage, self.neutral = reading, claim, claim.passage, neutral
        self.size = len(claim.passage.words.tokens)
        self.subject, self.object = indexes(claim.subject), indexes(claim.object)
        self.openers = self._find_openers()
        self.emphasised = find_emphasised(reading, claim)
        self.numbers = {at for at, token in enumerate(claim.passage.words.tokens) if token.text.isdigit()}
        self.rivals = indexes(span for _, span in reading.find_like_subject(claim.passage)) - self.subject
        self.plain = self._find_plain_words()
        self.other_items = find_other_items(reading, claim)
        self.heading = find_own_heading(reading, claim) if reading.begins_with(claim.passage, "conditional") else set[int]()
        clauses = list(find_conditionals(reading, claim))
        self.conditional = find_conditional(reading, claim) if reading.lists_predicate("of-if-clause") else None
        if find_referring(reading, claim):  # '- if you have X. If this is the case, lie down'
            self.conditional = next((one for one in clauses if not self.subject.isdisjoint(one.condition)), None)
        reference = find_reference(reading, claim)
        is_resolved = any(find_referring(reading, one) is claim for one in reading.claims)
        self.referring = find_otherwise(reading, claim) | set(reference.condition if reference and is_resolved else ())
        self.ends = {one.condition.start: one.main.start for one in clauses if one.main.start == one.condition.stop}

    def _find_openers(self) -> list[Span]:
        """Return words such as 'in' and 'during' at the start of a sentence, if a comma ends what they begin."""
        reading, passage = self.reading, self.passage
        is_fronted = passage.until_comma(0)[1] < self.size
        if not is_fronted or reading.begins_with(passage, "neutral-opener") or reading.begins_with(passage, "contrast"):
            return []  # 'in contrast to Y, X …'
        return [span for span in reading.spans(passage, "opener") if span[0] == 0]

    def _find_openings(self) -> Iterator[Span]:
        reading, passage = self.reading, self.passage
        inverted = [span for span in reading.spans(passage, "inverted") if span[0] == 0]  # 'Should you have X, …'
        spans = [*reading.spans(passage, "condition", "situation", "neutral-condition"), *inverted, *self.openers]
        return longest(spans, [*self.neutral, *spans])

    def _find_plain_words(self) -> frozenset[int]:
        """Return the words that restrict nothing: 'if you take Y, X reduces the excretion of Y'."""
        stems = [*self.passage.words.stems]
        named = {stems[at] for at in self.object}
        return (
            self.reading.marked(self.passage, "neutral-words", "administered")
            | self.subject
            | {at for at, stem in enumerate(stems) if stem in named}
        )

    def _read(self, opening: Span) -> Condition:
        start, end = self.passage.until_comma(opening[0])
        joints, verbs = self._starts("any-of") | self._starts("all-of"), self._starts("auxiliary")
        end = next((at for at in range(opening[1], end) if at in joints and at + 1 in verbs), end)  # 'after X and should'
        extent = start, min(end, self.ends.get(start, end))
        bracket = self.passage.bracket_after([(opening[1], extent[1])])
        is_described = min(bracket, default=-1) in self.reading.marked(self.passage, "participle")
        return Condition(opening, extent, set(range(opening[1], extent[1])) | (set() if is_described else bracket))

    def _starts(self, name: str) -> set[int]:
        return {start for start, _ in self.reading.spans(self.passage, name)}


def find_emphasised(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens after a word such as 'especially', which restrict nothing: 'especially when used in children'."""
    starts = [start for start, _ in reading.spans(claim.passage, "emphasis")]
    stretches = [set(range(*claim.passage.until_comma(start))) for start in starts]
    ends = indexes([*claim.object, *claim.subject])
    near = {at for start in starts for at in (start + 1, start + 2)}
    return near.union(*(stretch for stretch in stretches if ends.isdisjoint(stretch)))
