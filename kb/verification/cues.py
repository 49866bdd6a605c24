"""Words that tell the value of a qualifier, by language.

The schemas bring those of English and German (``x-cues`` in ``values.schema.json``); a knowledge base adds its own, in any
language, in ``cues.yaml``. Words are compared by their stems (Snowball), so that 'rare' tells 'rarer' too.
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


class Token(NamedTuple):
    """A word or number of a sentence: as it stands, its stem, and its span."""

    text: str
    stem: str
    start: int
    end: int


def tokens(text: str, language: str) -> list[Token]:
    """Part a text into words and numbers; a hyphen parts words, a number and its unit are parted."""
    found = _TOKEN.finditer(text.replace("\u2019", "'"))
    return [Token(each[0], _stem(each[0], language), each.start(), each.end()) for each in found]


@lru_cache(maxsize=100_000)
def _stems(phrase: str, language: str) -> list[str]:
    return [each.stem for each in tokens(phrase, language)]


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    plain = unicodedata.normalize("NFC", word.casefold())
    stemmer = _stemmer(language.partition("-")[0].lower())
    return stemmer.stemWord(plain) if stemmer else plain


@cache
def _stemmer(language: str) -> Any:
    name = _STEMMERS.get(language)
    return snowballstemmer.stemmer(name) if name in snowballstemmer.algorithms() else None


def find(phrase: str, text: list[Token], language: str) -> list[tuple[int, int]]:
    """Find where the words of a phrase stand next to each other: spans of indexes of tokens."""
    stems = _stems(phrase, language)
    there = [each.stem for each in text]
    if not stems or stems[0] not in there:
        return []
    return [(at, at + len(stems)) for at in range(len(there) - len(stems) + 1) if there[at : at + len(stems)] == stems]


class Cues:
    """The cue words of a knowledge base.

    Args:
        own: Those that it adds.
    """

    def __init__(self, own: Iterable[Cue] = ()) -> None:
        self._own = tuple(own)

    def of(self, qualifier: str, value: str, language: str) -> tuple[str, ...]:
        """Give the words that tell a value in a language; none if none are known."""
        tongue = language.partition("-")[0].lower()
        shipped = _shipped().get((qualifier, value), {}).get(tongue, ())
        added = (
            words
            for each in self._own
            if (each.list, each.value) == (qualifier, value) and each.language.partition("-")[0].lower() == tongue
            for words in each.words
        )
        return (*shipped, *added)

    def all_of(self, qualifier: str, language: str) -> dict[str, tuple[str, ...]]:
        """Give the words of every value of a list, in a language."""
        return {value: self.of(qualifier, value, language) for value in vocabulary.values(qualifier)}


@cache
def _shipped() -> Mapping[tuple[str, str], dict[str, tuple[str, ...]]]:
    lists: dict[str, Any] = resources.schema("values")["$defs"]
    return {
        (name, entry["const"]): {language: tuple(words) for language, words in entry["x-cues"].items()}
        for name, each in lists.items()
        for entry in each.get("oneOf", ())
        if "x-cues" in entry
    }
