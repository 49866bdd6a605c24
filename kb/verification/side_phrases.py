"""Find phrases beside the main verb that state a claim by themselves, or that add something to it.

'By blocking Y, X may help' states what X blocks, whatever the main clause hedges. 'Y, sometimes with fever' hedges the fever.
"""

from __future__ import annotations

from kb.verification.fact_reading import Claim, FactReading
from kb.verification.passages import indexes

# How many words can stand between a hedge and what it adds: 'sometimes also together with fever'.
_BETWEEN = 2


def find_means(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of a phrase that states by what means something is done, and the relation: 'By blocking Y, X can …'.

    It opens the sentence or stands between commas; what the main clause hedges or restricts is not said of it.
    """
    passage, size = claim.passage, len(claim.passage.words.tokens)
    stated, objects = reading.relations.get(claim.passage.id, ()), indexes(claim.object)
    for start, first in reading.spans(passage, "means"):
        _, end = passage.until_comma(start, ",;:")
        begins = start == 0 or passage.has_comma(start, ",")
        verb = first + (first < size and passage.is_adverb(first))
        is_gerund = verb < end and passage.words.tokens[verb].text.endswith("ing")
        phrase = set(range(start, end))
        if begins and is_gerund and end < size and objects and objects <= phrase and any(span[0] in phrase for span in stated):
            return phrase
    return set()


def find_participle(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens from the subject on, if a participle right after it states the relation: 'X, used to treat Y'."""
    passage, participles = claim.passage, reading.marked(claim.passage, "past-participle")
    starts = {start for start, _ in reading.relations.get(passage.id, ())} & participles
    named = [place for place in claim.subject if passage.with_bracket(place)[1] in starts]
    return set(range(max(start for start, _ in named), len(passage.words.tokens))) if named else set()


def find_added(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of hedges of what is added to the object: 'nausea, sometimes with fever', 'nausea (rarely with …)'."""
    passage, adding = claim.passage, {start for start, _ in reading.spans(claim.passage, "adding")}
    last = max((end for _, end in claim.object), default=len(passage.words.tokens))
    own = indexes([*claim.subject, *reading.spans(passage, "topic"), *reading.relations.get(passage.id, ())])
    found = set[int]()
    for start, end in reading.hedge_spans(passage):
        at = next((at for at in range(end, end + _BETWEEN) if at in adding), -1)
        is_added = start >= last and at >= 0 and passage.has_comma(start, ",(")
        if is_added and own.isdisjoint(range(*passage.until_comma(at))):
            found.update(range(start, at))
    return found
