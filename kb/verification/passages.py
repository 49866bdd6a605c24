"""A sentence as the judge reads it: its tokens, its clauses, and which of its words the fact accounts for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise

from kb.texts.normalisation import cuts, normalise
from kb.verification.cues import CueToken, Span, stem, stems, verb_stems, word_families

#: Phrases by the stem of their first word: all stems, and whether an adverb is meant.
PhraseIndex = Mapping[str, Sequence[tuple[tuple[str, ...], bool]]]

# Marks and words at which a clause ends inside a sentence.
_CLAUSE = re.compile(
    r"[;:()–—•*]|\s-\s|,\s+and\b(?=(?:\s+\w+){0,4}\s+(?:it|they)\s)|,\s+(?:as|since)\b(?!\s+well)"
    r"|\b(?:and|und|et)\b(?=\s+(?:you|we|Sie|vous)\s+(?:should|must|may|might|can|could|will|cannot"
    r"|sollten|dürfen|müssen|können|devez|pouvez|ne)\b)"
    r"|\band\b(?=\s+(?:it|they)\s+\w)"
    r"|,\s+or\b(?=\s+(?:it|they|you)\s)|,\s+(?=(?:it|they)\s+(?:can|may|could|might|is|are)\s+also\s)"
    r"|,\s+(?=there\s+(?:is|are|was|were|may|can|could|might)\b)"
    r"|\bas\b(?=\s+(?:it|they|you|we|this|these|those)\s)|\bsince\b(?=\s+(?:it|they|this|no|there)\s)"
    r"|\b(?:but|that|which|who|whose|because|although|though|so|however|whereas|aber|weil|obwohl|dass|mais|qui|bien que)\b"
    r"|(?<!is )(?<!are )(?<!not )(?<!be )(?<!been )(?<!only )(?<!ly )\bindicated\b"  # 'X is a blocker indicated in adults'
    r"|\bwithout(?=\s+(?:\w+ly\s+)?\w+ing\b)"
    r"|\b(?:and|or|und|oder|et|ou)(?=\s+(?:can|could|may|might|is|are|was|were|will|should|must|has|have|do|does|to"
    r"|kann|können|peut|peuvent|est|sont)\b)",
    re.IGNORECASE,
)
# A verb in the third person that is joined to another: 'relieves pain and rarely causes a rash'.
_JOINED = re.compile(r"\b(?:and|or)\s+(?:(?:\w+ly|often|never|sometimes|also|thus|then)\s+)?(\w+[^\Ws]s)(?=\s+\w)")
# The verb after a relative clause: 'X, which relieves pain, does not …'.
_MAIN_VERB = re.compile(
    r",\s+(?:which|who|whose)\b[^,;:.]*(,)(?=\s+(?:do(?:es)?|did|is|are|was|were|can|may|has|have|had|will|should)\b)"
)
# The number of a part inside a sentence.
_PART = re.compile(r"(?<=\s)\((?:\d{1,2}|[a-h]|i{1,3}|iv|v)\)(?=\s)")
_COMMA = ",;:()•*"
_EMPTY = re.compile(r"0(?:[.,]0+)?\s*+%?+\s*+(?:[(/].*)?|[-–—]", re.DOTALL)
_ELLIPSIS = re.compile(r"…|\.\.\.")


@dataclass(frozen=True)
class SentenceWords:
    """The words of a sentence, which many facts share: its text, its tokens, and the start of its text in the document."""

    id: str
    text: str
    start: int
    language: str
    tokens: tuple[CueToken, ...]
    stems: tuple[str, ...]
    known: frozenset[str]
    listed: dict[tuple[str, ...], list[Span]] = field(default_factory=dict)  # where words of lists of cues stand
    marked: dict[tuple[str, ...], frozenset[int]] = field(default_factory=dict)  # and their tokens
    named: dict[int, list[tuple[str, Span]]] = field(default_factory=dict)  # the terms that a lexicon finds, by its number

    @cached_property
    def families(self) -> dict[str, list[int]]:
        """The tokens of each family of words."""
        places: dict[str, list[int]] = {}
        known = word_families(self.language)
        for at, own in enumerate(self.stems):
            places.setdefault(known.get(own, own), []).append(at)
        return places

    @cached_property
    def marks(self) -> list[int]:
        """Where clauses begin, and the end."""
        marks = {0, *(match.start() for match in _CLAUSE.finditer(self.text)), len(self.text)}
        marks |= {match.start(1) for match in _MAIN_VERB.finditer(self.text)}
        return sorted({*marks, *(match.start() for match in _JOINED.finditer(self.text) if self._is_verb(match[1]))})

    def _is_verb(self, word: str) -> bool:
        return stem(word, self.language) in verb_stems(self.language)


@dataclass(frozen=True)
class TokenisedSentence:
    """A sentence, and the indexes of those of its tokens that the fact accounts for.

    ``qualifying`` are those of them that express a qualifier or that the evidence declares.
    """

    words: SentenceWords
    accounted: set[int] = field(default_factory=set)
    qualifying: set[int] = field(default_factory=set)

    @property
    def id(self) -> str:
        """The id of the sentence."""
        return self.words.id

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading."""
        return self.id.endswith(".0")

    @property
    def cell(self) -> str:
        """The words of the cell at which evidence points; nothing for other sentences."""
        _, is_cell, number = self.id.rstrip("]").rpartition("[")
        return self.words.text.split("\t")[int(number) - 1].strip() if is_cell else ""

    @property
    def empty_count(self) -> str:
        """The words of a cell that counts nothing: '0', '0 (0.0)' or a dash; nothing for others."""
        return self.cell if _EMPTY.fullmatch(self.cell) else ""

    def find(self, phrases: Iterable[str]) -> list[Span]:
        """Return the spans of tokens that have the words of one of the phrases."""
        return self.find_indexed(index_phrases(tuple(phrases), self.words.language))

    def find_stems(self, sought: tuple[str, ...]) -> list[Span]:
        """Return the spans of tokens that have the given stems."""
        starts = (at for at in range(len(self.words.stems)) if self.words.stems[at : at + len(sought)] == sought)
        return [(at, at + len(sought)) for at in starts] if sought else []

    def find_indexed(self, sought: PhraseIndex) -> list[Span]:
        """Return the spans of tokens that have the words of one of the phrases of an index."""
        own = self.words.stems
        if sought.keys().isdisjoint(self.words.known):
            return []
        return [
            (at, at + len(words))
            for at, first in enumerate(own)
            for words, is_adverb in sought.get(first, ())
            if own[at : at + len(words)] == words
            and (not is_adverb or self.is_adverb(at + len(words) - 1))
            and not (at and own[at - 1] == "non" and self.words.text[self.words.tokens[at].start - 1] in "-‐‑")
        ]

    def is_adverb(self, at: int) -> bool:
        """Return whether a token has the ending of an adverb."""
        return self.words.tokens[at].text.casefold().endswith("ly")

    def account(self, spans: Iterable[Span], *, is_qualifying: bool = False) -> bool:
        """Mark tokens as accounted for; return whether there are any."""
        accounted = indexes(spans)
        self.accounted.update(accounted)
        self.qualifying.update(accounted if is_qualifying else ())
        return bool(accounted)

    def quote(self, span: Span) -> str:
        """Return the words of a span of tokens."""
        return self.words.text[self.words.tokens[span[0]].start : self.words.tokens[span[1] - 1].end]

    def is_accounted(self, span: Span) -> bool:
        """Return whether the fact accounts for a token of a span."""
        return not self.accounted.isdisjoint(range(*span))

    def locate(self, wording: str) -> list[Span]:
        """Return the spans of tokens of declared words."""
        found = find_wording(wording, self.words.text)
        return [
            (at, at + 1)
            for at, token in enumerate(self.words.tokens)
            if any(start <= token.start and token.end <= end for start, end in found)
        ]

    def within(self, start: int, end: int) -> set[int]:
        """Return the tokens in a span of code points of the document."""
        return {at for at, token in enumerate(self.words.tokens) if start <= token.start + self.words.start < end}

    def clauses(self, places: Collection[Span], *, at_commas: bool = False) -> set[int]:
        """Return the tokens of the clauses that contain one of the places, or of the stretches between commas."""
        commas = (at for at, sign in enumerate(self.words.text) if sign in _COMMA) if at_commas else ()
        marks = sorted({*self.words.marks, *commas})
        starts = [self.words.tokens[start].start for start, _ in places]
        parts = list(zip(pairwise(marks), self._number_parts(marks), strict=False))
        chosen = {number for (start, end), number in parts if any(start <= place < end for place in starts)}
        bounds = [span for span, number in parts if number in chosen]
        return {at for at, token in enumerate(self.words.tokens) if any(start <= token.start < end for start, end in bounds)}

    def _number_parts(self, marks: Iterable[int]) -> Iterator[int]:
        """Number the parts between marks; what follows a bracket goes on with the part before it."""
        outer, number = list[int](), 0
        for at, mark in enumerate(marks):
            sign = self.words.text[mark : mark + 1]
            outer += [number] if sign == "(" else []
            number = outer.pop() if sign == ")" and outer else at
            yield number

    def clause_before(self, clause: set[int], complements: Iterable[str], verbs: Collection[int]) -> set[int]:
        """Return the tokens of the clause before one that completes it: 'it is claimed that …', not 'a drug that causes …'."""
        first = min(clause, default=0)
        starts = {start for start, _ in self.find(complements)}
        if not first or first not in starts:
            return set()
        before = {at for at in self.clauses([(first - 1, first)]) if at < first}
        return (set() if first + 1 in verbs else before) | self.clause_before(before, complements, verbs)

    def has_mark(self, at: int, mark: str) -> bool:
        """Return whether a mark stands between a token and the one before it."""
        tokens = self.words.tokens
        return at > 0 and mark in self.words.text[tokens[at - 1].end : tokens[at].start]

    def has_dash(self, at: int) -> bool:
        """Return whether a dash, with spaces beside it, stands before a token."""
        tokens = self.words.tokens
        between = self.words.text[tokens[at - 1].end : tokens[at].start] if 0 < at < len(tokens) else ""
        return between.strip() in {"–", "—", "-"} and between != between.strip()

    def has_comma(self, at: int, marks: str = _COMMA) -> bool:
        """Return whether a comma, a bracket or another mark of a clause stands before a token."""
        tokens = self.words.tokens
        between = self.words.text[tokens[at - 1].end : tokens[at].start] if 0 < at < len(tokens) else ""
        return any(mark in between for mark in marks)

    def is_participle(self, at: int) -> bool:
        """Return whether a token is a participle after a comma: 'X relaxes the vessels, lowering …'."""
        return self.has_comma(at) and self.words.tokens[at].text.endswith("ing")

    def bracket_after(self, places: Iterable[Span]) -> set[int]:
        """Return the tokens of the brackets that follow one of the places at once."""
        tokens, text = self.words.tokens, self.words.text
        opened = [end for _, end in places if 0 < end < len(tokens) and "(" in text[tokens[end - 1].end : tokens[end].start]]
        closes = ((first, text.find(")", tokens[first].start)) for first in opened)
        return {at for first, close in closes for at in range(first, len(tokens)) if tokens[at].start < close}

    def with_bracket(self, place: Span) -> Span:
        """Return a place with the bracket that follows it at once: 'X (a name), a blocker'."""
        return place[0], max(self.bracket_after([place]), default=place[1] - 1) + 1

    def stretches(self) -> Iterator[Span]:
        """Yield the spans of tokens between commas and marks of clauses."""
        at = 0
        while at < len(self.words.tokens):
            yield (stretch := self.until_comma(at))
            at = stretch[1]

    def between_semicolons(self, at: int) -> range:
        """Return the tokens from the semicolon before a token to the one after it."""
        size = len(self.words.tokens)
        first = next((start for start in range(at, 0, -1) if self.has_mark(start, ";")), 0)
        return range(first, next((end for end in range(at + 1, size) if self.has_mark(end, ";")), size))

    def bracket_of(self, at: int) -> set[int]:
        """Return the tokens of the bracket that a token is in; nothing if it is in none."""
        text, start = self.words.text, self.words.tokens[at].start
        opens = max(text.rfind("(", 0, start), text.rfind(")", 0, start))
        if opens < 0 or text[opens] == ")":
            return set()
        close = text.find(")", start)
        return {at for at, token in enumerate(self.words.tokens) if opens < token.start < (close if close > 0 else len(text))}

    def stretch_before(self, at: int) -> range:
        """Return the tokens from the last comma to a token; a bracket right before it is part of them: 'X (Y) (a drug)'."""
        first = min(self.bracket_of(at - 1), default=at) - 1 if at > 1 else at - 1
        while first > 0 and not self.has_comma(first):
            first -= 1
        return range(max(first, 0), at)

    def until_comma(self, start: int, marks: str = _COMMA) -> Span:
        """Return the span of tokens from one token to the next comma or end of a clause, or to other marks."""
        at = start + 1
        while at < len(self.words.tokens) and not self.has_comma(at, marks):
            at += 1
        return start, at


@lru_cache(maxsize=10_000)
def index_phrases(phrases: tuple[str, ...], language: str) -> PhraseIndex:
    """Index phrases by the stem of their first word: all stems, and whether an adverb is meant ('normally', not 'normal')."""
    index: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
    for phrase in phrases:
        if sought := stems(phrase, language):
            index.setdefault(sought[0], []).append((sought, phrase.endswith("ly")))
    return index


def indexes(spans: Iterable[Span]) -> set[int]:
    """Return the indexes of the tokens of spans."""
    return {at for span in spans for at in range(*span)}


def find_wording(words: str, sentence: str) -> list[Span]:
    """Find declared words, in which an ellipsis stands for words in between, in a sentence.

    Returns:
        The span of each stretch of words, in order; none if the sentence does not have one of them as whole words.
    """
    normal = normalise(sentence)
    folded = normal.text.casefold()
    if len(folded) != len(normal.text):
        folded = normal.text.lower()
    at, spans = 0, []
    for part in filter(None, map(str.strip, _ELLIPSIS.split(words))):
        stretch = normalise(part).text.casefold()
        start = folded.find(stretch, at)
        while start >= 0 and (cuts(normal.text, start) or cuts(normal.text, start + len(stretch))):
            start = folded.find(stretch, start + 1)
        if start < 0:
            return []
        at = start + len(stretch)
        spans.append(normal.span(start, at))
    return spans


def mark_parts(text: str) -> str:
    """Return a sentence with a semicolon in place of each number of its parts: 'It causes (1) nausea and (2) a rash'."""
    return _PART.sub(lambda match: ";".ljust(len(match[0])), text) if len(_PART.findall(text)) > 1 else text
