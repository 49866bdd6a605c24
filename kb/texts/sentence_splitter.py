"""Blocks into headings and sentences, numbered by section.

syntok finds the sentences: it tells the full stop of an abbreviation from that of a sentence by what stands around it,
parts sentences that no blank parts, and keeps the place of each word. What it leaves together and people would not is
parted beforehand (:data:`_JOINS`); what it parts behind a title is put together again. A sentence never crosses a
block; a heading, an item without a full stop and a row of a table are each one passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from syntok import segmenter

from kb.texts.normal_form import Text, digest

#: Where one sentence ends and another begins, though syntok sees none. The match is the end of the first.
_JOINS = re.compile(
    r"(?<=[^\W\d_]{2}[.!?])[\"”’»)]?(?:\[[\d,;–-]{1,12}\])+(?=\s*[“\"«(]?[^\W\d_a-z])"  # ends.[1] Next
    r"|(?<=[a-z]{3}[.!?])(?:\d{1,2}(?:[,–-]\d{1,2})*|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻,]+)(?=\s+[“\"«(]?[^\W\d_a-z])"  # ends.1 Next
    r"|(?<=[^\W\d_]{2})[.!?](?=[“«„][^\W\d_])"  # ends.“Next
    r"|(?<=\w)[.!?](?=\s+[a-z]{1,2}[A-Z])"  # ends. mRNA
    r"|\b[ap]\.m\.(?=\s+(?:The|This|These|Then|That|It|In|If|A|An|At|On|He|She|They|We|You)\b)"
    r"|[。！？।؟]"  # scripts whose full stops need no blank
)
#: A title that a full stop follows, at the end of what syntok takes for a sentence.
_TITLE = re.compile(r"(?:^|\s)(?:Drs?|Mrs?|Ms|Prof|Rev|St|Mt|Sr|Sra|Hr|Fr|Mme|Mlle|M)\.$")


class Passage(NamedTuple):
    """A heading (number 0) or a sentence of a section, and where it stands in code points."""

    section: int
    number: int
    start: int
    end: int

    @property
    def id(self) -> str:
        """Its id, such as ``s3.2``."""
        return f"s{self.section}.{self.number}"


def split(text: Text) -> list[Passage]:
    """Part a text into headings and sentences, numbered by section.

    Every heading begins a section; what stands before the first heading is section 1.
    """
    passages: list[Passage] = []
    section = number = 0
    for block in text.blocks:
        if block.kind in {"heading", "row"}:
            spans = [_trim(text.words, block.start, block.end)]
        else:
            spans = list(sentences(text.words, block.start, block.end))
        for start, end in spans:
            if not any(map(str.isalnum, text.words[start:end])):
                continue
            if block.kind == "heading" or not section:
                section, number = section + 1, 0
            if block.kind != "heading":
                number += 1
            passages.append(Passage(section, number, start, end))
    return passages


def sentences(words: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the span of each sentence in a stretch of text."""
    begun: int | None = None
    for first, last in _segments(words, start, end):
        begun = first if begun is None else begun
        if last < end and _TITLE.search(words[begun:last]):
            continue
        yield begun, last
        begun = None
    if begun is not None:
        yield _trim(words, begun, end)


def _segments(words: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    joins = [found.end() for found in _JOINS.finditer(words, start, end)]
    for first, last in zip([start, *joins], [*joins, end], strict=True):
        for paragraph in segmenter.analyze(words[first:last]):
            for sentence in paragraph:
                tokens = list(sentence)
                yield first + tokens[0].offset, first + tokens[-1].offset + len(tokens[-1].value)


def _trim(words: str, start: int, end: int) -> tuple[int, int]:
    inner = words[start:end]
    return start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip())


def digest_of(passage: Passage, words: str) -> str:
    """Give the digest of the text of a passage."""
    return digest(words[passage.start : passage.end])
