"""Check that the sentences of a fact name its subject and object."""

from __future__ import annotations

from collections.abc import Iterator

from kb.verification.advice import is_commanded
from kb.verification.antecedents import continues_symptoms, continues_topic
from kb.verification.consequences import follows_title
from kb.verification.cues import Span, longest, stems
from kb.verification.fact_reading import CLAIM, RESTRICTING, Claim, FactReading, Finding
from kb.verification.joint_use import find_joint_use, is_joint_item
from kb.verification.passages import TokenisedSentence, indexes
from kb.verification.uses import ends_with_taking, read_used

# So many declared words are a clause, which can hold a condition: "ready to stop taking it".
_CLAUSE_WORDS = 4
# How many words a condition has that the items of a list complete: 'if you take:', 'when used together with:'.
_OPEN = 5


def check_wordings(reading: FactReading) -> Iterator[Finding]:
    """Find declared words that their sentence does not have or that name another term; account for the others."""
    for at, piece in enumerate(reading.fact.evidence):
        passage = reading.passages.get(piece.sentence)
        if passage is None:
            continue
        for part, wording in piece.wordings:
            spans = passage.locate(wording)
            if part == "predicate" and indexes(spans) <= reading.marked(passage, "auxiliary"):
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
        or any(reading.lexicon.find_value(value, other) for other in passages)
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
        named |= {"object"} if here == {"subject"} and inherits_object(reading, passage) else set()
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
    topic = reading.spans(passage, "topic")
    trials = reading.spans(passage, "comparison", "trial-type")
    others = longest(reading.spans(passage, "comparator-group"), trials)
    is_of_others = any(others) or _is_of_other_group(reading, passage)
    if continues_symptoms(reading, passage) or follows_title(reading, passage):
        return True
    has_rival = not is_joint_item(reading, passage) and _has_rival(reading, passage, topic)
    if is_of_others or has_rival or _continues_another(reading, passage):
        return False
    is_one_of_several = False
    for above in reading.source.above(passage.id):
        arms = longest(reading.spans(above, "comparator"), reading.spans(above, "trial-type"))  # not 'placebo-controlled'
        has_rival = any(arms) or _has_rival(reading, above, [])
        if has_rival and "\t" in above.words.text and not above.id.endswith("]"):  # the headers of all columns
            is_one_of_several = True
        elif reading.lexicon.find_value(reading.fact.subject, above):
            return not (is_one_of_several and above.is_heading)
        elif has_rival and not above.is_heading:
            return False
    if not is_one_of_several and _is_topic(reading):
        passage.account(topic)
        reading.by_topic["subject"] = None
        return True
    return False


def inherits_object(reading: FactReading, passage: TokenisedSentence) -> bool:
    """Return whether the lead-in of an item says what the subject, the item, does: 'These weaken X:', 'See a doctor if:'.

    What restricts or hedges the lead-in must be said by the fact, but for the words with which it ends: 'if you have:'. A
    lead-in such as 'Medicines for depression:' can stand between them.
    """
    lead_ins = [one for one in reading.source.above(passage.id) if not one.is_heading]
    if reading.predicate.symmetric and reading.is_about(reading.value("object")):
        return any(find_joint_use(reading, passage, above) for above in lead_ins)
    while lead_ins and _is_plain_label(reading, lead_ins[0]):
        lead_ins.pop(0)
    objects = _find_objects_above(reading, lead_ins)
    above = lead_ins[0] if objects else passage
    commands = (reading.lists_predicate("of-advice") and is_commanded(reading, above, place) for place in objects)
    if not objects or not (any(_reaches_object(reading, above, objects)) or any(commands)):
        return False
    if not indexes(objects).issuperset(start for start, _ in reading.find_rivals(above)):  # but 'the effect of Z' is about Z
        return False
    said = indexes(reading.find_values(above))
    limits = _find_limits(reading, above, objects)
    return not _find_doubts_above(reading, above, objects) and all(not said.isdisjoint(range(*extent)) for extent in limits)


def _find_limits(reading: FactReading, above: TokenisedSentence, objects: list[Span]) -> list[Span]:
    """Return what restricts a lead-in: groups, times and conditions, but not those that its items complete."""
    size, own = len(above.words.tokens), indexes(objects)  # 'talk to your doctor before taking X'
    opened = [start for start, end in reading.spans(above, "example") if end == size]  # 'if you have any symptoms, including:'
    is_of_use = read_used(reading, reading.fact.subject) and ends_with_taking(reading, above)
    starts = [start for start, _ in reading.spans(above, "preceding", "situation", "population") if start not in own]
    if not is_of_use:  # 'Tell your doctor if you take any other medicines. In particular:'
        starts += [start for start, _ in reading.spans(above, "condition") if above.until_comma(start)[1] not in {size, *opened}]
    topics = [span for name, span in reading.lexicon.find_terms(above) if reading.is_about(name)]
    plain = reading.marked(above, "preceding", "neutral-words", "using", "topic", "this-topic") | indexes(topics)
    starts = [start for start in starts if not plain.issuperset(range(*above.until_comma(start)))]  # 'Before you take X, …'
    announcing = reading.marked(above, "announcing")  # 'if you notice any of the following, …'
    return [extent for extent in map(above.until_comma, starts) if announcing.isdisjoint(range(*extent))]


def _find_doubts_above(reading: FactReading, above: TokenisedSentence, objects: list[Span]) -> set[Span]:
    """Return the words by which a lead-in denies or hedges what it says of its items."""
    first = max((end for _, end in objects), default=0)
    asking = [start for start, _ in reading.spans(above, "conditional") if start >= first]
    until = min(asking if reading.lists_predicate("of-advice") else (), default=len(above.words.tokens))
    hedges = {span for span in reading.hedge_spans(above) if span[0] < until}  # not in 'if you take or might take:'
    doubts = {*hedges, *reading.spans_of(above, "polarity", "negated")} - {*objects, *reading.relation_spans(above)}
    doubts -= set(reading.spans_of(above, "modality", reading.fact.qualifiers["modality"]))
    own = indexes([*objects, *reading.spans(above, "pseudo-hedge")])  # 'the ability to help prevent Y'
    return {span for span in doubts if own.isdisjoint(range(*span))}


def _is_plain_label(reading: FactReading, above: TokenisedSentence) -> bool:
    """Return whether a lead-in only names a kind of what follows: 'Medicines for depression:', without a verb of its own."""
    verbs = reading.marked(above, "auxiliary", "condition", "not")
    doubts = reading.spans_of(above, "polarity", "negated")
    return above.words.text.rstrip().endswith(":") and not (verbs or doubts or reading.relation_spans(above))


def _find_objects_above(reading: FactReading, lead_ins: list[TokenisedSentence]) -> list[Span]:
    """Return where a lead-in names the object; 'This can be caused by:' does so by what the sentence before it names first."""
    value = reading.fact.object
    objects = reading.lexicon.find_value(value, lead_ins[0]) if lead_ins else []
    if objects or len(lead_ins) < 2 or not reading.begins_with(lead_ins[0], "singular-pronoun"):
        return objects
    first = next((span for _, span in reading.lexicon.find_terms(lead_ins[1])), None)
    return [(0, 1)] if first in reading.lexicon.find_value(value, lead_ins[1]) else []


def _reaches_object(reading: FactReading, above: TokenisedSentence, objects: list[Span]) -> Iterator[bool]:
    """Yield whether each word of the relation in a lead-in has the object on its right side.

    That is before a passive, and before a verb that the items complete: 'Z can be caused by:', 'X may fall if you take:'.
    """
    if reading.lists_predicate("of-advice"):
        yield _is_advised(reading, above, objects)
    agents = {start for start, _ in reading.spans(above, "agent")}
    for span in reading.relation_spans(above):
        for cue in reading.cues_by_stems[above.words.stems[slice(*span)]]:
            after = any(span[1] <= start for start, _ in objects)
            is_passive = span[1] in agents or (not after and _is_completed(reading, above, span))
            yield cue.mark == "" or (cue.mark == ">" and after != is_passive) or (cue.mark == "<" and not after)


def _is_advised(reading: FactReading, above: TokenisedSentence, objects: list[Span]) -> bool:
    """Return whether a lead-in tells to do the object if what follows happens: 'Stop X and call your doctor if:'."""
    first = min(start for start, _ in objects)
    plain = reading.marked(above, "joint", "auxiliary", "advice", "adverb", "speaker")
    is_condition = any(reading.spans(above, "condition")) or any(reading.spans(above, "announcing"))
    is_denied = any(start <= first for start, _ in reading.spans_of(above, "polarity", "negated"))
    return is_condition and not is_denied and (not first or above.has_comma(first) or first - 1 in plain)


def _is_completed(reading: FactReading, above: TokenisedSentence, verb: Span) -> bool:
    """Return whether nothing but a condition that the items complete follows a verb: 'may fall (a low level) if you take:'."""
    size = len(above.words.tokens)
    plain = reading.marked(above, "joint") | indexes(reading.other_verbs(above)) | above.bracket_after([verb])
    starts = [start for start, _ in reading.spans(above, "condition") if start >= verb[1] and size - start <= _OPEN]
    return any(plain.issuperset(range(verb[1], start)) for start in starts)


def _is_of_other_group(reading: FactReading, passage: TokenisedSentence) -> bool:
    """Return whether what a sentence says is said of others: 'reported with related medicines'."""
    relations = {end for _, end in reading.relation_spans(passage)}
    starts = {start for start, _ in reading.spans(passage, "other-group")}
    return any(start in relations and end in starts for start, end in reading.spans(passage, "under", "agent", "combination"))


def _continues_another(reading: FactReading, passage: TokenisedSentence) -> bool:
    """Return whether a sentence begins with a pronoun that stands for another term: the sentence before names it first."""
    previous = reading.source.before.get(passage.id, "")
    plain = reading.spans(passage, "topic", "expletive")
    while previous and _is_by_pronoun(reading, TokenisedSentence(reading.source.words[previous])):
        previous = reading.source.before.get(previous, "")  # 'Zolam is a drug. It lowers Z. It is used to treat Y.'
    if not previous or not reading.begins_with(passage, "anaphor") or any(start == 0 for start, _ in plain):
        return False
    if reading.begins_with(passage, "both-of"):
        return True  # 'X contains W and Z. Both …'
    named = [name for name, _ in reading.lexicon.find_terms(TokenisedSentence(reading.source.words[previous]))]
    acted_on = {*reading.predicate.object, *RESTRICTING}
    return bool(named) and reading.fact.subject not in named and reading.lexicon.kb.terms[named[0]].kind not in acted_on


def _is_by_pronoun(reading: FactReading, passage: TokenisedSentence) -> bool:
    """Return whether a sentence begins with a pronoun for what the sentence before it is about: 'It works by …'."""
    is_expletive = any(start == 0 for start, _ in reading.spans(passage, "expletive"))
    return (
        reading.begins_with(passage, "singular-pronoun") and 1 in reading.marked(passage, "auxiliary", "be") and not is_expletive
    )


def _is_topic(reading: FactReading) -> bool:
    """Return whether the document is about the subject: by its topic, if that has no other that could be it, or by its title."""
    kb, topic = reading.lexicon.kb, reading.source.document.topic
    used = read_used(reading, reading.fact.subject)  # 'treatment with X' in a leaflet of X
    title = TokenisedSentence(reading.source.title)
    if not topic:
        return bool(reading.lexicon.find_value(reading.fact.subject, title) or title.find(used))
    if used and all(set(used) & set(reading.lexicon.list_names(name)) for name in topic):
        return True
    kinds = {*reading.predicate.subject, *(term.kind for term in [kb.terms.get(reading.fact.subject)] if term)}
    return {name for name in topic if name in kb.terms and kb.terms[name].kind in kinds} == {reading.fact.subject}


def _has_rival(reading: FactReading, passage: TokenisedSentence, topic: list[Span]) -> bool:
    """Return whether a sentence names, before the object, another term that could be the subject."""
    kb, fact = reading.lexicon.kb, reading.fact
    kinds, ours = (
        {*reading.predicate.subject, kb.terms[fact.subject].kind},
        {fact.subject, fact.object, *fact.values},
    )
    listed = kb.terms.get(reading.value("object"))
    kinds -= {listed.kind} - {kb.terms[fact.subject].kind} if listed else set()  # others in the list of the object
    objects = reading.lexicon.find_value(fact.object, passage)
    first = min((start for start, _ in objects), default=len(passage.words.tokens))
    verbs = {start for start, _ in passage.find(cue.words for cue in reading.relation_cues if cue.mark.startswith(">"))}
    occurring = {start for start, _ in reading.spans(passage, "copula")}
    auxiliaries = {start for start, _ in reading.spans(passage, "auxiliary") if start + 1 not in occurring}  # 'Z may occur as Y'
    acted_on = {*reading.predicate.object, *RESTRICTING}
    neutral = reading.marked(passage, "neutral-condition")  # 'alone or with Z'
    agents = {end for start, end in reading.spans(passage, "agent", "combination", "under") if start not in neutral}
    doing = {end for end in agents if passage.words.tokens[end : end + 1] and passage.words.tokens[end].text.endswith("ing")}
    siblings = _find_siblings(reading, passage, first) if listed and listed.kind == kb.terms[fact.subject].kind else set()
    is_acted_on = bool(objects) and auxiliaries.isdisjoint(end for _, end in objects)
    is_about_it = reading.begins_with(passage, "singular-pronoun")
    return any(
        (span[0] < first or span[0] in agents)
        and span[0] not in siblings
        and name not in ours
        and (
            (kb.terms[name].kind in kinds and not (is_about_it and (span[0] not in agents or span[0] in doing)))
            or (is_acted_on and kb.terms[name].kind not in RESTRICTING and span[1] in auxiliaries)
            or (
                not (span[0] > 1 and passage.is_participle(span[1]))  # in 'it widens A, reducing B', not A reduces
                and not verbs.isdisjoint((span[1], span[1] + (span[1] in auxiliaries)))
            )
            or (  # 'Z widens the vessels, leading to Y'
                kb.terms[name].kind not in acted_on and span[0] <= 1 and any(map(passage.is_participle, verbs))
            )
            or (
                kb.terms[name].kind not in acted_on
                and not is_about_it
                and not verbs.isdisjoint(range(*passage.until_comma(span[0])))
            )
            or _is_described_by(_find_description(reading, passage, span), verbs, objects)
        )
        for name, span in reading.lexicon.find_terms(passage)
        if not passage.is_accounted(span) and span[0] not in indexes(topic) | _find_explanations(reading, passage, objects)
    )


def _is_described_by(description: set[int], verbs: set[int], objects: list[Span]) -> bool:
    """Return whether the description of a name states the relation, of the object, if named: 'Y, a disease that causes Z'."""
    return not verbs.isdisjoint(description) and (not objects or not description.isdisjoint(indexes(objects)))


def _find_explanations(reading: FactReading, passage: TokenisedSentence, objects: list[Span]) -> set[int]:
    """Return the tokens of brackets that explain another item than the object: 'leucopenia (fewer cells, which …); Y'."""
    pronouns = reading.marked(passage, "relative")
    brackets = (passage.bracket_of(at) for at in pronouns)
    return {at for bracket in brackets if bracket.isdisjoint(indexes(objects)) for at in bracket}


def _find_siblings(reading: FactReading, passage: TokenisedSentence, first: int) -> set[int]:
    """Return where the terms begin that stand in one list right before the object: 'medicines such as W, Z and Y'."""
    spans = sorted((span for _, span in reading.lexicon.find_terms(passage) if span[1] <= first), reverse=True)
    joints, found = reading.marked(passage, "joint"), set[int]()
    opened = {end for _, end in reading.spans(passage, "example")}
    for start, end in spans:
        if not joints.issuperset(range(end, first)):
            break
        found.add(start)
        first = start
    return found if first in opened else set()


def _find_description(reading: FactReading, passage: TokenisedSentence, place: Span) -> set[int]:
    """Return the tokens of the phrase that describes a name before it: 'X, used to treat Y', 'X, a disease that causes Y'."""
    _, end = passage.until_comma(place[0])
    if place[1] in {start for start, _ in reading.spans(passage, "relative")}:
        return set(range(place[1], end))
    bracket = passage.bracket_after([place])
    after = passage.until_comma(max(bracket, default=end - 1) + 1)
    pronouns, articles = (reading.marked(passage, name) for name in ("relative", "article"))
    describing = pronouns | reading.marked(passage, "participle")
    if min(bracket, default=-1) in describing or not pronouns.isdisjoint(bracket):
        return bracket
    is_description = after[0] in describing or (after[0] in articles and not pronouns.isdisjoint(range(*after)))
    return set(range(*after)) if is_description else set()


def _check_numbers(reading: FactReading, claim: Claim) -> Iterator[Finding]:
    """Check that the number of a term, such as a strength, stands in the sentence that names it."""
    term = reading.lexicon.kb.terms.get(reading.value("object"))
    if term and term.value and claim.object and not any(reading.find_number(term, claim.passage)):
        message = f"{claim.piece.sentence} does not have the number of '{term.label}', {term.value} {term.unit}".rstrip() + "."
        yield Finding("missing", "object", claim.at, message, "Name the term with the number of the sentence.")


def is_subject_of_pronoun(reading: FactReading, passage: TokenisedSentence, subjects: list[Span], verb: int) -> bool:
    """Return whether the subject of a verb is a pronoun for a term before the subject: 'avoid Z while taking X, as this …'."""
    at, terms, fact = find_subject(reading, passage, verb), reading.lexicon.kb.terms, reading.fact
    kinds = {*reading.predicate.subject, *(terms[name].kind for name in (fact.subject,) if name in terms)}
    named = (span for name, span in reading.lexicon.find_terms(passage) if terms[name].kind in kinds and name != fact.object)
    pronouns = reading.marked(passage, "singular-pronoun") - indexes(subjects)
    return at in pronouns and min(named, default=(at, at)) not in [*subjects, (at, at)]


def find_subject(reading: FactReading, passage: TokenisedSentence, verb: int) -> int:
    """Return the last token before a verb that is no auxiliary or adverb; -1 if there is none."""
    plain = indexes([*reading.spans(passage, "auxiliary", "adverb", "not"), *reading.hedge_spans(passage)])
    return next((at for at in range(verb - 1, -1, -1) if at not in plain and not passage.is_adverb(at)), -1)


def lacks_subject(reading: FactReading, passage: TokenisedSentence, verb: int) -> bool:
    """Return whether no other noun is the subject of a verb: 'infections may lead to …' is about infections."""
    at = find_subject(reading, passage, verb)
    terms = reading.lexicon.find_terms(passage)
    if continues_topic(reading, passage, at):
        return True
    if at > 0 and at in reading.marked(passage, "singular-pronoun"):  # 'avoid Z with this medicine, as it may …'
        kinds = {*reading.predicate.object, *RESTRICTING} - {*reading.predicate.subject}
        return all(end > at or reading.lexicon.kb.terms[name].kind in kinds for name, (_, end) in terms)
    others = {end - 1 for _, end in reading.spans(passage, "other-agents")}
    groups = reading.marked(passage, "of")
    if at in others and at in indexes(
        reading.spans(passage, "relative")
    ):  # 'medicines that …', not 'a group of medicines that …'
        return not groups.isdisjoint(range(at - 4, at))
    links = reading.marked(passage, "topic", "pronoun", "anaphor", "joint", "agent", "link")
    if not any(other.subject for other in reading.claims):  # the terms before it were judged with the ends
        links |= indexes(span for _, span in terms)
    return at < 0 or at in links or passage.has_comma(at + 1)
