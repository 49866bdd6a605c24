"""Where a sentence names the use of something: 'if you take X', or 'X' below 'if you are taking:'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kb.model import LiteralObject
from kb.verification.cues import Span, stems, tokens
from kb.verification.fact_reading import Claim, FactReading
from kb.verification.list_items import find_joined_heading
from kb.verification.passages import TokenisedSentence, indexes

# How many words can stand between 'take' and the name of what is taken: 'if you take any other medicines for pain called X'.
_REACH = 20
# How many words can stand in the gap of a phrase: 'take more X tablets than you should'.
_BETWEEN = 6
# What cuts a list of what is taken.
_CUTTING = ("auxiliary", "conditional", "relative", "subordinate", "speaker", "not", "not-taking", "preceding")


def add_uses(reading: FactReading) -> None:
    """Add to the claims where a sentence names the use of something or a usual situation, and not the subject or object itself.

    A name of the subject inside the object does not count: 'If you forget to take X, take the missed dose'.
    """
    for number, claim in enumerate(reading.claims):
        inner = indexes(claim.object)
        subject = [place for place in claim.subject if place[0] not in inner] or _find_others(
            reading, reading.fact.subject, claim
        )
        obj = claim.object or _find_others(reading, reading.fact.object, claim)
        reading.claims[number] = claim._replace(subject=subject or claim.subject, object=obj)


def find_own_heading(reading: FactReading, claim: Claim) -> set[int]:
    """Return the tokens of a heading that the text joins to a sentence; an if-clause must be about the subject.

    'If you take too much If you took more than you should, …' is about an overdose alone, but 'If you miss a dose If you …' not.
    """
    heading, passage = find_joined_heading(reading, claim.passage), claim.passage
    names = [*claim.subject, *find_set_phrases(reading, reading.fact.subject, passage)]
    is_own = not reading.begins_with(passage, "conditional") or not heading.isdisjoint(indexes(names))
    return heading if is_own else set()


def _find_others(reading: FactReading, value: str | LiteralObject, claim: Claim) -> list[Span]:
    places = find_used(reading, value, claim.passage) or find_set_phrases(reading, value, claim.passage)
    places = sorted(place for place in places if place[0] not in indexes(claim.object))
    heading = find_joined_heading(reading, claim.passage)  # 'If you miss a dose If you forget to take X, …'
    below = [place for place in places if place[0] not in heading]
    return [*places[:1], *below[: places[0][0] in heading]] if places else []


def find_set_phrases(reading: FactReading, value: str | LiteralObject, passage: TokenisedSentence) -> list[Span]:
    """Return where a sentence names a usual situation in other words: 'if you forget to take X' for 'missed dose of X'."""
    known, key = reading.lexicon.set_phrases, (reading.source.document.id, str(value))
    if key not in known:
        known[key] = _choose_phrases(reading, value)
    phrases, plain = known[key]
    return list(_find_phrases(passage, phrases, plain))


def _choose_phrases(reading: FactReading, value: str | LiteralObject) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the phrases that name what the labels of a term do, and the words that can stand in them or in a label besides."""
    language, cues = reading.language, reading.cues
    topics = (name for one in reading.source.document.topic for name in reading.lexicon.list_names(one))
    named = {*reading.source.title.stems, *(own for name in topics for own in stems(name, language))}
    plain = cues.list_stems("name-words", language) | cues.list_stems("dosage-forms", language) | named
    labels = [stems(label, language) for label in reading.lexicon.list_names(value, language)]
    for key in cues.keys_of("set-phrases", language):
        phrases = cues.of("set-phrases", key, language)
        rests = (rest for phrase in phrases for label in labels for rest in _cut(label, stems(phrase, language)))
        if any(plain.issuperset(rest) for rest in rests):
            return phrases, plain
    return (), plain


def _cut(label: tuple[str, ...], phrase: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield what is left of a label without a phrase, for each place where it has that."""
    size = len(phrase)
    yield from (label[:at] + label[at + size :] for at in range(len(label)) if label[at : at + size] == phrase)


def _find_phrases(passage: TokenisedSentence, phrases: Iterable[str], plain: frozenset[str]) -> Iterator[Span]:
    """Yield the places that have the words of a phrase, in which an ellipsis stands for plain words in between."""
    for phrase in phrases:
        first, _, last = phrase.partition("…")
        for start, end in passage.find([first]):
            ends = [(at, stop) for at, stop in passage.find([last]) if end <= at <= end + _BETWEEN] if last else [(end, end)]
            if ends and plain.issuperset(passage.words.stems[end : ends[0][0]]):
                yield start, ends[0][1]


def read_used(reading: FactReading, value: str | LiteralObject) -> list[str]:
    """Return what the labels of a term say is used: 'zolam' for 'treatment with zolam' and 'taking zolam tablets'."""
    language, found = reading.language, list[str]()
    using, links, forms = (reading.cues.list_stems(name, language) for name in ("using", "using-links", "dosage-forms"))
    for label in reading.lexicon.list_names(value, language):
        own = tokens(label, language)
        first = next((at for at, token in enumerate(own) if token.stem not in using | links), len(own))
        last = len(own)
        while last > first + 1 and own[last - 1].stem in forms:
            last -= 1
        if first < last and any(token.stem in using for token in own[:first]):
            found.append(label[own[first].start : own[last - 1].end])
    return found


def find_used(reading: FactReading, value: str | LiteralObject, passage: TokenisedSentence) -> list[Span]:
    """Return where a sentence names the use of something: 'if you take W or X', and 'X' below 'if you are taking:'."""
    places = passage.find(read_used(reading, value))
    if found := [(verb, end) for start, end in places if (verb := _find_verb(reading, passage, start)) is not None]:
        return found
    lead_ins = [one for one in reading.source.above(passage.id) if not one.is_heading][:2]
    return places if any(ends_with_taking(reading, one) for one in lead_ins) else []


def _find_verb(reading: FactReading, passage: TokenisedSentence, place: int) -> int | None:
    """Return the verb such as 'take' before a place that has it in the list of its objects."""
    verbs, cutting = reading.marked(passage, "using"), reading.marked(passage, *_CUTTING)
    for at in range(place - 1, max(place - _REACH, 0) - 1, -1):
        if at in verbs:
            return None if at - 1 in reading.marked(passage, "not-taking", "not", "preceding") else at
        if at in cutting or passage.has_comma(at + 1, ";:"):
            return None
    return None


def ends_with_taking(reading: FactReading, above: TokenisedSentence) -> bool:
    """Return whether a lead-in ends with a condition that the items complete: 'if you are taking (any of these medicines):'."""
    last = max((start for start, _ in reading.spans(above, "conditional")), default=len(above.words.tokens))
    verbs, others = (
        reading.marked(above, "using"),
        reading.marked(above, "not-taking", "not", "preceding") - reading.marked(above, "all-of"),
    )
    return any(at > last and at - 1 not in others for at in verbs)
