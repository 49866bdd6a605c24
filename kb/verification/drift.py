"""Compare the sentences of a record with a text: which are unchanged, moved, changed, split, merged or gone.

Digests identify unchanged and moved sentences, as long as the words stand alone: a passage of the text is made of such
sentences only, so that no words were added beside them (*It is not true that …*). The others are matched with the new passages
between the same neighbours: by their words, if the text that the record was made from is available, and otherwise by position
and count only. Such a match is a proposal that only the curator can accept.
"""

from __future__ import annotations

import re
from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, zip_longest
from typing import Literal

from kb.document_parts import Sentence
from kb.model import Document
from kb.texts import sentence_splitter
from kb.texts.normal_form import Text, digest
from kb.texts.sources import is_text_of

DriftKind = Literal["same", "moved", "unlike", "changed", "split", "merged", "vanished"]
Span = tuple[int, int]
# The sentences that overlap a passage, and the words before, between and after them.
_Filling = tuple[tuple[str, ...], tuple[str, ...]]

#: The least similarity, of 100, at which a passage is proposed for a sentence.
SIMILAR = 60
# How many stretches are tried for sentences that moved to where the splitter finds no sentence.
_MOST_TRIED = 2_000_000


@dataclass(frozen=True, slots=True)
class Drift:
    """What became of a sentence of the record.

    It is ``moved`` if its digest was found elsewhere, and ``unlike`` if the text is that of the record but the digest is not that
    of the span. The spans are where it stands now, or what is proposed: several if it was split, none if it vanished. The
    similarity of its words to the proposed ones, of 100, is missing if its words are unknown.
    """

    sentence: Sentence
    what: DriftKind
    spans: tuple[Span, ...] = ()
    similarity: float | None = None

    @property
    def is_exact(self) -> bool:
        """Whether its position is known by its digest."""
        return self.what in {"same", "moved"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of each sentence of a record, in its order, and the passages of the text that belong to no sentence."""

    drifts: tuple[Drift, ...]
    new: tuple[Span, ...]


def compare(document: Document, text: Text, earlier: Text | None = None) -> Comparison:
    """Compare the sentences of a record with a text, and with the text that it was made from if that is available."""
    words, sentences = text.words, document.sentences
    if is_text_of(document, text):
        kept = {one.id for one in sentences if digest(words[one.start : one.end]) == one.sha256}
        return Comparison(
            tuple(Drift(one, "same" if one.id in kept else "unlike", ((one.start, one.end),)) for one in sentences), ()
        )
    passages = _list_passages(text)
    matches = _drop_partial(_find_exact(sentences, words, passages), sentences, words, passages, earlier)
    drifts = {
        one.id: Drift(one, "same" if matches[one.id] == (one.start, one.end) else "moved", (matches[one.id],))
        for one in sentences
        if one.id in matches
    }
    known = sorted(matches.values())
    fresh = [span for span in passages if not overlaps(span, known)]
    old = {one.id: earlier.words[one.start : one.end] for one in sentences} if earlier else {}
    for gap, between in _find_gaps(sentences, drifts, fresh):
        proposals = _match_by_words(gap, between, words, old) if old else _match_by_position(gap, between)
        drifts |= {drift.sentence.id: drift for drift in proposals}
    used = {span for drift in drifts.values() for span in drift.spans}
    return Comparison(tuple(drifts[one.id] for one in sentences), tuple(span for span in fresh if span not in used))


def _list_passages(text: Text) -> list[Span]:
    return [(passage.start, passage.end) for passage in sentence_splitter.split(text)]


def _find_exact(sentences: Sequence[Sentence], words: str, passages: Sequence[Span]) -> dict[str, Span]:
    """Find sentences by their digest: at their place, among the passages of the text, then at the start of every word."""
    by_digest: defaultdict[str, list[Span]] = defaultdict(list)
    for span in passages:
        by_digest[digest(words[span[0] : span[1]])].append(span)
    in_place = {(one.start, one.end): one for one in sentences if digest(words[one.start : one.end]) == one.sha256}
    whole = set(passages)
    matches = {one.id: span for span, one in in_place.items() if span in whole or not by_digest[one.sha256]}
    taken = sorted(matches.values())
    left = [one for one in sentences if one.id not in matches]
    waiting = Counter(one.sha256 for one in left)
    starts = [match.start() for match in re.finditer(r"(?<!\w)\w|(?<!\S)\S", words)]
    tried = 0
    for sentence in left:
        spans = [span for span in by_digest[sentence.sha256] if not overlaps(span, taken)]
        length = sentence.end - sentence.start
        if not spans and tried < _MOST_TRIED:
            tried += len(starts)
            spans = [(at, at + length) for at in starts if digest(words[at : at + length]) == sentence.sha256][:20]
            spans = [span for span in spans if not overlaps(span, taken)]
        if spans:  # where none is left over, in the order of the record
            is_scarce = len(spans) <= waiting[sentence.sha256]
            span = spans[0] if is_scarce else min(spans, key=lambda candidate: abs(candidate[0] - sentence.start))
            insort(taken, span)
            matches[sentence.id] = span
        waiting[sentence.sha256] -= 1
    return matches


def _drop_partial(
    matches: Mapping[str, Span],
    sentences: Sequence[Sentence],
    words: str,
    passages: Sequence[Span],
    earlier: Text | None,
) -> dict[str, Span]:
    """Leave out the matches beside which a passage has other words, or sentences that did not follow each other.

    Curators divide and join passages, and leave words out. Sentences that fill passages together still do so, and words that
    the earlier text had there are no news.
    """
    left, order = dict(matches), {one.id: at for at, one in enumerate(sentences)}
    before = (
        _read_fillings({one.id: (one.start, one.end) for one in sentences}, earlier.words, _list_passages(earlier))
        if earlier
        else []
    )
    known = set(before)
    while True:
        partial = {
            name
            for names, rest in _read_fillings(left, words, passages)
            if (names, rest) not in known and (any(rest) or any(order[b] != order[a] + 1 for a, b in pairwise(names)))
            for name in names
        }
        if not partial:
            return left
        left = {name: span for name, span in left.items() if name not in partial}


def _read_fillings(matches: Mapping[str, Span], words: str, passages: Sequence[Span]) -> list[_Filling]:
    """Return, for each passage that sentences overlap, their ids and the words beside each of them."""
    placed = sorted((span, name) for name, span in matches.items())
    fillings: list[_Filling] = []
    first = 0
    for start, end in passages:
        while first < len(placed) and placed[first][0][1] <= start:
            first += 1
        last = first
        while last < len(placed) and placed[last][0][0] < end:
            last += 1
        inside = placed[first:last]
        edges = [start, *(edge for span, _ in inside for edge in span), end]
        rest = tuple(words[a:b].strip() for a, b in zip(edges[::2], edges[1::2], strict=True))
        if inside:
            fillings.append((tuple(name for _, name in inside), rest))
    return fillings


def overlaps(span: Span, known: Sequence[Span]) -> bool:
    """Return whether a span overlaps one of sorted spans that do not overlap each other."""
    at = bisect_right(known, span)
    return any(other[0] < span[1] and span[0] < other[1] for other in known[max(0, at - 1) : at + 1])


def _find_gaps(
    sentences: Sequence[Sentence], drifts: Mapping[str, Drift], fresh: Sequence[Span]
) -> Iterator[tuple[list[Sentence], list[Span]]]:
    """Yield the unmatched sentences between two matched ones, with the new passages between the same two."""
    low = 0
    groups = [(matched, list(group)) for matched, group in groupby(sentences, lambda sentence: sentence.id in drifts)]
    for at, (matched, group) in enumerate(groups):
        if matched:
            low = drifts[group[-1].id].spans[0][1]
            continue
        high = drifts[groups[at + 1][1][0].id].spans[0][0] if at + 1 < len(groups) else None
        yield group, [span for span in fresh if span[0] >= low and (high is None or span[1] <= high)]


def _match_by_position(gap: list[Sentence], between: list[Span]) -> Iterator[Drift]:
    if len(gap) == 1 < len(between):
        yield Drift(gap[0], "split", tuple(between))
    elif len(between) == 1 < len(gap):
        yield from (Drift(sentence, "merged", (between[0],)) for sentence in gap)
    else:  # only the order suggests the pairs
        for sentence, span in zip_longest(gap, between[: len(gap)]):
            yield Drift(sentence, "changed", (span,)) if span else Drift(sentence, "vanished")


def _match_by_words(gap: list[Sentence], between: list[Span], words: str, old: Mapping[str, str]) -> list[Drift]:
    from rapidfuzz import fuzz

    drifts: list[Drift] = []
    for sentence in gap:
        words_before = old[sentence.id]
        runs = [between[a:b] for a in range(len(between)) for b in range(a + 1, min(a + 4, len(between)) + 1)]
        rated = [(fuzz.ratio(words_before, words[run[0][0] : run[-1][1]]), -len(run), run) for run in runs]
        similarity, _, run = max(rated, default=(0.0, 0, []))
        inside = max(
            ((fuzz.partial_ratio(words_before, words[a:b]), (a, b)) for a, b in between if b - a > 1.3 * len(words_before)),
            default=None,
        )
        if inside and inside[0] > max(similarity, 85):
            drifts.append(Drift(sentence, "merged", (inside[1],), round(inside[0])))
        elif similarity >= SIMILAR:
            drifts.append(Drift(sentence, "split" if len(run) > 1 else "changed", tuple(run), round(similarity)))
        else:
            drifts.append(Drift(sentence, "vanished"))
    claims = Counter(span for drift in drifts for span in drift.spans)
    for at, drift in enumerate(drifts):
        if drift.what == "merged" and claims[drift.spans[0]] == 1:  # with new words, not with another sentence
            similarity = fuzz.ratio(old[drift.sentence.id], words[slice(*drift.spans[0])])
            drifts[at] = replace(drift, what="changed", similarity=round(similarity))
    return drifts


def cuts_word(words: str, start: int, end: int) -> bool:
    """Return whether a span starts or ends inside a word or with white space."""
    return words[start:end] != words[start:end].strip() or any(
        len(pair) > 1 and pair.isalnum() for pair in (words[max(0, at - 1) : at + 1] for at in (start, end))
    )
