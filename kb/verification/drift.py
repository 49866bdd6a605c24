"""What became of the sentences of a record in a text: they stand as they did, moved, changed, were parted, joined or lost.

Digests tell what stands as it did and what moved, wherever it went. What is left is compared with what is new between
the same neighbours: by its words, where the text that the record was made of is at hand too, else by place and length alone.
That only proposes; nothing but the curator accepts it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, zip_longest
from typing import Literal, NamedTuple

from kb.model import Document, Sentence
from kb.texts import sentence_splitter
from kb.texts.normal_form import Text, digest

What = Literal["same", "moved", "unlike", "changed", "split", "merged", "vanished"]
Span = tuple[int, int]

#: From this likeness on, of 100, words are proposed as those that another text had.
LIKE = 60
# So many stretches are tried for sentences that moved to where the splitter sees none.
_MOST_TRIED = 2_000_000


class Drift(NamedTuple):
    """What became of a sentence.

    Args:
        sentence: The sentence of the record.
        what: ``same``; ``moved`` (the digest tells); ``unlike``: the text is that of the record, and the digest is not that
            of the span; ``changed``, ``split``, ``merged``, ``vanished``.
        spans: Where it stands now, or what is proposed: several if it was parted, none if it is lost.
        likeness: How much its words are like those, of 100; none where its words are not known.
    """

    sentence: Sentence
    what: What
    spans: tuple[Span, ...] = ()
    likeness: float | None = None

    @property
    def is_exact(self) -> bool:
        """Whether its digest tells where it stands."""
        return self.what in {"same", "moved"}


class Comparison(NamedTuple):
    """A record held against a text: what became of each sentence, and what stands in the text that the record has not."""

    drifts: tuple[Drift, ...]
    new: tuple[Span, ...]


def compare(document: Document, text: Text, was: str = "") -> Comparison:
    """Hold the sentences of a record against a text.

    Args:
        document: The document.
        text: The text.
        was: The normal form that the record was made of, if it is at hand too.
    """
    words = text.words
    found: dict[str, Drift] = {}
    for sentence in document.sentences:
        if digest(words[sentence.start : sentence.end]) == sentence.sha256:
            found[sentence.id] = Drift(sentence, "same", ((sentence.start, sentence.end),))
    left = [each for each in document.sentences if each.id not in found]
    if not left:
        return Comparison(tuple(found.values()), ())
    if text.sha256 == document.sha256 or text.digest == (document.words_sha256 or document.sha256):
        found |= {each.id: Drift(each, "unlike", ((each.start, each.end),)) for each in left}
        return Comparison(tuple(found[each.id] for each in document.sentences), ())
    passages = [(each.start, each.end) for each in sentence_splitter.split(text)]
    taken = [drift.spans[0] for drift in found.values()]
    for sentence, span in _moved(left, words, passages, taken):
        found[sentence.id] = Drift(sentence, "moved", (span,))
    known = sorted(drift.spans[0] for drift in found.values())
    fresh = [span for span in passages if not _overlaps(span, known)]
    old = {each.id: was[each.start : each.end] for each in document.sentences} if was else {}
    for gap, between in _gaps(document.sentences, found, fresh):
        found |= {drift.sentence.id: drift for drift in _propose(gap, between, words, old)}
    used = {span for drift in found.values() for span in drift.spans}
    return Comparison(tuple(found[each.id] for each in document.sentences), tuple(span for span in fresh if span not in used))


def _moved(left: Sequence[Sentence], words: str, passages: Sequence[Span], taken: list[Span]) -> Iterator[tuple[Sentence, Span]]:
    """Find sentences elsewhere by their digest: among the passages of the text, then wherever a word begins."""
    by_digest: defaultdict[str, list[Span]] = defaultdict(list)
    for span in passages:
        by_digest[digest(words[span[0] : span[1]])].append(span)
    starts = [found.start() for found in re.finditer(r"(?<!\w)\w|(?<!\S)\S", words)]
    tried = 0
    for sentence in left:
        spans = [span for span in by_digest[sentence.sha256] if span not in taken]
        length = sentence.end - sentence.start
        if not spans and tried < _MOST_TRIED:
            tried += len(starts)
            spans = [(at, at + length) for at in starts if digest(words[at : at + length]) == sentence.sha256][:20]
            spans = [span for span in spans if span not in taken]
        if spans:
            span = min(spans, key=lambda each: abs(each[0] - sentence.start))
            taken.append(span)
            yield sentence, span


def _overlaps(span: Span, known: Sequence[Span]) -> bool:
    at = bisect_right(known, span)
    return any(each[0] < span[1] and span[0] < each[1] for each in known[max(0, at - 1) : at + 1])


def _gaps(
    sentences: Sequence[Sentence], found: Mapping[str, Drift], fresh: Sequence[Span]
) -> Iterator[tuple[list[Sentence], list[Span]]]:
    """Give the sentences that are left between two that are known, with what is new between the same two."""
    low = 0
    runs = [(known, list(group)) for known, group in groupby(sentences, lambda each: each.id in found)]
    for at, (known, group) in enumerate(runs):
        if known:
            low = found[group[-1].id].spans[0][1]
            continue
        high = found[runs[at + 1][1][0].id].spans[0][0] if at + 1 < len(runs) else None
        yield group, [span for span in fresh if span[0] >= low and (high is None or span[1] <= high)]


def _propose(gap: list[Sentence], between: list[Span], words: str, old: Mapping[str, str]) -> Iterator[Drift]:
    if old:
        yield from _by_words(gap, between, words, old)
    elif not between:
        yield from (Drift(each, "vanished") for each in gap)
    elif len(gap) == len(between):
        yield from (Drift(each, "changed", (span,)) for each, span in zip(gap, between, strict=True))
    elif len(gap) == 1:
        yield Drift(gap[0], "split", tuple(between))
    elif len(between) == 1:
        yield from (Drift(each, "merged", (between[0],)) for each in gap)
    else:  # several became several others: nothing but the order speaks for any pair
        pairs = zip_longest(gap, between[: len(gap)])
        yield from (Drift(each, "changed", (span,)) if span else Drift(each, "vanished") for each, span in pairs if each)


def _by_words(gap: list[Sentence], between: list[Span], words: str, old: Mapping[str, str]) -> Iterator[Drift]:
    from rapidfuzz import fuzz

    for sentence in gap:
        was = old[sentence.id]
        runs = [between[a:b] for a in range(len(between)) for b in range(a + 1, min(a + 4, len(between)) + 1)]
        rated = [(fuzz.ratio(was, words[run[0][0] : run[-1][1]]), -len(run), run) for run in runs]
        likeness, _, run = max(rated, default=(0.0, 0, []))
        inside = max(((fuzz.partial_ratio(was, words[a:b]), (a, b)) for a, b in between if b - a > 1.3 * len(was)), default=None)
        if inside and inside[0] > max(likeness, 85):
            yield Drift(sentence, "merged", (inside[1],), round(inside[0]))
        elif likeness >= LIKE:
            yield Drift(sentence, "split" if len(run) > 1 else "changed", tuple(run), round(likeness))
        else:
            yield Drift(sentence, "vanished")
