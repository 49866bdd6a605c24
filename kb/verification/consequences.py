"""Read consequences: of an if-clause, and those that no if-clause of their sentence leads to.

'Do not stop X, as Y may occur' and 'If you stop X, ask first, as Y may occur' tell a reason, 'You may feel Y after taking X' a
time. What follows a title in the sentences before, as in 'If you take too much X Call a doctor. Y may occur.', is about its case.
"""

from __future__ import annotations

from kb.texts.lead_ins import begins_with_title
from kb.verification.conditionals import (
    find_conditional,
    find_plain_words,
    find_words_before_subject,
    happens,
    states_consequence,
)
from kb.verification.fact_reading import RESTRICTING, Claim, FactReading
from kb.verification.passages import TokenisedSentence, indexes
from kb.verification.uses import find_set_phrases

# How many sentences can stand between a title and what may happen in its case.
_DISTANCE = 3


def states_outcome(reading: FactReading, claim: Claim) -> bool:
    """Return whether a sentence says that the object can follow on the subject, in an if-clause or in other words."""
    if states_consequence(reading, claim):
        return True
    if not (reading.lists_predicate("of-consequences") and claim.object):
        return False
    if not claim.subject:
        whole = range(len(claim.passage.words.tokens))
        return follows_title(reading, claim.passage) and any(happens(reading, claim, whole, place) for place in claim.object)
    return _is_told_in(reading, claim, find_danger(reading, claim)) or _follows_taking(reading, claim)


def follows_title(reading: FactReading, passage: TokenisedSentence) -> bool:
    """Return whether a sentence before begins with a title that is the subject: 'If you take too much X Call a doctor.'."""
    acts = (reading.spans(passage, "conditional"), reading.relation_spans(passage))  # but 'X may cause Y' is about X
    if not reading.lists_predicate("of-consequences") or any(acts):
        return False
    source, name = reading.source, passage.id
    for _ in range(_DISTANCE):
        name = source.before.get(name, "")
        if not name or source.contexts.get(name) != source.contexts.get(passage.id):
            return False
        one = TokenisedSentence(source.words[name])
        starts = [start for start, _ in reading.spans(one, "conditional")]
        if starts and begins_with_title(one.words.text.strip()):
            named = reading.lexicon.find_value(reading.fact.subject, one) or find_set_phrases(reading, reading.fact.subject, one)
            end = next((start for start in starts if start), len(one.words.tokens))
            plain = find_plain_words(reading, reading.claims[0]._replace(passage=one, subject=named))
            return bool(named) and min(named)[0] < end and plain.issuperset(range(min(named)[0]))
        if starts:
            return False
    return False


def find_danger(reading: FactReading, claim: Claim) -> range:
    """Return the tokens that tell why not to do the subject, or not without asking: 'Do not stop X, as Y may occur'.

    The reason of another advice is not the consequence of its case: 'If you have X, stop Z because Y may occur'.
    """
    passage, terms = claim.passage, reading.lexicon.kb.terms
    subject = reading.value("subject")
    if not (subject and terms[subject].kind in RESTRICTING and claim.subject and claim.object):
        return range(0)
    first, own = min(start for start, _ in claim.object), min(start for start, _ in claim.subject)
    reasons = [span for span in reading.spans(passage, "reason-opener") if own < span[0] and span[1] <= first]
    others = reading.spans(passage, "otherwise-opener")
    reasons += [span for span in others if own < span[0] and span[1] <= first and passage.has_comma(span[1])]
    start, end = max(reasons, default=(0, 0))
    cases = [at for at, _ in reading.spans(passage, "conditional") if own < at < start]
    if not reasons or cases:  # 'Do not stop X if you have Z, as …'
        return range(0)
    told = range(end, passage.between_semicolons(first).stop)
    return told if _is_forbidden(reading, passage, own) or _asks_first(reading, claim, start) else range(0)


def find_otherwise(reading: FactReading, claim: Claim) -> set[int]:
    """Return where a clause begins that takes up what is forbidden: 'if you do' in 'Do not stop X; if you do, Y may occur'."""
    told = find_danger(reading, claim)
    return {start for start, end in reading.spans(claim.passage, "otherwise-opener") if end == told.start}


def _is_forbidden(reading: FactReading, passage: TokenisedSentence, at: int) -> bool:
    """Return whether a command or advice not to do something begins right before a token: 'Do not suddenly stop X'."""
    while at and passage.is_adverb(at - 1):
        at -= 1
    return any(end == at for _, end in reading.spans(passage, "forbidding"))


def _asks_first(reading: FactReading, claim: Claim, reason: int) -> bool:
    """Return whether what is advised before a reason is only to ask or tell: 'If you want to stop X, ask your doctor first'."""
    conditional = find_conditional(reading, claim)
    if not conditional or reason not in conditional.main or reason == conditional.main.start:
        return False
    asking = [start for start, _ in reading.spans(claim.passage, "asking")]
    plain = reading.marked(claim.passage, "command-opener", "speaker", "auxiliary", "advice")
    advised = range(conditional.main.start, reason)
    begun = min((start for start in asking if start in advised), default=0)
    is_plain = find_words_before_subject(reading, claim, conditional) <= find_plain_words(reading, claim)
    return is_plain and bool(begun) and plain.issuperset(range(advised.start, begun))


def _follows_taking(reading: FactReading, claim: Claim) -> bool:
    """Return whether the object is what people get after they take the subject: 'Some people may feel Y after taking X'."""
    passage, first = claim.passage, min(start for start, _ in claim.object)
    plain = reading.marked(passage, "article", "possessive", "using", "using-links")
    named = {start for start, _ in claim.subject}
    for start, end in reading.spans(passage, "after-taking"):
        subject = next((at for at in range(end, len(passage.words.tokens)) if at not in plain or at in named), 0)
        if start > first and subject in named and not reading.spans_of(passage, "polarity", "negated"):
            return _is_told_in(reading, claim, range(start), ("happening",))
    return False


def _is_told_in(reading: FactReading, claim: Claim, told: range, needed: tuple[str, ...] = ()) -> bool:
    """Return whether some tokens say no more of the object than that it can happen: 'your symptoms may get worse'.

    Where several things happen, the last before the object counts: 'you may get X or have Y'.
    """
    passage = claim.passage
    place = next((place for place in claim.object if place[0] in told), None)
    if place is None:
        return False
    happening, joints = reading.marked(passage, "happening"), reading.marked(passage, "any-of", "all-of")
    modal = {*reading.marked(passage, "modal"), *indexes(reading.hedge_spans(passage))}
    plain = reading.marked(passage, "article", "possessive", "speaker", "topic", "opinion", "be", "auxiliary") | happening | modal
    plain = plain | reading.marked(passage, "population-general", "population-neutral", "alternative", "all-of")
    plain = plain | indexes(span for _, span in reading.lexicon.find_terms(passage))
    before = range(told.start, place[0])
    last = max((at for at in before if at in joints and at + 1 in happening), default=before.start)
    rest = {at for at in before if at > last or last == before.start}
    denied = indexes(reading.spans_of(passage, "polarity", "negated")) | reading.marked(passage, "advice")
    verb = next((at for at in range(place[1], told.stop) if at in happening), 0)
    after = set(range(place[1], verb)) if plain.issuperset(range(place[1], verb)) else set[int]()
    is_possible = not modal.isdisjoint({*before, *after, *range(place[0], max(end for _, end in claim.object))})
    is_needed = all(not reading.marked(passage, name).isdisjoint(before) for name in needed)
    return is_possible and is_needed and denied.isdisjoint(before) and all(at in plain or passage.is_adverb(at) for at in rest)
