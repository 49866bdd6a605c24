"""Read advice whose case another sentence names: 'You may have X. If this happens, lie down.', '- if you have X. Lie down.'."""

from __future__ import annotations

from kb.verification.advice import states_advice
from kb.verification.conditionals import Conditional, find_conditionals, find_main_clause, find_plain_words
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.passages import indexes

# How many sentences can stand between 'if you have any of these' and the first of those that it refers to.
_DISTANCE = 20


def find_reference(reading: FactReading, claim: Claim) -> Conditional | None:
    """Return the conditional whose if-clause only refers to what other sentences of the fact name: 'If this happens, …'."""
    if claim.subject or not reading.lists_predicate("of-advice"):
        return None
    passage, objects = claim.passage, {start for start, _ in claim.object}
    kinds = reading.marked(passage, "referred-kinds")
    pronouns = reading.marked(passage, "referring") - indexes(reading.spans(passage, "topic"))
    plain = find_plain_words(reading, claim) | pronouns | kinds | reading.marked(passage, "alternative", "neutral-condition")
    own = (one for one in find_conditionals(reading, claim) if not objects.isdisjoint(one.main))
    return next((one for one in own if plain.issuperset(one.condition) and not pronouns.isdisjoint(one.condition)), None)


def find_referring(reading: FactReading, claim: Claim) -> Claim | None:
    """Return the claim in another sentence that gives the advice about what this one names."""
    if claim.object or not claim.subject:
        return None
    others = (other for other in reading.claims if other.object and not other.subject)
    return next((other for other in others if _refers_to(reading, other, claim)), None)


def _refers_to(reading: FactReading, claim: Claim, named: Claim) -> bool:
    """Return whether advice refers to what is named before it, or below it: 'if you have any of these:'."""
    contexts, (own, name) = reading.source.contexts, (claim.passage.id, named.passage.id)
    is_lead_in = claim.passage.words.text.rstrip().endswith(":") and reading.source.before.get(name) == own
    if is_lead_in or own in contexts.get(name, ()):
        return bool(find_reference(reading, claim))
    if not (reference := find_reference(reading, claim)):
        return _follows_condition(reading, claim, named)
    plural = reading.marked(claim.passage, "referring-to-several")
    at = reading.source.before.get(own, "")
    for _ in range(_DISTANCE if not plural.isdisjoint(reference.condition) else 0):
        if at == name or contexts.get(at, ()) != contexts.get(name, ()):
            break
        at = reading.source.before.get(at, "")
    return at == name


def _follows_condition(reading: FactReading, claim: Claim, named: Claim) -> bool:
    """Return whether a command follows an item that is but an if-clause: '- if you have X. Lie down first.'."""
    is_next = reading.source.before.get(claim.passage.id) == named.passage.id
    above, others = (reading.source.above(one.passage.id) for one in (claim, named))
    is_item = [one.id for one in above] == [one.id for one in others] and any(not one.is_heading for one in above[:1])
    is_bare = reading.begins_with(named.passage, "conditional") and not find_main_clause(reading, named)
    is_free = not reading.spans(claim.passage, "condition")
    return is_next and is_item and is_bare and is_free and bool(states_advice(reading, claim))
