"""What a sentence inherits from the headings and lead-ins above it: the relation, its hedge, and its denial."""

from __future__ import annotations

from kb.schema import vocabulary
from kb.verification.cues import Span
from kb.verification.fact_reading import POSSIBLE, Claim, FactReading
from kb.verification.joint_use import find_joint_use
from kb.verification.list_items import find_purpose, is_apposed
from kb.verification.passages import TokenisedSentence, indexes

# How many words can stand between a cue such as 'symptoms of' and the subject: 'symptoms of a very severe X'.
NEXT = 3
# How many words can stand between a verb and the words of a relation that it acts on: 'worsens the risk of all side effects'.
_NEAR = 4


def inherits_relation(reading: FactReading, claim: Claim) -> bool:
    """Return whether what stands above a sentence states the relation, and its clause states no other."""
    clause, passage = claim.passage.clauses(claim.object, at_commas=True), claim.passage
    is_condition = reading.lists_predicate("of-persons") and reading.begins_with(passage, "condition")
    others = [] if is_condition else reading.other_verbs(passage, reading.fact.predicate)  # 'if you are treated with Z'
    excluded, advising = (
        reading.cues.of(name, reading.fact.predicate, reading.language) for name in ("excluded", "advising-above")
    )
    named = passage.accounted | indexes(span for _, span in reading.lexicon.find_terms(passage))  # 'block' in 'heart block'
    named |= find_purpose(reading, claim)
    named |= reading.marked(passage, "findings")  # 'blood tests showing increased Y'
    joints = reading.marked(passage, "joint")
    named |= {at for at in reading.marked(passage, "growing") if not at or at - 1 in joints}  # 'increased hair loss'
    if any(span[0] in clause and named.isdisjoint(range(*span)) for span in others):
        return False
    for above in reading.above(claim):
        if _is_of_group(reading, claim, above) or _is_use(reading, claim, above):
            return True
        stated = [*_find_stated(reading, above), *find_joint_use(reading, claim.passage, above)]
        is_advice = not (stated or above.is_heading) and bool(above.find(advising))
        if _is_reversed(reading, above) or is_advice:
            return False  # 'Talk to your doctor before using X:' below 'Do not use X if you have Z'
        others = [] if "polarity" in reading.fact.qualifiers else above.find(excluded)
        first = min((start for start, _ in stated), default=len(above.words.tokens))
        caused = {
            start for start, _ in reading.spans(above, "source") if start > first
        }  # 'treats infections caused by bacteria:'
        others = [span for span in others if span[0] not in caused]
        if (
            any(others)
            and not _ends_announcing(reading, above, stated)
            and not _is_announced(reading, above, others)
            and (any(start for start, _ in others) or not stated)
        ):
            return False  # the nearest of them counts; 'Stop taking it if you notice side effects' is an advice
        groups = {end for _, end in reading.spans(above, "population-general")}
        joined = {start for start, _ in reading.spans(above, "combination", "agent")}
        titles = reading.marked(above, "pseudo-relation")  # 'Use in specific populations'
        # Not 'patients treated with X'.
        spans = [span for span in stated if span[0] not in titles]
        if found := [span for span in spans if span[0] not in groups or span[1] not in joined]:
            if _asks_for(reading, above, found):
                continue
            return not (_is_acted_on(reading, above, found) or _is_copula(reading, above, found))
    return False


def _find_stated(reading: FactReading, above: TokenisedSentence) -> list[Span]:
    """Return where a heading or lead-in states the relation of the subject to what follows.

    'Symptoms of X:' states it of X alone, and 'The symptoms include:' of what is named above it.
    """
    words = [cue.words for cue in reading.relation_cues if cue.mark in {"", ">"}]
    heads = [cue.words for cue in reading.relation_cues if cue.mark == "^"]
    subjects = reading.lexicon.find_value(reading.fact.subject, above)
    stated = above.find(words)
    stated += [span for span in above.find(heads) if any(0 <= start - span[1] <= NEXT for start, _ in subjects)]
    openers = reading.spans(above, "symptom-opener") if heads else []
    return [*stated, *(span for span in openers if span[0] <= 1)]


def _is_of_group(reading: FactReading, claim: Claim, above: TokenisedSentence) -> bool:
    """Return whether a lead-in ends with what a kind of medicines is used for: 'if you take medicines to treat:', 'Y (e.g. X)'.

    The item names first what they treat, then the subject as an example.
    """
    size, groups = len(above.words.tokens), reading.marked(above, "medicines")
    ending = [start for start, end in reading.relation_spans(above) if end == size]
    is_ending = any(not groups.isdisjoint(range(start - NEXT, start)) for start in ending)
    examples = claim.passage.bracket_after(claim.object)
    opened = reading.spans(claim.passage, "example")
    examples |= {at for start, end in opened for at in range(end, end + 1) if start in {last for _, last in claim.object}}
    return is_ending and any(start in examples for start, _ in claim.subject)


def _is_use(reading: FactReading, claim: Claim, above: TokenisedSentence) -> bool:
    """Return whether a lead-in completes what another says of use: 'To reduce the signs and symptoms of:' below 'X is used:'."""
    size = len(above.words.tokens)
    uses = above.find(reading.cues.of("use-lead-in", reading.fact.predicate, reading.language))
    outer = [one for one in reading.source.above(claim.passage.id) if one.id != above.id]
    return any(start == 0 and end == size for start, end in uses) and any(
        any(end == len(one.words.tokens) for _, end in reading.spans(one, "use"))
        and not reading.spans_of(one, "polarity", "negated")
        for one in outer
    )


def _is_reversed(reading: FactReading, above: TokenisedSentence) -> bool:
    """Return whether a lead-in states the relation of what follows to what it names: 'X can be caused by:'."""
    agents = {start for start, _ in reading.spans(above, "agent")}
    last = max((start for start, _ in reading.lexicon.find_value(reading.fact.subject, above)), default=0)
    return any(
        last < end and end in agents for _, end in above.find(cue.words for cue in reading.relation_cues if cue.mark == ">")
    )


def _is_copula(reading: FactReading, above: TokenisedSentence, found: list[Span]) -> bool:
    """Return whether the words of a relation in a lead-in are but 'is' or 'are', and do not end it."""
    plain = reading.marked(above, "copula", "article", "auxiliary", "not")
    last = len(above.words.tokens)
    return all(plain.issuperset(range(*span)) and span[1] < last for span in found)


def _asks_for(reading: FactReading, above: TokenisedSentence, found: list[Span]) -> bool:
    """Return whether a lead-in only asks for what is noticed, and a heading says what it is: 'if you develop these:'."""
    noticing, announcing = (reading.marked(above, name) for name in ("noticing", "announcing"))
    return _is_copula(reading, above, found) and all(
        noticing.issuperset(range(*span)) and not announcing.isdisjoint(range(span[1], span[1] + NEXT)) for span in found
    )


def _is_acted_on(reading: FactReading, above: TokenisedSentence, found: list[Span]) -> bool:
    """Return whether a lead-in says what changes the relation, not that it holds: 'what worsens the side effects:'."""
    if reading.spans(above, "graded"):
        return True
    first = min(found)
    groups = {end for _, end in reading.spans(above, "population-general")}  # 'in 1 of 1,000 people treated'
    verbs = [end for start, end in reading.other_verbs(above, reading.fact.predicate) if start not in groups]
    return any(0 <= first[0] - end <= _NEAR for end in verbs)


def _is_announced(reading: FactReading, above: TokenisedSentence, others: list[Span]) -> bool:
    """Return whether a lead-in says what follows, before its advice: 'If you notice any of these side effects, stop …'."""
    _, end = above.until_comma(0)
    is_announced = any(start < end for start, _ in reading.spans(above, "announcing"))
    return is_announced and all(start >= end for start, _ in others)


def _ends_announcing(reading: FactReading, above: TokenisedSentence, stated: list[Span]) -> bool:
    """Return whether a lead-in ends with the name of what follows: 'Stop taking X if you develop the following side effects:'."""
    size, announcing = len(above.words.tokens), reading.marked(above, "announcing")
    is_denied = bool(reading.spans_of(above, "polarity", "negated"))
    return not is_denied and any(end == size and not announcing.isdisjoint(range(start - NEXT, start)) for start, end in stated)


def find_inherited_denial(reading: FactReading, claim: Claim) -> str:
    """Return the words by which a heading or lead-in denies what a bare item takes from it: 'X does not cause:'."""
    for above in reading.source.above(claim.passage.id) if not reading.relations.get(claim.passage.id) else ():
        if _is_of_group(reading, claim, above):
            return ""
        if stated := reading.relation_spans(above):  # the nearest of them counts
            found = find_denials(reading, above) & above.clauses(stated)
            found -= indexes(reading.lexicon.find_value(reading.fact.object, above))  # 'the ability to prevent Y'
            found -= {
                start for value in vocabulary.values("frequency") for start, _ in reading.spans_of(above, "frequency", value)
            }
            return above.quote((min(found), min(found) + 1)) if found else ""
    return ""


def find_open_end(reading: FactReading, passage: TokenisedSentence) -> str:
    """Return the last words of a lead-in if only its items complete it: 'X is used to treat people with Y who:'."""
    size = len(passage.words.tokens)
    ends = [span for span in reading.spans(passage, "relative", "conditional", "combination") if span[1] == size]
    return passage.quote(ends[0]) if ends and passage.words.text.rstrip().endswith(":") else ""


def find_denials(reading: FactReading, passage: TokenisedSentence) -> set[int]:
    """Return the tokens that deny a claim, without those that state the relation, such as 'do not take'."""
    relation = indexes(passage.find(cue.words for cue in reading.relation_cues if not cue.mark))
    verbs = reading.relation_spans(passage)  # 'prevents' states what it denies elsewhere
    denying = indexes(reading.denying_spans(passage))  # 'can be used'
    return ({span[0] for span in reading.spans_of(passage, "polarity", "negated") if span not in verbs} - relation) | denying


def find_inherited_hedge(reading: FactReading, claim: Claim) -> tuple[str, str] | None:
    """Return the hedge of the heading or lead-in from which a bare item takes its relation, if the fact has none."""
    known = [cue.words for cue in reading.relation_cues]
    declared = {part for part, _ in claim.piece.wordings}
    is_bare = _is_fragment(reading, claim)
    if reading.fact.qualifiers["modality"] != "is" or "predicate" in declared or is_apposed(reading, claim):
        return None
    for above in reading.above(claim):
        is_stem = (
            above.words.text.rstrip().endswith(":")
            and not claim.subject
            and bool(reading.lexicon.find_value(reading.fact.subject, above))
        )
        if not (is_stem or (is_bare and above.find(known))):
            continue
        if not above.is_heading and reading.spans(above, "observed") and not reading.hedge_spans(above):
            return None  # 'the side effects seen in patients who took X are:'
        for value in POSSIBLE:
            if spans := above.find(reading.cues.of("modality", value, reading.language)):
                return value, above.quote(spans[0])
        if _is_of_own_subject(reading, above):
            return None  # what stands above 'Symptoms of Y include:' is said of Y
    return None


def _is_of_own_subject(reading: FactReading, above: TokenisedSentence) -> bool:
    """Return whether a lead-in states the relation of the subject, and the document is about something else."""
    is_topic = reading.is_about(reading.value("subject"))
    return not is_topic and bool(reading.lexicon.find_value(reading.fact.subject, above)) and bool(_find_stated(reading, above))


def _is_fragment(reading: FactReading, claim: Claim) -> bool:
    """Return whether a sentence states the relation in no clause of its own: 'nausea', 'feeling sick', 'fever caused by X'."""
    relations = reading.relations.get(claim.passage.id, ())
    nominal = reading.marked(claim.passage, "source", "reaction")
    return not relations or (
        not claim.subject
        and not reading.spans(claim.passage, "auxiliary")
        and all(start == 0 or start in nominal for start, _ in relations)
    )
