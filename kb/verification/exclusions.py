"""Find what tells that a sentence names the object for another reason than the relation: an illness or a description."""

from __future__ import annotations

from collections.abc import Iterator

from kb.schema import vocabulary
from kb.verification.cues import Span
from kb.verification.fact_reading import RESTRICTING, Claim, FactReading
from kb.verification.inheritance import NEXT
from kb.verification.list_items import find_described, find_joined_heading, find_other_items
from kb.verification.passages import TokenisedSentence, indexes
from kb.verification.verb_subjects import is_told_after_object

# How many words can stand after the word of a condition that a lead-in leaves open: 'if you have:'.
_OPEN = 4


def is_illness_of_persons(reading: FactReading, claim: Claim) -> bool:
    """Return whether the object is named only as an illness of the people concerned: 'may become worse in patients with Y'.

    Such an illness is no effect, and is not what is treated if another one is: 'used to treat fever in patients with Y'.
    """
    passage = claim.passage
    groups = {end: start for start, end in reading.spans(passage, "population-general")}
    having = {end: groups[start] for start, end in reading.spans(passage, "suffering") if start in groups}
    ill = [next((having[at] for at in (start - 1, start) if at in having), None) for start, _ in claim.object]
    if reading.lists_predicate("of-effects"):
        return None not in ill
    return all(first is not None and _is_beside_treated(reading, claim, first) for first in ill)


def _is_beside_treated(reading: FactReading, claim: Claim, group: int) -> bool:
    """Return whether a group stands behind what is treated: 'used to treat fever in patients', not 'used to treat patients'."""
    passage, terms = claim.passage, reading.lexicon.kb.terms
    within = reading.marked(passage, "population-preposition")
    before = next((at for at in range(group - 1, max(group - 4, -1), -1) if at in within), 0)
    kinds = {*reading.predicate.object, *(terms[name].kind for name in [reading.value("object")] if name)}
    others = [
        span for name, span in reading.lexicon.find_terms(passage) if terms[name].kind in kinds and span not in claim.object
    ]
    acts = [end for _, end in reading.relation_spans(passage)]
    verbs = [cue.words for cue in reading.relation_cues if cue.mark == ">" and cue.words.isalpha()]
    plain = reading.marked(passage, "article", "population-neutral", "adverb", "neutral-words", "possessive")
    last = max((end for _, end in passage.find(verbs) if end <= before), default=before)
    is_of_other = last == max((end for end in acts if end <= before), default=0) and not plain.issuperset(range(last, before))
    return before > 0 and (is_of_other or any(end <= start and stop <= before for end in acts for start, stop in others))


def describes_another(reading: FactReading, claim: Claim) -> bool:
    """Return whether the object only describes the noun before it: 'X may cause illnesses associated with Y'."""
    passage, starts = claim.passage, {start for start, _ in claim.object}
    verbs = reading.marked(passage, "be", "auxiliary", "adverb") | indexes(claim.subject)
    before = {end: start - 1 for start, end in reading.spans(passage, "attributive") if start and end in starts}
    return before.keys() == starts and not any(at in verbs or passage.is_adverb(at) for at in before.values())


def is_of_another_medicine(reading: FactReading, claim: Claim) -> bool:
    """Return whether a sentence without the subject tells what another medicine did: 'Y was seen with similar drugs'."""
    passage = claim.passage
    clause = passage.clauses([*claim.object, *reading.relation_spans(passage)])
    if claim.subject or not reading.lists_predicate("of-effects") or clause & reading.marked(passage, "topic", "pronoun"):
        return False
    links = reading.marked(passage, "combination", "agent", "population-preposition", "using")
    likened = {end for _, end in reading.spans(passage, "like")}  # 'As with other medicines, Y can occur'
    starts = {start for start, _ in reading.spans(passage, "another-medicine")}
    return any(start in clause - likened and start - 1 in links for start in starts)


def is_condition_of_lead_in(reading: FactReading, claim: Claim) -> bool:
    """Return whether an item is a condition for taking the subject, no effect of it: 'Tell your doctor if you: suffer from Y'."""
    above = reading.source.above(claim.passage.id)
    opened = [end for _, end in reading.spans(above[0], "condition")] if above and not above[0].is_heading else []
    if not opened or len(above[0].words.tokens) > opened[-1] + _OPEN or _is_own_statement(reading, claim.passage):
        return False
    excluded = reading.cues.of("excluded-above", reading.fact.predicate, reading.language)
    stated = [any(above[0] is not one or end <= opened[-1] for _, end in reading.relation_spans(one)) for one in above]
    nearest = next((states for one, states in zip(above, stated, strict=True) if states or one.find(excluded)), True)
    return not nearest


def _is_own_statement(reading: FactReading, passage: TokenisedSentence) -> bool:
    """Return whether a sentence says by itself what the medicine is for: 'This medicine should not be used for Y'."""
    verbs = reading.marked(passage, "auxiliary")
    is_said = any(start == 0 and end in verbs for start, end in reading.spans(passage, "topic"))
    return is_said or reading.begins_with(passage, "telling-not-to")


def find_excluded(reading: FactReading, claim: Claim) -> str:
    """Return words of a relation that excludes the predicate, in the clause that names the object."""
    if "polarity" in reading.fact.qualifiers:
        return ""
    passage, clause = claim.passage, _find_clause(reading, claim)
    spans = list(_find_excluding(reading, claim))
    if not claim.subject:
        is_glossed = passage.words.tokens[0].text.endswith("ed") and bool(find_described(claim))  # 'reduced movement (Y)'
        first = {0, 1} if reading.begins_with(passage, "article") else {0}  # '(The) signs of an allergy include: …'
        clause = clause - {0} if is_glossed else clause | first
        if reading.lists_predicate("of-effects") and reading.begins_with(passage, "symptom-opener"):
            spans += reading.spans(passage, "symptom-opener")[:1]
        if words := _find_excluded_above(reading, passage):
            return words
    return next((passage.quote(span) for span in spans if span[0] in clause and not passage.is_accounted(span)), "")


def _find_clause(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of the clause that names the object, without asides and without what is said of others."""
    passage, cues = claim.passage, reading.relation_spans(claim.passage)
    objects = [place for place in claim.object if passage.has_comma(place[1], ":")] or claim.object  # 'Y: signs of Y include …'
    brackets = [passage.bracket_of(start) for start, _ in objects]
    acts = indexes(cues) - indexes(claim.object)
    outer = [(min(one) - 1, min(one)) for one in brackets if min(one, default=0) and one.isdisjoint(acts)]  # 'the risk of X (Y)'
    clause = passage.clauses([*objects, *outer])
    clause |= passage.clauses(cues) if acts.isdisjoint(clause) else set()  # 'can be given at the same time as: X'
    clause -= find_other_items(reading, claim)
    first, last = (choose((start for start, _ in objects), default=0) for choose in (min, max))
    if is_told_after_object(reading, claim):
        clause -= set(range(first))
    before = [start for start, _ in cues if start < last]
    clause -= set(range(max((start for start in before if passage.is_participle(start)), default=0)))  # 'X reduces Z, causing Y'
    helping = min((at for at in clause if before and last < at and passage.is_participle(at)), default=max(clause, default=0) + 1)
    clause = {at for at in clause if at < helping}  # 'X causes Y, helping to treat Z'
    if heads := [end for start, end in claim.object if not start and passage.has_comma(end, ":")]:
        clause &= set(range(heads[0]))  # 'an allergic reaction: signs of it are …'
    clause -= indexes(reading.lexicon.find_value(reading.fact.qualifiers.get("population", ""), passage))
    clause -= reading.marked(passage, "pseudo-relation")  # 'used for a long time'
    aside = set(range(*passage.until_comma(0)))
    if aside.isdisjoint(indexes(claim.object)) and (
        reading.begins_with(passage, "causal") or reading.begins_with(passage, "agent")
    ):
        clause -= aside  # 'because X lowers Y, …'
    if reading.lists_predicate("of-persons"):
        clause |= {at for at, stem in enumerate(passage.words.stems) if stem == "without"}  # 'do not take X without asking'
    joining = {start + 1 for start, _ in reading.spans(passage, "under", "agent", "combination")} & {end + 1 for _, end in cues}
    if any(start in joining for start, _ in claim.subject):  # 'signs of Z, such as Y, were reported with X'
        clause -= reading.marked(passage, "symptoms")
    return clause


def _find_excluding(reading: FactReading, claim: Claim) -> Iterator[Span]:
    """Yield the words of relations that exclude the predicate, but not those that belong to its own words or to an end."""
    passage, cues = claim.passage, reading.relation_spans(claim.passage)
    acts, agents = {end for _, end in cues}, {end for _, end in reading.spans(passage, "agent")}
    objects, subjects = ({start for start, _ in places} for places in (claim.object, claim.subject))
    near = {at for start in subjects for at in range(start - NEXT, start + 1)}
    situations, articles = _find_situations(reading, passage), reading.marked(passage, "article")
    for start, end in passage.find(reading.cues.of("excluded", reading.fact.predicate, reading.language)):
        is_own = start in acts and end in objects  # 'causes symptoms of'
        is_of_other = end in agents and end not in subjects  # 'caused by X', not by bacteria
        is_of_subject = (start, end) in cues and end in near  # 'symptoms of X include'
        is_own = is_own or is_counted(reading, claim, (start, end))
        before = start - (start - 1 in articles)
        is_of_object = (
            before > max(objects, default=start) and before < start and passage.has_comma(before)
        )  # 'Y, the signs include:'
        if not (
            is_own or is_of_other or is_of_subject or is_of_object or end in situations
        ):  # 'symptoms of overdose', if the fact says so
            yield start, end


def is_counted(reading: FactReading, claim: Claim, words: Span) -> bool:
    """Return whether signs are those of the object, which has a frequency: 'These may be signs of Y (in 1 of 10 people)'."""
    passage = claim.passage
    bracket = passage.bracket_after(claim.object)
    values = (span for value in vocabulary.values("frequency") for span in reading.spans_of(passage, "frequency", value))
    is_frequent = any(start in bracket for start, _ in values)
    plain = reading.marked(passage, "article", "names-before", "before-illness", "kinds-of-illness")
    is_own = any(words[1] <= start and plain.issuperset(range(words[1], start)) for start, _ in claim.object)
    return is_frequent and is_own and words in reading.spans(passage, "symptoms") and reading.begins_with(passage, "anaphor")


def _find_situations(reading: FactReading, passage: TokenisedSentence) -> set[int]:
    """Return the words by which a sentence names a situation that is a qualifier of the fact."""
    return indexes(reading.find_values(passage)) & reading.marked(passage, "situation")


def _find_excluded_above(reading: FactReading, passage: TokenisedSentence) -> str:
    """Return words right above a sentence that exclude the predicate, unless it says itself what it is about."""
    terms, subject = reading.lexicon.kb.terms, reading.value("subject")
    starts = {0, len(find_joined_heading(reading, passage))}
    is_own = (
        any(reading.spans(passage, "topic"))
        or any(start in starts for start, _ in reading.spans(passage, "statement"))
        or bool(_find_situations(reading, passage))
        or (bool(subject) and terms[subject].kind in RESTRICTING)  # below 'If you take more'
    )
    nearest = reading.source.above(passage.id)[: not is_own]
    excluded = reading.cues.of("excluded-above", reading.fact.predicate, reading.language)
    return next((one.quote(words[0]) for one in nearest if (words := one.find(excluded))), "")
