"""Find the words by which a sentence names a term without using one of its labels: pronouns, and labels in another form."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from kb.model import Term, list_names
from kb.resources import language_data
from kb.verification.cues import Cues, stems
from kb.verification.passages import SentenceWords, TokenisedSentence

_LONGEST = 7  # words that a record may declare
_WIDEST = 16  # words over which a label in another form may be spread
_ENGLISH = "en"


class WordingFinder:
    """Finds such words by the cue words of a knowledge base."""

    def __init__(self, cues: Cues) -> None:
        self._cues = cues
        self._contents: dict[tuple[str, str], frozenset[str]] = {}

    def find(self, term: Term, words: SentenceWords, topic: Collection[str] = ()) -> Iterator[str]:
        """Yield the words of a sentence that can stand for a term, for ``as``: all content words of a label, or a pronoun.

        The names of the topic of the document need not be said again.
        """
        for label in list_names(term):
            wording = self.find_spread(label, words, topic)
            if wording:
                yield wording
        passage = TokenisedSentence(words)
        pronouns = passage.find(self._cues.list_words("pronoun", words.language))
        yield from dict.fromkeys(passage.quote(span) for span in pronouns)

    def find_topic(self, words: SentenceWords) -> Iterator[str]:
        """Yield the words of a sentence that mean the topic of its document, such as 'the medication'."""
        passage = TokenisedSentence(words)
        yield from dict.fromkeys(passage.quote(span) for span in passage.find(self._cues.list_words("topic", words.language)))

    def shares_words(self, term: Term, wording: str, language: str) -> bool:
        """Return whether declared words can mean a term: they have a content word of one of its names, or are a pronoun."""
        own = set(stems(wording, language))
        stand_ins = (*self._cues.list_words("pronoun", language), *self._cues.list_words("topic", language))
        return any(tuple(stems(word, language)) == tuple(stems(wording, language)) for word in stand_ins) or any(
            not own.isdisjoint(self._content(label, language)) for label in list_names(term)
        )

    def _content(self, label: str, language: str) -> frozenset[str]:
        """Return the stems of the content words of a label."""
        key = (label, language)
        if key not in self._contents:
            functions = _function_stems(language)
            self._contents[key] = frozenset(stem for stem in stems(label, language) if stem not in functions)
        return self._contents[key]

    def find_spread(self, label: str, words: SentenceWords, topic: Collection[str]) -> str:
        """Find all content words of a label, in any order, within one stretch of a sentence."""
        general = {
            stem for word in self._cues.list_words("population-general", words.language) for stem in stems(word, words.language)
        }
        spoken = {stem for name in topic for stem in stems(name, words.language)}
        content = self._content(label, words.language)
        sought = content & words.known
        if len(sought - spoken) > 1:
            sought -= spoken
        if len(sought) < 2 or not content - sought <= general.union(spoken):
            return ""
        best: list[int] = []
        for first, stem in enumerate(words.stems):
            if stem in sought:
                places = [
                    first,
                    *(at for at in range(first + 1, min(len(words.stems), first + _WIDEST)) if words.stems[at] in sought),
                ]
                needed, kept = set(sought), []
                for at in places:
                    if words.stems[at] in needed:
                        needed.discard(words.stems[at])
                        kept.append(at)
                if not needed and (not best or kept[-1] - kept[0] < best[-1] - best[0]):
                    best = kept
        return _join(best, words) if best else ""


def _join(places: list[int], words: SentenceWords) -> str:
    """Write the words at some places, with an ellipsis for longer gaps."""
    pieces: list[list[int]] = []
    whole = places[-1] - places[0] < _LONGEST
    for at in places:
        if pieces and (whole or at == pieces[-1][1] + 1):
            pieces[-1][1] = at
        else:
            pieces.append([at, at])
    return " … ".join(words.text[words.tokens[first].start : words.tokens[last].end] for first, last in pieces)


def _function_stems(language: str) -> frozenset[str]:
    if language.partition("-")[0].lower() != _ENGLISH:
        return frozenset()
    return frozenset(stem for word in language_data()["function-words"] for stem in stems(word, language))
