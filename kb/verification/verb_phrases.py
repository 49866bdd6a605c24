"""Find relations that a verb phrase states: one with words inside ('protects you against Y'), or the object ('X can harm Y')."""

from __future__ import annotations

from kb.verification.conditionals import find_conditional, find_plain_words, find_words_before_subject
from kb.verification.cues import RelationCue, Span, stems
from kb.verification.ends import find_subject, lacks_subject
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.passages import indexes

# How many words can stand inside a verb phrase: 'protects you and your unborn baby against Y'.
_INSIDE = 7


def find_separated(reading: FactReading, claim: Claim) -> list[tuple[RelationCue, Span]]:
    """Return the verbs of phrases of the predicate with other words inside: 'protects you against Y'.

    The words inside tell whom or what the verb acts on; a group of people is none of them unless the fact says so.
    """
    passage = claim.passage
    own = indexes(reading.find_values(passage)) | reading.marked(passage, "topic") | indexes(claim.object)
    groups = reading.marked(passage, "population", "population-mark", "population-general") - own
    others = indexes(place for place in reading.find_rivals(passage) if place not in claim.object)
    barred = groups | others | reading.marked(passage, "auxiliary", "relative", "condition", "not")
    found = []
    for phrase in reading.cues.of("separated", reading.fact.predicate, reading.language):
        first, last = (stems(part, reading.language) for part in phrase.split("…"))
        for start, end in passage.find_stems(first):
            inside = next((range(end, at) for at, _ in passage.find_stems(last) if end < at <= end + _INSIDE), range(0))
            if inside and barred.isdisjoint(inside) and not any(passage.has_comma(at) for at in (*inside, inside.stop)):
                found.append((RelationCue(">", phrase), (start, end)))
    return found


def is_caused(reading: FactReading, claim: Claim, verb: Span) -> bool:
    """Return whether a verb says what the object is made to do: 'X widens the vessels, causing Y to fall'."""
    passage, causing = claim.passage, [end for _, end in reading.spans(claim.passage, "causative")]
    makers = {end for _, end in reading.spans(passage, "making")}  # 'makes Y rise'
    terms = [start for _, (start, _) in reading.lexicon.find_terms(passage)]
    if claim.subject and min(terms, default=0) < min(start for start, _ in claim.subject):
        return False  # 'Z blocks X, causing Y to fall'
    return any(
        (end == verb[0] - 1 or (end == verb[0] and at in makers))
        and at <= start
        and not any(passage.has_comma(one) for one in range(at, end))
        for start, end in claim.object
        for at in causing
    )


def is_pronoun_object(reading: FactReading, claim: Claim, verb: Span) -> bool:
    """Return whether a verb acts on a pronoun for the object before it: 'X binds Y and blocks it', 'makes them less'.

    Subject, object and verb follow one another, and nothing else is named after the object.
    """
    passage, pronouns = claim.passage, reading.marked(claim.passage, "object-pronoun")
    last = max((end for _, end in claim.object if end <= verb[0]), default=0)
    topics = reading.spans(passage, "topic", "singular-pronoun")
    subjects = claim.subject or [span for span in topics if span[0] == 0]  # 'It binds Y and blocks it'
    terms = [start for _, (start, _) in reading.lexicon.find_terms(passage) if last <= start < verb[0]]
    others = reading.marked(passage, "relative", "subordinate", "pronoun")
    return (
        bool(last and subjects)
        and not terms
        and not pronouns.isdisjoint(range(verb[0], verb[1] + 1))
        and others.isdisjoint(range(last, verb[0]))
        and any(end <= start and not passage.bracket_of(end - 1) for _, end in subjects for start, _ in claim.object)
        and not indexes(reading.find_rivals(passage))
        & set(range(min(end for _, end in subjects), verb[0])) - indexes(claim.object)
    )


def is_agent_noun(reading: FactReading, claim: Claim) -> bool:
    """Return whether a noun after the object says what the subject does to it: 'X is a Y blocker', 'the Y blocker X'."""
    passage = claim.passage
    nouns = passage.find(reading.cues.of("agent-noun", reading.fact.predicate, reading.language))
    ends = {end: start for start, end in claim.object}
    plain = reading.marked(passage, "be", "article", "names-before", "class-links")
    topics = [span for span in reading.spans(passage, "topic", "singular-pronoun") if span[0] == 0]
    for noun in (noun for noun in nouns if noun[0] in ends):
        first = ends[noun[0]]
        subjects = [passage.with_bracket(place) for place in claim.subject or topics]
        before = (range(end, first) for _, end in subjects if end < first)
        if any(plain.issuperset(between) for between in before) or any(start == noun[1] for start, _ in claim.subject):
            return True
    return False


def is_done(reading: FactReading, claim: Claim) -> bool:
    """Return whether the object is what the subject does: 'X can harm your baby' of a harm, 'X works slowly' of a property.

    The verb that begins the object stands after 'can' or 'may', so that it is no noun; that of a property, after the subject.
    """
    if not (claim.object and reading.lists_predicate("of-doing")):
        return False
    passage, first = claim.passage, min(start for start, _ in claim.object)
    subject = find_subject(reading, passage, first)
    is_modal = not reading.marked(passage, "modal").isdisjoint(range(subject + 1, first))
    if not (is_modal or _is_property_verb(reading, claim, first)):
        return False
    if not claim.subject:
        named = indexes(place for _, place in reading.lexicon.find_terms(passage))
        return subject not in named and lacks_subject(reading, passage, first)
    own = indexes(claim.subject)
    own |= reading.marked(passage, "form") & {at + 1 for at in own}  # 'X tablets'
    if subject in own or (passage.bracket_of(subject) and passage.bracket_of(subject) <= passage.bracket_after(claim.subject)):
        return True
    conditional = find_conditional(reading, claim) if reading.lists_predicate("of-consequences") else None
    pronouns = reading.marked(passage, "singular-pronoun")  # 'If Y is too high, it can damage your sight'
    return (
        conditional is not None
        and subject in pronouns
        and subject == conditional.main.start
        and find_words_before_subject(reading, claim, conditional) <= find_plain_words(reading, claim)
    )


def _is_property_verb(reading: FactReading, claim: Claim, first: int) -> bool:
    """Return whether a property begins with a verb right after the subject: 'X works more quickly'."""
    tokens = claim.passage.words.tokens
    is_verb = len(indexes(claim.object)) > 1 and any(tokens[at].text.endswith("s") for at in range(max(first - 1, 0), first + 1))
    return reading.lists_predicate("of-acting") and is_verb  # 'X works slowly', 'X tablets work slowly'
