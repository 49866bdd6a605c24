"""Find what a sentence says of terms that the sentence before it named: 'Y is an enzyme. This enzyme …', 'Both belong to …'."""

from __future__ import annotations

from kb.model import LiteralObject
from kb.verification.cues import Span, stems
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.passages import TokenisedSentence, indexes

# How many things 'both' stands for.
_BOTH = 2


def add_antecedents(reading: FactReading) -> None:
    """Add to the claims that name no subject where 'these medicines', 'the disease' or 'both' at the beginning stands for it."""
    for number, claim in enumerate(reading.claims):
        if not claim.subject and claim.object and (place := _find_taken_up(reading, claim)):
            reading.claims[number] = claim._replace(subject=[place])
        elif taken_up := _find_object_of_reason(reading, claim):
            reading.claims[number] = claim._replace(object=[taken_up])
        elif claim.subject and not claim.object and (place := _find_object_taken_up(reading, claim)):
            reading.claims[number] = claim._replace(object=[place])


def _find_taken_up(reading: FactReading, claim: Claim) -> Span | None:
    """Return the words that begin a sentence and stand for the subject, which the sentence before it names."""
    passage, before = claim.passage, reading.source.before.get(claim.passage.id, "")
    if not before:
        return None
    previous = TokenisedSentence(reading.source.words[before])
    both = max((span for span in reading.spans(passage, "both-of") if span[0] == 0), default=None)
    if both:
        return both if _is_one_of_both(reading, previous) else None
    opening = next((end for start, end in reading.spans(passage, "determiner", "the") if start == 0), 0)
    if not opening or opening == len(passage.words.tokens):
        return None
    if reading.begins_with(passage, "the") and reading.begins_with(passage, "topic"):
        return None  # 'The medicine' is what the document is about
    noun = passage.words.stems[opening]
    named = reading.find_like_subject(previous)
    is_alone = bool(named) and {name for name, _ in named} == {reading.fact.subject}
    is_named = is_alone and _is_noun_of(reading, reading.fact.subject, previous, noun)
    return (0, opening + 1) if is_named and opening not in indexes(claim.object) else None


def _is_one_of_both(reading: FactReading, previous: TokenisedSentence) -> bool:
    """Return whether a sentence names the subject and one more of its kind: 'X contains W and Z. Both …' is about W and Z."""
    named = {name for name, _ in reading.find_like_subject(previous)}
    if len(named) > _BOTH:
        named = {name for name in named if not reading.is_about(name)}
    return len(named) == _BOTH and reading.fact.subject in named and not reading.spans_of(previous, "polarity", "negated")


def _find_object_of_reason(reading: FactReading, claim: Claim) -> Span | None:
    """Return the words by which a reason takes up the object of an if-clause: 'if you have Y, as X may cause this condition'."""
    passage, obj = claim.passage, reading.value("object")
    first = max((end for start, end in reading.spans(passage, "reason") if start), default=0)
    cases = [start for start, _ in reading.spans(passage, "conditional") if start < first]
    own = [place for place in claim.object if cases and cases[0] < place[0] and place[1] < first]
    if not own or len(own) < len(claim.object) or not obj:
        return None
    named = {name for name, (start, end) in reading.lexicon.find_terms(passage) if cases[0] <= start and end <= first}
    verbs = {end for _, end in (*reading.relation_spans(passage), *reading.other_verbs(passage)) if end >= first}
    if named == {obj}:
        for at in sorted(reading.marked(passage, "object-pronoun") & verbs):
            end = at + 1
            if end == len(passage.words.tokens) or passage.has_comma(end):
                return at, end
            if at in reading.marked(passage, "determiner") and _is_noun_of(reading, obj, passage, passage.words.stems[end]):
                return at, end + 1
    return None


def _find_object_taken_up(reading: FactReading, claim: Claim) -> Span | None:
    """Return the words after a verb that stand for the object of the sentence before: 'Y is an enzyme. X blocks this enzyme'."""
    passage, before = claim.passage, reading.source.before.get(claim.passage.id, "")
    value, terms = reading.fact.object, reading.lexicon.kb.terms
    if not before or before not in reading.passages or value not in terms:
        return None
    acts, previous = {end for _, end in reading.relation_spans(passage)}, TokenisedSentence(reading.source.words[before])
    named = {name for name, _ in reading.lexicon.find_terms(previous) if terms[name].kind == terms[str(value)].kind}
    ends = [end for start, end in reading.spans(passage, "determiner") if start in acts and end < len(passage.words.tokens)]
    nouns = (end for end in ends if named == {value} and _is_noun_of(reading, value, previous, passage.words.stems[end]))
    return next(((end - 1, end + 1) for end in nouns), None)


def is_antecedent(reading: FactReading, claim: Claim) -> bool:
    """Return whether a sentence only names the object that the next one of the fact takes up: 'Y is an enzyme. X blocks it'."""
    return not claim.subject and any(
        other.subject
        and other.object == [_find_object_taken_up(reading, other._replace(object=[]))]
        and reading.source.before.get(other.passage.id) == claim.passage.id
        for other in reading.claims
    )


def names_next_subject(reading: FactReading, claim: Claim) -> bool:
    """Return whether a sentence only names the subject of the next one of the fact: 'Zolam is a blocker. These may cause Y'.

    The next sentence then states the claim with its qualifiers.
    """
    if claim.object or not claim.subject:
        return False
    return any(
        reading.source.before.get(other.passage.id) == claim.passage.id
        and any(start < min(other.object)[0] for start, _ in reading.spans(other.passage, "determiner", "singular-pronoun"))
        for other in reading.claims
        if other.object and (not other.subject or other.subject[0][0] == 0)
    )


def continues_symptoms(reading: FactReading, passage: TokenisedSentence) -> bool:
    """Return whether a sentence tells the symptoms of the only illness in the one before it: 'Symptoms can include Y'."""
    before = reading.source.before.get(passage.id, "")
    if not before or not reading.lists_predicate("of-symptoms") or not reading.begins_with(passage, "symptom-opener"):
        return False
    named = reading.find_like_subject(TokenisedSentence(reading.source.words[before]))
    return bool(named) and {name for name, _ in named} == {reading.fact.subject}


def continues_topic(reading: FactReading, passage: TokenisedSentence, at: int) -> bool:
    """Return whether 'it' after a reason stands for the topic that begins the sentence: 'This medicine causes Y because it …'."""
    is_it = at in reading.marked(passage, "singular-pronoun") and any(end == at for _, end in reading.spans(passage, "reason"))
    topics = reading.marked(passage, "topic")
    is_alone = all(start > at or start in topics for start, _ in reading.find_rivals(passage))
    return is_it and is_alone and reading.begins_with(passage, "topic") and not passage.has_mark(at - 1, ";")


def _is_noun_of(reading: FactReading, value: str | LiteralObject, previous: TokenisedSentence, noun: str) -> bool:
    """Return whether a noun is the last of a name of a term, stands beside the name, or is one for its kind of things."""
    heads = {own[-1] for name in reading.lexicon.list_names(value) if (own := stems(name, reading.language))}
    places = reading.lexicon.find_value(value, previous)
    beside = {previous.words.stems[start - 1] for start, _ in places if start}
    term = reading.lexicon.kb.terms.get(str(value))
    words = reading.cues.of("kind-nouns", term.kind, reading.language) if term else ()
    return noun in heads | beside | {stems(word, reading.language)[-1] for word in words}
