"""Tell what a sentence says of the object from what it says beside it: other items of a list, descriptions, joined headings."""

from __future__ import annotations

from itertools import pairwise

from kb.verification.conditionals import find_conditionals
from kb.verification.cues import RelationCue, Span
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.passages import TokenisedSentence, indexes

# The words of the longest heading that a text joins to the sentence below it.
_HEADING_WORDS = 8

# The words of the longest name that counts as a member of a list.
_NAME_WORDS = 3

# The lists whose words begin no item: what they begin restricts or continues the sentence.
_NO_ITEM = (
    "condition",
    "opener",
    "population-preposition",
    "comparison",
    "exception",
    "neutral-words",
    "auxiliary",
    "relative",
    "emphasis",
    "source",
)


def is_aside(reading: FactReading, claim: Claim) -> bool:
    """Return whether a sentence names the object only in a bracket that explains another item: 'X (which may cause …)'."""
    brackets = [claim.passage.bracket_of(start) for start, _ in claim.object]
    opens = {start for start, _ in reading.spans(claim.passage, "bracket-opener")}
    own = bracket_of_list(reading, claim) | indexes(claim.subject)
    relative = reading.marked(claim.passage, "relative")
    opens -= relative & {start - 1 for start, _ in reading.spans(claim.passage, "open-list")}  # 'infections (which include Y)'
    first = min((start for start, _ in claim.object), default=0)
    return all(
        bracket and bracket.isdisjoint(own) and (min(bracket) in opens or any(at < first for at in bracket & relative))
        for bracket in brackets
    )


def is_of_other_item(reading: FactReading, claim: Claim, cue: Span) -> bool:
    """Return whether words of a relation stand in a bracket that follows another item than the subject: 'X (used to treat Y)'."""
    passage, bracket, subject = claim.passage, claim.passage.bracket_of(cue[0]), indexes(claim.subject)
    if not claim.subject or bracket.isdisjoint(indexes(claim.object)) or not bracket.isdisjoint(subject):
        return False
    stretch = set(passage.stretch_before(min(bracket)))
    terms = [span for _, span in reading.lexicon.find_terms(passage) if span[0] in stretch]
    plain = indexes([*terms, *reading.spans(passage, "joint", "article")])
    if bracket and min(bracket) in list_ends(reading, claim):
        return False
    after = [end for start, end in claim.subject if start in stretch]
    last = max((start for start, _ in terms), default=0)
    return not any(plain.issuperset(range(end, last)) for end in after)


def is_of_bracket(reading: FactReading, claim: Claim, cue: RelationCue, span: Span) -> bool:
    """Return whether words of a relation explain the object or another item, in a bracket: 'a build-up (which may lead to …)'."""
    bracket, ends = claim.passage.bracket_of(span[0]), indexes([*claim.object, *claim.subject])
    if not bracket or not bracket.isdisjoint(ends):
        speakers = reading.marked(claim.passage, "topic", "pronoun", "anaphor")
        before = set(range(min(bracket))) if bracket else set()
        is_named = bool(before) and not claim.subject and cue.mark.startswith(">")
        return is_named and before.isdisjoint(speakers)  # 'W (for Y)' is about W
    is_explaining = cue.mark == ">" or bool(claim.subject) or min(bracket) in reading.marked(claim.passage, "relative")
    return is_explaining or min(bracket) >= claim.object[0][1]


def find_other_items(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of the other items of the list of the object, found once; see :func:`_find_other_items`."""
    if claim.passage.id not in reading.other_items:
        reading.other_items[claim.passage.id] = _find_other_items(reading, claim)
    return reading.other_items[claim.passage.id]


def _find_other_items(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of the other items of a list that has the object as an item: 'dizziness when standing, cough, …'."""
    passage = claim.passage
    stretches = list(passage.stretches())
    joints = reading.marked(passage, "joint")
    starts = {start for start, _ in claim.object}
    acts = {end for _, end in reading.relation_spans(passage)}  # 'may cause dizziness, fever when …'
    if (
        starts.isdisjoint(acts)
        and not any(first in starts or (first in joints and first + 1 in starts) for first, _ in stretches)
        and not any(start - 1 in joints for start in starts)
    ):
        return set()
    begins = {start for start, _ in reading.spans(passage, *_NO_ITEM)} | joints
    begins |= {start for start, _ in reading.hedge_spans(passage)}
    begins -= {start for start, _ in reading.spans(passage, "article")}
    bracket = passage.bracket_of(claim.object[0][0])
    own = indexes([*claim.object, *claim.subject]) | passage.bracket_after(claim.object)
    own |= set(passage.stretch_before(min(bracket))) if bracket else set()
    verbs = reading.marked(passage, "auxiliary") | (reading.marked(passage, "having") & indexes(reading.relation_spans(passage)))
    pronouns = reading.marked(passage, "relative") - bracket  # but 'X (an illness which can cause fever, nausea)'
    leads = [
        at
        for at, (first, last) in enumerate(stretches)
        if verbs & set(range(first, last)) and pronouns.isdisjoint(range(first, last)) and last <= min(starts)
    ]  # 'the most common reactions (5%) were rash, …'
    if not starts.isdisjoint(acts):
        leads = [at for at, (first, last) in enumerate(stretches) if not starts.isdisjoint(range(first, last))][:1]
    stretches = stretches[max(leads, default=0) :]
    ending = {
        at for name in ("condition", "auxiliary", "relative", "comparison", "opener") for at in reading.marked(passage, name)
    }
    first, last = stretches[-1]
    is_item = not joints.isdisjoint(range(first, last)) and (first not in begins or (first in joints and first + 1 not in begins))
    is_item = is_item and ending.isdisjoint(range(first, last))  # 'or lack of energy'
    begins -= {first} if is_item else set()
    own |= {at for one in find_conditionals(reading, claim) if starts & set(one.main) for at in one.condition}
    others = stretches[1:] if is_item or passage.has_mark(first, ";") else stretches[1:-1]  # what ends a list can be about all
    return {
        at for first, last in others if first not in begins and own.isdisjoint(range(first, last)) for at in range(first, last)
    }


def find_purpose(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens that say what the drug at an end of the fact is used for, not what the fact says of it.

    They follow the object ('interacts with X or other medicines to prevent Y'), or stand between the word for a kind of
    medicines and its examples: 'medicines used to prevent Y, such as X'.
    """
    passage, last = claim.passage, max((end for _, end in claim.object), default=len(claim.passage.words.tokens))
    found = indexes(passage.until_comma(start) for start, _ in reading.spans(passage, "purpose") if start >= last)
    ends = [*claim.subject, *claim.object]
    named, first = indexes(claim.object), min((start for start, _ in ends), default=0)
    groups = reading.marked(passage, "medicines")
    for start, _ in reading.spans(passage, "purpose"):
        is_of_group = start in groups or start - 1 in groups
        examples = (at for at, _ in reading.spans(passage, "example") if start < at <= first)
        bracket = (at for at in range(start + 1, first + 1) if passage.has_mark(at, "("))
        until = min((*examples, *bracket), default=start)
        found |= set(range(start, until)) if is_of_group and named.isdisjoint(range(start, until)) else set()
    return found


def find_joined_heading(reading: FactReading, passage: TokenisedSentence) -> set[int]:
    """Return the tokens of a heading that the text joins to a sentence: the first line, or a usual title before a capital.

    Such a title can be an if-clause before another one: 'If you miss a dose If you forget to take X, …'.
    """
    tokens = passage.words.tokens
    starts = [at for at in range(1, len(tokens)) if passage.has_mark(at, "\n")][:1]
    starts += [end for start, end in reading.spans(passage, "title") if not start and end < len(tokens)]
    starts = [at for at in starts if at <= _HEADING_WORDS]
    starts += [at for at, _ in reading.spans(passage, "conditional") if at and reading.begins_with(passage, "conditional")]
    return next((set(range(at)) for at in starts if tokens[at].text[0].isupper() and not passage.has_comma(at)), set())


def find_described(claim: Claim) -> set[int]:
    """Return the tokens before a bracket that is but a name of the object, which they describe: 'being unable to sit (Y)'."""
    passage, objects = claim.passage, indexes(claim.object)
    brackets = [passage.bracket_of(start) for start, _ in claim.object]
    first = max((end for _, end in claim.subject), default=0)
    return next((set(range(first, min(one))) for one in brackets if one and one <= objects and first < min(one)), set())


def is_apposed(reading: FactReading, claim: Claim) -> bool:
    """Return whether subject and object stand side by side, and one says what the other is.

    A class or role stands right before the subject, in a bracket or after a dash ('the blocker X', 'X (a blocker)', 'W and X -
    blockers'), a name in a bracket ('X (Y)', 'Y (X)'), and kinds of a thing in a bracket by themselves ('Y (X or Z)').
    """
    passage, subjects, objects = claim.passage, indexes(claim.subject), indexes(claim.object)
    if not reading.lists_predicate("apposed"):
        return False
    before = {end for _, end in claim.object if not passage.has_comma(end)}
    bracket = passage.bracket_after(claim.object)
    return (
        passage.bracket_after(claim.subject) == objects
        or any(start in before for start, _ in claim.subject)
        or any(passage.has_dash(start) and start in list_ends(reading, claim) for start, _ in claim.object)
        or (reading.lists_predicate("names") and bracket == subjects)
        or (not reading.lists_predicate("names") and _is_list_of_kinds(reading, claim, bracket))
        or (not reading.lists_predicate("names") and _is_list_below_kind(reading, claim))
        or _is_second_description(reading, claim)
        or (not reading.lists_predicate("names") and _is_kind_at_place(reading, claim))
    )


def list_ends(reading: FactReading, claim: Claim) -> set[int]:
    """Return the token after each subject, and after the list that the subject is in: 'X, W or Z (used to treat Y)'.

    Only a list whose last member is joined to it by a word goes on: what follows 'X, W' can be about W alone.
    """
    passage, ends = claim.passage, {end for _, end in claim.subject}
    joints = reading.marked(passage, "any-of", "all-of") - reading.marked(passage, "combination")
    for end in [*ends]:
        at, is_last = end, False
        while not is_last and at < len(passage.words.tokens) and (at in joints or passage.has_mark(at, ",")):
            is_last = at in joints
            first = at + is_last
            at = _end_member(reading, passage, first)
            is_last = is_last and first < at
            if first == at:
                break
        ends |= {at} if is_last else set()
    return ends


def bracket_of_list(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of the bracket after the subject, or after the list that it is in: 'X or Z (which may cause Y)'."""
    return claim.passage.bracket_after((0, end) for end in list_ends(reading, claim))


def _end_member(reading: FactReading, passage: TokenisedSentence, at: int) -> int:
    """Return the token after a member of a list, a name of few words; the same token if there is none."""
    stops = reading.marked(passage, *_NO_ITEM, "article", "any-of", "all-of", "example")
    stops |= {start for start in range(at + 1, len(passage.words.tokens)) if passage.has_dash(start)}
    end = at
    while (
        end < min(at + _NAME_WORDS, len(passage.words.tokens)) and end not in stops and (end == at or not passage.has_comma(end))
    ):
        end += 1
    return end


def _is_list_of_kinds(reading: FactReading, claim: Claim, bracket: set[int]) -> bool:
    """Return whether a bracket has but several names, one of them the subject: 'a bowel disease (X or Z)', 'drugs (W, X, Z)'."""
    return bool(bracket) and _is_name_in_list(reading, claim, range(min(bracket), max(bracket) + 1))


def _is_list_below_kind(reading: FactReading, claim: Claim) -> bool:
    """Return whether the object begins the sentence, and a colon and names follow it: 'Inactive ingredients: W, X and Z'."""
    passage, size = claim.passage, len(claim.passage.words.tokens)
    ends = [end for start, end in claim.object if start <= 1 and passage.has_comma(end, ":")]
    verbs, starts = reading.marked(passage, "auxiliary", "relative"), {start for start, _ in claim.subject}
    return any(
        (end in starts and verbs.isdisjoint(range(end, size))) or _is_name_in_list(reading, claim, range(end, size))
        for end in ends
    )


def _is_name_in_list(reading: FactReading, claim: Claim, tokens: range) -> bool:
    """Return whether tokens are two or more names, divided by commas or 'and', and the subject is one of them."""
    passage, joints = claim.passage, reading.marked(claim.passage, "any-of", "all-of")
    barred = reading.marked(passage, *_NO_ITEM) - joints
    starts = [at for at in tokens if at == tokens.start or passage.has_comma(at, ",") or at in joints or at - 1 in joints]
    names = [(first, last) for first, last in pairwise([*starts, tokens.stop]) if first not in joints]
    return len(names) > 1 and barred.isdisjoint(tokens) and any(name in claim.subject for name in names)


def _is_kind_at_place(reading: FactReading, claim: Claim) -> bool:
    """Return whether a bracket names the subject after a class and where it is found: 'the enzymes in your gut (X)'."""
    passage, subjects = claim.passage, indexes(claim.subject)
    places = reading.marked(passage, "population-preposition")
    barred = reading.marked(passage, "auxiliary", "relative", "agent", "any-of", "all-of", "population", "population-general")
    for end in (end for _, end in claim.object if end in places):
        _, stop = passage.until_comma(end)
        if passage.bracket_after([(end, stop)]) == subjects and barred.isdisjoint(range(end, stop)):
            return True
    return False


def _is_second_description(reading: FactReading, claim: Claim) -> bool:
    """Return whether a bracket says again what the subject is: 'X is a relaxant (a blocker)'."""
    passage, be = claim.passage, reading.marked(claim.passage, "be")
    begins = 0 in reading.marked(passage, "pronoun", "topic")
    ends = [end for _, end in claim.subject] or ([1] if begins else [])
    brackets = [bracket for bracket in map(passage.bracket_of, (start for start, _ in claim.object)) if bracket]
    barred = reading.marked(passage, "auxiliary", "relative", "agent", "any-of", "combination", "population-preposition") - {
        *ends
    }
    articles = reading.marked(passage, "article")
    plain = articles | reading.marked(passage, "names-before") | indexes(claim.object)
    return any(
        end in be
        and end + 1 in articles
        and bracket <= plain
        and end < min(bracket)
        and barred.isdisjoint(range(end + 1, min(bracket)))
        and not any(passage.has_comma(at) for at in range(end, min(bracket)))
        for end in ends
        for bracket in brackets
    )


def find_class_phrase(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens from a class to its examples or from its description to the subject, which stand for themselves.

    A denial or hedge elsewhere is about something else: 'blockers such as X do not cause Y', 'the blocker X may cause Y'.
    """
    if not (claim.subject and claim.object):
        return set()
    relations = reading.relations.get(claim.passage.id, [])
    examples = set(reading.spans(claim.passage, "example"))
    is_example = reading.lists_predicate("unconditional") and relations and examples.issuperset(relations)
    if not is_apposed(reading, claim) and not is_example:
        return set()
    described = find_description(reading, claim)
    places = [place for place in (*claim.subject, *claim.object) if place[0] not in described]
    return set(range(min(start for start, _ in places), max(end for _, end in places)))


def find_description(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of a clause that describes what follows the class: 'X, a blocker for Y that other blockers worsen'."""
    passage, size = claim.passage, len(claim.passage.words.tokens)
    first = max(min(end for _, end in places) for places in (claim.subject, claim.object))
    return set(range(min((at for at in reading.marked(passage, "relative") if at > first), default=size), size))


def find_apposition(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens between commas or in a bracket that say what the subject is: 'X, an inhibitor of Y, is used in …'."""
    passage, articles = claim.passage, {start for start, _ in reading.spans(claim.passage, "article")}
    places = [passage.until_comma(end) for _, end in claim.subject if end in articles and passage.has_comma(end)]
    stretches = [*(set(range(*one)) for one in places), *(passage.bracket_after([place]) for place in claim.subject)]
    examples = {end for _, end in reading.spans(passage, "example")}
    general = indexes([*reading.spans(passage, "general-agents"), *claim.object])
    for one in (passage.bracket_of(start) for start, _ in claim.subject):  # 'medicines used to treat Y (such as X)'
        before = range(0) if examples.isdisjoint(one) else passage.stretch_before(min(one))
        stretches.append(one | set(range(min(general & set(before), default=before.stop), before.stop)))
    return next((tokens for tokens in stretches if tokens & indexes(claim.object)), set())
