"""Find what makes a claim doubtful that a sentence seems to state: its list is of something else, it is about signs or the past.

The gate does not refuse such a proposal, since the words can still state the claim: a person has to read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from kb.model import KnowledgeBase, Predicate, list_names
from kb.proposals.filling import find_topic, read_sentence
from kb.proposals.phrases import PhraseFinder
from kb.schema import vocabulary
from kb.texts.indexed_text import IndexedText
from kb.verification.cues import Cues, Span
from kb.verification.passages import SentenceWords, TokenisedSentence

_OF_CASES = ("condition", "symptom")


def find_doubts(kb: KnowledgeBase, cues: Cues, text: IndexedText, fact: Mapping[str, Any]) -> Iterator[str]:
    """Yield why a person has to read the sentences of a fact, in words that follow the id of a sentence."""
    predicate, obj = kb.predicates[fact["predicate"]], kb.terms.get(str(fact["object"]))
    names, subjects = list_names(obj) if obj else (), list_names(kb.terms[fact["subject"]])
    is_topic = bool(find_topic(text, [kb.terms[fact["subject"]]]))  # and not 'symptoms of Y include:'
    is_restricted = any(vocabulary.qualifiers()[name].restricts for name in fact if name in vocabulary.qualifiers())
    is_of_case = bool(obj and obj.kind in _OF_CASES)  # 'X is a medicine that …' restricts no claim
    for piece in fact["evidence"]:
        words = read_sentence(text, piece["sentence"])
        passage, phrases = TokenisedSentence(words), _phrases(text.document.language)
        spoken = passage.find(cue.words for cue in cues.relation(predicate, words.language))
        if not is_restricted and not predicate.symmetric and passage.find(cues.list_words("joint-use", words.language)):
            yield f"{words.id} speaks of a use together with something else"
        if phrases.doubts_lists(words.text):
            yield f"{words.id} doubts a relation"
        if not phrases.is_clause(words.text) and _is_doubted(text, words.id, phrases):
            yield f"{words.id} stands below a sentence that doubts that what is listed there are effects"
        above = [read_sentence(text, name) for name in text.contexts.get(words.id, ())]
        places = [(words.tokens[first].start, words.tokens[last - 1].end) for first, last in passage.find(names)]
        is_about = not is_topic and any(TokenisedSentence(one).find(subjects) for one in (words, *above[:1]))
        if above and (_is_item(text, words.id) or not spoken):
            yield from () if is_about else _doubt_item(cues, phrases, predicate, words, above[0])
            yield from _doubt_name(phrases, words, places)
        elif not is_restricted and is_of_case and places and all(phrases.is_restricted(words.text[end:]) for _, end in places):
            yield f"{words.id} speaks of some cases only"
        is_of_persons = cues.of("of-persons", predicate.id, words.language)
        if not is_restricted and not is_of_persons and any(phrases.is_of_some(one.text, names) for one in (words, *above[:1])):
            yield f"{words.id} speaks of some persons only"
        head, colon, rest = words.text.partition(":")
        if colon and phrases.is_clause(head) and phrases.describes(head) and _names(rest, names) and not _names(head, names):
            yield f"what {words.id} lists can be signs of what it names before"


def _doubt_item(
    cues: Cues, phrases: PhraseFinder, predicate: Predicate, words: SentenceWords, lead: SentenceWords
) -> Iterator[str]:
    """Yield why an item may not be one of a list of objects of a predicate."""
    passage, language = TokenisedSentence(lead), words.language
    is_lead = not passage.is_heading
    is_sign = phrases.announces_signs(lead.text)
    known = cues.list_words("side-effect", language) if is_sign else [cue.words for cue in cues.relation(predicate, language)]
    if phrases.is_past(words.text):
        yield f"{words.id} speaks of the past"
    if phrases.lists_signs(words.text):
        yield f"{words.id} names signs of something"
    if is_lead and phrases.opens_other_list(lead.text) and not passage.find(known):
        yield f"{words.id} stands in the list of {lead.id}, which is of something else"
    if is_lead and phrases.opens_conditions(lead.text) and not cues.of("of-persons", predicate.id, language):
        yield f"{words.id} stands in the list of {lead.id}, which is of conditions"
    kind = phrases.find_introduced(words.text, lead.text if is_lead else "")
    if kind and kind not in predicate.object:
        yield f"{words.id} names something of the kind '{kind}'"


def _doubt_name(phrases: PhraseFinder, words: SentenceWords, places: Iterable[Span]) -> Iterator[str]:
    """Yield why each place of a name in an item may not be what the item lists."""
    doubts = [phrases.tell_doubt(words.text[:start], words.text[end:]) for start, end in places]
    if doubts and all(doubts):
        yield f"{words.id} speaks of {doubts[0]}"


def _is_doubted(text: IndexedText, name: str, phrases: PhraseFinder) -> bool:
    """Return whether a sentence of the same section, before one, doubts what is listed below it."""
    section = name.partition(".")[0]
    before = (one for one in text.document.sentences if one.id.partition(".")[0] == section)
    place = text.sentence(name).start
    return any(phrases.doubts_lists(text.extract(one)) for one in before if one.start < place)


def _is_item(text: IndexedText, name: str) -> bool:
    start = text.sentence(name).start
    return any(block.start == start and block.kind == "item" for block in text.text.blocks)


def _names(words: str, names: tuple[str, ...]) -> bool:
    return any(name.casefold() in words.casefold() for name in names)


@cache
def _phrases(language: str) -> PhraseFinder:
    return PhraseFinder(language)
