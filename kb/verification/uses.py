"""Where a sentence names the use of something: 'if you take X', or 'X' below 'if you are taking:'."""

from __future__ import annotations

from kb.model import LiteralObject
from kb.verification.cues import Span, tokens
from kb.verification.fact_reading import FactReading
from kb.verification.passages import TokenisedSentence

# How many words can stand between 'take' and the name of what is taken: 'if you take any other medicines for pain called X'.
_REACH = 20
# What cuts a list of what is taken.
_CUTTING = ("auxiliary", "conditional", "relative", "subordinate", "speaker", "not", "not-taking", "preceding")


def add_uses(reading: FactReading) -> None:
    """Add to the claims where a sentence names the use of something, if it does not name the subject or object otherwise."""
    values = reading.fact.subject, reading.fact.object
    for number, claim in enumerate(reading.claims):
        ends = (own or find_used(reading, value, claim.passage) for own, value in zip(claim[3:5], values, strict=True))
        subject, obj = ends
        reading.claims[number] = claim._replace(subject=subject, object=obj)


def read_used(reading: FactReading, value: str | LiteralObject) -> list[str]:
    """Return what the labels of a term say is used: 'zolam' for 'treatment with zolam' and 'taking zolam tablets'."""
    language, found = reading.language, list[str]()
    using, links, forms = (
        {token.stem for word in reading.cues.list_words(name, language) for token in tokens(word, language)}
        for name in ("using", "using-links", "dosage-forms")
    )
    for label in reading.lexicon.list_names(value, language):
        own = tokens(label, language)
        first = next((at for at, token in enumerate(own) if token.stem not in using | links), len(own))
        last = len(own)
        while last > first + 1 and own[last - 1].stem in forms:
            last -= 1
        if first < last and any(token.stem in using for token in own[:first]):
            found.append(label[own[first].start : own[last - 1].end])
    return found


def find_used(reading: FactReading, value: str | LiteralObject, passage: TokenisedSentence) -> list[Span]:
    """Return where a sentence names the use of something: 'if you take W or X', and 'X' below 'if you are taking:'."""
    places = passage.find(read_used(reading, value))
    if found := [(verb, end) for start, end in places if (verb := _find_verb(reading, passage, start)) is not None]:
        return found[:1]
    lead_ins = [one for one in reading.source.above(passage.id) if not one.is_heading][:2]
    return places if any(_ends_with_taking(reading, one) for one in lead_ins) else []


def _find_verb(reading: FactReading, passage: TokenisedSentence, place: int) -> int | None:
    """Return the verb such as 'take' before a place that has it in the list of its objects."""
    verbs, cutting = reading.marked(passage, "using"), reading.marked(passage, *_CUTTING)
    for at in range(place - 1, max(place - _REACH, 0) - 1, -1):
        if at in verbs:
            return None if at - 1 in reading.marked(passage, "not-taking", "not", "preceding") else at
        if at in cutting or passage.has_comma(at + 1, ";:"):
            return None
    return None


def _ends_with_taking(reading: FactReading, above: TokenisedSentence) -> bool:
    """Return whether a lead-in ends with a condition that the items complete: 'if you are taking (any of these medicines):'."""
    last = max((start for start, _ in reading.spans(above, "conditional")), default=len(above.words.tokens))
    verbs, others = (
        reading.marked(above, "using"),
        reading.marked(above, "not-taking", "not", "preceding") - reading.marked(above, "all-of"),
    )
    return any(at > last and at - 1 not in others for at in verbs)
