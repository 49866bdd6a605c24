"""Check that a sentence has words of the predicate, with the subject and object on the sides that they tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise, starmap

from kb.model import list_names
from kb.verification.advice import states_advice
from kb.verification.antecedents import is_antecedent
from kb.verification.consequences import states_outcome
from kb.verification.cues import RelationCue, Span, longest
from kb.verification.ends import is_subject_of_pronoun, lacks_subject
from kb.verification.exclusions import (
    describes_another,
    find_excluded,
    is_condition_of_lead_in,
    is_illness_of_persons,
    is_of_another_medicine,
)
from kb.verification.fact_reading import Claim, FactReading, Finding
from kb.verification.inheritance import NEXT, inherits_relation
from kb.verification.list_items import (
    bracket_of_list,
    find_described,
    find_other_items,
    is_apposed,
    is_aside,
    is_of_bracket,
    is_of_other_item,
    list_ends,
)
from kb.verification.passages import TokenisedSentence, indexes
from kb.verification.undergone_changes import find_made, find_undergone
from kb.verification.verb_phrases import find_separated, is_agent_noun, is_caused, is_done, is_pronoun_object
from kb.verification.verb_subjects import (
    acts_another,
    begins_clause,
    is_beside_antecedent,
    is_described,
    is_displaced,
    is_fronted,
    is_in_relative_clause,
    is_object_of_another,
    is_of_rival,
    is_of_whole_list,
    opens_before_subject,
)

# How many words can name what is used for something, before 'used for'.
_NAMING = 4

#: Words of the predicate, and where a sentence has them.
_FoundCue = tuple[RelationCue, Span]


def check_relation(reading: FactReading, claim: Claim) -> Iterator[Finding]:
    """Check that a sentence of the claim has words of the predicate, with subject and object on the right sides."""
    at, piece, passage = claim.at, claim.piece, claim.passage
    passage.account(passage.find([re.sub("^(can|may) ", "", name) for name in list_names(reading.predicate, reading.language)]))
    reading.checked["predicate"] = bool(known := reading.relation_cues)
    is_told = "predicate" in dict(piece.wordings) or is_antecedent(reading, claim)
    if not known or is_told or not claim.object or is_apposed(reading, claim):
        return
    if is_aside(reading, claim):
        message = f"{piece.sentence} names the object only in a bracket about something else."
        yield Finding("relation", "predicate", at, message, "Name another sentence, or declare the words: as: {predicate: …}.")
    if is_illness_of_persons(reading, claim) or describes_another(reading, claim) or is_of_another_medicine(reading, claim):
        message = f"{piece.sentence} names the object only to describe people or something else."
        yield Finding("relation", "predicate", at, message, "Name another sentence, or declare the words: as: {predicate: …}.")
    if excluded := find_excluded(reading, claim):
        message = f"'{excluded}' in {piece.sentence} states another relation than the predicate."
        remedy = "Name another predicate, or declare to which part the word belongs: as: {predicate: …}."
        yield Finding("relation", "predicate", at, message, remedy)
        return
    cues = _find_cues(reading, claim)
    denials = indexes(reading.spans_of(passage, "polarity", "negated"))  # 'is not a' states the relation and denies it
    stated = [(cue, span) for cue, span in cues if not cue.mark or len(denials & set(range(*span))) in {0, span[1] - span[0]}]
    hedges = indexes(reading.hedge_spans(passage))  # 'can treat' states the relation and hedges it
    passage.account((at, at + 1) for cue, span in stated for at in range(*span) if not (cue.mark and at in hedges))
    fits = _find_fitting(reading, claim, cues)
    directed = [span for cue, span in fits if cue.mark in {">", "<"}]  # 'X may cause a rare, but serious side effect called Y'
    undergone = find_undergone(reading, claim) if not fits else None
    fitting = directed or [span for _, span in fits] or ([undergone] if undergone else []) or states_advice(reading, claim)
    reading.relations[passage.id] = fitting
    is_stated = bool(fitting) or _is_joint_prohibition(reading, claim)
    is_stated = is_stated or states_outcome(reading, claim) or is_done(reading, claim) or is_agent_noun(reading, claim)
    if is_stated or (_is_bare(reading, claim, cues) and inherits_relation(reading, claim)):
        return
    if cues:
        message = f"'{passage.quote(cues[0][1])}' in {piece.sentence} does not relate the subject to the object."
    else:
        examples = ", ".join(f"'{cue.words}'" for cue in known[:4])
        message = f"{piece.sentence} has no word for '{reading.predicate.label}', such as {examples}."
    remedy = "Name another predicate or sentence, or declare the words: as: {predicate: …}."
    yield Finding("relation", "predicate", at, message, remedy)


def _find_cues(reading: FactReading, claim: Claim) -> list[_FoundCue]:
    """Find the words of the predicate that can be about the object: not those of other items, brackets and descriptions."""
    passage, names = claim.passage, indexes([*claim.subject, *claim.object])
    known = {span: reading.cues_by_stems[passage.words.stems[slice(*span)]] for span in reading.relation_spans(passage)}
    spans = [at for at, cues in known.items() if names.isdisjoint(range(*at)) or any(cue.mark == "~" for cue in cues)]
    beside = find_other_items(reading, claim)
    beside = beside | reading.marked(passage, "trial-type", "pseudo-relation")  # 'controlled trials' control nothing
    beside = beside | _find_prohibited(reading, claim)
    described = _find_relative(reading, claim) | (set() if claim.subject else find_described(claim))
    cues = [
        (cue, span)
        for span in dict.fromkeys(longest(spans, spans))
        for cue in reading.cues_by_stems[passage.words.stems[slice(*span)]]
        if span[0] not in beside | described
        and (cue.mark == "~" or names.isdisjoint(range(*span)))  # 'block' in 'X blocks the effect of Y' of 'effect of Y'
        and not is_of_bracket(reading, claim, cue, span)
    ]
    cues += [*find_made(reading, claim), *find_separated(reading, claim)]
    bracket = passage.bracket_of(claim.object[0][0])
    return [(cue, span) for cue, span in cues if span[0] in bracket] or cues


def _find_prohibited(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of words that advise against the object, which are no advice to do it: 'do not take a double dose'."""
    is_advice = reading.lists_predicate("of-advice") and "polarity" not in reading.fact.qualifiers
    starts = {start for start, _ in claim.object} if is_advice else set()
    return indexes(span for span in reading.spans(claim.passage, "prohibiting") if span[1] in starts)


def _find_fitting(reading: FactReading, claim: Claim, cues: list[_FoundCue]) -> list[_FoundCue]:
    """Find the words that relate the subject to the object, and nothing else."""
    if not claim.subject and is_condition_of_lead_in(reading, claim):
        return []
    fits = [
        (cue, span)
        for cue, span in cues
        if _fits(reading, claim, cue, span)
        and not is_of_other_item(reading, claim, span)
        and not _is_source(reading, claim, span)
        and not _is_of_other_kind(reading, claim, span)
        and not is_of_rival(reading, claim, span)
    ]
    is_unmarked = bool(claim.subject) and any(not cue.mark for cue, _ in fits)
    return [] if is_unmarked and _is_in_another_part(reading, claim, [span for _, span in cues]) else fits


def _is_bare(reading: FactReading, claim: Claim, cues: list[_FoundCue]) -> bool:
    """Return whether a sentence has no words that say who does what, but for what the object does: 'a rash causing …'."""
    last = max(start for start, _ in claim.object)
    marks = {">"} if reading.find_rivals(claim.passage) else {">", "<"}  # 'Y because of a drop in Z'
    acting = [(cue, span) for cue, span in cues if cue.mark in marks and not claim.subject and last < span[0]]
    return not acts_another(reading, claim) and not any(
        (cue, span) not in acting and (cue.mark in {">", "<"} or is_of_other_item(reading, claim, span)) for cue, span in cues
    )


def _is_joint_prohibition(reading: FactReading, claim: Claim) -> bool:
    """Return whether a sentence says not to take one end with the other: 'you should not take X with medicines such as Y'."""
    passage = claim.passage
    words = reading.cues.of("prohibition", reading.fact.predicate, reading.language)
    starts = [start for start, _ in passage.find(words)] if words else []
    ends = [*claim.subject, *claim.object]
    return bool(claim.subject) and any(
        min(starts) < first[1] <= at < last[0]
        for first in ends
        for last in ends
        for at, _ in (reading.spans(passage, "combination") if starts else ())
    )


def _find_relative(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of a clause that describes the object, where no subject is named: 'a rash, which can …, but may …'."""
    passage, joints = claim.passage, reading.marked(claim.passage, "joint")
    ends = {end for _, end in claim.object}
    found = set[int]()
    for start, _ in reading.spans(passage, "relative"):
        at = start if start in ends and not claim.subject else len(passage.words.tokens)
        while at < len(passage.words.tokens) and (at == start or at in joints):
            first, at = passage.until_comma(at)
            found.update(range(first, at))
    return found


def _fits(reading: FactReading, claim: Claim, cue: RelationCue, span: Span) -> bool:
    """Return whether subject and object stand on the sides of a cue that its mark tells."""
    passage = claim.passage
    if cue.mark in {"", "~"} or not claim.object:
        rivals = (place for place in reading.find_rivals(passage) if place not in claim.object)
        is_of_rival = not reading.predicate.symmetric and any(start == span[1] for start, _ in rivals)
        return not (_is_of_companion(reading, claim, span) or (is_of_rival and claim.subject))  # 'stopping Y causes …'
    if not claim.subject:
        return cue.mark != "^" and _fits_topic(reading, claim, cue, span)
    if cue.mark == "^":  # 'symptoms of X include Y', and 'examples of Y are X'
        is_class = reading.lists_predicate("unconditional")
        first, then = (claim.object, claim.subject) if is_class else (claim.subject, claim.object)
        return any(0 <= start - span[1] <= NEXT and any(end <= at for at, _ in then) for start, end in first)
    if reading.predicate.symmetric:
        is_near = len(cue.mark) == 1 or any(0 <= start - span[1] <= 1 for start, _ in (*claim.subject, *claim.object))
        return is_near and (_surround(claim.subject, claim.object, span) or _surround(claim.object, claim.subject, span))
    is_passive = any(start == span[1] for start, _ in reading.spans(passage, "agent"))  # 'X is broken down by Y'
    is_forward = cue.mark.startswith(">") and not is_passive
    before, after = (claim.subject, claim.object) if is_forward else (claim.object, claim.subject)
    if cue.words in reading.cues.list_words("bare-cue", reading.language):
        before = [
            place for place in before if not place[0] or passage.has_comma(place[0], ",;:")
        ]  # 'X for asthma', not 'stop X for bleeding'
    if len(cue.mark) > 1:
        before = [place for place in before if span[0] - passage.with_bracket(place)[1] <= 1]
        after = [place for place in after if place[0] - span[1] <= 1]
    if not is_forward:
        return _fits_passive(reading, passage, before, after, span)
    return (
        _are_examples(reading, claim, span)
        or _is_named_after(reading, claim, cue)
        or (
            not is_subject_of_pronoun(reading, passage, before, span[0])
            and _fits_active(reading, claim, cue, span, (before, after))
        )
    )


def _is_of_companion(reading: FactReading, claim: Claim, cue: Span) -> bool:
    """Return whether a word such as 'group' describes what is joined to the subject: 'X and a group of medicines called Y'."""
    if not reading.lists_predicate("unconditional"):
        return False
    joints, articles = (reading.marked(claim.passage, name) for name in ("all-of", "article"))
    rivals = {start for start, _ in reading.find_rivals(claim.passage)}
    return any(
        end in joints and end + 1 in articles and end < cue[0] and rivals.isdisjoint(range(end, cue[0]))
        for _, end in claim.subject
    )


def _fits_topic(reading: FactReading, claim: Claim, cue: RelationCue, span: Span) -> bool:
    """Return whether a cue can have the topic of the document, or what stands above the sentence, as its subject."""
    passage = claim.passage
    if cue.mark.startswith("<"):
        named = reading.marked(passage, "topic", "pronoun")
        return not named.isdisjoint(range(span[1], span[1] + 2))  # 'treated with it', not 'treated with insulin'
    caused = {end for _, end in reading.spans(passage, "causative")}
    is_made = any(start in caused and end == span[0] - 1 for start, end in claim.object)  # 'it widens Z, causing Y to fall'
    if is_made or is_pronoun_object(reading, claim, span):
        return True
    if cue.mark != ">" or span[1] in reading.marked(passage, "agent", "intransitive"):
        return True
    if _is_verb_of_item(reading, claim, span):
        return False
    return any(start >= span[1] for start, _ in claim.object) and lacks_subject(reading, passage, span[0])


def _is_verb_of_item(reading: FactReading, claim: Claim, verb: Span) -> bool:
    """Return whether a verb tells what an item of a list does: 'loss of blood, which can make the skin pale'."""
    passage, above = claim.passage, reading.source.above(claim.passage.id)
    if not above or not reading.relation_spans(above[0]) or not reading.lists_predicate("of-effects"):
        return False
    speakers = reading.marked(passage, "topic", "pronoun", "anaphor") - reading.marked(passage, "relative")
    plain = reading.marked(passage, "auxiliary", "adverb", "joint", "relative") | indexes(reading.hedge_spans(passage))
    before = set(range(verb[0]))
    return speakers.isdisjoint(before) and not before <= plain


def _fits_passive(reading: FactReading, passage: TokenisedSentence, before: list[Span], after: list[Span], span: Span) -> bool:
    """Return whether the object stands before a cue such as 'caused by', and the subject after it."""
    groups = [start for start, end in reading.spans(passage, "population-general") if end == span[0]]
    if any(start - 1 not in reading.marked(passage, "be") for start in groups):
        return False  # in 'patients treated with X', the patients are treated, but not in 'Y are those caused by X'
    if bracket := passage.bracket_of(span[0]):  # 'X (such as Y), Z (such as …)'
        before = [place for place in before if place[0] in passage.stretch_before(min(bracket))]
        after = [place for place in after if place[0] in bracket]
    before = [place for place in before if not is_described(reading, passage, place, span)]
    before = [one for one in before if not any(passage.has_mark(at, ";") for at in range(one[1], span[0] + 1))]
    after = [place for place in after if not _has_own_agent(reading, passage, place, span)]
    return _surround(before, _before_clauses(reading, passage, after, [], span), span)


def _has_own_agent(reading: FactReading, passage: TokenisedSentence, place: Span, cue: Span) -> bool:
    """Return whether a cue such as 'caused by' has another name, and the place a later verb: 'caused by Y is treated with X'."""
    verbs = reading.marked(passage, "auxiliary", "copula")
    agents = [end for _, (start, end) in reading.lexicon.find_terms(passage) if cue[1] <= start and end <= place[0]]
    return any(not verbs.isdisjoint(range(end, place[0])) for end in agents)


def _before_clauses(
    reading: FactReading, passage: TokenisedSentence, places: list[Span], others: list[Span], span: Span
) -> list[Span]:
    """Return the places after a cue that no later clause holds: 'X slows A and causes B', 'X slows A, which causes B'."""
    joints = reading.marked(passage, "joint")  # 'X raises or lowers Y'
    starts = [at for at, _ in others if not joints.issuperset(range(span[1], at)) and begins_clause(reading, passage, at)]
    ends = {end for name, (_, end) in reading.lexicon.find_terms(passage) if name != reading.fact.object}
    starts += [at for at, _ in reading.spans(passage, "relative") if at > span[1] and at in ends]
    return [place for place in places if not any(start < place[0] for start in starts)]


def _fits_active(reading: FactReading, claim: Claim, cue: RelationCue, span: Span, places: tuple[list[Span], list[Span]]) -> bool:
    """Return whether the subject acts on the object by a verb, which stands between them or before both of them."""
    passage, others = claim.passage, reading.other_verbs(claim.passage, reading.fact.predicate)
    before, after = places[0], _before_clauses(reading, claim.passage, places[1], others, span)
    before = [place for place in before if not is_fronted(reading, passage, place, span)]
    before = [place for place in before if not is_displaced(reading, passage, place, span)]
    before = [place for place in before if not is_in_relative_clause(reading, passage, place, span)]
    if span[0] - 1 in reading.marked(passage, "be") and passage.words.tokens[span[1] - 1].text.endswith("ed"):
        before = []  # 'the dose of X is reduced in Y'
    is_intransitive = any(start == span[1] for start, _ in reading.spans(passage, "intransitive"))  # 'nausea decreased with X'
    is_reversed = is_intransitive and _surround(claim.object, claim.subject, span)
    bracket = passage.bracket_of(span[0])  # 'X (a build-up of salt which may lead to Y)'
    is_explained = bool(bracket) and bracket == bracket_of_list(reading, claim)
    is_explained = is_explained and any(span[1] <= start and start in bracket for start, _ in claim.object)
    is_taken_up = is_caused(reading, claim, span) or is_pronoun_object(reading, claim, span)
    if is_reversed or is_explained or is_taken_up or _is_relative_object(reading, claim, span):
        return True
    if span[1] in {start for start, _ in reading.spans(passage, "combination")}:
        return False  # what increases with X does not increase X
    if _surround(before, after, span):
        is_of_other = is_object_of_another(reading, others, before, span, passage)
        is_beside = is_beside_antecedent(reading, before, span, passage) and not is_of_whole_list(reading, claim, span)
        return len(cue.mark) > 1 or not (is_of_other or is_beside)
    return opens_before_subject(reading, claim, before, span)


def _is_source(reading: FactReading, claim: Claim, cue: Span) -> bool:
    """Return whether the object is the cause of what a word of the relation acts on: 'used to treat pain caused by Y'."""
    own = set(reading.relation_spans(claim.passage))
    causes = [span for span in reading.spans(claim.passage, "source") if span not in own and cue[1] < span[0]]
    caused = {at for start, _ in causes for at in range(*claim.passage.until_comma(start))}
    return bool(claim.object) and all(start in caused for start, _ in claim.object)


def _is_of_other_kind(reading: FactReading, claim: Claim, cue: Span) -> bool:
    """Return whether words of a relation say what other things are used for: 'X interacts with other medicines to prevent Y'."""
    passage, subjects = claim.passage, indexes(claim.subject)
    kinds, general, verbs = (reading.marked(passage, name) for name in ("other-kind", "general-agents", "auxiliary"))
    kinds -= {end for _, end in reading.spans(passage, "neutral-condition")}  # 'used alone or with other medicines to treat Y'
    known = general | verbs | reading.marked(passage, "adverb", "topic", "pronoun", "not", "agent")
    known = known | ({0} & reading.marked(passage, "joint"))  # 'and used for Y', but not 'W or Z used for Y'
    purposes = [start for start, _ in reading.spans(passage, "purpose") if start <= cue[0] < passage.until_comma(start)[1]]
    alone = {end for _, end in reading.spans(passage, "neutral-condition")}
    purposes = [start for start in purposes if start - 1 not in alone]  # 'used alone or with other medicines to treat Y'
    if subjects:  # but 'certain medicines to treat Y (such as X)'
        return not _are_examples(reading, claim, cue) and any(
            kinds & {start - 1, start - 2} and subjects.isdisjoint(range(start - 3, start)) for start in purposes
        )
    return any(
        0 in general
        or kinds & {start - 1, start - 2}
        or (0 < start <= _NAMING and cue[0] < start + 2 and known.isdisjoint(range(start)))  # 'resins used for Y'
        or (start - 1 in verbs and not lacks_subject(reading, passage, start))  # 'inhibitors are used for Y'
        for start in purposes
    )


def _is_named_after(reading: FactReading, claim: Claim, cue: RelationCue) -> bool:
    """Return whether a class has the name of its member in a bracket: 'a combination of a blocker (X) and another drug'."""
    is_class = cue.words in reading.cues.list_words("article-cue", reading.language)
    return is_class and claim.passage.bracket_after(claim.object) == indexes(claim.subject)


def _are_examples(reading: FactReading, claim: Claim, verb: Span) -> bool:
    """Return whether the subject is an example of what a verb describes: 'medicines that cause Y (such as X)'."""
    passage, general = claim.passage, reading.marked(claim.passage, "general-agents")
    last = min((end for start, end in claim.object if start >= verb[1]), default=len(passage.words.tokens))
    examples = {at for _, end in reading.spans(passage, "example") for at in range(end, passage.until_comma(end - 1)[1])}
    return not general.isdisjoint(range(verb[0] - 6, verb[0])) and any(
        start >= last and (start in examples or passage.bracket_of(start)) for start, _ in claim.subject
    )


def _is_in_another_part(reading: FactReading, claim: Claim, cues: list[Span]) -> bool:
    """Return whether another term has the relation to the object in a part of its own: 'X belongs to A, and Y belongs to B'."""
    passage = claim.passage
    joints, size = reading.marked(passage, "joint"), len(passage.words.tokens)
    starts = [0, *(at for at in range(1, size) if passage.has_mark(at, ";") or (passage.has_comma(at) and at in joints)), size]
    brackets = [passage.bracket_of(start) for start, _ in claim.object]
    excepted = {at for start, _ in reading.spans(passage, "exception") for at in range(*passage.until_comma(start))}
    ends = list_ends(reading, claim)
    if any(start in excepted for start, _ in claim.subject) or any(min(bracket, default=0) in ends for bracket in brackets):
        return False  # 'with Y, but not with X' denies it of X, and 'X, W or Z (used to treat Y)' is about all three
    parts = [part for part in starmap(range, pairwise(starts)) if any(start in part for start, _ in claim.object)]
    others = reading.find_rivals(passage)
    return bool(parts) and all(
        any(start in part for start, _ in others)
        and any(start in part for start, _ in cues)
        and not any(start in part for start, _ in claim.subject)
        for part in parts
    )


def _is_relative_object(reading: FactReading, claim: Claim, verb: Span) -> bool:
    """Return whether a relative clause acts on the object before it: 'Y, which X did not relieve'."""
    after = {end for _, end in claim.object}
    described = {claim.passage.until_comma(at)[0] for _, at in reading.spans(claim.passage, "article") if at - 1 in after}
    pronouns = {
        end
        for start, end in reading.spans(claim.passage, "relative")
        if start in after
        or any(at <= start < claim.passage.until_comma(at)[1] for at in described)  # 'Y, an enzyme that X blocks'
    }
    return any(start in pronouns and end <= verb[0] for start, end in claim.subject)


def _surround(before: list[Span], after: list[Span], span: Span) -> bool:
    return any(end <= span[0] for _, end in before) and any(start >= span[1] for start, _ in after)
