"""Which of several names before a verb is its subject: the one that begins its clause, and not one that is only described."""

from __future__ import annotations

from kb.verification.cues import Span
from kb.verification.fact_reading import RESTRICTING, Claim, FactReading
from kb.verification.list_items import list_ends
from kb.verification.passages import TokenisedSentence, indexes

# The last word at which a verb opens a sentence: 'By specifically slowing Y, X …'.
_OPENING = 2


def is_displaced(reading: FactReading, passage: TokenisedSentence, place: Span, verb: Span) -> bool:
    """Return whether another term of the subject's kind begins the clause of a verb: 'X is given; Y lowers …', '…, but Y …'."""
    joints, subordinate = reading.marked(passage, "joint"), reading.marked(passage, "subordinate")
    verbs = reading.marked(passage, "auxiliary") | indexes(reading.other_verbs(passage, reading.fact.predicate))

    def separates(at: int) -> bool:
        is_joined = at in subordinate or (at in joints and not verbs.isdisjoint(range(place[1], at)))
        return passage.has_mark(at, ";") or (is_joined and passage.has_comma(at) and verb[0] < passage.until_comma(at)[1])

    others = (start for start, _ in reading.find_rivals(passage) if place[1] <= start < verb[0])
    return any(any(map(separates, range(place[1], start + 1))) for start in others)


def is_described(reading: FactReading, passage: TokenisedSentence, place: Span, cue: Span) -> bool:
    """Return whether words such as 'caused by' describe another name than the one at a place: 'X can worsen Y caused by Z'."""
    verbs = reading.marked(passage, "auxiliary", "copula")
    start = cue[0]
    while start - 1 in verbs | reading.marked(passage, "adverb", "not"):
        start -= 1
    if start < cue[0] and start - 1 in reading.marked(passage, "any-of", "all-of"):
        return False  # 'Y is Z and is caused by X'
    terms = [span for _, span in reading.lexicon.find_terms(passage) if place[1] <= span[0] and span[1] <= start]
    return any(not verbs.isdisjoint(range(place[1], span[0])) for span in terms)


def is_fronted(reading: FactReading, passage: TokenisedSentence, place: Span, verb: Span) -> bool:
    """Return whether a name stands in the words before a comma, and another term after it: 'by blocking X, Y slows …'."""
    opening = passage.until_comma(0)[1]
    others = (start for name, (start, _) in reading.lexicon.find_terms(passage) if name != reading.fact.subject)
    is_opened = any(reading.begins_with(passage, name) for name in ("opener", "agent", "subordinate"))
    return is_opened and place[1] <= opening and any(opening <= start < verb[0] for start in others)


def opens_before_subject(reading: FactReading, claim: Claim, subjects: list[Span], verb: Span) -> bool:
    """Return whether a verb opens the sentence with the object, and the subject follows: 'By slowing Y (a rate), X …'."""
    passage = claim.passage
    opening = passage.until_comma(0, ",;:")[1]
    is_opened = not verb[0] or reading.begins_with(passage, "opener") or reading.begins_with(passage, "means")
    is_opened = is_opened and verb[1] <= opening < len(passage.words.tokens) and verb[0] <= _OPENING
    is_complete = any(verb[1] <= start < opening for start, _ in claim.object)  # 'by slowing X, Y …' is about X alone
    first = min((start for start, _ in subjects if start >= opening), default=0)
    others = {*(start for start, _ in reading.find_rivals(passage)), *reading.marked(passage, "of")}  # 'the effect of X'
    return is_opened and is_complete and bool(first) and others.isdisjoint(range(opening, first))


def begins_clause(reading: FactReading, passage: TokenisedSentence, at: int) -> bool:
    """Return whether a verb begins a new part of a sentence: after a comma, 'and' or 'which'."""
    auxiliaries = reading.marked(passage, "auxiliary", "adverb")
    while at - 1 in auxiliaries:
        at -= 1
    before, here = passage.words.tokens[at - 1 : at + 1]
    return "," in passage.words.text[before.end : here.start] or (at - 1, at) in reading.spans(passage, "joint")


def is_object_of_another(
    reading: FactReading, others: list[Span], subjects: list[Span], span: Span, passage: TokenisedSentence
) -> bool:
    """Return whether the subject is what another verb acts on: 'X slows the heart, leading to …' is about X."""
    tokens_, text = passage.words.tokens, passage.words.text
    joints = reading.marked(passage, "joint") - reading.marked(passage, "relative")
    between = set(range(max((end for _, end in subjects if end <= span[0]), default=span[0]), span[0]))
    is_coordinated = bool(between) and between <= joints  # 'X blocks Y and lowers Z'
    has_comma = "," in text[tokens_[span[0] - 1].end : tokens_[span[0]].start]
    terms = [place for _, place in reading.lexicon.find_terms(passage)]
    named = [place for place in terms if place[0] <= 1 and (is_coordinated or passage.is_participle(span[0]))]
    plain = joints | indexes([*reading.spans(passage, "article"), *terms])
    is_first = any(place in subjects or plain.issuperset(range(place[1], subjects[0][0])) for place in named)
    ends = {end for _, end in others}
    return bool(named and not is_first) or (has_comma and all({start, start - 1} & ends for start, _ in subjects))


def is_beside_antecedent(reading: FactReading, subjects: list[Span], span: Span, passage: TokenisedSentence) -> bool:
    """Return whether a relative clause with the cue belongs to another word: 'X replaces drugs that cause …'."""
    pronouns = _find_pronouns(reading, passage, span)
    subjects = [passage.with_bracket(place) for place in subjects]  # 'X (a name), which causes …'
    last = max((end for _, end in subjects if end <= span[0]), default=0)
    articles = {at for at, _ in reading.spans(passage, "article")}
    being = reading.marked(passage, "be", "article")  # but 'X is a Y (a Z), which …'
    terms = (place for _, place in reading.lexicon.find_terms(passage) if place[0] >= last)
    others = (end for start, end in terms if not being or start == last or not being.issuperset(range(last, start)))
    joints = {at for at, _ in reading.spans(passage, "of")}
    if any(last < end < at and end in articles and passage.has_comma(end) for end in others for at in pronouns) or any(
        passage.has_comma(at) and joints & set(range(max(last, at - 4), at)) for at in pronouns
    ):
        return True  # 'X replaces Y, a drug that …', 'X is a blocker of Y, which …'
    copulas = {at for at, _ in reading.spans(passage, "copula")}
    copulas |= articles & {passage.with_bracket(place)[1] for place in subjects}  # 'X (a name), a drug that …'
    timed = dict(reading.spans(passage, "neutral-condition"))
    subjects = [(start, timed.get(end, end)) for start, end in subjects]  # 'X during treatment that …'
    return any(
        all(end < at and copulas.isdisjoint(range(end, at)) for _, end in subjects if end <= at) and subjects[0][0] < at
        for at in pronouns
    )


def is_of_rival(reading: FactReading, claim: Claim, cue: Span) -> bool:
    """Return whether a cue is in a clause about another term of the subject's kind: 'X was compared with Y, which …'."""
    passage, articles = claim.passage, reading.marked(claim.passage, "article")
    verbs = reading.marked(passage, "copula") | articles
    links = reading.marked(passage, "link", "combination", "agent") - articles
    last = max((end for _, end in claim.subject if end <= cue[0]), default=-1)
    pronouns = _find_pronouns(reading, passage, cue)

    def is_said_of_it(rival: Span) -> bool:  # 'X is a new Y that …', and not 'X is replaced by Y, which …'
        between = set(range(last, rival[0]))
        return bool(between & verbs) and not between & links

    rivals = (place for place in reading.find_rivals(passage) if 0 <= last <= place[0] and place[1] in pronouns)
    return not all(map(is_said_of_it, rivals)) and not is_of_whole_list(reading, claim, cue)


def is_of_whole_list(reading: FactReading, claim: Claim, cue: Span) -> bool:
    """Return whether a cue is in a clause about several things, one of which is the subject: 'X and Y, which are both …'."""
    plural, ends = reading.marked(claim.passage, "plural"), list_ends(reading, claim)
    members = {end for _, end in claim.subject}
    return any(at in ends - members and at + 1 in plural for at in _find_pronouns(reading, claim.passage, cue))


def is_told_after_object(reading: FactReading, claim: Claim) -> bool:
    """Return whether a clause that describes the object names the subject: 'X prevents Y, which may be caused by Z'."""
    passage = claim.passage
    ends = {passage.with_bracket(place)[1] for place in claim.object}
    pronouns = ends & {start for start, _ in reading.spans(passage, "relative")}
    spans = [span for span in reading.relation_spans(passage) for at in pronouns if at < span[0] < passage.until_comma(at)[1]]
    return any(span[1] <= start for span in spans for start, _ in claim.subject)


def is_in_relative_clause(reading: FactReading, passage: TokenisedSentence, place: Span, verb: Span) -> bool:
    """Return whether a place is in a clause about another name, which ends before the verb: 'the Y that X treats can …'."""
    relative = {start for start, _ in reading.spans(passage, "relative")}
    described = {end for _, (_, end) in reading.lexicon.find_terms(passage)}
    others = reading.other_verbs(passage, reading.fact.predicate)
    return place[0] - 1 in relative & described and any(place[1] <= start and end <= verb[0] for start, end in others)


def acts_another(reading: FactReading, claim: Claim) -> bool:
    """Return whether a sentence that does not name the subject says what another thing does: 'Z helps to reduce Y'."""
    passage, terms = claim.passage, reading.lexicon.kb.terms
    verbs = {start for start, _ in (*reading.hedge_spans(passage), *reading.other_verbs(passage))}
    kinds = {*reading.predicate.object, *RESTRICTING}
    named = ((terms[name].kind, span) for name, span in reading.lexicon.find_terms(passage) if name != reading.fact.subject)
    return not claim.subject and any(start <= 1 and end in verbs and kind not in kinds for kind, (start, end) in named)


def _find_pronouns(reading: FactReading, passage: TokenisedSentence, cue: Span) -> set[int]:
    """Return the relative pronouns that begin the clause of a cue."""
    return {at for at, _ in reading.spans(passage, "relative") if cue[0] - 3 <= at < cue[0]}
