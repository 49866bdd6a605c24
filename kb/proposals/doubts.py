"""Find what makes a claim doubtful that a sentence seems to state: its list is of something else, it is about signs or the past.

The gate does not refuse such a proposal, since the words can still state the claim: a person has to read them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kb.model import KnowledgeBase, list_names
from kb.proposals.filling import find_topic, read_sentence
from kb.proposals.phrases import find_phrases
from kb.schema import vocabulary
from kb.texts.indexed_text import IndexedText
from kb.verification.cues import Cues
from kb.verification.passages import TokenisedSentence

# Kinds of which words name some cases only: 'X is a medicine that …' restricts no claim.
_OF_CASES = ("condition", "symptom")


def find_doubts(kb: KnowledgeBase, cues: Cues, text: IndexedText, fact: Mapping[str, Any]) -> Iterator[str]:
    """Yield why a person has to read the sentences of a fact, in words that follow the id of a sentence."""
    for piece in fact["evidence"]:
        yield from _SentenceReader(kb, cues, text, fact, piece["sentence"]).find()


class _SentenceReader:
    """Reads one sentence of a fact, and what stands above it."""

    def __init__(self, kb: KnowledgeBase, cues: Cues, text: IndexedText, fact: Mapping[str, Any], name: str) -> None:
        self._cues, self._text, self._fact = cues, text, fact
        self._words = words = read_sentence(text, name)
        self._passage, self._phrases = TokenisedSentence(words), find_phrases(text.document.language)
        self._above = [TokenisedSentence(read_sentence(text, other)) for other in text.contexts.get(name, ())]
        self._predicate, self._subject = kb.predicates[fact["predicate"]], kb.terms[fact["subject"]]
        obj = kb.terms.get(str(fact["object"]))
        self._label, self._names = (obj.label, list_names(obj)) if obj else ("", ())
        places = self._passage.find(self._names)
        self._starts = [words.text[: words.tokens[first].start] for first, _ in places]  # what stands before each name
        self._ends = [words.text[words.tokens[last - 1].end :] for _, last in places]
        self._spoken = self._passage.find(cue.words for cue in cues.relation(self._predicate, words.language))
        self._is_restricted = any(vocabulary.qualifiers()[key].restricts for key in fact if key in vocabulary.qualifiers())
        self._is_of_case = bool(obj and obj.kind in _OF_CASES and not self._is_restricted)

    def find(self) -> Iterator[str]:
        """Yield why a person has to read the sentence."""
        found = [*self._doubt_relation(), *self._doubt_place(), *self._doubt_persons()]
        yield from (f"{self._words.id} {doubt}" for doubt in found)

    def _doubt_relation(self) -> Iterator[str]:
        phrases, text = self._phrases, self._words.text
        joint = self._cues.list_words("joint-use", self._words.language)
        if not self._is_restricted and not self._predicate.symmetric and self._passage.find(joint):
            yield "speaks of a use together with something else"
        if phrases.has("doubted", text):
            yield "doubts a relation"
        if not phrases.is_clause(text) and self._is_doubted():
            yield "stands below a sentence that doubts that what is listed there are effects"
        if phrases.names_two(self._label):
            yield "may name two things"
        head, colon, rest = text.partition(":")
        is_after = colon and _names(rest, self._names) and not _names(head, self._names)
        kind = phrases.find_introduced("", head)
        if is_after and kind and kind not in self._predicate.object:
            yield f"lists something of the kind '{kind}'"
        if phrases.is_clause(head) and phrases.has("describing", head) and is_after:
            yield "lists what can be signs of what it names before"

    def _doubt_place(self) -> Iterator[str]:
        """Yield why what an item lists, or a sentence names, may not be the object as a whole."""
        if self._above and (not self._spoken or self._is_item()):
            # and not 'symptoms of Y include:'
            is_topic = bool(find_topic(self._text, [self._subject]))
            is_about = any(one.find(list_names(self._subject)) for one in (self._passage, *self._above[:1]))
            yield from self._doubt_item(self._above[0]) if is_topic or not is_about else ()
            doubts = list(map(self._phrases.tell_doubt, self._starts, self._ends))
            yield from [f"speaks of {doubts[0]}"] if doubts and all(doubts) else ()
            hedges = self._cues.of("modality", self._fact["modality"], self._words.language)
            is_own = self._spoken and (":" in self._words.text or self._phrases.is_clause(self._words.text))
            if not is_own and self._passage.find(hedges) and not any(one.find(hedges) for one in self._above):
                yield "hedges something else"
        elif self._is_of_case and self._ends and all(self._phrases.has("restricting-after", end) for end in self._ends):
            yield "speaks of some cases only"

    def _doubt_persons(self) -> Iterator[str]:
        texts = [one.words.text for one in (self._passage, *self._above[:1])]
        has = self._phrases.has
        pairs = zip(self._starts, self._ends, strict=True)
        are_joined = [has("together-before", before) or has("together-after", after) for before, after in pairs]
        is_of_persons = self._cues.of("of-persons", self._predicate.id, self._words.language)
        if self._is_of_case and not is_of_persons and any(self._phrases.is_of_some(one, self._names) for one in texts):
            yield "speaks of some persons or another product only"
        is_having = bool(is_of_persons) or self._phrases.has("having", texts[0])
        if is_having and self._is_of_case and are_joined and all(are_joined) and "," not in texts[0]:
            yield "speaks of those who have two things together"

    def _doubt_item(self, lead: TokenisedSentence) -> Iterator[str]:
        """Yield why an item may not be one of a list of objects of the predicate."""
        text, above, language, phrases = self._words.text, lead.words, self._words.language, self._phrases
        if phrases.has("past", text):
            yield "speaks of the past"
        if phrases.lists_signs(text):
            yield "names signs of something"
        if not lead.is_heading:
            is_sign = phrases.has("signs", above.text)
            relation = [cue.words for cue in self._cues.relation(self._predicate, language)]
            known = self._cues.list_words("side-effect", language) if is_sign else relation
            if phrases.opens_other_list(above.text) and not lead.find(known):
                yield f"stands in the list of {above.id}, which is of something else"
            if phrases.opens_conditions(above.text) and not self._cues.of("of-persons", self._predicate.id, language):
                yield f"stands in the list of {above.id}, which is of conditions"
        kind = phrases.find_introduced(text, "" if lead.is_heading else above.text)
        if kind and kind not in self._predicate.object:
            yield f"names something of the kind '{kind}'"

    def _is_doubted(self) -> bool:
        """Return whether a sentence of the same section, before this one, doubts what is listed below it."""
        section, place = self._words.id.partition(".")[0], self._text.sentence(self._words.id).start
        before = (one for one in self._text.document.sentences if one.id.partition(".")[0] == section and one.start < place)
        return any(self._phrases.has("doubted", self._text.extract(one)) for one in before)

    def _is_item(self) -> bool:
        start = self._text.sentence(self._words.id).start
        return any(block.start == start and block.kind == "item" for block in self._text.text.blocks)


def _names(words: str, names: tuple[str, ...]) -> bool:
    return any(name.casefold() in words.casefold() for name in names)
