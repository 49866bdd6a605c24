"""Find changes that no verb between the ends states: 'X makes Y worse', 'Y may be reduced if you take X'."""

from __future__ import annotations

from kb.verification.cues import RelationCue, Span, longest
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.passages import indexes


def find_made(reading: FactReading, claim: Claim) -> list[tuple[RelationCue, Span]]:
    """Return verbs such as 'make' that state the relation by a word of a change: 'makes Y worse', 'makes you more Y'."""
    passage, changes = claim.passage, find_changes(reading, claim)
    named = indexes([*claim.object, *(span for _, span in reading.lexicon.find_terms(passage))])
    plain = reading.marked(passage, "joint", "article") | named
    becoming = reading.marked(passage, "becoming") | {at for at in range(len(passage.words.tokens)) if passage.is_adverb(at)}
    examples = {first for first, _ in reading.spans(passage, "example")}  # 'makes Y, like Z, less …'
    becoming |= {at for first in examples if passage.has_comma(first) for at in range(*passage.until_comma(first))}
    verbs = [end for _, end in reading.spans(passage, "causative")]
    makers = {end for _, end in reading.spans(passage, "making")}  # not 'causes less Y', which compares
    pronouns = reading.marked(passage, "object-pronoun") & makers  # 'changes Y and makes it less …'
    taken_up = [
        verb
        for verb in pronouns
        if any(end < verb for _, end in claim.object)
        and any(verb < change[0] and becoming.issuperset(range(verb + 1, change[0])) for change in changes)
    ]
    made = [
        verb
        for verb in verbs
        for start, end in claim.object
        for change in changes
        if verb <= start
        and not any(passage.has_comma(at, ";:()") for at in range(verb, max(start, change[0]) + 1))
        and (
            (plain.issuperset(range(verb, start)) and (plain | becoming).issuperset(range(end, change[0])) and end <= change[0])
            or (
                verb < change[0]
                and (change[1] == start or start == change[0] < end)
                and verb in makers
                and not set(verbs) & set(range(verb + 1, start))
            )
        )
    ]
    return [(RelationCue(">", passage.quote((verb - 1, verb))), (verb - 1, verb)) for verb in (*made, *taken_up)]


def find_undergone(reading: FactReading, claim: Claim) -> Span | None:
    """Return the words of a change of the object, if what is taken or suffered with it is the subject.

    The subject stands in a condition ('if you take X, Y may be reduced', 'Y may be weaker with X'), or the sentence names none
    and stands below what speaks of other medicines ('the effect of Y may be enhanced').
    """
    passage = claim.passage
    agents = {start for start, _ in reading.spans(passage, "agent")}
    for span in _find_states(reading, claim):
        if span[1] in agents or not _is_undergone(reading, claim, span):
            continue
        if claim.subject and find_cause(reading, claim, span):
            return span
        is_joint = any(reading.spans(above, "joint-use-heading") for above in reading.source.above(passage.id))
        if not claim.subject and is_joint and not reading.marked(passage, "topic", "taking") & set(range(*span)):
            return span
    return None


def find_cause(reading: FactReading, claim: Claim, state: Span) -> Span | None:
    """Return the word that begins the condition which names the subject: 'if' in 'Y may be reduced if you take X'."""
    passage = claim.passage
    others = reading.marked(passage, "not-taking")  # 'if you stop X', 'if you have Z and take X'
    for start, end in longest(spans := reading.spans(passage, "taking"), spans):
        last = state[0] if start == 0 else passage.until_comma(start)[1]
        named = [first for first, _ in claim.subject if end <= first < last and others.isdisjoint(range(end, first))]
        if named and (start == 0 or state[1] <= start):
            return start, end
    return _find_group_taking(reading, claim, state) if reading.begins_with(passage, "opener") else None


def _find_group_taking(reading: FactReading, claim: Claim, state: Span) -> Span | None:
    """Return the word by which a sentence opens with those who take the subject: 'In patients taking X, Y may increase'."""
    passage, others = claim.passage, reading.marked(claim.passage, "not-taking")
    examples = {end for _, end in reading.spans(passage, "example")}  # 'taking blockers, such as X, …'
    opening = passage.until_comma(0)[1]
    for start, end in reading.spans(passage, "group-taking"):
        named = [first for first, _ in claim.subject if end <= first < state[0] and (first < opening or first in examples)]
        if named and start < opening and (others - reading.marked(passage, "all-of")).isdisjoint(range(named[0])):
            return start, end
    return None


def find_changes(reading: FactReading, claim: Claim) -> list[Span]:
    """Return the words of a change that the predicate states, such as 'more' of an increase."""
    words = reading.cues.of("change", reading.fact.predicate, reading.language)
    return list(longest(spans := claim.passage.find(words), spans)) if words else []


def _find_states(reading: FactReading, claim: Claim) -> list[Span]:
    """Return the words that say what becomes of something: 'less effective', and 'reduced' in 'may be reduced'."""
    passage = claim.passage
    if not reading.cues.of("change", reading.fact.predicate, reading.language):
        return []
    being, tokens = reading.marked(passage, "be"), passage.words.tokens
    passives = [
        span
        for span in reading.relation_spans(passage)
        if tokens[span[1] - 1].text.endswith("ed")
        and span[0] - 1 in being
        and any(cue.mark == ">" for cue in reading.cues_by_stems[passage.words.stems[slice(*span)]])
    ]
    modal = reading.marked(passage, "modal")  # 'Y may increase'
    taking = {start for start, _ in reading.spans(passage, "taking")}  # 'Y may increase while you take X'
    alone = [
        span
        for span in reading.relation_spans(passage)
        if span[0] - 1 in modal
        and (span[1] == len(tokens) or passage.has_comma(span[1]) or span[1] in taking)
        and any(cue.mark == ">" for cue in reading.cues_by_stems[passage.words.stems[slice(*span)]])
    ]
    return [*passives, *alone, *find_changes(reading, claim)]


def _is_undergone(reading: FactReading, claim: Claim, state: Span) -> bool:
    """Return whether a state is one of the object: right before it, or the state itself by declared words."""
    passage = claim.passage
    plain = reading.marked(passage, "auxiliary", "be", "becoming", "adverb", "not")
    amounts = {end for _, end in reading.spans(passage, "amount")}
    start = state[0]
    while start - 1 in plain:
        start -= 1
    if not indexes(claim.object).isdisjoint(range(*state)):
        return start > 0 and start - 1 not in indexes(claim.subject)
    return start < state[0] and any(end == start and first - 1 not in amounts for first, end in claim.object)
