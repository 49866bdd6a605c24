"""Find the lists of medicines that are taken with the subject, and that it can interact with: 'Tell your doctor if you take:'."""

from __future__ import annotations

from kb.texts.lead_ins import begins_with_title
from kb.verification.cues import Span
from kb.verification.fact_reading import FactReading
from kb.verification.passages import TokenisedSentence

# The last word at which a title names its section: 'Taking other medicines'.
_TITLE = 2


def find_joint_use(reading: FactReading, passage: TokenisedSentence, above: TokenisedSentence) -> list[Span]:
    """Return where a lead-in asks for other medicines taken: 'Tell your doctor if you are taking:'.

    It does so in a section on them, or tells why: 'as your dose may need to be changed'.
    """
    is_section = reading.spans(above, "joint-use-reason") or _is_in_section(reading, passage, "joint-use-heading")
    if not is_section or above.is_heading or not reading.cues.of("prohibition", reading.fact.predicate, reading.language):
        return []
    words = reading.cues.of("prohibition", reading.fact.predicate, reading.language)
    joined = [span for span in reading.spans(above, "combination") if span[1] == len(above.words.tokens)]
    if joined and above.find(words):
        return joined  # 'Do not take X with:'
    is_allowed = reading.spans(above, "permitting") or reading.spans_of(above, "polarity", "negated")
    return [] if is_allowed else reading.spans(above, "joint-use-lead-in")


def is_joint_item(reading: FactReading, passage: TokenisedSentence) -> bool:
    """Return whether a sentence is an item of medicines that are taken too: 'medicines for pain, such as W, Y and Z'."""
    lead_ins = [one for one in reading.source.above(passage.id) if not one.is_heading]
    first = min((start for start, _ in reading.lexicon.find_value(reading.fact.object, passage)), default=0)
    is_named = reading.marked(passage, "auxiliary").isdisjoint(range(first))
    return is_named and reading.predicate.symmetric and any(find_joint_use(reading, passage, one) for one in lead_ins)


def _is_in_section(reading: FactReading, passage: TokenisedSentence, name: str) -> bool:
    """Return whether words of a list name the section: in a heading above, or in the last usual title before a sentence."""
    if any(one.is_heading and reading.spans(one, name) for one in reading.source.above(passage.id)):
        return True
    before = reading.source.before.get(passage.id, "")
    while before:
        one = TokenisedSentence(reading.source.words[before])
        if one.is_heading or begins_with_title(one.words.text):
            return any(start <= _TITLE for start, _ in reading.spans(one, name))
        before = reading.source.before.get(before, "")
    return False
