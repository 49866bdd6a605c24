"""Divides blocks into headings and sentences, numbered by section.

syntok finds the sentences. It recognises abbreviations by their context, separates sentences without a space between them,
and keeps the position of each word. Sentences that it does not separate are separated beforehand (:data:`_JOINS`), and
those that it separates after a title are joined again. A sentence never crosses a block. A heading, a list item without a
full stop and a table row are one passage each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from syntok import segmenter

from kb.texts.normal_form import Text

# The ends of sentences that syntok does not see.
_JOINS = re.compile(
    r"(?<=[^\W\d_]{2}[.!?])[\"”’»)]?(?:\[[\d,;–-]{1,12}\])+(?=\s*[“\"«(]?[^\W\d_a-z])"  # ends.[1] Next
    r"|(?<=[a-z]{3}[.!?])(?:\d{1,2}(?:[,–-]\d{1,2})*|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻,]+)(?=\s+[“\"«(]?[^\W\d_a-z])"  # ends.1 Next
    r"|(?<=[^\W\d_]{2})[.!?](?=[“«„][^\W\d_])"  # ends.“Next
    r"|(?<=\w)[.!?](?=\s+[a-z]{1,2}[A-Z])"  # ends. mRNA
    r"|\b[ap]\.m\.(?=\s+(?:The|This|These|Then|That|It|In|If|A|An|At|On|He|She|They|We|You)\b)"
    r"|[。！？।؟]"  # scripts whose full stops need no space
)
# A title with a full stop, at the end of what syntok takes for a sentence.
_TITLE = re.compile(r"(?:^|\s)(?:Drs?|Mrs?|Ms|Prof|Rev|St|Mt|Sr|Sra|Hr|Fr|Mme|Mlle|M)\.$")


class Passage(NamedTuple):
    """A heading (number 0) or a sentence of a section, and its span in code points."""

    section: int
    number: int
    start: int
    end: int

    @property
    def id(self) -> str:
        """The id, such as ``s3.2``."""
        return f"s{self.section}.{self.number}"


def split(text: Text) -> list[Passage]:
    """Divide a text into headings and sentences, numbered by section.

    Every heading starts a section; the text before the first heading is section 1.
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
    """Yield the span of each sentence in a stretch of text."""
    begin: int | None = None
    for first, last in _segments(words, start, end):
        begin = first if begin is None else begin
        if last < end and _TITLE.search(words[begin:last]):
            continue
        yield begin, last
        begin = None
    if begin is not None:
        yield _trim(words, begin, end)


def _segments(words: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    joins = [match.end() for match in _JOINS.finditer(words, start, end)]
    for first, last in zip([start, *joins], [*joins, end], strict=True):
        for paragraph in segmenter.analyze(words[first:last]):
            for sentence in paragraph:
                tokens = list(sentence)
                yield first + tokens[0].offset, first + tokens[-1].offset + len(tokens[-1].value)


def _trim(words: str, start: int, end: int) -> tuple[int, int]:
    inner = words[start:end]
    return start + len(inner) - len(inner.lstrip()), start + len(inner.rstrip())
