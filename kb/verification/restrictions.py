"""Find what restricts a claim or casts doubt on it: conditions, groups, other terms, attribution, questions, comparisons."""

from __future__ import annotations

from collections.abc import Iterator

from kb.verification.conditionals import find_conditionals
from kb.verification.conditions import ConditionFinder
from kb.verification.cues import Span, longest
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.inheritance import find_open_end
from kb.verification.list_items import find_purpose, is_apposed
from kb.verification.passages import indexes
from kb.verification.populations import OtherTermFinder, PopulationFinder, find_inherited_populations, find_inherited_uses
from kb.verification.undergone_changes import find_changes
from kb.verification.uses import find_own_heading

# How many words can name the kind of a thing before what describes it: 'a small protein that …'.
_KIND = 5
# What the words of each list say of a claim.
_DOUBTS = {
    "time": "speaks of another time",
    "attribution": "reports what others think",
    "question": "asks",
    "comparison": "compares",
    "unstudied": "says that nothing is known",
}


def find_restrictions(reading: FactReading, claim: Claim, clause: set[int]) -> Iterator[tuple[str, str]]:
    """Yield what restricts or doubts the claim, and that the fact does not account for: what it does, and the words."""
    passage = claim.passage
    if is_apposed(reading, claim):
        return  # 'Is X (Y) safe?' names X, whatever it asks
    clause = _find_reach(reading, claim, clause)
    neutral = _find_neutral(reading, claim)
    yield from _find_doubts(reading, claim, clause, neutral)
    if words := _find_open_end(reading, claim):
        yield "goes on in its items", words
    if reading.lists_predicate("unconditional"):
        return  # what kind of thing something is, under no condition
    found = {
        "restricts it by a condition": ConditionFinder(reading, claim, neutral).find(clause),
        # 'people with asthma wheeze, and are …'
        "restricts it to some": PopulationFinder(reading, passage).find(clause if claim.subject else clause | {0, 1}),
        "restricts it to another term": OtherTermFinder(reading, claim).find(clause),
    }
    yield from ((what, passage.quote(span)) for what, spans in found.items() for span in spans)
    inherited = (*find_inherited_populations(reading, claim), *find_inherited_uses(reading, claim))
    yield from (("stands under a restriction", words) for words in inherited)


def _find_reach(reading: FactReading, claim: Claim, clause: set[int]) -> set[int]:
    """Return the tokens whose restrictions are those of the claim: its clause, a bracket after it, what opens the sentence."""
    passage = claim.passage
    bracket = passage.bracket_after(claim.object)
    bracket = bracket | passage.bracket_after([(0, max(bracket) + 1)] if bracket else [])  # 'wheezing (asthma) (in dogs)'
    is_emphasis = min(bracket, default=-1) in {start for start, _ in reading.spans(passage, "emphasis")}  # '(especially in dogs)'
    clause = clause - bracket if is_emphasis else clause | bracket
    if reading.begins_with(passage, "opener"):
        clause |= set(range(*passage.until_comma(0)))  # 'in dogs that were fed, …'
    if reading.relations.get(passage.id):
        clause = clause - find_own_heading(reading, claim)
    clause = clause - _find_case_of_reason(reading, claim) - _find_description(reading, claim)
    return (clause - find_purpose(reading, claim)) | reading.marked(passage, "situation")  # an overdose is about all that follows


def _find_description(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of a participle clause that tells what the object is: 'X blocks Y, a protein involved in Z in dogs'."""
    passage, articles = claim.passage, reading.marked(claim.passage, "article")
    starts = [end for _, end in claim.object if end in articles and passage.has_comma(end, ",")]
    extents = (passage.until_comma(start) for start in starts)
    own = indexes([*claim.subject, *reading.relations.get(passage.id, ())])
    involved = {start for start, _ in reading.spans(passage, "involved", "relative")}
    return {
        at
        for start, end in extents
        for first in involved & set(range(start + 2, start + _KIND))
        for at in range(first, end)
        if own.isdisjoint(range(start, end))
    }


def _find_case_of_reason(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of an if-clause before the claim, if that is a reason: 'Tell us if you have Z, as X may cause Y'."""
    passage, subjects = claim.passage, {start for start, _ in claim.subject}
    ends = {start for start, _ in (*claim.object, *reading.relations.get(passage.id, ()))}
    first = max((end for start, end in reading.spans(passage, "reason") if start), default=0)
    is_named = first in reading.marked(passage, "topic", "singular-pronoun") if not subjects else first <= min(subjects)
    starts = [start for start, _ in reading.spans(passage, "conditional") if start < first]
    return set(range(min(starts), first)) if starts and ends and first <= min(ends) and is_named else set()


def _find_open_end(reading: FactReading, claim: Claim) -> str:
    """Return the last words of a lead-in whose items restrict what it says, and that the fact leaves out."""
    is_said = any(other.sentence != claim.passage.id for other in reading.fact.evidence)
    return find_open_end(reading, claim.passage) if claim.object and not is_said else ""


def _find_neutral(reading: FactReading, claim: Claim) -> list[Span]:
    """Return words that look like a restriction and are none, such as 'more than on placebo'."""
    passage, size = claim.passage, len(claim.passage.words.tokens)
    excess = min((end for _, end in reading.spans(passage, "excess")), default=size)
    last = max((start for start, _ in claim.subject), default=size)
    compared = [span for span in reading.spans(passage, "than-comparator") if max(excess, last) <= span[0]]
    return [*reading.spans(passage, "neutral-condition", "pseudo-negation"), *compared]


def _find_past_cases(reading: FactReading, claim: Claim) -> list[Span]:
    """Return words of an if-clause by which an advice is for what was, too: 'if you have ever had X in the past'."""
    if not (reading.lists_predicate("of-persons") or reading.lists_predicate("of-advice")):
        return []
    cases = {at for one in find_conditionals(reading, claim) for at in one.condition}
    return [span for span in reading.spans(claim.passage, "past-case") if span[0] in cases]


def _find_doubts(reading: FactReading, claim: Claim, clause: set[int], neutral: list[Span]) -> Iterator[tuple[str, str]]:
    """Yield the words by which a sentence asks, compares, reports or doubts instead of stating the claim."""
    passage = claim.passage
    if passage.words.text.rstrip().endswith(("?", "？", "؟")):
        yield _DOUBTS["question"], "?"
    yield from (("doubts it", passage.quote(span)) for span in reading.spans(passage, "doubt"))
    ends = indexes([*claim.subject, *claim.object])
    stated = ends | indexes(find_changes(reading, claim))  # 'makes you less Y' states that X reduces Y
    graded = (span for span in reading.spans(passage, "comparative") if span[1] in {start for start, _ in claim.object})
    graded = (span for span in graded if span[0] not in stated)
    yield from ((_DOUBTS["comparison"], passage.quote(span)) for span in graded)  # 'less nausea than …'
    contrasts = reading.spans(passage, "contrast") if claim.subject else []  # 'X, unlike Y, …' is about X
    weak = reading.spans(passage, "weak-negation")  # 'not expected to cause'
    past = _find_past_cases(reading, claim)
    for name, what in _DOUBTS.items():
        spans = [span for span in reading.spans(passage, name) if span not in past]
        for span in longest(spans, [*(other for other in neutral if other[0]), *weak, *spans]):  # 'Whether or not X …' asks
            is_aside = not ends & set(range(*passage.until_comma(span[0]))) and span in contrasts
            own = passage.accounted.issuperset(range(*span)) if name == "comparison" else passage.is_accounted(span)
            if span[0] in clause and not (span in neutral or is_aside or own):
                yield what, passage.quote(span)
