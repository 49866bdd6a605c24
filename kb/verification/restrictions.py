"""Find what restricts a claim or casts doubt on it: conditions, groups, other terms, attribution, questions, comparisons."""

from __future__ import annotations

from collections.abc import Iterator

from kb.verification.cues import Span, longest
from kb.verification.fact_reading import RESTRICTING, Claim, FactReading
from kb.verification.list_items import find_apposition, find_joined_heading, find_other_items, find_purpose
from kb.verification.passages import TokenisedSentence, indexes

# What the words of each list say of a claim.
_DOUBTS = {
    "time": "speaks of another time",
    "attribution": "reports what others think",
    "question": "asks",
    "comparison": "compares",
}


def find_restrictions(reading: FactReading, claim: Claim, clause: set[int]) -> Iterator[tuple[str, str]]:
    """Yield what restricts or doubts the claim, and that the fact does not account for: what it does, and the words."""
    passage = claim.passage
    bracket = passage.bracket_after(claim.object)
    is_emphasis = min(bracket, default=-1) in {start for start, _ in reading.spans(passage, "emphasis")}  # '(especially in dogs)'
    clause = clause - bracket if is_emphasis else clause | bracket
    if reading.begins_with(passage, "opener"):
        clause |= set(range(*passage.until_comma(0)))  # 'in dogs that were fed, …'
    if reading.relations.get(passage.id):
        clause = clause - find_joined_heading(reading, passage)
    clause = clause - find_purpose(reading, claim)
    if passage.words.text.rstrip().endswith(("?", "？", "؟")):
        yield _DOUBTS["question"], "?"
    neutral = reading.spans(passage, "neutral-condition", "pseudo-negation")
    yield from (("doubts it", passage.quote(span)) for span in reading.spans(passage, "doubt"))
    graded = (span for span in reading.spans(passage, "comparative") if span[1] in {start for start, _ in claim.object})
    yield from ((_DOUBTS["comparison"], passage.quote(span)) for span in graded)  # 'less nausea than …'
    ends = indexes([*claim.subject, *claim.object])
    contrasts = reading.spans(passage, "contrast") if claim.subject else []  # 'X, unlike Y, …' is about X
    excess = min((end for _, end in reading.spans(passage, "excess")), default=len(passage.words.tokens))
    last = max((start for start, _ in claim.subject), default=len(passage.words.tokens))
    neutral += [
        span for span in reading.spans(passage, "than-comparator") if max(excess, last) <= span[0]
    ]  # 'more than on placebo'
    weak = reading.spans(passage, "weak-negation")  # 'not expected to cause'
    for name, what in _DOUBTS.items():
        spans = reading.spans(passage, name)
        for span in longest(spans, [*(other for other in neutral if other[0]), *weak, *spans]):  # 'Whether or not X …' asks
            is_aside = not ends & set(range(*passage.until_comma(span[0]))) and span in contrasts
            if span[0] in clause and not (span in neutral or is_aside or passage.is_accounted(span)):
                yield what, passage.quote(span)
    start = set[int]() if claim.subject else {0, 1}  # 'people with asthma wheeze, and are …'
    if reading.cues.of("unconditional", reading.fact.predicate, reading.language):
        return  # what kind of thing something is, under no condition
    yield from (("restricts it by a condition", passage.quote(span)) for span in _conditions(reading, claim, clause, neutral))
    yield from (("restricts it to some", passage.quote(span)) for span in _populations(reading, passage, clause | start))
    yield from (("restricts it to another term", passage.quote(span)) for span in _other_terms(reading, claim, clause))
    yield from (("stands under a restriction", words) for words in _inherited_populations(reading, claim))


def _conditions(reading: FactReading, claim: Claim, clause: set[int], neutral: list[Span]) -> Iterator[Span]:
    """Yield the conditions, in the clause or right before it, that name nothing that the fact says."""
    passage = claim.passage
    is_fronted = passage.until_comma(0)[1] < len(passage.words.tokens) and not reading.begins_with(passage, "neutral-opener")
    is_fronted = is_fronted and not reading.begins_with(passage, "contrast")  # 'in contrast to Y, X …'
    openers = [span for span in reading.spans(passage, "opener") if span[0] == 0 and is_fronted]
    inverted = [span for span in reading.spans(passage, "inverted") if span[0] == 0]
    spans = [*reading.spans(passage, "condition"), *inverted, *openers]
    emphasised = _find_emphasised(reading, claim)
    numbers = {at for at, token in enumerate(passage.words.tokens) if token.text.isdigit()}
    times = reading.marked(passage, "duration") | numbers
    subject, is_apposed = indexes(claim.subject), bool(find_apposition(reading, claim))  # 'if you have X, a disease that …'
    plain = reading.marked(passage, "neutral-words") | subject
    stems = {passage.words.stems[at] for at in indexes(claim.object)}  # 'if you take Y, X reduces the excretion of Y'
    plain |= {at for at, stem in enumerate(passage.words.stems) if stem in stems}
    described, openings = (reading.marked(passage, name) for name in ("participle", "opener"))
    verbal = reading.marked(passage, "auxiliary")
    like_subject = indexes(span for _, span in reading.find_like_subject(passage))
    alike, rivals = plain | like_subject | reading.marked(passage, "alternative"), like_subject - subject
    relations = indexes(reading.relations.get(passage.id, ()))
    verbs, beside = indexes(reading.other_verbs(passage)), find_other_items(reading, claim)
    studies, groups = (reading.marked(passage, *names) for names in (("study",), ("population", "population-general")))
    contrasts = {start for start, _ in reading.spans(passage, "contrasting") if not start or passage.has_comma(start)}
    reasons, alternatives = ({start for start, _ in reading.spans(passage, name)} for name in ("causal", "alternative"))
    is_alternative = False
    for span in longest(spans, [*neutral, *spans]):
        extent = passage.until_comma(span[0])
        last = min(
            (at for at in verbal if span[1] < at < extent[1] and span[0] in openings), default=extent[1]
        )  # 'during Y is not recommended'
        bracket = passage.bracket_after([(span[1], extent[1])])
        inside = set(range(span[1], extent[1])) | (bracket if min(bracket, default=-1) not in described else set())
        is_near = span[0] in clause or (extent[1] in clause and span[0] not in beside)
        is_near = is_near or (extent[1] == len(passage.words.tokens) and passage.words.text.rstrip().endswith(":"))
        is_neutral = any(start <= span[0] < end for start, end in neutral) or (
            inside and inside <= (alike if inside & subject else plain)
        )
        is_neutral = is_neutral or (span in openers and extent[1] - 1 in studies and inside.isdisjoint(groups))
        is_neutral = is_neutral or (span in openers and inside <= times | plain and extent[1] - 1 in times)  # 'After six months'
        words = set(range(*span))
        is_said = (
            bool((inside | words) & passage.qualifying) or words <= passage.accounted
        )  # 'at high doses' of the value 'high doses'
        is_said = (
            is_said
            or _names_the_object(reading, claim, inside - set(range(last, extent[1])))
            or (
                span in openers and _names_the_object(reading, claim, set(range(span[1], passage.until_comma(span[0], ",;:")[1])))
            )
            or _is_list_of_subject(reading, claim, span)
            or bool(is_apposed and inside & subject)
        )
        is_said = is_said or bool(
            passage.qualifying and inside & reading.marked(passage, "determiner", "complement")
        )  # 'if used at that stage'
        is_topic = span in openers and inside & indexes([*claim.subject, *claim.object])
        own = indexes(claim.object) & inside and inside.issuperset(relations)  # 'while Y can occur with X, …'
        is_contrast = span[0] in contrasts and (own or inside & verbs)  # 'X strengthens it, while Y weakens it'
        is_reason = (
            inside & subject and not inside & rivals and extent[1] in reasons
        )  # 'stop if you notice X, as it may lead to Y'
        is_joined = span[0] - 1 in alternatives or span[0] in emphasised
        is_alternative = is_said or (is_alternative and is_joined)  # 'not if you have Y or if you have Z'
        is_explained = span[0] in emphasised or is_neutral or is_topic or is_contrast or is_reason
        if is_near and not (is_explained or is_said or is_alternative):
            yield extent


def _find_emphasised(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens after a word such as 'especially', which restrict nothing: 'especially when used in children'."""
    stretches = [(start, claim.passage.until_comma(start)) for start, _ in reading.spans(claim.passage, "emphasis")]
    ends = indexes([*claim.object, *claim.subject])
    return {at for _, (first, last) in stretches if ends.isdisjoint(range(first, last)) for at in range(first, last)} | {
        at for start, _ in stretches for at in (start + 1, start + 2)
    }


def _names_the_object(reading: FactReading, claim: Claim, inside: set[int]) -> bool:
    """Return whether a condition is the object itself, as in 'do not take it if you have asthma'."""
    subject = [] if reading.predicate.symmetric else claim.subject
    own, outside = indexes(claim.object), indexes([*subject, *reading.relations.get(claim.passage.id, ())])
    return any(start in inside for start, _ in claim.object) and inside.isdisjoint(outside - own)


def _is_list_of_subject(reading: FactReading, claim: Claim, span: Span) -> bool:
    """Return whether words of joint use begin a list that has the subject: 'Y is increased with concurrent A, B or X'."""
    passage, verbs = claim.passage, reading.marked(claim.passage, "auxiliary", "relative")
    is_joint = span in reading.spans(passage, "joint-use")
    return is_joint and any(start >= span[1] and verbs.isdisjoint(range(span[1], start)) for start, _ in claim.subject)


def _other_terms(reading: FactReading, claim: Claim, clause: set[int]) -> Iterator[Span]:
    """Yield terms that restrict a claim and are none of the fact: situations, populations, and drugs with the subject."""
    passage, terms = claim.passage, reading.lexicon.kb.terms
    own = {terms[name].kind for name in (reading.value("subject"),) if name}
    joined = set(reading.spans(passage, "combination"))
    emphasised = _find_emphasised(reading, claim)
    relative = [passage.until_comma(at) for at, _ in reading.spans(passage, "population-mark") if at - 1 in clause]
    plain, pronouns = (reading.marked(passage, name) for name in ("neutral-words", "relative"))
    own_words = passage.qualifying | indexes([*claim.subject, *claim.object])
    declared = bool(claim.piece.wordings)
    of_persons = bool(reading.cues.of("of-persons", reading.fact.predicate, reading.language))
    examples = {start for start, _ in reading.spans(passage, "example")}
    all_people = reading.marked(passage, "pseudo-population")
    for start, end in relative:  # 'adults who have responded to nothing else'
        words = set(range(start + 1, end))
        words |= set(range(*passage.until_comma(end))) if end in examples else set()  # 'who take A, including X'
        if start in pronouns and words.isdisjoint(own_words) and not words <= plain:
            yield start, end
    near = clause | indexes(relative)  # 'adults who have asthma'
    first = min((start for name, (start, _) in reading.lexicon.find_terms(passage) if terms[name].kind in own), default=0)
    for start, end in joined:  # 'X, alone or in combination with the subject'
        place = next((last for at, last in claim.subject if at == end), 0)
        is_described = passage.has_comma(place) and place in pronouns  # 'together with X, which causes …'
        if end - start > 1 and start > first and place and not is_described and not reading.predicate.symmetric:
            yield start, end
    for name, (start, end) in reading.lexicon.find_terms(passage):
        is_joined = any({(last, start), (end, at)} & joined for at, last in claim.subject)
        is_restricting = terms[name].kind in RESTRICTING - own or (terms[name].kind in own and is_joined)
        is_own = passage.accounted.issuperset(range(start, end)) or _is_joined(reading, passage, (start, end))
        is_own = is_own or _is_of_another(reading, passage, start) or start in all_people
        is_own = is_own or (of_persons and any(start <= at < end for at, _ in claim.object))  # 'patients with Y'
        is_own = is_own or (declared and not passage.qualifying.isdisjoint(range(start, end)))  # 'work with … taper off'
        if start in near - emphasised and is_restricting and not is_own:
            yield start, end


def _inherited_populations(reading: FactReading, claim: Claim) -> Iterator[str]:
    """Yield the groups to which headings, lead-ins or captions restrict a sentence that does not state the relation itself."""
    is_bare = not reading.relations.get(claim.passage.id)
    names = [name for value in (*reading.fact.values, reading.fact.subject) for name in reading.lexicon.list_names(value)]
    objects = [word for name in reading.lexicon.list_names(reading.fact.object) for word in name.split()]
    for above in reading.source.above(claim.passage.id) if claim.object else ():
        if not is_bare and above.is_heading:
            continue
        above.account(above.find([*names, *objects]), is_qualifying=True)
        if above.words.text != reading.source.title.text:
            yield from (above.quote(span) for span in _populations(reading, above, set(range(len(above.words.tokens)))))


def _populations(reading: FactReading, passage: TokenisedSentence, clause: set[int]) -> Iterator[Span]:
    """Yield the groups to which the sentence restricts the claim, such as 'in dogs' and 'in patients with asthma'."""
    names = ("population-preposition", "population-mark", "population-neutral", "auxiliary")
    prepositions, marks, neutral, verbs = ({start for start, _ in reading.spans(passage, name)} for name in names)
    general, relatives = reading.spans(passage, "population-general"), reading.marked(passage, "relative")
    emphasised = {end for _, end in reading.spans(passage, "emphasis")}  # 'especially in dogs'
    infinitives = reading.marked(passage, "infinitive")
    examples = {start for start, _ in reading.spans(passage, "example")}
    groups = reading.spans(passage, "population")
    own = {at for claim in reading.claims if claim.passage is passage for at in indexes(claim.object)}
    of_persons = bool(reading.cues.of("of-persons", reading.fact.predicate, reading.language))
    terms = reading.lexicon.kb.terms
    named = [place for name, place in reading.lexicon.find_terms(passage) if terms[name].kind not in RESTRICTING]
    for start, end in [*longest(groups, [*groups, *named, *reading.spans(passage, "pseudo-population")]), *general]:
        before = next((at for at in range(start - 1, max(-1, start - 5), -1) if at in prepositions), None)
        begin = 0 if before is None else before + 1
        modifiers = [at for at in range(begin, start) if at not in neutral and at not in passage.accounted]
        is_general = (start, end) in general
        is_vague = is_general and end not in marks and (not modifiers or before is None)
        is_share = is_general and any(passage.words.tokens[at].text[0].isdigit() for at in modifiers)  # 'in 1 of 10 people'
        is_infinitive = before is not None and before in infinitives and begin in passage.accounted  # 'to breast-feed your baby'
        is_near = start in clause and not (before is None and start > 2) and before not in emphasised
        if not is_near or is_vague or is_share or is_infinitive:
            continue
        until = passage.until_comma(start)[1] if is_general else end
        last = min(next((at for at in range(end, until) if at in verbs), until), end + 5)
        is_own = is_general and of_persons and not own.isdisjoint(range(end, until))  # 'contraindicated in patients with Y'
        is_own = is_own or (
            is_general and until in examples and passage.is_accounted(passage.until_comma(until))
        )  # 'including X'
        is_described = end in marks and end not in relatives and not {end + 1, end + 2} & passage.accounted  # 'with Y who took X'
        is_own = is_own or (
            (passage.is_accounted((start, last)) and not (is_general and is_described))
            or not passage.qualifying.isdisjoint({*range(end, until), *range(begin, start if before is not None else begin)})
            or _is_joined(reading, passage, (start, end))
        )
        if not is_own and not _is_of_another(reading, passage, start):
            yield start if before is None else before, last


def _is_joined(reading: FactReading, passage: TokenisedSentence, span: Span) -> bool:
    """Return whether a joint links a group or situation to one that the fact has: 'in adults and in children'."""
    start, end = span
    joints, prepositions = (reading.marked(passage, name) for name in ("joint", "population-preposition"))
    own = passage.qualifying | {at for claim in reading.claims if claim.passage is passage for at in indexes(claim.object)}
    start -= start - 1 in prepositions
    return (start - 1 in joints and start - 2 in own) or (end in joints and end + 1 in own)


def _is_of_another(reading: FactReading, passage: TokenisedSentence, start: int) -> bool:
    """Return whether what a token begins restricts a term that 'and' and a preposition join: 'for A and for B in children'."""
    terms = reading.lexicon.kb.terms
    joints, prepositions = (reading.marked(passage, name) for name in ("joint", "population-preposition"))
    own = [end for claim in reading.claims if claim.passage is passage for _, end in claim.object]
    if start - 1 in prepositions and start - 2 in joints and max(own, default=start) == start - 2:
        return True  # 'in Y and in people who …'
    return any(
        min(passage.accounted, default=start) < at < start and at - 1 in prepositions and at - 2 in joints
        for name, (at, end) in reading.lexicon.find_terms(passage)
        if terms[name].kind not in RESTRICTING and not passage.is_accounted((at, end))
    )
