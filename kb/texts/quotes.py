"""Find a quote in the available texts, or explain why it is refused.

A quote is accepted only if it stands word for word inside one sentence that is not a heading, begins and ends between
words, is long enough, and occurs once. Every other quote is refused for one of the :data:`REASONS`. Similar passages are
shown but never accepted. :mod:`kb.texts.quote_errors` explains why a quote that does not occur is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from kb.texts import quote_errors
from kb.texts.indexed_text import IndexedText, QuoteLocation, QuoteVerdict
from kb.texts.normalisation import (
    LEAST_CONTENT_WORDS,
    LEAST_WORDS,
    content_words,
    is_hidden,
    normalise,
    normalise_characters,
    words,
)

#: The code of each verdict but ``found``.
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

#: A quote of more characters that does not occur is not compared with the texts; no sentence is longer.
LONGEST = 5_000

# Why an occurrence is refused. Where a quote has several, the first of these reasons is reported.
_OCCURRENCE_MESSAGES = {
    "heading": "It stands in a heading, which states nothing: {location}.",
    "crosses-sentences": "It crosses the boundary of a sentence: {location}.",
    "cut-word": "It begins or ends inside a word: {location}.",
    "outside-sentences": "It stands outside the sentences of the record: {location}.",
}


class QuoteFinder:
    """Finds quotes in the available texts, which are given by the id of their document."""

    def __init__(self, texts: Mapping[str, IndexedText]) -> None:
        self.texts = dict(texts)

    def find(self, quote: str, document: str = "", sentence: str = "") -> QuoteVerdict:
        """Find a quote, or explain why it is refused.

        The ids of the document and the sentence in which it is expected are empty for any. A cell such as ``s3.4[2]`` is found by
        its name; where it is given as the sentence, the quote may be all of its words, however few.
        """
        normal = normalise(quote).text
        texts = [text for text in self.texts.values() if document in {"", text.document.id}]
        named = [(text, text.cells[name]) for text in texts for name in (sentence or quote,) if name in text.cells]
        if len(named) == 1 and normal in {sentence or normal, normalise(named[0][0].extract(named[0][1])).text}:
            return QuoteVerdict("found", named[0][1])
        refusal = self._refuse_short(normal, document)
        if refusal:
            return refusal
        occurrences = [occurrence for text in self.texts.values() for occurrence in text.occurrences(normal)]
        good = [location for reason, location in occurrences if reason == "good"]
        if good:
            return self._choose(quote, good, document, sentence)
        bad = [(reason, location) for reason, location in occurrences if document in {"", location.document}] or occurrences
        if bad:
            order = list(_OCCURRENCE_MESSAGES)
            reason, location = min(bad, key=lambda occurrence: order.index(occurrence[0]))
            return QuoteVerdict(reason, None, _OCCURRENCE_MESSAGES[reason].format(location=location), (location,))
        if len(normal) > LONGEST:
            return QuoteVerdict("nowhere", None, "It is in none of the available texts, and too long to be compared with them.")
        named_first = sorted(self.texts.values(), key=lambda text: text.document.id != document)
        return quote_errors.explain(quote, named_first)

    def _refuse_short(self, normal: str, document: str) -> QuoteVerdict | None:
        """Refuse a quote that has too few words, wherever it stands."""
        if not any(map(str.isalnum, normal)):
            return QuoteVerdict("empty", None, "It has neither a letter nor a digit.")
        languages = {text.document.language for text in self.texts.values() if document in {"", text.document.id}}
        count, content = len(words(normal)), min(content_words(normal, language) for language in languages or {"en"})
        if count < LEAST_WORDS or content < LEAST_CONTENT_WORDS:
            message = (
                f"It has {count} words, of which {content} are not function words; a quote needs at least {LEAST_WORDS}"
                f" and {LEAST_CONTENT_WORDS}."
            )
            return QuoteVerdict("too-short", None, message)
        return None

    def _is_in(self, location: QuoteLocation, cell: str) -> bool:
        """Return whether a location is in a cell."""
        span = self.texts[location.document].cells.get(cell)
        return span is not None and span.start <= location.start and location.end <= span.end

    def _choose(self, quote: str, good: list[QuoteLocation], document: str, sentence: str) -> QuoteVerdict:
        """Choose among the occurrences of a quote that may be cited."""
        invisible = set(filter(is_hidden, quote))
        exact = good
        if invisible:
            characters = normalise_characters(quote)
            exact = [at for at in good if normalise_characters(self.texts[at.document].extract(at)) == characters]
        if not exact:
            points = ", ".join(sorted(f"U+{ord(character):04X}" for character in invisible))
            message = f"It holds invisible characters ({points}) that the text does not have: {good[0]}."
            return QuoteVerdict("hidden-characters", None, message, tuple(good[:5]))
        in_document = [location for location in exact if document in {"", location.document}]
        if not in_document:
            return QuoteVerdict("other-document", None, f"It stands in another document: {exact[0]}.", tuple(exact[:5]))
        in_sentence = [
            location for location in in_document if sentence in {"", location.sentence} or self._is_in(location, sentence)
        ]
        if not in_sentence:
            message = f"It stands in another sentence: {in_document[0]}."
            return QuoteVerdict("other-sentence", None, message, tuple(in_document[:5]))
        if len(in_sentence) > 1:
            places = ", ".join(map(str, in_sentence[:5]))
            message = f"It stands {len(in_sentence)} times ({places}); name the sentence, or quote more words around it."
            if len({(location.document, location.sentence) for location in in_sentence}) == 1:
                message = f"It stands {len(in_sentence)} times in that sentence ({places}); quote more words around it."
            return QuoteVerdict("ambiguous", None, message, tuple(in_sentence[:20]))
        return QuoteVerdict("found", in_sentence[0])
