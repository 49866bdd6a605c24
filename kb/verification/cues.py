"""Cue words by language: those of the values of qualifiers, of predicates, and of what restricts, denies or doubts a claim.

The values of qualifiers have theirs in the schemas (``x-cues`` in ``values.schema.json``); ``languages.json`` has the others. A
knowledge base adds its own, in any language, in ``cues.yaml``. Words are compared by their stems (Snowball), so that the cue
'rare' matches 'rarer' too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

import snowballstemmer

from kb import resources
from kb.model import Cue, Predicate
from kb.schema import vocabulary
from kb.texts.normalisation import normalise

Span = tuple[int, int]

_TOKEN = re.compile("(?:[^\\W\\d_](?!\u0336))+(?:'[^\\W\\d_]+)?|(?:\\d(?!\u0336))+(?:[.,]\\d+)*|%")  # no struck letters
_MARK = re.compile(r"(!?)([~^]|[<>]{0,2})(.*)")
# Values that share a word with another one, such as 'possible' and 'most common', and say less.
_WEAKER = ("potential", "commonly-reported")
#: The modalities that hedge a claim.
HEDGES = ("usually", "sometimes", "can", "may", "can-sometimes", "helps-to", "can-help-to", "potential")
#: The modalities that claim least, and the hedges beside which they still claim no more than the sentence: 'can be potentially'.
WEAKEST = {
    "may": ("can", "may", "potential", "sometimes", "usually", "can-sometimes"),
    "potential": ("can", "may", "potential"),
}


class CueToken(NamedTuple):
    """A word or number of a sentence: its text, its stem and its span."""

    text: str
    stem: str
    start: int
    end: int


class RelationCue(NamedTuple):
    """Words of a predicate, and the mark that says where its subject and object stand (``languages.json`` explains it)."""

    mark: str
    words: str


def tokens(text: str, language: str) -> list[CueToken]:
    """Divide a text into words and numbers; hyphens separate words, and a number is separate from its unit.

    A contraction such as *don't* is two words. The text is normalised as quotes are; the spans are those of the text as it is
    given.
    """
    normal = normalise(text)
    contractions = resources.language_data()["contractions"].get(_primary(language), {})
    found = []
    for match in _TOKEN.finditer(normal.text):
        at = match.start()
        for part, word in contractions.get(match[0].casefold(), [[match[0], match[0]]]):
            found.append(CueToken(normal.text[at : at + len(part)], stem(word, language), *normal.span(at, at + len(part))))
            at += len(part)
    return found


@lru_cache(maxsize=100_000)
def stems(phrase: str, language: str) -> tuple[str, ...]:
    """Return the stems of the words of a phrase."""
    return tuple(token.stem for token in tokens(phrase, language))


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str:
    """Return the stem of a word; in a language without a stemmer, the word in lower case.

    The stemmer gives words such as *several* and *severe* one stem: such words have one of their own (``own-stems``).
    """
    folded = unicodedata.normalize("NFC", word.casefold())
    primary = _primary(language)
    stemmer = _stemmer(primary)
    own = resources.language_data()["own-stems"].get(primary, {}).get(folded)
    return own or (stemmer.stemWord(folded) if stemmer else folded)


@cache
def word_families(language: str) -> Mapping[str, str]:
    """Return one stem for those of related words that the stemmer does not join, such as *pregnant* and *pregnancy*."""
    listed: Mapping[str, list[str]] = resources.language_data().get(_primary(language), {}).get("word-families", {})
    return {stem(word, language): stem(first, language) for first, words in listed.items() for word in words}


@cache
def _primary(language: str) -> str:
    """Return the primary subtag of a language tag (RFC 5646)."""
    return language.partition("-")[0].lower()


@cache
def _stemmer(language: str) -> Any:
    name = resources.language_data()["stemmers"].get(language)
    return snowballstemmer.stemmer(name) if name in snowballstemmer.algorithms() else None


def longest(spans: Iterable[Span], others: Collection[Span]) -> Iterator[Span]:
    """Yield the spans that are not part of a longer one of the others."""
    for span in spans:
        if not any(start <= span[0] and span[1] <= end and (start, end) != span for start, end in others):
            yield span


class Cues:
    """The cue words of the schemas and of ``languages.json``, and those that a knowledge base adds to them."""

    def __init__(self, own: Iterable[Cue] = ()) -> None:
        self._words = dict(_shipped())
        self._stems: dict[tuple[str, str], frozenset[str]] = {}
        for cue in own:
            key = (cue.list, cue.value, _primary(cue.language))
            self._words[key] = (*self._words.get(key, ()), *cue.words)

    def of(self, qualifier: str, value: str, language: str) -> tuple[str, ...]:
        """Return the cue words of a value in a language."""
        return self._words.get((qualifier, value, _primary(language)), ())

    def keys_of(self, name: str, language: str) -> list[str]:
        """Return the values for which a list of ``languages.json`` has words."""
        return [value for (listed, value, spoken) in self._words if (listed, spoken) == (name, _primary(language))]

    def all_of(self, qualifier: str, language: str) -> dict[str, tuple[str, ...]]:
        """Return the cue words of every value of a qualifier in a language; of two with a word in common, the weaker is first."""
        values = sorted(vocabulary.values(qualifier), key=lambda value: value not in _WEAKER)
        return {value: self.of(qualifier, value, language) for value in values}

    def relation(self, predicate: Predicate, language: str, *, is_negated: bool = False) -> list[RelationCue]:
        """Return the cue words of a predicate, for a negated fact also those that only deny it; none if they are not known.

        A predicate without words of its own whose label has one content word, such as 'causes', is known by that word.
        """
        words = self.of("predicate", predicate.id, language)
        names = {_primary(tag): label for key, tag, label in predicate.translations if key == "label"}
        own = names.get(_primary(language)) or (predicate.label if _primary(language) == "en" else "")
        label = [word for word in own.lower().split() if word not in self.list_words("label-words", language)]
        if not words and len(label) == 1:
            words = (f">{label[0]}",)
        matches = (match for word in words if (match := _MARK.fullmatch(word)))
        return [RelationCue(match[2], match[3]) for match in matches if is_negated or not match[1]]

    def other_relations(self, predicate: str, language: str) -> list[str]:
        """Return the words that state the relations of all other predicates, with the subject before them."""
        own = {word.lstrip("!<>~") for word in self.of("predicate", predicate, language)}
        own |= {word for name in ("auxiliary", "copula", "open-list") for word in self.list_words(name, language)}
        return [
            word[1:]
            for (name, value, spoken), words in self._words.items()
            if name == "predicate" and value != predicate and spoken == _primary(language)
            for word in words
            if word[:1] == ">" != word[1:2] and word.lstrip(">") not in own and not word.startswith((">is ", ">are"))
        ]

    def doubts(self, name: str, value: str, language: str) -> list[str]:
        """Return the words of a modality that hedge a claim, or of a negation that deny it; obligations do not."""
        if name == "polarity":
            return self.negations(language)
        return [word for word in self.of(name, value, language) if word not in self.list_words("no-hedge", language)]

    def hedges(self, language: str) -> list[str]:
        """Return all words that hedge a claim."""
        return [word for value in HEDGES for word in self.doubts("modality", value, language)]

    def negations(self, language: str) -> list[str]:
        """Return the words that deny a claim, weak ones such as 'unlikely' among them."""
        return [*self.of("polarity", "negated", language), *self.list_words("weak-negation", language)]

    def list_words(self, name: str, language: str) -> tuple[str, ...]:
        """Return a list of ``languages.json``, such as that of conditions; nothing if the language has none."""
        return self.of(name, "", language)

    def list_stems(self, name: str, language: str) -> frozenset[str]:
        """Return the stems of the words of such a list."""
        key = name, _primary(language)
        if key not in self._stems:
            self._stems[key] = frozenset(one for words in self.list_words(name, language) for one in stems(words, language))
        return self._stems[key]


@cache
def verb_stems(language: str) -> frozenset[str]:
    """Return the stems of the verbs that state a relation with their subject before them."""
    words = (
        word
        for (name, _, spoken), cues in _shipped().items()
        if (name, spoken) == ("predicate", _primary(language))
        for word in cues
    )
    return frozenset(stem(word[1:], language) for word in words if word[:1] == ">" and word[1:].isalpha())


@vocabulary.by_vocabulary
def _shipped() -> Mapping[tuple[str, str, str], tuple[str, ...]]:
    lists: dict[str, Any] = vocabulary.schema("values")["$defs"]
    words = {
        (name, entry["const"], language): tuple(words)
        for name, definition in lists.items()
        for entry in definition.get("oneOf", ())
        for language, words in entry.get("x-cues", {}).items()
    }
    for language, named in resources.language_data().items():
        if len(language) == 2:
            for name, entry in named.items():
                by_value = {"": entry} if isinstance(entry, list) else entry
                words |= {(name, value, language): tuple(entries) for value, entries in by_value.items()}
    return words
