"""Find the words that deny or hedge a claim, and for which the fact does not account."""

from __future__ import annotations

from functools import partial

from kb.verification.cues import HEDGES, WEAKEST, Span, longest
from kb.verification.fact_reading import FactReading
from kb.verification.passages import TokenisedSentence, indexes


def find_unexplained(
    reading: FactReading, name: str, passage: TokenisedSentence, clause: set[int], carried: set[str]
) -> tuple[str, str] | None:
    """Return the value and the words of the first cue in a clause that expresses nothing that the fact says.

    ``name`` is the qualifier, ``polarity`` or ``modality``, and ``carried`` has its values that the fact says.
    """
    said = [span for value in carried for span in reading.cue_spans(passage, name, value)]
    values: tuple[str, ...] = ("negated",) if name == "polarity" else HEDGES
    own = [span for value in values for span in _find_doubts(reading, passage, name, value)]
    if name == "modality" and carried & set(WEAKEST) and not clause.isdisjoint(indexes(said)):
        values = tuple(value for value in values if not any(value in WEAKEST.get(own, ()) for own in carried))
    shares = ("hedge-of-share",) if carried & {"can", "may"} else ()  # 'may affect 1 in 10 people' hedges no more than these
    pseudo_spans = reading.pseudo_negations(passage) if name == "polarity" else reading.spans(passage, "pseudo-hedge", *shares)
    plain = (span for span in pseudo_spans if not any(span[0] <= start < span[1] < end for start, end in own))
    accounted = passage.accounted - _find_named_modals(reading, passage) if name == "modality" else passage.accounted
    accounted = accounted | indexes(said) | indexes(plain)  # 'not known', but not in 'not known to'
    for value in (value for value in values if value not in carried):
        spans = _find_doubts(reading, passage, name, value)
        for span in longest(spans, spans):
            if not clause.isdisjoint(range(*span)) and accounted.isdisjoint(range(*span)):
                return value, passage.quote(span)
    return None


def _find_named_modals(reading: FactReading, passage: TokenisedSentence) -> set[int]:
    """Return the auxiliaries in a name of the object, which hedge the claim all the same: 'your symptoms may return'."""
    own = [claim for claim in reading.claims if claim.passage is passage and "object" not in dict(claim.piece.wordings)]
    return indexes(place for claim in own for place in claim.object) & reading.marked(passage, "auxiliary")


def _find_doubts(reading: FactReading, passage: TokenisedSentence, name: str, value: str) -> list[Span]:
    """Return where a sentence has words that doubt a claim, among them all that stand before its verb: 'potentially causing'."""
    found = reading.find_once(passage, ("doubt", name, value), partial(reading.cues.doubts, name, value, reading.language))
    acts = {start for start, _ in reading.relations.get(passage.id, ())} if name == "modality" else set()
    return [*found, *(span for span in reading.cue_spans(passage, name, value) if span[1] in acts and span not in found)]
