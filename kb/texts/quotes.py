"""Where a quote stands, or why it is refused.

A quote is accepted only where it stands, word for word, inside one sentence that is no heading, begins and ends between
words, is long enough, and stands nowhere else. Everything else is refused with the reason that :data:`REASONS` names; what
comes near is offered as near, and never accepted. :mod:`kb.texts.quote_errors` finds the reason for what stands nowhere.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from kb.model import Document, Sentence
from kb.texts.normal_form import Text
from kb.texts.normalisation import (
    LEAST_CONTENT_WORDS,
    LEAST_WORDS,
    Normal,
    Word,
    content_words,
    cuts,
    hidden,
    normalise,
    unfolded,
    words,
)

#: Each verdict but ``found``, with its code.
REASONS = {
    "empty": "KB421",
    "too-short": "KB422",
    "cut-word": "KB423",
    "crosses-sentences": "KB424",
    "heading": "KB425",
    "outside-sentences": "KB425",
    "ambiguous": "KB426",
    "other-sentence": "KB427",
    "other-document": "KB427",
    "hidden-characters": "KB428",
    "look-alike": "KB429",
    "inserted": "KB430",
    "negation": "KB431",
    "number": "KB432",
    "reordered": "KB433",
    "spliced-within": "KB434",
    "spliced-across": "KB434",
    "near-miss": "KB435",
    "nowhere": "KB436",
    "other-claim": "KB437",
}


#: So many characters of a quote that stands nowhere are compared with what does; no sentence is longer.
LONGEST = 5_000

_EM_DASH = re.compile("[—―]")  # it joins no words


class Spot(NamedTuple):
    """Where words stand: in which sentence of which document, and from where to where in its code points."""

    document: str
    sentence: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.document} {self.sentence} {self.start}-{self.end}"


class Verdict(NamedTuple):
    """What became of a quote.

    Args:
        verdict: ``found``, or one of :data:`REASONS`.
        spot: Where it stands, if it is found.
        message: What is wrong, in a sentence; empty if it is found.
        near: Where it stands although it is refused, or where something like it does.
    """

    verdict: str
    spot: Spot | None = None
    message: str = ""
    near: tuple[Spot, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the quote may be cited."""
        return self.verdict == "found"


class Source:
    """A document with its text, prepared for many quotes.

    Args:
        document: The document, whose sentences must be those of the text.
        text: The text.
    """

    def __init__(self, document: Document, text: Text) -> None:
        self.document = document
        self.text = text
        self._starts = [sentence.start for sentence in document.sentences]

    @cached_property
    def normal(self) -> Normal:
        """The text under the normalisation."""
        return normalise(self.text.words)

    @cached_property
    def sentences(self) -> list[tuple[Sentence, str]]:
        """Each sentence that is no heading, with its text under the normalisation."""
        spans = ((each, self.text.words[each.start : each.end]) for each in self.document.sentences if not each.is_heading)
        return [(each, normalise(text).text) for each, text in spans]

    @cached_property
    def words(self) -> list[list[Word]]:
        """The words of each of these sentences."""
        spans = (self.text.words[each.start : each.end] for each, _ in self.sentences)
        return [words(normalise(_EM_DASH.sub(" ", text)).text) for text in spans]

    @cached_property
    def index(self) -> dict[str, list[tuple[int, int]]]:
        """Where each word stands: the number of the sentence, and that of the word in it."""
        found: dict[str, list[tuple[int, int]]] = {}
        for at, there in enumerate(self.words):
            for number, word in enumerate(there):
                found.setdefault(word.text, []).append((at, number))
        return found

    def spot(self, sentence: Sentence) -> Spot:
        """Give where a sentence stands."""
        return Spot(self.document.id, sentence.id, sentence.start, sentence.end)

    def occurrences(self, normal: str) -> Iterator[tuple[str, Spot]]:
        """Find a normalised quote: how it stands there, ``good`` or a reason against it, and where."""
        at = self.normal.text.find(normal)
        while at >= 0:
            yield self._judge(at, at + len(normal))
            at = self.normal.text.find(normal, at + 1)

    def _judge(self, first: int, last: int) -> tuple[str, Spot]:
        start, end = self.normal.span(first, last)
        index = bisect_right(self._starts, start) - 1
        sentences = self.document.sentences
        sentence = sentences[index] if index >= 0 else None
        if sentence is None or start >= sentence.end:
            following = index + 1 < len(sentences) and end > sentences[index + 1].start
            return ("crosses-sentences" if following else "outside-sentences"), Spot(self.document.id, "", start, end)
        spot = Spot(self.document.id, sentence.id, start, end)
        if end > sentence.end:
            return "crosses-sentences", spot
        if sentence.is_heading:
            return "heading", spot
        if (start > sentence.start and self._cuts(first)) or (end < sentence.end and self._cuts(last)):
            return "cut-word", spot
        return "good", spot

    def _cuts(self, at: int) -> bool:
        """Tell whether a place lies inside a word; the dash next to it is looked up as the text has it."""
        text = self.normal.text
        dash = next((each for each in (at - 1, at) if 0 <= each < len(text) and text[each] == "-"), None)
        return cuts(text, at, self.text.words[self.normal.starts[dash]] if dash is not None else "-")


class Library:
    """The texts that quotes are looked up in.

    Args:
        sources: The documents whose texts are at hand.
    """

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self.sources = dict(sources)

    def find(self, quote: str, document: str = "", sentence: str = "") -> Verdict:
        """Tell where a quote stands, or why it is refused.

        Args:
            quote: The words.
            document: The document that they are said to stand in; any, if empty.
            sentence: The sentence that they are said to stand in; any, if empty.
        """
        normal = normalise(quote).text
        found = self._unfit(normal, document)
        if found:
            return found
        met = [(how, spot) for source in self.sources.values() for how, spot in source.occurrences(normal)]
        good = [spot for how, spot in met if how == "good"]
        if good:
            return self._choose(quote, good, document, sentence)
        here = [(how, spot) for how, spot in met if document in {"", spot.document}] or met
        if here:
            order = ("heading", "crosses-sentences", "cut-word", "outside-sentences")
            how, spot = min(here, key=lambda each: order.index(each[0]))
            return Verdict(how, None, _SAID[how].format(spot=spot), (spot,))
        if len(normal) > LONGEST:
            return Verdict("nowhere", None, "It stands in none of the texts at hand, and is too long to be compared with them.")
        from kb.texts import quote_errors

        return quote_errors.explain(quote, self._ordered(document))

    def _ordered(self, document: str) -> list[Source]:
        return sorted(self.sources.values(), key=lambda each: each.document.id != document)

    def _unfit(self, normal: str, document: str) -> Verdict | None:
        """Refuse what says too little, wherever it stands."""
        if not any(map(str.isalnum, normal)):
            return Verdict("empty", None, "Nothing is left of it that could be found: no letter, no digit.")
        languages = {source.document.language for source in self.sources.values() if document in {"", source.document.id}}
        count, content = len(words(normal)), min(content_words(normal, each) for each in languages or {"en"})
        if count < LEAST_WORDS or content < LEAST_CONTENT_WORDS:
            message = (
                f"It has {count} words, {content} of them more than a word of grammar; a quote has at least {LEAST_WORDS}"
                f" and {LEAST_CONTENT_WORDS}."
            )
            return Verdict("too-short", None, message)
        return None

    def _choose(self, quote: str, good: list[Spot], document: str, sentence: str) -> Verdict:
        """Choose among the places where a quote stands well."""
        unseen = hidden(quote)
        honest = [spot for spot in good if not unseen or unfolded(quote) == unfolded(self._raw(spot))]
        if not honest:
            points = ", ".join(sorted({f"U+{ord(each):04X}" for each in unseen}))
            message = f"It holds characters that are not seen ({points}), and the text does not: {good[0]}."
            return Verdict("hidden-characters", None, message, tuple(good[:5]))
        here = [spot for spot in honest if document in {"", spot.document}]
        if not here:
            return Verdict("other-document", None, f"It stands in another document: {honest[0]}.", tuple(honest[:5]))
        named = [spot for spot in here if sentence in {"", spot.sentence}]
        if not named:
            return Verdict("other-sentence", None, f"It stands in another sentence: {here[0]}.", tuple(here[:5]))
        if len(named) > 1:
            return Verdict("ambiguous", None, _ambiguous(named), tuple(named[:20]))
        return Verdict("found", named[0])

    def _raw(self, spot: Spot) -> str:
        return self.sources[spot.document].text.words[spot.start : spot.end]


_SAID = {
    "heading": "It stands in a heading, which states nothing: {spot}.",
    "crosses-sentences": "It crosses the boundary of a sentence: {spot}.",
    "cut-word": "It begins or ends inside a word: {spot}.",
    "outside-sentences": "It stands outside the sentences of the record: {spot}.",
}


def _ambiguous(spots: list[Spot]) -> str:
    places = ", ".join(map(str, spots[:5]))
    if len({(spot.document, spot.sentence) for spot in spots}) == 1:
        return f"It stands {len(spots)} times in that sentence ({places}); take more words with it."
    return f"It stands {len(spots)} times ({places}); name the sentence, or take more words with it."
