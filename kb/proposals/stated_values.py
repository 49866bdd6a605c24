"""Find the words of relations and of the values of qualifiers in the sentences of a document."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial

from kb.model import KnowledgeBase, Predicate, list_names
from kb.proposals.filling import read_sentence
from kb.schema import vocabulary
from kb.texts.indexed_text import IndexedText
from kb.verification.cues import Span, longest
from kb.verification.fact_reading import Lexicon
from kb.verification.passages import SentenceWords, TokenisedSentence, indexes

#: The marks of the words of relations (``languages.json``), and those of words that can relate the topic to what stands below.
MARKS = ("", "~", ">", "<", ">>", "<<")
MARKS_ABOVE = ("", "~", ">")

_NEAR_END = 4  # words of a lead-in that opens a list of examples: 'side effects include the following:'
# The kinds of terms that are proposed for qualifiers that take any.
_USUAL = {"condition": ("situation", "action", "event"), "population": ("population",), "comparator": ()}


class CueFinder:
    """Finds the cue words of a knowledge base, outside of longer names of its terms."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb, self.lexicon = kb, Lexicon(kb)

    def has_cue(self, text: IndexedText, words: SentenceWords, predicate: Predicate) -> bool:
        """Return whether a sentence, or one above it, has words of a predicate, and none of a relation that excludes it."""
        above = [read_sentence(text, other) for other in text.contexts.get(words.id, ())]
        lists = ("excluded", "excluded-above")
        excluded = [word for name in lists for word in self.lexicon.cues.of(name, predicate.id, words.language)]
        return any(
            any(self.find_cues(passage, predicate, marks) for passage in passages)
            and not any(self.find_free(TokenisedSentence(passage), excluded) for passage in passages)
            for passages, marks in (([words], MARKS), (above, MARKS_ABOVE))
        )

    def find_free(self, passage: TokenisedSentence, phrases: Iterable[str]) -> list[Span]:
        """Return where a sentence has words that are not part of the longer name of a term."""
        return list(longest(passage.find(phrases), [span for _, span in self.lexicon.find_terms(passage)]))

    def list_words(self, name: str, language: str) -> tuple[str, ...]:
        """Return a list of cue words."""
        return self.lexicon.cues.list_words(name, language)

    def find_any_cues(self, words: SentenceWords) -> list[Span]:
        """Return where a sentence has words of a predicate, or of a value of a qualifier that is a list."""
        own = (self.find_cues(words, predicate) for predicate in self._kb.predicates.values())
        lists = (self.lexicon.cues.all_of(name, words.language) for name in ("frequency", "severity", "modality"))
        spoken = TokenisedSentence(words).find([word for values in lists for cues in values.values() for word in cues])
        return [*spoken, *(span for spans in own for span in spans)]

    def find_cues(self, words: SentenceWords, predicate: Predicate, marks: Collection[str] = MARKS) -> list[Span]:
        """Return where a sentence has words of a predicate, with some marks, that are not part of the longer name of a term."""
        passage = TokenisedSentence(words)
        cues = [cue for cue in self.lexicon.cues.relation(predicate, words.language) if cue.mark in marks]
        free = passage.find([cue.words for cue in cues if cue.mark == "~"])
        spans = [*free, *self.find_free(passage, [cue.words for cue in cues if cue.mark != "~"])]
        titles = indexes(passage.find(self.list_words("pseudo-relation", words.language)))  # 'Use in specific populations'
        return [span for span in spans if span[0] not in titles]

    def find_term(self, words: SentenceWords, term: str) -> list[Span]:
        """Return where a sentence has a name of a term."""
        return TokenisedSentence(words).find(list_names(self._kb.terms[term]))


class ValueFinder:
    """Finds the values of qualifiers that a sentence says of an object."""

    def __init__(self, kb: KnowledgeBase, cues: CueFinder) -> None:
        self._kb, self._cues, self._lexicon = kb, cues, cues.lexicon

    def has_bands(self, words: SentenceWords) -> bool:
        """Return whether a sentence has several frequencies, each for some of what it names."""
        values = self._lexicon.cues.all_of("frequency", words.language)
        found = {span: name for name, own in values.items() for span in TokenisedSentence(words).find(own)}
        return len({found[span] for span in longest(found, found)}) > 1

    def list_values(
        self, text: IndexedText, words: SentenceWords, name: str, claim: tuple[str, Predicate, str], here: Iterable[str]
    ) -> list[str]:
        """Return the values of a qualifier for which a sentence, or one above it, has words."""
        (subject, predicate, obj), qualifier = claim, vocabulary.qualifiers()[name]
        if not qualifier.listed:
            kinds = _USUAL.get(name, qualifier.kinds)
            return [term for term in here if term not in {subject, obj} and self._kb.terms[term].kind in kinds]
        above = [TokenisedSentence(read_sentence(text, other)) for other in text.contexts.get(words.id, ())]
        cues = self._lexicon.cues.all_of(name, words.language)
        if name == "listing":
            opens = self._lexicon.cues.list_words("open-list", words.language)
            leads = [passage for passage in above if self._cues.find_cues(passage.words, predicate, MARKS_ABOVE)]
            ends = ((passage, len(passage.words.tokens) - _NEAR_END) for passage in leads)
            is_open = any(start >= end for passage, end in ends for start, _ in passage.find(opens))
            return ["open-list"] if is_open or self._is_example(words, opens, obj) else []
        said = {
            value
            for value, own in cues.items()
            if any(map(partial(self._is_told, words, name), self._find_beside(words, own, obj)))
        }
        if name == "severity" and len(said) > 1:
            said = set()  # 'mild to severe'
        told = ({span: value for value, own in cues.items() for span in passage.find(own)} for passage in above)
        said |= {spans[span] for spans in told for span in longest(spans, spans)}  # 'very common' is not 'common'
        return [value for value in cues if value in said]

    def _is_told(self, words: SentenceWords, name: str, span: Span) -> bool:
        """Return whether words tell a value, alone in a bracket and unhedged: not 'rash (usually dry), which may be severe'."""
        passage = TokenisedSentence(words)
        rest = [at for at in passage.bracket_of(span[0]) if at >= span[1]]
        is_alone = not rest or passage.has_comma(rest[0]) or name != "frequency"
        hedges = [cue for own in self._lexicon.cues.all_of("modality", words.language).values() for cue in own]
        is_hedged = any(0 <= span[0] - end <= 1 for _, end in passage.find(hedges))
        return is_alone and not (name == "severity" and is_hedged)

    def _is_example(self, words: SentenceWords, opens: Iterable[str], obj: str) -> bool:
        """Return whether an object is one of those that a sentence gives as examples, and not what they are examples of."""
        passage, places = TokenisedSentence(words), self._cues.find_term(words, obj)
        joints = {start for start, _ in passage.find(self._cues.list_words("joint", words.language))}
        own = passage.bracket_after(places) | ({end for _, end in places} - joints)  # 'X (signs include …)', 'X, including …'
        first = min((start for start, _ in places), default=len(words.tokens))
        return any(start < first and start not in own for start, _ in self._find_beside(words, opens, obj))

    def _find_beside(self, words: SentenceWords, cues: Iterable[str], obj: str) -> list[Span]:
        """Return where a sentence has words that can be about an object, and not about another item: 'fever, frequent cough'."""
        passage, places = TokenisedSentence(words), self._cues.find_term(words, obj)
        beside = passage.bracket_after(places)
        spans = [span for span in self._cues.find_free(passage, cues) if span[0] in beside or not passage.bracket_of(span[0])]
        if not places:
            return spans
        if not passage.find(self._cues.list_words("auxiliary", words.language)):
            own = beside | {at for at, _ in places for at in (*passage.stretch_before(at + 1), *range(*passage.until_comma(at)))}
            head = words.text.find(":")  # 'Rare: fever, cough'
            return [span for span in spans if span[0] in own or words.tokens[span[0]].start < head]
        first, last = min(places)[0], max(places)[1]
        terms = {start for _, (start, _) in self._lexicon.find_terms(passage)}
        semicolons = {at for at in range(len(words.tokens)) if passage.has_mark(at, ";")}
        verbs = {start for start, _ in passage.find(self._cues.list_words("auxiliary", words.language))}
        spans = [span for span in spans if not self._is_of_next(passage, range(last, span[0]), verbs)]
        between = ((span, range(min(span[0], first) + 1, max(span[0], first) + 1)) for span in spans)
        return [span for span, gap in between if semicolons.isdisjoint(gap) and terms.isdisjoint(range(last, span[0]))]

    @staticmethod
    def _is_of_next(passage: TokenisedSentence, gap: range, verbs: set[int]) -> bool:
        """Return whether the words after a gap begin another item: 'fever, severe cough', but not 'fever, cough are severe'."""
        commas = [at for at in (gap.start - 1, *gap) if gap and passage.has_comma(at + 1)]
        return bool(commas) and verbs.isdisjoint(range(commas[-1], gap.stop))
