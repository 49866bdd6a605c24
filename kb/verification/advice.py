"""Find advice that is a command: 'Lie down if you feel faint', 'If you miss a dose, do not take two', 'Avoid X during Y'."""

from __future__ import annotations

from kb.verification.conditionals import STRETCH, Conditional, find_conditional, find_conditionals
from kb.verification.cues import Span, tokens
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.passages import TokenisedSentence


def states_advice(reading: FactReading, claim: Claim) -> list[Span]:
    """Return where the object is a command for the case that the subject names: 'If you miss a dose, skip that dose'.

    The subject is what an if-clause names, or, if there is none about it, what the sentence or the document is about. A negated
    fact is stated by a command not to do something.
    """
    if not reading.lists_predicate("of-advice"):
        return []
    conditional = find_conditional(reading, claim)
    conditionals = list(find_conditionals(reading, claim))
    if not conditional and any(start in one.condition for one in conditionals for start, _ in claim.subject):
        return []  # 'if you have Y, talk to a doctor; if you have X, stop it'
    places = [place for place in claim.object if not conditional or place[0] in conditional.main]
    return [place for place in places if is_commanded(reading, claim.passage, place, conditionals)]


def is_commanded(
    reading: FactReading, passage: TokenisedSentence, place: Span, conditionals: list[Conditional] | None = None
) -> bool:
    """Return whether words such as 'call your doctor' are a command, or 'do not take it' one for a negated fact."""
    start, negated = place[0], reading.marked(passage, "not") - reading.marked(passage, "infinitive")
    if not _is_command_form(reading, passage, place):
        return False
    first = start
    while first and _opens_command(reading, passage, first - 1) and not passage.has_comma(first, STRETCH):
        first -= 1
    is_denied = not negated.isdisjoint(range(first, start))
    if is_denied != ("polarity" in reading.fact.qualifiers):
        return False
    begin = next((one.main.start for one in conditionals or () if first in one.main), 0)
    is_next = first == begin or passage.has_comma(first, STRETCH) or first - 1 in reading.marked(passage, "any-of", "all-of")
    return is_next and _has_no_subject(reading, passage, range(begin, first))


def _is_command_form(reading: FactReading, passage: TokenisedSentence, place: Span) -> bool:
    """Return whether a name begins with a verb in the form of a command: 'call your doctor', not 'calling' and not 'calls'."""
    own = passage.words.tokens[place[0]]
    if own.text.endswith(("ing", "ed")) and len(own.text) > len("bring"):
        return False
    labels = [tokens(label, reading.language) for label in reading.lexicon.list_names(reading.fact.object, reading.language)]
    forms = {first.text.casefold() for label in labels for first in label[:2] if first.stem == own.stem}
    if any(form.endswith("ing") for form in forms):
        return True
    rest = range(place[1], passage.until_comma(place[1] - 1)[1])
    stops = reading.marked(passage, "condition", "conditional", "relative", "subordinate", "opener")
    verbs = reading.marked(passage, "auxiliary", "be")
    return bool(forms) and verbs.isdisjoint(range(rest.start, min((at for at in rest if at in stops), default=rest.stop)))


def _opens_command(reading: FactReading, passage: TokenisedSentence, at: int) -> bool:
    """Return whether a word can stand before the verb of a command: 'please', 'do not', 'then', 'immediately'."""
    return at in reading.marked(passage, "command-opener") or passage.is_adverb(at)


def _has_no_subject(reading: FactReading, passage: TokenisedSentence, before: range) -> bool:
    """Return whether what stands before a command is but other commands or an aside: 'In case of doubt, lie down and …'."""
    subordinate = {start for start, _ in reading.spans(passage, "subordinate", "condition", "opener", "causal")}
    named = reading.marked(passage, "auxiliary", "speaker", "relative") - reading.marked(passage, "command-opener")
    at = before.start
    while at < before.stop:
        end = min(passage.until_comma(at, STRETCH)[1], before.stop)
        aside = next((start for start in range(at, end) if start in subordinate), end)
        if not named.isdisjoint(range(at, aside)):
            return False
        at = end
    return True
