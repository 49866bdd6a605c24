"""Explain why a quote that does not occur is refused: how its words differ from those of the texts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import takewhile

from kb.files.text_file import spell
from kb.resources import language_data
from kb.texts.indexed_text import IndexedText, QuoteLocation, QuoteVerdict
from kb.texts.normalisation import content_words, normalise, words

#: The least similarity, of 100, at which a sentence is shown as near.
NEAR = 75
# Up to how many words a message names that a quote and a sentence do not share.
_MOST_DIFFERENT = 6

# A run of blanks is tried from its beginning only, and a bracket up to the next one, so that the time grows with the length.
_ELLIPSIS = re.compile(r"(?<!\s)\s*(?:[\[(]\s*)?\.{2,}(?:\s*[\])])?\s*")
_BRACKETED = re.compile(r"(?<!\s)\s*(?:\[[^\[\]]*\]|\([^()]*\)|\{[^{}]*\}|<[^<>]*>)\s*")
_BRACKET = re.compile(r"[\[\](){}<>]")
# Characters and pairs within ASCII that many typefaces hardly distinguish.
_ASCII_LOOKALIKES = str.maketrans({"0": "o", "O": "o", "1": "l", "I": "l", "|": "l"})
_PAIR = re.compile("rn|vv|cl")
_LETTER_OF_PAIR = {"rn": "m", "vv": "w", "cl": "d"}
NEGATIONS, _UNITS = (re.compile(language_data()[name]) for name in ("negations", "units"))


@dataclass(frozen=True, slots=True)
class _Match:
    """A sentence that shares words with a quote, and how the two differ.

    ``share`` is the share of the quote's words that the sentence has. ``missing`` are the words of the sentence that the quote
    leaves out, and ``added`` those of the quote that the sentence does not have at that place.
    """

    location: QuoteLocation
    share: float
    missing: tuple[str, ...]
    added: tuple[str, ...]
    in_order: bool


def explain(quote: str, texts: Sequence[IndexedText]) -> QuoteVerdict:
    """Explain why a quote that does not occur is refused; the text in which it is expected comes first."""
    normal = normalise(quote).text
    explainers = (
        _explain_ellipsis,
        _explain_brackets,
        _explain_lookalikes,
        _explain_spelling,
        _explain_changed_words,
        _explain_splice,
        _find_similar,
    )
    verdicts = filter(None, (explain_by(normal, texts) for explain_by in explainers))
    return next(verdicts, QuoteVerdict("nowhere", None, "Neither it nor anything like it is in the available texts."))


def _sentences(texts: Sequence[IndexedText]) -> Iterator[tuple[QuoteLocation, str, list[str]]]:
    for text in texts:
        for (sentence, normal), sentence_words in zip(text.sentences, text.words, strict=True):
            yield text.location(sentence), normal, sentence_words


def _find_containing(part: str, texts: Sequence[IndexedText]) -> list[QuoteLocation]:
    return [location for location, normal, _ in _sentences(texts) if part in normal]


def _explain_ellipsis(normal: str, texts: Sequence[IndexedText]) -> QuoteVerdict | None:
    """Detect an ellipsis that joins separate stretches of the text."""
    parts = [part for part in _ELLIPSIS.split(normal) if any(map(str.isalnum, part))]
    if len(parts) < 2 and not _ELLIPSIS.search(normal):
        return None
    places = [_find_containing(part, texts) for part in parts]
    if not parts or not all(places):
        return None
    shared = set(places[0]).intersection(*places[1:])
    if shared:
        message = f"An ellipsis leaves out words of {min(shared)}; quote one stretch."
        return QuoteVerdict("spliced-within", None, message, (min(shared),))
    locations = tuple(dict.fromkeys(locations[0] for locations in places))
    message = f"An ellipsis joins {' and '.join(map(str, locations))}; quote each by itself."
    return QuoteVerdict("spliced-across", None, message, locations)


def _explain_brackets(normal: str, texts: Sequence[IndexedText]) -> QuoteVerdict | None:
    """Detect brackets without which, or without whose content, the quote would be genuine."""
    bracketed = _BRACKETED.findall(normal) or [normal]
    if not _BRACKET.search(normal) or all(_find_containing(part.strip(), texts) for part in bracketed):
        return None
    for bare in (_BRACKETED.sub(" ", normal), _BRACKET.sub("", normal)):
        trimmed = " ".join(re.sub(r" ([,.;:!?])", r"\1", bare).split())
        for location, sentence, _ in _sentences(texts):
            if trimmed and trimmed.casefold() in sentence.casefold():
                return QuoteVerdict("inserted", None, f"The text does not have the words in brackets: {location}.", (location,))
    return None


def _explain_lookalikes(normal: str, texts: Sequence[IndexedText]) -> QuoteVerdict | None:
    """Detect letters of other alphabets, or with other marks, that look like those of the text."""
    skeleton = _skeleton(normal)
    if skeleton == normal:
        return None
    for location, sentence, _ in _sentences(texts):
        if skeleton in _skeleton(sentence):
            foreign = [spell(character) for character in dict.fromkeys(normal) if character not in sentence]
            message = f"Letters in it only look like those of the text ({', '.join(foreign[:3])}): {location}."
            if not foreign:
                message = f"It only looks like {location}."
            return QuoteVerdict("look-alike", None, message, (location,))
    return None


def _skeleton(text: str) -> str:
    """Replace each character by the one that it looks like, so that texts that look alike become equal."""
    ascii_text = text if text.isascii() else "".join(map(_ascii_lookalike, text))
    return _PAIR.sub(lambda match: _LETTER_OF_PAIR[match[0]], ascii_text.translate(_ASCII_LOOKALIKES))


@cache
def _ascii_lookalike(character: str) -> str:
    """Return the ASCII letter that a character looks like, or the character without marks if there is none."""
    if character.isascii():
        return character
    base = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    if base.isascii():
        return base
    from confusable_homoglyphs import confusables

    entries = confusables.is_confusable(base, greedy=True) or ()
    lookalikes = [homoglyph["c"] for entry in entries for homoglyph in entry["homoglyphs"]]
    return next((letter for letter in lookalikes if letter.isascii() and letter.isalnum()), base)


def _explain_spelling(normal: str, texts: Sequence[IndexedText]) -> QuoteVerdict | None:
    """Detect a quote that differs from the text in capitals or punctuation only."""
    quoted = [word.text for word in words(normal)]
    for location, sentence, sentence_words in _sentences(texts):
        if normal.casefold() in sentence.casefold():
            return QuoteVerdict("near-miss", None, f"Capitals differ from those of the text: {location}.", (location,))
        if any(sentence_words[at : at + len(quoted)] == quoted for at in range(len(sentence_words))):
            message = f"Marks between the words differ from those of the text: {location}."
            return QuoteVerdict("near-miss", None, message, (location,))
    return None


def _explain_changed_words(normal: str, texts: Sequence[IndexedText]) -> QuoteVerdict | None:
    """Detect a changed negation, number or word order in a quote that has most words of one sentence."""
    quoted = [word.text for word in words(normal)]
    for match in sorted(_find_matches(quoted, texts), key=lambda match: (-match.share, len(match.missing))):
        changed = (*match.missing, *match.added)
        if _has_negation(match.missing) != _has_negation(match.added) and len(changed) <= max(3, len(quoted) // 2):
            what = "leaves out a negation" if _has_negation(match.missing) else "adds a negation"
            return QuoteVerdict("negation", None, f"It {what} of the text: {match.location}.", (match.location,))
        if sorted(match.added) != sorted(match.missing) and _are_numbers(match.added) and _are_numbers(match.missing):
            message = f"A number or unit differs ({' '.join(match.added)} for {' '.join(match.missing)}): {match.location}."
            return QuoteVerdict("number", None, message, (match.location,))
        if match.share == 1.0:
            reason, what = "reordered", "Its words stand in another order in the text"
            if match.in_order:
                reason, what = "spliced-within", "It leaves out words between those that it joins"
            return QuoteVerdict(reason, None, f"{what}: {match.location}.", (match.location,))
    return None


def _has_negation(changed: Sequence[str]) -> bool:
    return any(NEGATIONS.fullmatch(word) for word in changed)


def _are_numbers(changed: Sequence[str]) -> bool:
    return bool(changed) and all(any(map(str.isdigit, word)) or _UNITS.fullmatch(word) for word in changed)


def _find_matches(quoted: list[str], texts: Sequence[IndexedText]) -> Iterator[_Match]:
    """Yield the sentences that share most of a quote's words."""
    counted = Counter(quoted)
    for location, _, sentence in _sentences(texts):
        share = sum((counted & Counter(sentence)).values()) / len(quoted)
        if share >= 0.6:
            yield _compare(quoted, sentence, location, share)


def _compare(quoted: list[str], sentence: list[str], location: QuoteLocation, share: float) -> _Match:
    matcher = SequenceMatcher(None, quoted, sentence, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size]
    matched = {at for block in blocks for at in range(block.b, block.b + block.size)}
    used = {at for block in blocks for at in range(block.a, block.a + block.size)}
    # Words that the quote adds at an end are compared with the words that stand there in the sentence.
    first = min(matched, default=0) - min(used, default=0)
    last = max(matched, default=-1) + len(quoted) - max(used, default=-1)
    missing = tuple(sentence[at] for at in range(max(0, first), min(last, len(sentence))) if at not in matched)
    added = tuple(word for at, word in enumerate(quoted) if at not in used)
    return _Match(location, share, missing, added, len(used) == len(quoted))


def _explain_splice(normal: str, texts: Sequence[IndexedText]) -> QuoteVerdict | None:
    """Detect a quote that is put together from stretches of several sentences."""
    quoted = [word.text for word in words(normal)]
    stretches = list(_divide_into_stretches(quoted, texts))
    covered = sum(length for length, _ in stretches)
    locations = tuple(dict.fromkeys(location for _, location in stretches))
    if len(stretches) < 2 or covered < 0.8 * len(quoted) or covered < 2.5 * len(stretches):
        return None
    largest_share = max((match.share for match in _find_matches(quoted, texts)), default=0)
    if len(locations) == 1 or (covered < len(quoted) and largest_share > 0.6):  # one sentence, with words added
        return None
    message = f"It joins words of {' and '.join(map(str, locations[:3]))}; quote each by itself."
    return QuoteVerdict("spliced-across", None, message, locations)


def _divide_into_stretches(quoted: list[str], texts: Sequence[IndexedText]) -> Iterator[tuple[int, QuoteLocation]]:
    """Divide a quote into the longest stretches that stand in a sentence; stretches of function words are skipped."""
    at = 0
    while at < len(quoted):
        length, location = max(_find_runs(quoted[at:], texts), key=lambda run: run[0], default=(0, None))
        if location is None or not content_words(" ".join(quoted[at : at + length]), "en"):
            at += 1
            continue
        yield length, location
        at += length


def _find_runs(quoted: list[str], texts: Sequence[IndexedText]) -> Iterator[tuple[int, QuoteLocation]]:
    for location, _, sentence in _sentences(texts):
        for at in (at for at, word in enumerate(sentence) if word == quoted[0]):
            yield sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(quoted, sentence[at:], strict=False))), location


def _find_similar(normal: str, texts: Sequence[IndexedText]) -> QuoteVerdict | None:
    """Find the sentences that are similar to a quote."""
    from rapidfuzz import fuzz

    rated = []
    for location, sentence, sentence_words in _sentences(texts):
        similarity = fuzz.partial_ratio(normal, sentence, score_cutoff=NEAR)
        # A short sentence is similar to any long quote, so it counts for less.
        rated.append((similarity * min(1.0, len(sentence) / (0.6 * len(normal))), location, sentence_words))
    similar = sorted((pair for pair in rated if pair[0] >= NEAR), key=lambda pair: -pair[0])[:3]
    if not similar:
        return None
    similarity, location, sentence_words = similar[0]
    message = f"It is not in the text; the most similar sentence ({similarity:.0f} of 100) is {location}."
    match = _compare([word.text for word in words(normal)], sentence_words, location, 0)
    if max(len(match.missing), len(match.added)) <= _MOST_DIFFERENT:
        said, added = (" ".join(part) for part in (match.missing, match.added))
        message += f" It says '{said}', not '{added}'." if said and added else ""
        message += f" It {'also says' if said else 'does not say'} '{said or added}'." if bool(said) != bool(added) else ""
    return QuoteVerdict("near-miss", None, message, tuple(pair[1] for pair in similar))
