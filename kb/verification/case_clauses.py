"""Find if-clauses that restrict nothing, because they only name what the claim is about: 'if you have Y. This may be X'."""

from __future__ import annotations

from kb.verification.cues import Span
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.passages import TokenisedSentence, indexes


def names_what_is_meant(reading: FactReading, claim: Claim, opening: Span, content: set[int]) -> bool:
    """Return whether an if-clause restricts nothing: it describes the subject, or has the symptoms of the next sentence."""
    return _describes_group(reading, claim, opening, content) or _names_symptom(reading, claim, opening)


def find_joined_cases(reading: FactReading, passage: TokenisedSentence, own: int, words: set[int]) -> set[int]:
    """Return the words that join a case to that of the subject: 'you have X and take Z', not 'cramps and pain, X or Y'."""
    verbs = reading.marked(passage, "auxiliary", "noticing", "using", "having", "speaker", "be")
    return {
        at
        for at in reading.marked(passage, "all-of") & words
        if at + 1 in verbs or not any(passage.has_comma(one, ",;") for one in range(min(at, own) + 1, max(at, own) + 1))
    }


def _describes_group(reading: FactReading, claim: Claim, opening: Span, content: set[int]) -> bool:
    """Return whether an if-clause only names the kind of the subject, an example: 'if you take what blocks Y, like W or X'.

    The kind is described by a relative clause or by its purpose: 'a certain medicine to treat Y, called X'.
    """
    passage, last = claim.passage, max(content, default=0) + 1
    stated = indexes(reading.relations.get(passage.id, ())) & content
    barred = reading.marked(passage, "auxiliary", "relative", "condition", "not")
    is_example = any(
        start in {last, last - 1} and end <= first and barred.isdisjoint(range(end, first)) and not passage.has_mark(first, ";")
        for start, end in reading.spans(passage, "example")
        for first, _ in claim.subject
    )
    starts = {start for start, _ in reading.spans(passage, "purpose")} | reading.marked(passage, "relative")
    is_described = any(opening[1] <= at <= min(stated, default=-1) for at in starts)
    return is_example and is_described and not content.isdisjoint(indexes(claim.object))


def _names_symptom(reading: FactReading, claim: Claim, opening: Span) -> bool:
    """Return whether an if-clause has but symptoms that the next sentence explains: 'if you have Y. These may be signs of X'."""
    passage = claim.passage
    if claim.subject or not reading.lists_predicate("of-symptoms") or opening not in reading.spans(passage, "conditional"):
        return False
    is_explained = any(
        other.subject
        and not other.object
        and reading.source.before.get(other.passage.id) == passage.id
        and reading.begins_with(other.passage, "anaphor")
        and min(reading.relation_spans(other.passage), default=other.subject[0]) < other.subject[0]
        for other in reading.claims
    )
    first = min((start for start, _ in claim.object), default=0)
    plain = reading.marked(
        passage, "speaker", "having", "noticing", "vague", "article", "symptoms", "joint", "example", "patient"
    )
    plain |= reading.marked(passage, "announcing", "neutral-words") - reading.marked(passage, "using")
    ands = reading.marked(passage, "using", "not", "not-taking") - reading.marked(passage, "all-of")
    _, until = passage.until_comma(opening[0], ",;:")
    return is_explained and ands.isdisjoint(range(opening[1], first)) and plain.issuperset(range(opening[1], min(first, until)))
