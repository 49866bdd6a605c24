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
    barred = groups | reading.marked(passage, "auxiliary", "relative", "condition", "not")
    found = []
    for phrase in reading.cues.of("separated", reading.fact.predicate, reading.language):
        first, last = (stems(part, reading.language) for part in phrase.split("…"))
        for start, end in passage.find_stems(first):
            inside = next((range(end, at) for at, _ in passage.find_stems(last) if end < at <= end + _INSIDE), range(0))
            if inside and barred.isdisjoint(inside) and not any(passage.has_comma(at) for at in (*inside, inside.stop)):
                found.append((RelationCue(">", phrase), (start, end)))
    return found


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
        return lacks_subject(reading, passage, first)
    own = indexes(claim.subject)
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
    is_phrase = len(indexes(claim.object)) > 1 and claim.passage.words.tokens[first].text.endswith("s")
    return reading.fact.predicate == "has-property" and is_phrase
