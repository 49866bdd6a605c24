"""Why a quote that stands nowhere, word for word, is refused: what was done to the words of the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from kb.texts import lookalikes
from kb.texts.normalisation import Word, content_words, normalise, words
from kb.texts.quotes import Source, Spot, Verdict

#: From this likeness on, of 100, a sentence counts as near.
NEAR = 75

_ELLIPSIS = re.compile(r"\s*(?:[\[(]\s*)?\.{2,}(?:\s*[\])])?\s*")
_BRACKETS = re.compile(r"\s*(?:\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|<[^>]*>)\s*")
_BRACKET = re.compile(r"[\[\](){}<>]")
NEGATIONS = re.compile(
    r"(?:no|not|nor|non|none|never|neither|nothing|nobody|nowhere|without|cannot|hardly|scarcely|barely|\w+n't"
    r"|kein\w*|nicht|nie|ohne|ne|pas|jamais|sans|nunca|sin|ni|não|nem|sem|senza|mai|niet|geen|inte|ej|ikke)"
    r"|(?:non|un|in|im|ir|dis)-\w+"
)
_UNITS = re.compile(
    r"(?:[numckµμ]?g|mcg|kg|[mcdµμ]?l|dl|iu|ui|u|mmol|mol|meq|[mkcn]?m|mmhg|kcal|kj|bpm|ppm|percent|per|%|"
    r"seconds?|minutes?|hours?|days?|weeks?|months?|years?|daily|weekly|monthly|yearly|hourly|once|twice|thrice|"
    r"times?|half|double|triple|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million|"
    r"tablets?|capsules?|drops?)(?:/\w+)*"
)


class _Match(NamedTuple):
    """A sentence that shares words with a quote, and what differs between them."""

    source: Source
    at: int
    missing: tuple[str, ...]
    added: tuple[str, ...]
    in_order: bool

    @property
    def spot(self) -> Spot:
        return self.source.spot(self.source.sentences[self.at][0])


def explain(quote: str, sources: Sequence[Source]) -> Verdict:
    """Tell why a quote that stands nowhere is refused.

    Args:
        quote: The words.
        sources: The texts at hand, that which the quote is said to stand in first.
    """
    normal = normalise(quote).text
    for find in (_elided, _inserted, _looks_alike, _written_otherwise, _differing, _spliced, _near):
        verdict = find(normal, sources)
        if verdict:
            return verdict
    return Verdict("nowhere", None, "It stands in none of the texts at hand, and nothing like it does.")


def _sentences(sources: Sequence[Source]) -> Iterator[tuple[Source, int, Spot, str]]:
    for source in sources:
        for index, (sentence, text) in enumerate(source.sentences):
            yield source, index, source.spot(sentence), text


def _holding(part: str, sources: Sequence[Source]) -> list[Spot]:
    return [spot for _, _, spot, text in _sentences(sources) if part in text]


def _elided(normal: str, sources: Sequence[Source]) -> Verdict | None:
    """An ellipsis joins what the text parts."""
    parts = [part for part in _ELLIPSIS.split(normal) if any(map(str.isalnum, part))]
    if len(parts) < 2 and not _ELLIPSIS.search(normal):
        return None
    places = [_holding(part, sources) for part in parts]
    if not parts or not all(places):
        return None
    shared = set(places[0]).intersection(*places[1:])
    if shared:
        spot = min(shared)
        return Verdict("spliced-within", None, f"An ellipsis leaves out words of {spot}; quote one stretch.", (spot,))
    met = tuple(dict.fromkeys(spots[0] for spots in places))
    return Verdict("spliced-across", None, f"An ellipsis joins {' and '.join(map(str, met))}; quote each by itself.", met)


def _inserted(normal: str, sources: Sequence[Source]) -> Verdict | None:
    """Without what stands in brackets, or without the brackets, it would stand in the text."""
    if not _BRACKET.search(normal) or all(_holding(each.strip(), sources) for each in _BRACKETS.findall(normal) or [normal]):
        return None
    for bare in (_BRACKETS.sub(" ", normal), _BRACKET.sub("", normal)):
        trimmed = " ".join(re.sub(r" ([,.;:!?])", r"\1", bare).split())
        for _, _, spot, text in _sentences(sources):
            if trimmed and trimmed.casefold() in text.casefold():
                return Verdict("inserted", None, f"What stands in brackets is not in the text: {spot}.", (spot,))
    return None


def _looks_alike(normal: str, sources: Sequence[Source]) -> Verdict | None:
    """Other letters, of other alphabets or with other marks, look like those of the text."""
    skeleton = lookalikes.skeleton(normal)
    if skeleton == normal and not lookalikes.is_doubtful(normal):
        return None
    for _, _, spot, text in _sentences(sources):
        if skeleton in lookalikes.skeleton(text):
            odd = ", ".join(lookalikes.name(each) for each in lookalikes.odd(normal, text)[:3])
            message = f"Letters in it only look like those of the text ({odd}): {spot}." if odd else f"It only looks like {spot}."
            return Verdict("look-alike", None, message, (spot,))
    return None


def _written_otherwise(normal: str, sources: Sequence[Source]) -> Verdict | None:
    """The words are those of the text, but for capitals and marks."""
    wanted = [word.text for word in words(normal)]
    for source, index, spot, text in _sentences(sources):
        if normal.casefold() in text.casefold():
            return Verdict("near-miss", None, f"Capitals differ from those of the text: {spot}.", (spot,))
        if _stands(wanted, [word.text for word in source.words[index]]):
            return Verdict("near-miss", None, f"Marks between the words differ from those of the text: {spot}.", (spot,))
    return None


def _stands(wanted: list[str], there: list[str]) -> bool:
    return any(there[at : at + len(wanted)] == wanted for at in range(len(there) - len(wanted) + 1))


def _differing(normal: str, sources: Sequence[Source]) -> Verdict | None:
    """The words are those of one sentence, but for a few: what do these few say?"""
    wanted = [word.text for word in words(normal)]
    matches = sorted(_matches(wanted, sources), key=lambda each: (-each[0], len(each[1].missing)))
    for share, match in matches:
        changed = (*match.missing, *match.added)
        if _negates(match.missing) != _negates(match.added) and len(changed) <= max(3, len(wanted) // 2):
            what = "leaves out a negation" if _negates(match.missing) else "adds a negation"
            return Verdict("negation", None, f"It {what} of the text: {match.spot}.", (match.spot,))
        if sorted(match.added) != sorted(match.missing) and _counts(match.added) and _counts(match.missing):
            message = f"A number or unit differs ({' '.join(match.added)} for {' '.join(match.missing)}): {match.spot}."
            return Verdict("number", None, message, (match.spot,))
        if share == 1.0 and match.in_order:
            return Verdict("spliced-within", None, f"It joins words that others part in {match.spot}.", (match.spot,))
        if share == 1.0:
            return Verdict("reordered", None, f"Its words stand in another order in {match.spot}.", (match.spot,))
    return None


def _negates(changed: Sequence[str]) -> bool:
    return any(NEGATIONS.fullmatch(each) for each in changed)


def _counts(changed: Sequence[str]) -> bool:
    return bool(changed) and all(any(map(str.isdigit, each)) or _UNITS.fullmatch(each) for each in changed)


def _matches(wanted: list[str], sources: Sequence[Source]) -> Iterator[tuple[float, _Match]]:
    """Give the sentences that share most of a quote's words, with the share of them and what differs."""
    counted = Counter(wanted)
    for source in sources:
        for index, there in enumerate(source.words):
            known = [word.text for word in there]
            share = sum((counted & Counter(known)).values()) / len(wanted)
            if share >= 0.6:
                yield share, _compare(wanted, known, source, index)


def _compare(wanted: list[str], known: list[str], source: Source, index: int) -> _Match:
    blocks = [each for each in SequenceMatcher(None, wanted, known, autojunk=False).get_matching_blocks() if each.size]
    kept = {at for block in blocks for at in range(block.b, block.b + block.size)}
    used = {at for block in blocks for at in range(block.a, block.a + block.size)}
    # What stands in the place of words that were added at an end belongs to what is compared.
    first = min(kept, default=0) - min(used, default=0)
    last = max(kept, default=-1) + len(wanted) - max(used, default=-1)
    missing = tuple(known[at] for at in range(max(0, first), min(last, len(known))) if at not in kept)
    return _Match(
        source, index, missing, tuple(wanted[at] for at in range(len(wanted)) if at not in used), len(used) == len(wanted)
    )


def _spliced(normal: str, sources: Sequence[Source]) -> Verdict | None:
    """Its words are stretches of several sentences, put together."""
    wanted = [word.text for word in words(normal)]
    stretches = list(_stretches(wanted, sources))
    covered = sum(length for length, _ in stretches)
    spots = tuple(dict.fromkeys(spot for _, spot in stretches))
    if len(stretches) < 2 or covered < 0.8 * len(wanted) or covered < 2.5 * len(stretches):
        return None
    shares = (share for share, _ in _matches(wanted, sources))
    if len(spots) == 1 or (covered < len(wanted) and max(shares, default=0) > 0.6):  # near one, with words of its own
        return None
    return Verdict("spliced-across", None, f"It joins words of {' and '.join(map(str, spots[:3]))}; quote each by itself.", spots)


def _stretches(wanted: list[str], sources: Sequence[Source]) -> Iterator[tuple[int, Spot]]:
    """Take a quote apart into the longest stretches that stand in a sentence, those of grammar alone left out."""
    at = 0
    while at < len(wanted):
        length, spot = max(_longest(wanted[at:], sources), key=lambda each: each[0], default=(0, None))
        if spot is None or not content_words(" ".join(wanted[at : at + length]), "en"):
            at += 1
            continue
        yield length, spot
        at += length


def _longest(wanted: list[str], sources: Sequence[Source]) -> Iterator[tuple[int, Spot]]:
    for source in sources:
        for index, at in source.index.get(wanted[0], ()):
            yield _run(wanted, source.words[index], at), source.spot(source.sentences[index][0])


def _run(wanted: list[str], there: list[Word], at: int) -> int:
    length = 0
    while length < len(wanted) and at + length < len(there) and there[at + length].text == wanted[length]:
        length += 1
    return length


def _near(normal: str, sources: Sequence[Source]) -> Verdict | None:
    """Something like it stands in the text."""
    from rapidfuzz import fuzz

    rated = []
    for _, _, spot, text in _sentences(sources):
        likeness = fuzz.partial_ratio(normal, text, score_cutoff=NEAR)
        rated.append((likeness * min(1.0, len(text) / (0.6 * len(normal))), spot))  # a short sentence is like any long quote
    near = sorted((each for each in rated if each[0] >= NEAR), key=lambda each: -each[0])[:3]
    if not near:
        return None
    likeness, spot = near[0]
    message = f"It is not in the text; something like it is ({likeness:.0f} of 100): {spot}."
    return Verdict("near-miss", None, message, tuple(each for _, each in near))
