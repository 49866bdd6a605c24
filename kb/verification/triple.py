"""Check that the sentences of a fact name its subject and object, and relate them as the predicate says."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.verification.cues import RelationCue, Span, longest, stems
from kb.verification.fact_reading import CLAIM, RESTRICTING, Claim, FactReading, Finding
from kb.verification.passages import TokenisedSentence, indexes

# So many declared words are a clause, which can hold a condition: "ready to stop taking it".
_CLAUSE_WORDS = 4


def check_wordings(reading: FactReading) -> Iterator[Finding]:
    """Find declared words that their sentence does not have or that name another term; account for the others."""
    for at, piece in enumerate(reading.fact.evidence):
        passage = reading.passages.get(piece.sentence)
        if passage is None:
            continue
        for part, wording in piece.wordings:
            spans = passage.locate(wording)
            if part == "predicate" and indexes(spans) <= indexes(reading.spans(passage, "auxiliary")):
                spans = []  # 'has' and 'is' state no relation
            if not spans:
                message = f"'{wording}' is not in {piece.sentence}, or states no relation."
                yield Finding("wording", part, at, message, "Take the words from the sentence; '…' stands for words in between.")
                continue
            passage.account(spans, is_qualifying=part in reading.fact.qualifiers or len(spans) >= _CLAUSE_WORDS)
            value = reading.value(part)
            other = reading.lexicon.is_name(wording, reading.language, value) if value else ""
            if other:
                message = f"'{wording}' is a name of another term, {other}."
                yield Finding("wording", part, at, message, "Name the term that the sentence names, or another sentence.")
            elif part in {"subject", "object"} and value and not _is_antecedent_near(reading, passage, wording, value):
                message = f"Neither the sentences before {piece.sentence} nor its heading name what '{wording}' stands for."
                yield Finding("wording", part, at, message, "Name the term that the word stands for.")


def _is_antecedent_near(reading: FactReading, passage: TokenisedSentence, wording: str, value: str) -> bool:
    """Return whether a pronoun can stand for a term: one of the two sentences before it, or above it, names the term."""
    pronouns = (stems(word, reading.language) for word in reading.cues.list_words("pronoun", reading.language))
    if stems(wording, reading.language) not in pronouns:
        return True
    first = reading.source.before.get(passage.id, "")
    near = [first, reading.source.before.get(first, "")]
    above = [*reading.source.above(passage.id), TokenisedSentence(reading.source.title)]
    passages = [*(TokenisedSentence(reading.source.words[name]) for name in near if name), *above, passage]
    is_topic = value in reading.source.document.topic
    return (
        is_topic
        or any(other.find(reading.lexicon.list_names(value)) for other in passages)
        or any(piece.sentence in near for piece in reading.fact.evidence)
    )


def check_ends(reading: FactReading) -> Iterator[Finding]:
    """Check that the sentences of the claim name subject and object."""
    named: set[str] = set()
    for claim in reading.claims:
        at, piece, passage = claim.at, claim.piece, claim.passage
        if piece.rests_claim_on_heading:
            message = f"{piece.sentence} is a heading, which states nothing."
            yield Finding("missing", CLAIM, at, message, "Name the sentence below it; it inherits what the heading says.")
        passage.account([*claim.subject, *claim.object])
        here = {part for part, _ in piece.wordings} & {"subject", "object"}
        here |= {part for part, places in (("subject", claim.subject), ("object", claim.object)) if places}
        if not here:
            message = f"{piece.sentence} names neither the subject nor the object of the fact."
            remedy = "Name another sentence, let it support qualifiers alone (supports: [severity]), or declare its words (as)."
            yield Finding("missing", CLAIM, at, message, remedy)
        named |= here | ({"subject"} if here == {"object"} and inherits_subject(reading, passage) else set())
        yield from _check_numbers(reading, claim)
    cited = {piece.sentence for piece in reading.fact.evidence if CLAIM in piece.supports}
    if not reading.claims or len(reading.claims) < len(cited):
        reading.checked |= dict.fromkeys(("subject", "object"), False)
        return
    for part, value in (("subject", reading.fact.subject), ("object", reading.fact.object)):
        reading.checked[part] = True
        if part not in named and named:  # a sentence that names neither is reported above
            names = reading.lexicon.list_names(value)
            message = f"No sentence of the evidence names the {part}, '{names[0] if names else value}'."
            remedy = f"Name another sentence, give the term that label, or declare its words: as: {{{part}: …}}."
            yield Finding("missing", part, -1, message, remedy)


def inherits_subject(reading: FactReading, passage: TokenisedSentence) -> bool:
    """Return whether what stands above a sentence names the subject, or the title does and the sentence has no other."""
    names = reading.lexicon.list_names(reading.fact.subject)
    topic = reading.spans(passage, "topic")
    others = longest(reading.spans(passage, "comparator-group"), reading.spans(passage, "comparison"))
    if _has_rival(reading, passage, topic) or any(others) or _continues_another(reading, passage):
        return False
    is_one_of_several = False
    for above in reading.source.above(passage.id):
        arms = longest(reading.spans(above, "comparator"), reading.spans(above, "trial-type"))  # not 'placebo-controlled'
        has_rival = any(arms) or _has_rival(reading, above, [])
        if has_rival and "\t" in above.words.text and not above.id.endswith("]"):  # the headers of all columns
            is_one_of_several = True
        elif above.find(names):
            return not (is_one_of_several and above.is_heading)
        elif has_rival and not above.is_heading:
            return False
    if not is_one_of_several and _is_topic(reading, names):
        passage.account(topic)
        reading.by_topic["subject"] = None
        return True
    return False


def _continues_another(reading: FactReading, passage: TokenisedSentence) -> bool:
    """Return whether a sentence begins with a pronoun that stands for another term: the sentence before names it first."""
    previous = reading.source.before.get(passage.id, "")
    plain = reading.spans(passage, "topic", "expletive")
    if not previous or not reading.begins_with(passage, "anaphor") or any(start == 0 for start, _ in plain):
        return False
    named = [name for name, _ in reading.lexicon.find_terms(TokenisedSentence(reading.source.words[previous]))]
    acted_on = {*reading.predicate.object, *RESTRICTING}
    return bool(named) and reading.fact.subject not in named and reading.lexicon.kb.terms[named[0]].kind not in acted_on


def _is_topic(reading: FactReading, names: tuple[str, ...]) -> bool:
    """Return whether the document is about the subject: by its topic, if that has no other that could be it, or by its title."""
    kb, topic = reading.lexicon.kb, reading.source.document.topic
    if not topic:
        return bool(TokenisedSentence(reading.source.title).find(names))
    kinds = {*reading.predicate.subject, *(term.kind for term in [kb.terms.get(reading.fact.subject)] if term)}
    return {name for name in topic if name in kb.terms and kb.terms[name].kind in kinds} == {reading.fact.subject}


def _has_rival(reading: FactReading, passage: TokenisedSentence, topic: list[Span]) -> bool:
    """Return whether a sentence names, before the object, another term that could be the subject."""
    kb, fact = reading.lexicon.kb, reading.fact
    kinds, ours = (
        {*reading.predicate.subject, kb.terms[fact.subject].kind},
        {fact.subject, fact.object, *fact.qualifiers.values()},
    )
    listed = kb.terms.get(reading.value("object"))
    kinds -= {listed.kind} - {kb.terms[fact.subject].kind} if listed else set()  # others in the list of the object
    first = min((start for start, _ in passage.find(reading.lexicon.list_names(fact.object))), default=len(passage.words.tokens))
    verbs = {start for start, _ in passage.find(cue.words for cue in reading.relation_cues if cue.mark.startswith(">"))}
    auxiliaries = {start for start, _ in reading.spans(passage, "auxiliary")}
    acted_on = {*reading.predicate.object, *RESTRICTING}
    agents = {end for _, end in reading.spans(passage, "agent", "combination", "under")}
    return any(
        (span[0] < first or span[0] in agents)
        and name not in ours
        and (
            kb.terms[name].kind in kinds
            or not verbs.isdisjoint((span[1], span[1] + (span[1] in auxiliaries)))
            or (kb.terms[name].kind not in acted_on and not verbs.isdisjoint(range(*passage.until_comma(span[0]))))
        )
        for name, span in reading.lexicon.find_terms(passage)
        if not passage.is_accounted(span) and span[0] not in indexes(topic)
    )


def _check_numbers(reading: FactReading, claim: Claim) -> Iterator[Finding]:
    """Check that the number of a term, such as a strength, stands in the sentence that names it."""
    term = reading.lexicon.kb.terms.get(reading.value("object"))
    if term and term.value and claim.object and not any(reading.find_number(term, claim.passage)):
        message = f"{claim.piece.sentence} does not have the number of '{term.label}', {term.value} {term.unit}".rstrip() + "."
        yield Finding("missing", "object", claim.at, message, "Name the term with the number of the sentence.")


def check_relation(reading: FactReading, claim: Claim) -> Iterator[Finding]:
    """Check that a sentence of the claim has words of the predicate, with subject and object on the right sides."""
    at, piece, passage = claim.at, claim.piece, claim.passage
    passage.account(passage.find([re.sub("^(can|may) ", "", reading.predicate.label)]))
    known = reading.relation_cues
    reading.checked["predicate"] = bool(known)
    if not known or "predicate" in dict(piece.wordings) or not claim.object:
        return
    if excluded := _find_excluded(reading, claim):
        message = f"'{excluded}' in {piece.sentence} states another relation than the predicate."
        remedy = "Name another predicate, or declare to which part the word belongs: as: {predicate: …}."
        yield Finding("relation", "predicate", at, message, remedy)
        return
    spans = passage.find(cue.words for cue in known)
    names = indexes([*claim.subject, *claim.object])
    found = (
        (cue, span)
        for span in dict.fromkeys(longest(spans, spans))
        for cue in reading.cues_by_stems[passage.words.stems[slice(*span)]]
    )
    cues = [(cue, span) for cue, span in found if cue.mark == "~" or names.isdisjoint(range(*span))]
    denials = indexes(reading.spans_of(passage, "polarity", "negated"))  # 'is not a' states the relation and denies it
    passage.account(span for cue, span in cues if not cue.mark or len(denials & set(range(*span))) in {0, span[1] - span[0]})
    fits = [(cue, span) for cue, span in cues if _fits(reading, claim, cue, span)]
    directed = [span for cue, span in fits if cue.mark in {">", "<"}]  # 'X may cause a rare, but serious side effect called Y'
    fitting = reading.relations[passage.id] = directed or [span for _, span in fits]
    if fitting or (not any(cue.mark in {">", "<"} for cue, _ in cues) and _inherits_relation(reading, claim)):
        return
    if cues:
        message = f"'{passage.quote(cues[0][1])}' in {piece.sentence} does not relate the subject to the object."
    else:
        examples = ", ".join(f"'{cue.words}'" for cue in known[:4])
        message = f"{piece.sentence} has no word for '{reading.predicate.label}', such as {examples}."
    remedy = "Name another predicate or sentence, or declare the words: as: {predicate: …}."
    yield Finding("relation", "predicate", at, message, remedy)


def find_other_items(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of the other items of a list that has the object as an item: 'dizziness when standing, cough, …'."""
    passage = claim.passage
    stretches = list(passage.stretches())
    joints = indexes(reading.spans(passage, "joint"))
    starts = {start for start, _ in claim.object}
    if not any(first in starts or (first in joints and first + 1 in starts) for first, _ in stretches):
        return set()
    names = ("condition", "opener", "population-preposition", "comparison", "exception", "neutral-words", "auxiliary", "relative")
    names = (*names, "emphasis")
    begins = {start for start, _ in reading.spans(passage, *names)} | joints
    begins |= {start for start, _ in passage.find(reading.cues.hedges(reading.language))}
    own = indexes([*claim.object, *claim.subject])
    return {
        at
        for first, last in stretches[1:-1]
        if first not in begins and own.isdisjoint(range(first, last))
        for at in range(first, last)
    }


def _find_excluded(reading: FactReading, claim: Claim) -> str:
    """Return words of a relation that excludes the predicate, in the clause that names the object."""
    clause, passage = claim.passage.clauses(claim.object) - find_other_items(reading, claim), claim.passage
    spans = passage.find(reading.cues.of("excluded", reading.fact.predicate, reading.language))
    if "polarity" in reading.fact.qualifiers:
        return ""
    clause -= indexes(passage.find(reading.lexicon.list_names(reading.fact.qualifiers.get("population", ""))))
    agents, subjects = {end for _, end in reading.spans(passage, "agent")}, {start for start, _ in claim.subject}
    spans = [span for span in spans if span[1] not in agents or span[1] in subjects]  # 'caused by X', not by bacteria
    return next((passage.quote(span) for span in spans if span[0] in clause and not passage.is_accounted(span)), "")


def _fits(reading: FactReading, claim: Claim, cue: RelationCue, span: Span) -> bool:
    """Return whether subject and object stand on the sides of a cue that its mark tells."""
    passage = claim.passage
    if cue.mark in {"", "~"} or not claim.object:
        return True
    if not claim.subject:  # it stands above, or is the topic
        is_active = cue.mark == ">" and span[1] not in indexes(reading.spans(passage, "agent", "intransitive"))
        return not is_active or any(start >= span[1] for start, _ in claim.object)
    if reading.predicate.symmetric:
        return _surround(claim.subject, claim.object, span) or _surround(claim.object, claim.subject, span)
    is_passive = any(start == span[1] for start, _ in reading.spans(passage, "agent"))  # 'X is broken down by Y'
    is_forward = cue.mark.startswith(">") and not is_passive
    before, after = (claim.subject, claim.object) if is_forward else (claim.object, claim.subject)
    if cue.mark == "<" and any(end == span[0] for _, end in reading.spans(passage, "population-general")):
        before = []  # in 'patients treated with X', the patients are treated
    if len(cue.mark) > 1:
        before = [place for place in before if span[0] - place[1] <= 1]
        after = [place for place in after if place[0] - span[1] <= 1]
    others = reading.other_verbs(passage, reading.fact.predicate) if is_forward else []
    starts = [start for start, _ in others if start > span[1] and _begins_clause(reading, passage, start)]
    ends = {end for name, (_, end) in reading.lexicon.find_terms(passage) if name != reading.fact.object}
    starts += [at for at, _ in reading.spans(passage, "relative") if at > span[1] and at in ends]  # 'X slows A, which causes B'
    after = [place for place in after if not any(start < place[0] for start in starts)]  # 'X slows A and causes B'
    if is_forward:
        before = [place for place in before if not _is_fronted(reading, passage, place, span)]
    is_intransitive = any(start == span[1] for start, _ in reading.spans(passage, "intransitive"))  # 'nausea decreased with X'
    is_reversed = is_intransitive and _surround(claim.object, claim.subject, span)
    if span[1] in {start for start, _ in reading.spans(passage, "combination")}:
        after = []  # what increases with X does not increase X
    if is_forward and (is_reversed or _is_relative_object(reading, claim, span)):
        return True
    if _surround(before, after, span):
        is_of_other = _is_object_of_another(reading, others, before, span, passage) or _is_beside_antecedent(
            reading, before, span, passage
        )
        return not (is_forward and is_of_other)
    opening = passage.until_comma(0)[1]  # "By slowing the heart, zolam …": the subject follows
    is_opened = not span[0] or reading.begins_with(passage, "opener") or reading.begins_with(passage, "agent")
    is_fronted = is_opened and span[1] <= opening < len(passage.words.tokens) and span[0] <= 2
    return is_forward and is_fronted and any(start >= opening for start, _ in before)


def _is_relative_object(reading: FactReading, claim: Claim, verb: Span) -> bool:
    """Return whether a relative clause acts on the object before it: 'Y, which X did not relieve'."""
    after = {end for _, end in claim.object}
    pronouns = {end for start, end in reading.spans(claim.passage, "relative") if start in after}
    return any(start in pronouns and end <= verb[0] for start, end in claim.subject)


def _is_fronted(reading: FactReading, passage: TokenisedSentence, place: Span, verb: Span) -> bool:
    """Return whether a name stands in the words before a comma, and another term after it: 'by blocking X, Y slows …'."""
    opening = passage.until_comma(0)[1]
    others = (start for name, (start, _) in reading.lexicon.find_terms(passage) if name != reading.fact.subject)
    is_opened = reading.begins_with(passage, "opener") or reading.begins_with(passage, "agent")
    return is_opened and place[1] <= opening and any(opening <= start < verb[0] for start in others)


def _begins_clause(reading: FactReading, passage: TokenisedSentence, at: int) -> bool:
    """Return whether a verb begins a new part of a sentence: after a comma, 'and' or 'which'."""
    auxiliaries = indexes(reading.spans(passage, "auxiliary"))
    while at - 1 in auxiliaries:
        at -= 1
    before, here = passage.words.tokens[at - 1 : at + 1]
    return "," in passage.words.text[before.end : here.start] or (at - 1, at) in reading.spans(passage, "joint")


def _surround(before: list[Span], after: list[Span], span: Span) -> bool:
    return any(end <= span[0] for _, end in before) and any(start >= span[1] for start, _ in after)


def _is_object_of_another(
    reading: FactReading, others: list[Span], subjects: list[Span], span: Span, passage: TokenisedSentence
) -> bool:
    """Return whether the subject is what another verb acts on: 'X slows the heart, leading to …' is about X."""
    tokens_, text = passage.words.tokens, passage.words.text
    if "," not in text[tokens_[span[0] - 1].end : tokens_[span[0]].start]:
        return False
    ends = {end for _, end in others}
    named = [place for _, place in reading.lexicon.find_terms(passage) if place[0] <= 1 and tokens_[span[0]].text.endswith("ing")]
    plain = indexes([*reading.spans(passage, "joint", "article"), *(place for _, place in reading.lexicon.find_terms(passage))])
    is_first = any(place in subjects or plain.issuperset(range(place[1], subjects[0][0])) for place in named)
    return bool(named and not is_first) or all({start, start - 1} & ends for start, _ in subjects)


def _is_beside_antecedent(reading: FactReading, subjects: list[Span], span: Span, passage: TokenisedSentence) -> bool:
    """Return whether a relative clause with the cue belongs to another word: 'X replaces drugs that cause …'."""
    pronouns = {at for at, _ in reading.spans(passage, "relative") if span[0] - 3 <= at < span[0]}
    last = max((end for _, end in subjects if end <= span[0]), default=0)
    articles = {at for at, _ in reading.spans(passage, "article")}
    others = (end for _, (start, end) in reading.lexicon.find_terms(passage) if start >= last)
    joints = {at for at, _ in reading.spans(passage, "of")}
    if any(last < end < at and end in articles and passage.has_comma(end) for end in others for at in pronouns) or any(
        passage.has_comma(at) and joints & set(range(max(last, at - 4), at)) for at in pronouns
    ):
        return True  # 'X replaces Y, a drug that …', 'X is a blocker of Y, which …'
    copulas = {at for at, _ in reading.spans(passage, "copula")}
    copulas |= articles & {end for _, end in subjects}  # 'X, a drug that …'
    return any(
        all(end < at and copulas.isdisjoint(range(end, at)) for _, end in subjects if end <= at) and subjects[0][0] < at
        for at in pronouns
    )


def _inherits_relation(reading: FactReading, claim: Claim) -> bool:
    """Return whether what stands above a sentence states the relation, and its clause states no other."""
    clause, passage = claim.passage.clauses(claim.object), claim.passage
    others = reading.other_verbs(passage, reading.fact.predicate)
    excluded = reading.cues.of("excluded", reading.fact.predicate, reading.language)
    named = passage.accounted | indexes(span for _, span in reading.lexicon.find_terms(passage))  # 'block' in 'heart block'
    if any(span[0] in clause and named.isdisjoint(range(*span)) for span in others):
        return False
    words = [cue.words for cue in reading.relation_cues if cue.mark in {"", ">"}]
    for above in reading.source.above(passage.id):
        if "polarity" not in reading.fact.qualifiers and any(start for start, _ in above.find(excluded)):
            return False  # the nearest of them counts; 'Stop taking it if' at the start is an advice
        groups, joints = {end for _, end in reading.spans(above, "population-general")}, reading.spans(above, "combination", "agent")
        joined = {start for start, _ in joints}
        if any(start not in groups or end not in joined for start, end in above.find(words)):  # not 'patients treated with X'
            return True
    return False
