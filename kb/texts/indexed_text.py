"""A document's text, indexed for the search for quotes, and the values that describe where a quote stands."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from kb.document_parts import Sentence
from kb.model import Document
from kb.texts.normal_form import Text
from kb.texts.normalisation import Normal, cuts, normalise, words
from kb.texts.structure import find_contexts, list_cells

_EM_DASH = re.compile("[—―]")  # it joins no words


@dataclass(frozen=True, slots=True, order=True)
class QuoteLocation:
    """Where a quote stands: the span of its code points in the normal form of a document.

    The id of the sentence is empty if the quote stands outside of all sentences.
    """

    document: str
    sentence: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.document} {self.sentence} {self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class QuoteVerdict:
    """The result of the search for a quote: ``found``, or a key of :data:`kb.texts.quotes.REASONS` and a sentence why.

    ``near`` is where the refused quote, or a passage like it, stands.
    """

    verdict: str
    location: QuoteLocation | None = None
    message: str = ""
    near: tuple[QuoteLocation, ...] = ()

    @property
    def is_accepted(self) -> bool:
        """Whether the quote may be cited."""
        return self.verdict == "found"


class IndexedText:
    """A document, whose sentences must be those of the text, with its text, prepared for many quotes."""

    def __init__(self, document: Document, text: Text) -> None:
        self.document = document
        self.text = text
        self._starts = [sentence.start for sentence in document.sentences]

    @cached_property
    def normal(self) -> Normal:
        """The normalised text."""
        return normalise(self.text.words)

    @cached_property
    def originals(self) -> dict[str, str]:
        """The words of each sentence, headings among them, by id."""
        return {sentence.id: self.extract(sentence) for sentence in self.document.sentences}

    @cached_property
    def contexts(self) -> Mapping[str, tuple[str, ...]]:
        """The sentences under which each sentence stands, by id."""
        return find_contexts(self.document.sentences, self.text)

    @cached_property
    def sentences(self) -> list[tuple[Sentence, str]]:
        """Each sentence that is not a heading, with its normalised text."""
        return [
            (sentence, normalise(self.extract(sentence)).text) for sentence in self.document.sentences if not sentence.is_heading
        ]

    @cached_property
    def words(self) -> list[list[str]]:
        """The words of each of these sentences."""
        plain = (normalise(_EM_DASH.sub(" ", self.extract(sentence))).text for sentence, _ in self.sentences)
        return [[word.text for word in words(text)] for text in plain]

    @cached_property
    def cells(self) -> dict[str, QuoteLocation]:
        """Where each cell of a row stands, by its name."""
        cells = list_cells(self.document.sentences, self.text).items()
        return {name: QuoteLocation(self.document.id, row.id, cell.start, cell.end) for name, (row, cell) in cells}

    def extract(self, span: Sentence | QuoteLocation) -> str:
        """Return the text of a sentence or of a location, as it stands in the normal form."""
        return self.text.words[span.start : span.end]

    def sentence(self, name: str) -> Sentence:
        """Return the sentence with an id, which must exist."""
        return next(sentence for sentence in self.document.sentences if sentence.id == name)

    def location(self, sentence: Sentence) -> QuoteLocation:
        """Return where a sentence stands."""
        return QuoteLocation(self.document.id, sentence.id, sentence.start, sentence.end)

    def occurrences(self, normal: str) -> Iterator[tuple[str, QuoteLocation]]:
        """Yield each occurrence of a normalised quote: ``good`` or the reason against it, and where it stands."""
        at = self.normal.text.find(normal)
        while at >= 0:
            yield self._judge(at, at + len(normal))
            at = self.normal.text.find(normal, at + 1)

    def _judge(self, first: int, last: int) -> tuple[str, QuoteLocation]:
        start, end = self.normal.span(first, last)
        index = bisect_right(self._starts, start) - 1
        sentences = self.document.sentences
        sentence = sentences[index] if index >= 0 else None
        if sentence is None or start >= sentence.end:
            reaches_next = index + 1 < len(sentences) and end > sentences[index + 1].start
            reason = "crosses-sentences" if reaches_next else "outside-sentences"
            return reason, QuoteLocation(self.document.id, "", start, end)
        location = QuoteLocation(self.document.id, sentence.id, start, end)
        if end > sentence.end:
            return "crosses-sentences", location
        if sentence.is_heading:
            return "heading", location
        if (start > sentence.start and self._cuts(first)) or (end < sentence.end and self._cuts(last, sentence)):
            return "cut-word", location
        return "good", location

    def _cuts(self, at: int, sentence: Sentence | None = None) -> bool:
        """Return whether a position is inside a word; a dash next to it is read from the original text.

        A sentence ends its last word, also where the next one follows without a space.
        """
        text = self.normal.text[: bisect_left(self.normal.starts, sentence.end)] if sentence else self.normal.text
        dash = next((index for index in (at - 1, at) if 0 <= index < len(text) and text[index] == "-"), None)
        return cuts(text, at, self.text.words[self.normal.starts[dash]] if dash is not None else "-")
