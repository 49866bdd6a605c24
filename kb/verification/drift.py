"""Compare the sentences of a record with a text: which are unchanged, moved, changed, split, merged or gone.

Digests identify unchanged and moved sentences. The others are matched with the new passages between the same neighbours:
by their words, if the text that the record was made from is available, and otherwise by position and count only. Such a
match is a proposal that only the curator can accept.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Literal

from kb.document_parts import Sentence
from kb.model import Document
from kb.texts import sentence_splitter
from kb.texts.normal_form import Text, digest
from kb.texts.sources import is_text_of

DriftKind = Literal["same", "moved", "unlike", "changed", "split", "merged", "vanished"]
Span = tuple[int, int]

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


def compare(document: Document, text: Text, earlier: str = "") -> Comparison:
    """Compare the sentences of a record with a text, and with the normal form that it was made from if that is not empty."""
    words = text.words
    drifts = {
        sentence.id: Drift(sentence, "same", ((sentence.start, sentence.end),))
        for sentence in document.sentences
        if digest(words[sentence.start : sentence.end]) == sentence.sha256
    }
    left = [sentence for sentence in document.sentences if sentence.id not in drifts]
    if is_text_of(document, text):
        drifts |= {sentence.id: Drift(sentence, "unlike", ((sentence.start, sentence.end),)) for sentence in left}
        return Comparison(tuple(drifts[sentence.id] for sentence in document.sentences), ())
    passages = [(passage.start, passage.end) for passage in sentence_splitter.split(text)]
    taken = [drift.spans[0] for drift in drifts.values()]
    for sentence, span in _find_moved(left, words, passages, taken):
        drifts[sentence.id] = Drift(sentence, "moved", (span,))
    known = sorted(drift.spans[0] for drift in drifts.values())
    fresh = [span for span in passages if not overlaps(span, known)]
    old = {sentence.id: earlier[sentence.start : sentence.end] for sentence in document.sentences} if earlier else {}
    for gap, between in _find_gaps(document.sentences, drifts, fresh):
        proposals = _match_by_words(gap, between, words, old) if old else _match_by_position(gap, between)
        drifts |= {drift.sentence.id: drift for drift in proposals}
    used = {span for drift in drifts.values() for span in drift.spans}
    return Comparison(
        tuple(drifts[sentence.id] for sentence in document.sentences), tuple(span for span in fresh if span not in used)
    )


def _find_moved(
    left: Sequence[Sentence], words: str, passages: Sequence[Span], taken: list[Span]
) -> Iterator[tuple[Sentence, Span]]:
    """Find moved sentences by their digest: among the passages of the text, then at the start of every word."""
    by_digest: defaultdict[str, list[Span]] = defaultdict(list)
    for span in passages:
        by_digest[digest(words[span[0] : span[1]])].append(span)
    starts = [match.start() for match in re.finditer(r"(?<!\w)\w|(?<!\S)\S", words)]
    tried = 0
    for sentence in left:
        spans = [span for span in by_digest[sentence.sha256] if span not in taken]
        length = sentence.end - sentence.start
        if not spans and tried < _MOST_TRIED:
            tried += len(starts)
            spans = [(at, at + length) for at in starts if digest(words[at : at + length]) == sentence.sha256][:20]
            spans = [span for span in spans if span not in taken]
        if spans:
            span = min(spans, key=lambda candidate: abs(candidate[0] - sentence.start))
            taken.append(span)
            yield sentence, span


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


def _match_by_words(gap: list[Sentence], between: list[Span], words: str, old: Mapping[str, str]) -> Iterator[Drift]:
    from rapidfuzz import fuzz

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
            yield Drift(sentence, "merged", (inside[1],), round(inside[0]))
        elif similarity >= SIMILAR:
            yield Drift(sentence, "split" if len(run) > 1 else "changed", tuple(run), round(similarity))
        else:
            yield Drift(sentence, "vanished")


def cuts_word(words: str, start: int, end: int) -> bool:
    """Return whether a span starts or ends inside a word or with white space."""
    return words[start:end] != words[start:end].strip() or any(
        len(pair) > 1 and pair.isalnum() for pair in (words[max(0, at - 1) : at + 1] for at in (start, end))
    )
