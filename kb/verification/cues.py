"""Cue words: words that express the value of a qualifier, by language.

The schemas have those of English and German (``x-cues`` in ``values.schema.json``). A knowledge base adds its own, in any
language, in ``cues.yaml``. Words are compared by their stems (Snowball), so that the cue 'rare' matches 'rarer' too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

import snowballstemmer

from kb import resources
from kb.model import Cue
from kb.schema import vocabulary

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+(?:[.,]\d+)*")
_STEMMERS = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "da": "danish", "nl": "dutch", "en": "english",
    "fi": "finnish", "fr": "french", "de": "german", "el": "greek", "hi": "hindi", "hu": "hungarian", "id": "indonesian",
    "ga": "irish", "it": "italian", "lt": "lithuanian", "ne": "nepali", "no": "norwegian", "nb": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "es": "spanish", "sv": "swedish", "ta": "tamil",
    "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


class CueToken(NamedTuple):
    """A word or number of a sentence: its text, its stem and its span."""

    text: str
    stem: str
    start: int
    end: int


def tokens(text: str, language: str) -> list[CueToken]:
    """Divide a text into words and numbers; hyphens separate words, and a number is separate from its unit."""
    matches = _TOKEN.finditer(text.replace("\u2019", "'"))
    return [CueToken(match[0], _stem(match[0], language), match.start(), match.end()) for match in matches]


@lru_cache(maxsize=100_000)
def _stems(phrase: str, language: str) -> list[str]:
    return [token.stem for token in tokens(phrase, language)]


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    folded = unicodedata.normalize("NFC", word.casefold())
    stemmer = _stemmer(_primary(language))
    return stemmer.stemWord(folded) if stemmer else folded


def _primary(language: str) -> str:
    """Return the primary subtag of a language tag (RFC 5646)."""
    return language.partition("-")[0].lower()


@cache
def _stemmer(language: str) -> Any:
    name = _STEMMERS.get(language)
    return snowballstemmer.stemmer(name) if name in snowballstemmer.algorithms() else None


def find(phrase: str, text: list[CueToken], language: str) -> list[tuple[int, int]]:
    """Return every span of tokens that has the words of a phrase."""
    stems = _stems(phrase, language)
    text_stems = [token.stem for token in text]
    if not stems or stems[0] not in text_stems:
        return []
    starts = range(len(text_stems) - len(stems) + 1)
    return [(at, at + len(stems)) for at in starts if text_stems[at : at + len(stems)] == stems]


class Cues:
    """The cue words of the schemas, and those that a knowledge base adds to them."""

    def __init__(self, own: Iterable[Cue] = ()) -> None:
        self._words = dict(_shipped())
        for cue in own:
            key = (cue.list, cue.value, _primary(cue.language))
            self._words[key] = (*self._words.get(key, ()), *cue.words)

    def of(self, qualifier: str, value: str, language: str) -> tuple[str, ...]:
        """Return the cue words of a value in a language."""
        return self._words.get((qualifier, value, _primary(language)), ())

    def all_of(self, qualifier: str, language: str) -> dict[str, tuple[str, ...]]:
        """Return the cue words of every value of a qualifier in a language."""
        return {value: self.of(qualifier, value, language) for value in vocabulary.values(qualifier)}


@cache
def _shipped() -> Mapping[tuple[str, str, str], tuple[str, ...]]:
    lists: dict[str, Any] = resources.schema("values")["$defs"]
    return {
        (name, entry["const"], language): tuple(words)
        for name, definition in lists.items()
        for entry in definition.get("oneOf", ())
        for language, words in entry.get("x-cues", {}).items()
    }
