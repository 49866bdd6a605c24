"""Read conditional sentences: what an if-clause names, and what the main clause says of it, as an advice or a consequence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kb.verification.cues import Span, stems
from kb.verification.fact_reading import RESTRICTING, Claim, FactReading
from kb.verification.passages import TokenisedSentence, indexes

# How many words can stand before the comma before an if-clause that begins a sentence: 'In addition, if …'.
_OPENING = 2
#: The marks that end a stretch of words inside a clause.
STRETCH = ",;:)"


@dataclass(frozen=True, slots=True)
class Conditional:
    """The two clauses of a conditional, as tokens: 'if you have fever' and 'tell your doctor'."""

    condition: range
    main: range


def find_conditional(reading: FactReading, claim: Claim) -> Conditional | None:
    """Return the conditional whose if-clause names the subject and whose main clause names the object, if there is one."""
    subject, obj = ({start for start, _ in places} for places in (claim.subject, claim.object))
    subject -= indexes(claim.object)  # 'take the missed dose'
    conditionals = [*find_conditionals(reading, claim), *_find_fronted(reading, claim)]
    return next(
        (
            one
            for one in conditionals
            if any(at in one.condition for at in subject)
            and any(at in one.main for at in obj)
            and not any(at in one.main for at in subject)
        ),
        None,
    )


def find_conditionals(reading: FactReading, claim: Claim) -> Iterator[Conditional]:
    """Yield the conditionals of a sentence: each if-clause with the main clause after it, or else before it."""
    passage, size = claim.passage, len(claim.passage.words.tokens)
    conceding = {end - 1 for _, end in reading.spans(passage, "concessive")}  # 'even if it is mild'
    starts = sorted({start for start, _ in reading.spans(passage, "conditional")} - conceding)
    for number, start in enumerate(starts):
        is_first = start <= _OPENING and passage.has_comma(start)  # 'However, if …'
        if start and not (is_first or _is_capital(passage, start)):
            before = starts[number - 1] + 1 if number else 0
            clause = passage.clauses([(start, start + 1)])
            clause |= passage.clause_before(clause, reading.cues.list_words("complement", reading.language), ())
            main, last = [at for at in clause if before <= at < start], _end_complements(reading, claim, max(clause) + 1)
            last = _end_list(reading, claim, last)
            joint = _find_joined_command(reading, claim, range(start + 2, last))
            yield Conditional(range(start, joint), range(min(main, default=start), start))
            if joint < last:
                yield Conditional(range(start, joint), range(joint + 1, last))
            continue
        last = next((at for at in starts[number + 1 :] if passage.has_comma(at) or _is_capital(passage, at)), size)
        middle = _find_main_clause(reading, claim, range(start + 2, last))
        end = next((at for at in range(middle + 1, last) if passage.has_mark(at, ";")), last)
        yield Conditional(range(start, middle), range(middle, end))


def _find_fronted(reading: FactReading, claim: Claim) -> Iterator[Conditional]:
    """Yield the phrase that names an event before the main clause, of which that is a consequence: 'After X, you may get Y'."""
    passage, size = claim.passage, len(claim.passage.words.tokens)
    term = reading.lexicon.kb.terms.get(reading.value("subject"))
    if not reading.lists_predicate("of-consequences") or not term or term.kind not in RESTRICTING - {"population"}:
        return
    for start, end in reading.spans(passage, "past-event"):
        middle = passage.until_comma(start)[1]
        begins = start == 0 or (start <= _OPENING and passage.has_comma(start))  # 'Rarely, after …'
        if begins and middle < size and any(place[0] == end for place in claim.subject):
            yield Conditional(range(start, middle), range(middle, size))


def _find_joined_command(reading: FactReading, claim: Claim, tokens: range) -> int:
    """Return where 'and' joins another command to an if-clause: 'stop it if you have a rash and tell your doctor'."""
    joints = reading.marked(claim.passage, "all-of")
    commands = {start for start, _ in reading.spans(claim.passage, "bare-command")}
    return next((at for at in tokens if at in joints and at + 1 in commands), tokens.stop)


def _end_complements(reading: FactReading, claim: Claim, end: int) -> int:
    """Return where an if-clause ends with what somebody knows or was told: 'if you know that you have X'."""
    passage, words = claim.passage, reading.marked(claim.passage, "complement")
    knowing = reading.marked(passage, "vague", "thinking")
    while end in words and end - 1 in knowing and end < len(passage.words.tokens):
        end = max(passage.clauses([(end, end + 1)])) + 1
    return end


def _end_list(reading: FactReading, claim: Claim, end: int) -> int:
    """Return where an if-clause ends whose verbs semicolons divide: 'if you have X; take Z; or are ill'."""
    passage, size = claim.passage, len(claim.passage.words.tokens)
    verbs, ors = reading.marked(passage, "auxiliary", "noticing", "using"), reading.marked(passage, "alternative")
    first = end
    while end < size and (
        (passage.has_mark(end, ";") and end + (end in ors) in verbs) or (first < end and end in ors and end + 1 in verbs)
    ):
        stop = passage.between_semicolons(end).stop
        end = stop if stop < size else max(passage.clauses([(end, end + 1)])) + 1
    return end


def find_main_clause(reading: FactReading, claim: Claim) -> range:
    """Return the tokens of the main clause of a sentence that begins with an if-clause; none if it is but an if-clause."""
    first = next(find_conditionals(reading, claim), None)
    return first.main if first and not first.condition.start else range(0)


def is_alternative_of_item(reading: FactReading, claim: Claim, plain: frozenset[int]) -> bool:
    """Return whether an item is but an if-clause that lists cases, one of which is the subject: 'if you have W, X or Z'.

    Between the commas beside the subject stand no other words than plain ones: 'or have a' in 'if you have W, or have a X'.
    """
    passage, size = claim.passage, len(claim.passage.words.tokens)
    ors = reading.marked(passage, "alternative")
    is_bare = reading.begins_with(passage, "conditional") and not find_main_clause(reading, claim)
    if not (is_bare and ors and claim.subject) or reading.marked(passage, "all-of", "relative"):
        return False
    own = claim.subject[0]
    breaks = {at for at in range(1, size) if passage.has_comma(at, ",") or at in ors}
    part = range(max((at for at in breaks if at <= own[0]), default=0), min((at for at in breaks if at >= own[1]), default=size))
    is_listed = any(at >= part.start for at in ors)
    return is_listed and (plain | ors | reading.marked(passage, "conditional", "article")).issuperset({*part} - {*range(*own)})


def _is_capital(passage: TokenisedSentence, at: int) -> bool:
    return passage.words.tokens[at].text[0].isupper()


def _find_main_clause(reading: FactReading, claim: Claim, tokens: range) -> int:
    """Return where the main clause begins after an if-clause: after a comma or bracket, or else at 'it may', 'you can'."""
    passage, auxiliaries = claim.passage, reading.marked(claim.passage, "auxiliary")
    plain = reading.marked(passage, "joint", "conditional", "thinking")
    commands = {at for at, _ in reading.spans(passage, "advice") if not passage.words.tokens[at].text.endswith("ed")}
    commands |= {start for start, _ in claim.object} if reading.lists_predicate("of-advice") else set()
    openers, adverbs = reading.marked(passage, "command-opener"), {at for at in tokens if passage.is_adverb(at)}
    for at in tokens:
        verb = next((verb for verb in range(at, tokens.stop) if verb in commands or verb not in openers | adverbs), at)
        if passage.has_comma(at, STRETCH) and not passage.bracket_of(at) and verb in commands:
            return at  # 'if you miss a dose, just take the next one'
        if at in plain | auxiliaries or passage.bracket_of(at) or not passage.has_comma(at, STRETCH):
            continue
        if at in commands or not auxiliaries.isdisjoint(range(at + 1, passage.until_comma(at, STRETCH)[1])):
            return at
    pronouns, leading = reading.marked(passage, "speaker"), reading.marked(passage, "auxiliary", "infinitive", "joint", "article")
    starts = {start for start, _ in reading.spans(passage, "bare-command")}
    starts |= {start for start, _ in claim.object} if reading.lists_predicate("of-advice") else set()
    if bare := [at for at in sorted(starts & set(tokens)) if at - 1 not in leading | pronouns or _is_capital(passage, at)]:
        return bare[0]  # 'if you take too much contact your doctor'
    begun = commands | reading.marked(passage, "sentence-opener")
    if opened := [at for at in tokens if at in begun and _is_capital(passage, at)]:
        return opened[0]  # 'If you forget to take X Take the missed dose', 'If you stop X Your pain may return'
    return next((at for at in tokens if at in pronouns and at + 1 in auxiliaries and at - 1 not in plain), tokens.stop)


def states_consequence(reading: FactReading, claim: Claim) -> bool:
    """Return whether the main clause says that the object happens, or is likelier: 'If you have Y, X may occur'.

    What stands right above a sentence can be the condition: below 'If you take too much', 'You may feel dizzy'.
    """
    if reading.lists_predicate("of-risk"):
        return _states_risk(reading, claim)
    if not reading.lists_predicate("of-consequences"):
        return False
    above = reading.source.above(claim.passage.id)[:1] if not claim.subject else []
    if any(
        one.find(reading.lexicon.list_names(reading.fact.subject)) and reading.begins_with(one, "conditional") for one in above
    ):
        return any(happens(reading, claim, range(len(claim.passage.words.tokens)), place) for place in claim.object)
    conditional = find_conditional(reading, claim)
    if not conditional or not find_words_before_subject(reading, claim, conditional) <= find_plain_words(reading, claim):
        return False  # 'If you stop taking X, …'
    places, modal = [*claim.object], _find_modals(reading, claim.passage)
    whole = (min(start for start, _ in places), max(end for _, end in places)) if places else (0, 0)
    if not modal.isdisjoint(range(*whole)):  # the object is the whole clause: 'your symptoms may return'
        first = {at for at in conditional.main if at < whole[0]}
        return first <= reading.marked(claim.passage, "possessive", "article", "speaker")
    return any(happens(reading, claim, conditional.main, place) for place in places)


def _states_risk(reading: FactReading, claim: Claim) -> bool:
    """Return whether the main clause says that the object is likelier: 'You may be at a higher risk of Y if you have X'."""
    conditional = find_conditional(reading, claim)
    if not conditional or not find_words_before_subject(reading, claim, conditional) <= find_plain_words(reading, claim):
        return False
    passage, starts = claim.passage, {start for start, _ in claim.object}
    plain = _find_modals(reading, passage) | reading.marked(passage, "speaker", "article", "possessive", "population-general")
    plain |= {at for at in conditional.main if passage.is_adverb(at)} | reading.marked(passage, "having")
    return any(
        start in conditional.main and end in starts and plain.issuperset(range(conditional.main.start, start))
        for start, end in reading.spans(passage, "raised-risk")
    )


def find_words_before_subject(reading: FactReading, claim: Claim, conditional: Conditional) -> set[int]:
    """Return the words of an if-clause that act on the subject: 'stop' in 'if you stop taking X' and 'if you stop Y or X'."""
    passage, ors = claim.passage, reading.marked(claim.passage, "alternative")
    if any(at in ors for at in conditional.condition):
        ors |= {at - 1 for at in conditional.condition if passage.has_mark(at, ";")}  # 'if you have X; take Z; or are ill'
    own = min((at for at, _ in claim.subject if at in conditional.condition), default=conditional.condition.stop)
    first = max((at for at in ors if conditional.condition.start < at < own), default=conditional.condition.start)
    begin = own - (own - 1 in reading.marked(passage, "article"))
    joint = min((at for at in reading.marked(passage, "joint") if at in conditional.condition and at > own), default=0)
    is_item = first not in ors and passage.has_comma(begin, ",") and joint in ors  # 'if you notice pain, X or Z'
    is_bare = is_item or (first in ors and set(range(first + 1, own)) <= reading.marked(passage, "article", "other-kind"))
    names = indexes(span for _, span in reading.lexicon.find_terms(passage))
    before = set(range(conditional.condition.start if is_bare else first, own)) - (names | ors if is_bare else ors)
    if is_bare and (has := reading.marked(passage, "noticing") & before):  # 'if you notice swollen feet or X'
        acting = reading.marked(passage, "not-taking", "population-preposition", "combination", "not", "infinitive")
        acts = {at for at in before if at in acting}
        last = max((at for at in range(begin + 1) if passage.has_comma(at, ",")), default=0)
        verbs = reading.marked(passage, "noticing", "using", "auxiliary", "speaker")
        inner = reading.marked(passage, "within", "all-of")  # 'pain in the arm, X or Z', 'cramps and pain, X or Z'
        later = next((at for at in range(min(has), begin) if passage.has_comma(at, ",")), begin)
        inner |= {at for at in reading.marked(passage, "of") if at > later}  # 'pain, loss of feeling, X or Z'
        acts -= {at for at in inner if at < last and at + 1 not in verbs}
        before = {at for at in before if at < min(has)} | acts | {at + 1 for at in acts}  # 'pain from Y or X'
    kinds = {at for at in reading.marked(passage, "other-kind") if at in before and own - 1 in reading.marked(passage, "example")}
    before -= {conditional.condition.start}
    return before - set(range(min(kinds, default=own), own))  # 'if you take certain medicines, called X'


def find_plain_words(reading: FactReading, claim: Claim) -> set[int]:
    """Return the words of an if-clause that do not narrow it: 'you', 'have', 'any of', and those of the name of the subject."""
    passage = claim.passage
    plain = reading.marked(passage, "neutral-words", "having", "auxiliary", "article", "vague", "conditional", "combination")
    plain |= reading.marked(passage, "patient", "appearing", "past-case")
    named = {word for name in reading.lexicon.list_names(reading.fact.subject) for word in stems(name, reading.language)}
    return {*plain} | indexes(claim.subject) | {at for at, stem in enumerate(passage.words.stems) if stem in named}


def happens(reading: FactReading, claim: Claim, main: range, place: Span) -> bool:
    """Return whether a main clause says no more of the object than that it happens: 'you may get X', 'a rash or X may occur'."""
    passage, (start, end) = claim.passage, place
    happening, modal = reading.marked(passage, "happening"), _find_modals(reading, passage)
    if start not in main:
        return False
    before, bracket = set(range(main.start, start)), passage.bracket_of(start)
    if bracket:  # 'the skin may shrink (X)'
        verbs = reading.marked(passage, "bare-cue", "purpose", "advice", "agent")
        verbs = verbs | indexes(reading.other_verbs(passage)) | indexes(reading.find_rivals(passage))
        before = {at for at in before if not passage.bracket_of(at)}
        return bracket <= set(range(*place)) and bool(before & modal) and before.isdisjoint(verbs)
    plain = modal | happening | passage.accounted
    plain = plain | reading.marked(passage, "article", "possessive", "speaker", "alternative", "all-of")
    plain = plain | indexes(reading.spans_of(passage, "polarity", "negated"))
    plain = plain | {end for _, end in reading.spans(passage, "opinion")}  # 'it is possible that you will get X'
    plain = plain | indexes(span for _, span in reading.lexicon.find_terms(passage))
    plain = plain | {at for at in main if passage.is_adverb(at)}
    if main.start in reading.marked(passage, "this") and main.start in before:  # 'If you get X, this may lead to Y'
        happening = happening | indexes(reading.relation_spans(passage))
        plain = plain | happening
    verb = min((at for at in happening if at >= end), default=0)
    return before <= plain and (
        not before.isdisjoint(happening)
        or (verb > 0 and set(range(end, verb)) <= plain and not modal.isdisjoint(range(end, verb)))
    )


def _find_modals(reading: FactReading, passage: TokenisedSentence) -> set[int]:
    """Return the tokens that say that something is or can be, and not that it should be."""
    modal = set(reading.marked(passage, "auxiliary", "be")) | indexes(reading.hedge_spans(passage))
    return modal - reading.marked(passage, "advice")
