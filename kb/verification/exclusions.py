"""Find what tells that a sentence names the object for another reason than the relation: an illness or a description."""

from __future__ import annotations

from kb.verification.fact_reading import RESTRICTING, Claim, FactReading
from kb.verification.inheritance import NEXT
from kb.verification.list_items import find_joined_heading, find_other_items
from kb.verification.passages import indexes
from kb.verification.verb_subjects import is_told_after_object

# How many words can stand after the word of a condition that a lead-in leaves open: 'if you have:'.
_OPEN = 4


def is_illness_of_persons(reading: FactReading, claim: Claim) -> bool:
    """Return whether the object is named only as an illness of the people concerned: 'may become worse in patients with Y'.

    Such an illness is no effect, and is not what is treated if another one is: 'used to treat fever in patients with Y'.
    """
    passage, terms = claim.passage, reading.lexicon.kb.terms
    groups = {end: start for start, end in reading.spans(passage, "population-general")}
    having = {end: groups[start] for start, end in reading.spans(passage, "suffering") if start in groups}
    ill = [next((having[at] for at in (start - 1, start) if at in having), None) for start, _ in claim.object]
    if reading.lists_predicate("of-effects"):
        return None not in ill
    kinds = {*reading.predicate.object, *(terms[name].kind for name in [reading.value("object")] if name)}
    others = [
        span for name, span in reading.lexicon.find_terms(passage) if terms[name].kind in kinds and span not in claim.object
    ]
    acts = [end for _, end in reading.relation_spans(passage)]
    within = reading.marked(passage, "population-preposition")
    return all(
        first is not None and first - 1 in within and any(end <= start and stop < first for end in acts for start, stop in others)
        for first in ill
    )


def describes_another(reading: FactReading, claim: Claim) -> bool:
    """Return whether the object only describes the noun before it: 'X may cause illnesses associated with Y'."""
    passage, starts = claim.passage, {start for start, _ in claim.object}
    verbs = reading.marked(passage, "be", "auxiliary", "adverb") | indexes(claim.subject)
    before = {end: start - 1 for start, end in reading.spans(passage, "attributive") if start and end in starts}
    return before.keys() == starts and not any(at in verbs or passage.is_adverb(at) for at in before.values())


def is_condition_of_lead_in(reading: FactReading, claim: Claim) -> bool:
    """Return whether an item is a condition for taking the subject, no effect of it: 'Tell your doctor if you: suffer from Y'."""
    above = reading.source.above(claim.passage.id)
    opened = [end for _, end in reading.spans(above[0], "condition")] if above and not above[0].is_heading else []
    if not opened or len(above[0].words.tokens) > opened[-1] + _OPEN:
        return False
    excluded = reading.cues.of("excluded-above", reading.fact.predicate, reading.language)
    stated = [any(above[0] is not one or end <= opened[-1] for _, end in reading.relation_spans(one)) for one in above]
    nearest = next((states for one, states in zip(above, stated, strict=True) if states or one.find(excluded)), True)
    return not nearest


def find_excluded(reading: FactReading, claim: Claim) -> str:
    """Return words of a relation that excludes the predicate, in the clause that names the object."""
    passage = claim.passage
    objects = [place for place in claim.object if passage.has_comma(place[1], ":")] or claim.object  # 'Y: signs of Y include …'
    brackets = [passage.bracket_of(start) for start, _ in objects]
    cues = indexes(reading.relation_spans(passage))
    outer = [(min(one) - 1, min(one)) for one in brackets if min(one, default=0) and one.isdisjoint(cues)]  # 'the risk of X (Y)'
    clause = passage.clauses([*objects, *outer]) - find_other_items(reading, claim)
    if is_told_after_object(reading, claim):
        clause -= set(range(min(start for start, _ in objects)))
    last = max((start for start, _ in objects), default=0)
    participles = [start for start, _ in reading.relation_spans(passage) if start < last and passage.is_participle(start)]
    clause -= set(range(max(participles, default=0)))  # 'X reduces Z, causing Y'
    if any(start < last for start, _ in reading.relation_spans(passage)):  # 'X causes Y, helping to treat Z'
        clause -= {at for first in clause if last < first and passage.is_participle(first) for at in clause if at >= first}
    spans = passage.find(reading.cues.of("excluded", reading.fact.predicate, reading.language))
    if "polarity" in reading.fact.qualifiers:
        return ""
    if heads := [end for start, end in claim.object if not start and passage.has_comma(end, ":")]:
        clause &= set(range(heads[0]))  # 'an allergic reaction: signs of it are …'
    clause -= indexes(reading.lexicon.find_value(reading.fact.qualifiers.get("population", ""), passage))
    clause -= reading.marked(passage, "pseudo-relation")  # 'used for a long time'
    is_aside = reading.begins_with(passage, "causal") or reading.begins_with(passage, "agent")
    aside = set(range(*passage.until_comma(0))) if is_aside else set()
    clause -= aside if aside.isdisjoint(indexes(claim.object)) else set()  # 'because X lowers Y, …'
    if reading.lists_predicate("of-persons"):
        clause |= {start for start, _ in spans if passage.words.stems[start] == "without"}  # 'do not take X without asking'
    acts = {end for _, end in reading.relation_spans(passage)}
    joined = {start + 1 for start, _ in reading.spans(passage, "under", "agent", "combination") if start in acts}
    if any(start in joined for start, _ in claim.subject):  # 'signs of Z, such as Y, were reported with X'
        clause -= reading.marked(passage, "symptoms")
    spans = [
        span for span in spans if span[0] not in acts or span[1] not in {start for start, _ in claim.object}
    ]  # 'causes symptoms of'
    agents, subjects = {end for _, end in reading.spans(passage, "agent")}, {start for start, _ in claim.subject}
    spans = [span for span in spans if span[1] not in agents or span[1] in subjects]  # 'caused by X', not by bacteria
    near = {at for start, _ in claim.subject for at in range(start - NEXT, start + 1)}
    spans = [
        span for span in spans if span not in reading.relation_spans(passage) or span[1] not in near
    ]  # 'symptoms of X include'
    said = reading.find_values(passage)
    situations = indexes(said) & reading.marked(passage, "situation")
    spans = [span for span in spans if span[1] not in situations]  # 'symptoms of overdose', of a fact about an overdose
    if not claim.subject:
        clause |= {0} | ({1} if reading.begins_with(passage, "article") else set())  # '(The) signs of an allergy include: …'
        is_of_effect = reading.lists_predicate("of-effects")
        spans += (
            reading.spans(passage, "symptom-opener")[:1]
            if is_of_effect and reading.begins_with(passage, "symptom-opener")
            else []
        )
        heading = find_joined_heading(reading, passage)
        is_own = any(reading.spans(passage, "topic")) or any(
            start in {0, len(heading)} for start, _ in reading.spans(passage, "statement")
        )
        terms, subject = reading.lexicon.kb.terms, reading.value("subject")
        is_own = is_own or bool(situations) or (bool(subject) and terms[subject].kind in RESTRICTING)  # below 'If you take more'
        for above in reading.source.above(passage.id)[: not is_own]:
            if words := above.find(reading.cues.of("excluded-above", reading.fact.predicate, reading.language)):
                return above.quote(words[0])
    return next((passage.quote(span) for span in spans if span[0] in clause and not passage.is_accounted(span)), "")
