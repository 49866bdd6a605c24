"""Check that a sentence asserts the claim: that it does not deny, hedge, restrict or doubt it where the fact does not."""

from __future__ import annotations

from collections.abc import Iterator

from kb.verification.back_references import find_referring
from kb.verification.conditionals import find_conditional
from kb.verification.cues import Span
from kb.verification.fact_reading import Claim, FactReading, Finding
from kb.verification.hedges import find_unexplained
from kb.verification.inheritance import find_denials, find_inherited_denial, find_inherited_hedge
from kb.verification.list_items import (
    find_apposition,
    find_class_phrase,
    find_described,
    find_description,
    find_other_items,
    find_purpose,
)
from kb.verification.passages import indexes
from kb.verification.qualifiers import find_hedged_grades
from kb.verification.restrictions import find_restrictions
from kb.verification.side_phrases import find_added, find_means, find_participle
from kb.verification.verb_subjects import is_told_after_object

_REMEDY = "declare to which part the word belongs: as: {predicate: …}."


def check_assertion(reading: FactReading, claim: Claim) -> Iterator[Finding]:
    """Find negations, hedges and restrictions in the clauses about the fact, which the fact does not have."""
    at, piece, passage = claim.at, claim.piece, claim.passage
    reading.checked["negation"] = bool(reading.cues.of("polarity", "negated", reading.language))
    reading.checked["hedges"] = bool(reading.cues.of("modality", "may", reading.language))
    reading.checked["restrictions"] = bool(reading.cues.list_words("condition", reading.language))
    whole = _find_clauses(reading, claim) - find_other_items(reading, claim)
    clause = {at for start, end in claim.stretches for at in passage.within(start, end)} if claim.stretches else whole
    clause = clause - _find_conditional(reading, claim) - _find_hedges_of_others(reading, claim)
    clause -= _find_preventions(reading, claim) | find_added(reading, claim)
    clause &= find_participle(reading, claim) or clause
    clause |= _find_denied_subject(reading, claim)
    clause = find_class_phrase(reading, claim) or _leave_out_description(reading, claim, clause)
    is_unhedged = reading.lists_predicate("unhedged")
    if is_unhedged:
        clause = set()  # what is mentioned is mentioned, whatever is said of it
    if "polarity" not in reading.fact.qualifiers:
        if negation := find_unexplained(reading, "polarity", passage, clause, set()):
            message = f"{piece.sentence} negates the fact ('{negation[1]}'), and the fact is not negated."
            yield Finding("negation", "negation", at, message, f"Set 'polarity: negated', or {_REMEDY}")
        elif passage.empty_count:
            message = f"{piece.sentence} is a cell that counts nothing ('{passage.empty_count}'), and the fact is not negated."
            yield Finding("negation", "negation", at, message, "Name another cell, or set 'polarity: negated' if it is a zero.")
        elif denial := find_inherited_denial(reading, claim):
            message = f"What stands above {piece.sentence} negates the fact ('{denial}'), and the fact is not negated."
            yield Finding("negation", "negation", at, message, f"Set 'polarity: negated', or {_REMEDY}")
    elif not _is_denied(reading, claim, clause):
        message = f"{piece.sentence} does not deny the fact, which is negated."
        yield Finding("negation", "negation", at, message, "Remove 'polarity: negated', or name the sentence that denies it.")
    carried = {reading.fact.qualifiers["modality"]} | {
        other.modality for other in reading.fact.evidence if other.sentence == piece.sentence
    }
    if "polarity" in reading.fact.qualifiers and not clause.isdisjoint(find_denials(reading, passage)):
        carried.add("can")  # 'none of them can cause X'
    hedged = clause - find_hedged_grades(reading, passage)
    hedge = find_unexplained(reading, "modality", passage, hedged, carried) or find_inherited_hedge(reading, claim)
    hedge = hedge or _find_weak_prohibition(reading, claim)
    if hedge and not (is_unhedged or find_referring(reading, claim)):
        message = f"{piece.sentence} hedges the fact ('{hedge[1]}', {hedge[0]}), and the fact does not."
        yield Finding("hedge", "modality", at, message, f"Set the modality of the sentence, or {_REMEDY}")
    for what, words in find_restrictions(reading, claim, whole):
        message = f"{piece.sentence} {what} ('{words}'), and the fact does not say so."
        yield Finding("restriction", "restrictions", at, message, f"Add a qualifier such as condition, or {_REMEDY}")
        return


def _find_weak_prohibition(reading: FactReading, claim: Claim) -> tuple[str, str] | None:
    """Return the words of a sentence, or of what stands above it, that advise against something and do not forbid it."""
    if not reading.lists_predicate("of-persons") or reading.fact.qualifiers["modality"] != "is":
        return None
    for passage in (claim.passage, *reading.above(claim)):
        is_own = passage is claim.passage
        if words := reading.relations.get(passage.id, []) if is_own else reading.relation_spans(passage):
            weak = indexes(reading.spans(passage, "weak-prohibition"))
            return ("should", passage.quote(words[0])) if indexes(words) <= weak else None
    return None


def _leave_out_description(reading: FactReading, claim: Claim, clause: set[int]) -> set[int]:
    """Return a clause without what it says of a class after naming it: 'X is a blocker that may help to prevent Y'."""
    if not (reading.lists_predicate("unconditional") and claim.subject and claim.object):
        return clause
    described = find_description(reading, claim)
    ends = [*claim.subject, *claim.object, *reading.relations.get(claim.passage.id, ())]
    return clause & set(range(max(end for start, end in ends if start not in described)))


def _find_clauses(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of the clauses that name the object, or else the subject: of several, those that have the relation."""
    places, passage = claim.object or claim.subject, claim.passage
    relations = _find_relations(reading, claim)
    brackets = (passage.bracket_of(start) for start, _ in places)  # 'does not cause drowsiness (Y)'
    outer = [(min(one) - 1, min(one)) for one in brackets if min(one, default=0) and one.isdisjoint(indexes(relations))]
    stated = passage.clauses(relations)
    own = relations if _shares_subject(reading, claim, stated) else [*places, *outer, *relations]
    clauses = passage.clauses([place for place in places if place[0] in stated] or own)
    apposed, subjects = find_apposition(reading, claim), {start for start, _ in claim.subject}
    exceptions = (
        set(range(*passage.until_comma(start))) for start, end in reading.spans(passage, "exception") if end - start > 1
    )
    clauses |= next((stretch for stretch in exceptions if subjects and subjects <= stretch), set())  # 'with Y, but not with X'
    if reading.begins_with(passage, "causal"):  # 'since X may cause Y, it has not been studied in …'
        opening = set(range(_end_aside(reading, claim)))
        objects, pronouns = indexes(claim.object), reading.marked(passage, "pronoun")
        if not objects <= opening:
            pass
        elif opening.isdisjoint(indexes(relations)) and relations and len(opening) in pronouns:
            clauses -= opening  # 'although the risk of Y is unknown, it can occur'
        else:
            clauses &= opening
    verbs = indexes([*relations, *reading.spans(passage, "auxiliary")])
    clauses |= _find_auxiliaries(reading, claim, clauses)
    return (
        find_means(reading, claim)
        or apposed
        or clauses | passage.clause_before(clauses, reading.cues.list_words("complement", reading.language), verbs)
    )


def _find_relations(reading: FactReading, claim: Claim) -> list[Span]:
    """Return the words of the relation, but for those in the bracket of another item: 'Rare: a rash (a reaction to Z), Y'."""
    passage, ends = claim.passage, indexes([*claim.object, *claim.subject])
    found = reading.relations.get(passage.id, [])
    first = next(
        (at for at in range(len(passage.words.tokens)) if passage.has_mark(at, ":")),
        len(passage.words.tokens) * bool(claim.subject),
    )
    asides = [bracket for start, _ in found if (bracket := passage.bracket_of(start)) and min(bracket) > first]
    others = {at for bracket in asides if bracket.isdisjoint(ends) for at in bracket}
    return [span for span in found if span[0] not in others]


def _find_auxiliaries(reading: FactReading, claim: Claim, clauses: set[int]) -> set[int]:
    """Return the tokens right before the words of the relation that belong to its verb: 'which may be because of X'."""
    own = reading.marked(claim.passage, "auxiliary", "be", "adverb")
    own |= {start for start, end in reading.hedge_spans(claim.passage) if end == start + 1}
    found = set[int]()
    for start in clauses & {start for start, _ in reading.relations.get(claim.passage.id, ())}:
        first = start
        while first - 1 in own:
            first -= 1
        found |= {*range(first, start)}
    return found


def _shares_subject(reading: FactReading, claim: Claim, stated: set[int]) -> bool:
    """Return whether the clause of the relation has its subject in the clause before it: 'Y is bad and is common with X'."""
    if is_told_after_object(reading, claim):
        return True
    first, joints = min(stated, default=0), reading.marked(claim.passage, "all-of", "any-of")
    return (
        first in joints
        and first + 1 in reading.marked(claim.passage, "auxiliary")
        and all(end <= first for _, end in claim.object)
    )


def _end_aside(reading: FactReading, claim: Claim) -> int:
    """Return the token after the clause that begins a sentence: after its verb, 'while rare, severe or fatal Y can occur, …'."""
    passage = claim.passage
    verbs = {start for start, _ in (*reading.spans(passage, "auxiliary"), *reading.relations.get(passage.id, ()))}
    commas = [at for at in range(1, len(passage.words.tokens)) if passage.has_comma(at)]
    first = min(verbs, default=0)
    return next((at for at in commas if at > first), passage.until_comma(0)[1])


def _find_denied_subject(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of an aside that alone names the subject: 'although not seen with X, Y was reported with others'."""
    passage = claim.passage
    subjects = indexes(claim.subject or reading.spans(passage, "topic"))
    pronouns = reading.marked(passage, "pronoun") - subjects
    asides = (set(range(*passage.until_comma(start))) for start, _ in reading.spans(passage, "causal"))
    return next(
        (
            aside
            for aside in asides
            if subjects and subjects <= aside and aside.isdisjoint(indexes(claim.object)) and pronouns <= aside
        ),
        set(),
    )


def _find_hedges_of_others(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of hedges between the object and another term that they are about: 'causes a rash and, rarely, fever'."""
    passage, joints = claim.passage, reading.marked(claim.passage, "joint")
    last = max((end for _, end in claim.object), default=len(passage.words.tokens))
    starts = {start for _, (start, _) in reading.lexicon.find_terms(passage) if start > last}
    hedges = [*reading.hedge_spans(passage), *reading.spans(passage, "weak-negation")]
    related = max((end for _, end in reading.relations.get(passage.id, ())), default=0)  # 'cannot cause Z (Y)' denies it
    size = len(passage.words.tokens)
    later = next((at for at in range(max(last, related), size) if passage.is_participle(at)), size)  # 'causes Y, helping to …'
    return (
        set(range(later, size))
        | _find_contact_clause(reading, claim, related)
        | (find_described(claim) - set(range(related)))
        | find_purpose(reading, claim)
        | indexes(
            span
            for span in hedges
            if max(last, related) <= span[0] and span[0] - 1 in joints and not starts.isdisjoint(range(span[1], span[1] + 6))
        )
    )


def _find_contact_clause(reading: FactReading, claim: Claim, related: int) -> set[int]:
    """Return the tokens of a clause that describes the object without a pronoun: 'reduces the amount of Y the body can make'."""
    others = reading.marked(claim.passage, "article", "possessive", "speaker")
    ends = [end for _, end in claim.object if related < end and end in others and not claim.passage.has_comma(end)]
    return {at for end in ends for at in range(end, claim.passage.until_comma(end)[1])}


def _find_conditional(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of conditions and exceptions that do not name the claim's ends: their negations are not the claim's."""
    ends = {"subordinate": claim.object, "exception": [*claim.object, *claim.subject]}
    extents = (
        (claim.passage.until_comma(start), indexes(places))
        for name, places in ends.items()
        for start, end in reading.spans(claim.passage, name)
        if name == "subordinate" or end - start > 1 or claim.passage.has_comma(start)  # 'X, not Y, causes …'
    )
    found = {at for extent, own in extents if own.isdisjoint(range(*extent)) for at in range(*extent)}
    found |= set(conditional.condition if (conditional := find_conditional(reading, claim)) else ())
    opening = set(range(*claim.passage.until_comma(0))) if reading.begins_with(claim.passage, "agent") else set()
    return found | (opening if opening.isdisjoint(indexes([*claim.object, *claim.subject])) else set())  # 'by preventing Z, X …'


def _find_preventions(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens that deny something else than the object: 'Y is a vaccine to prevent Z', 'X prevents Z, causing Y'."""
    passage, agents = claim.passage, reading.marked(claim.passage, "agent")
    be = reading.marked(passage, "be")

    def denies(start: int, end: int) -> bool:
        is_passive = end in agents or start - 1 in be  # 'Y is prevented by X'
        last = next((at for at in range(end, len(passage.words.tokens)) if passage.is_participle(at)), len(passage.words.tokens))
        return is_passive or any(end <= at < last for at, _ in claim.object)

    return indexes(span for span in reading.spans(passage, "preventing") if claim.object and not denies(*span))


def _is_denied(reading: FactReading, claim: Claim, clause: set[int]) -> bool:
    """Return whether the clause of the claim, what stands above it, or declared words deny the claim."""
    return (
        any(part == "polarity" for piece in reading.fact.evidence for part, _ in piece.wordings)
        or claim.passage.empty_count.startswith("0")
        or not clause.isdisjoint(find_denials(reading, claim.passage))
        or bool(find_inherited_denial(reading, claim))
    )
