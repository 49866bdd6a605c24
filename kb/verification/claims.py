"""Whether the sentences of a fact carry what it claims.

A sentence that supports the claim must name its subject or object, and all of them together both: by a label of the term,
by the value of a literal, or by words that the evidence declares (``as``). A sentence that supports a qualifier must hold a
cue word of its value, or name its term. A negation or hedge that stands where the sentence speaks of it must be one that
the fact carries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from kb.model import Evidence, Fact, KnowledgeBase, LiteralObject
from kb.schema import vocabulary
from kb.texts.normalisation import cuts, normalise
from kb.verification.cues import Cues, Token, find, tokens

CLAIM = "claim"
#: What a claim is made of, as evidence can put it into words.
_ENDS = ("subject", "object")
#: Marks and words at which a statement ends inside a sentence.
_CLAUSE = re.compile(
    r"[;:()–—]|\b(?:but|that|which|who|because|although|though|while|so|unless|aber|weil|obwohl|dass)\b"
    r"|\b(?:and|or|und|oder)(?=\s+(?:can|could|may|might|is|are|was|were|will|should|must|has|have|do|does|kann|können)\b)",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.)\s*")


class Finding(NamedTuple):
    """Something that a sentence does not carry, or carries and the fact does not.

    Args:
        kind: ``missing``, ``unheard`` (declared words that are not there), ``negation`` or ``hedge``.
        part: The part of the fact.
        piece: The index of the piece of evidence; -1 for all of them.
        message: What is wrong, in a sentence.
        remedy: What to do.
    """

    kind: str
    part: str
    piece: int
    message: str
    remedy: str


class Judgement(NamedTuple):
    """What came of holding a fact against its sentences.

    Args:
        checked: The parts that were held against a sentence.
        skipped: The parts that could not be: no cue words are known, or no text is at hand.
        findings: What is wrong.
    """

    checked: tuple[str, ...]
    skipped: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """The parts with something wrong."""
        return tuple(dict.fromkeys(each.part for each in self.findings))


class _Heard(NamedTuple):
    """A sentence as it is searched: its words, and which of them stand for something that the fact says."""

    text: str
    tokens: list[Token]
    said: set[int]
    start: int

    def mark(self, spans: Iterable[tuple[int, int]]) -> bool:
        """Note the words that were found; tell whether there were any."""
        found = [at for start, end in spans for at in range(start, end)]
        self.said.update(found)
        return bool(found)


class Judge:
    """Holds facts against sentences.

    Args:
        kb: The knowledge base.
        cues: Its cue words.
    """

    def __init__(self, kb: KnowledgeBase, cues: Cues) -> None:
        self._kb = kb
        self._cues = cues

    def judge(self, fact: Fact, sentences: Mapping[str, str]) -> Judgement:
        """Hold a fact against its sentences.

        Args:
            fact: The fact.
            sentences: The text of each sentence of its document, by id; those that are not at hand are left out.
        """
        language = self._kb.documents[fact.document].language
        starts = {each.id: each.start for each in self._kb.documents[fact.document].sentences if each.id in fact.sentences}
        heard = {
            name: _Heard(sentences[name], tokens(sentences[name], language), set(), starts[name])
            for name in fact.sentences
            if name in sentences
        }
        findings = list(self._wordings(fact, heard))
        checked: dict[str, bool] = {}
        named: set[str] = set()
        for at, piece in enumerate(fact.evidence):
            if piece.sentence not in heard:
                checked.update({part: False for part in piece.supports if part not in checked})
                continue
            for part in piece.supports:
                if part == CLAIM:
                    here = set(self._ends(fact, piece, heard[piece.sentence], language))
                    named |= here
                    checked[part] = True
                    if not here:
                        findings.append(_unnamed(at, piece))
                else:
                    known, finding = self._qualifier(fact, at, part, heard[piece.sentence], language)
                    checked[part] = checked.get(part, False) or known
                    findings.extend(finding)
        if checked.get(CLAIM) and all(piece.sentence in heard for piece in fact.evidence if CLAIM in piece.supports):
            findings.extend(self._lacking(fact, named))
        findings.extend(self._unsaid(fact, heard, language))
        return Judgement(
            tuple(part for part, known in checked.items() if known),
            tuple(part for part, known in checked.items() if not known),
            tuple(findings),
        )

    def _wordings(self, fact: Fact, heard: Mapping[str, _Heard]) -> Iterator[Finding]:
        """Find declared words that are not in their sentence, and note those that are."""
        for at, piece in enumerate(fact.evidence):
            for part, words in piece.wordings if piece.sentence in heard else ():
                spans = stretches(words, heard[piece.sentence].text)
                if spans is None:
                    message = f"'{words}' does not stand in {piece.sentence}."
                    yield Finding(
                        "unheard", part, at, message, "Take the words from the sentence; '…' stands for words in between."
                    )
                    continue
                there = heard[piece.sentence]
                there.mark(
                    (index, index + 1)
                    for index, token in enumerate(there.tokens)
                    if any(start <= token.start and token.end <= end for start, end in spans)
                )

    def _ends(self, fact: Fact, piece: Evidence, heard: _Heard, language: str) -> Iterator[str]:
        """Tell which of subject and object a sentence names."""
        declared = dict(piece.wordings)
        for part, value in (("subject", fact.subject), ("object", fact.object)):
            if part in declared or self._names(value, heard, language):
                yield part
        heard.mark(find(self._kb.predicates[fact.predicate].label, heard.tokens, language))

    def _names(self, value: str | LiteralObject, heard: _Heard, language: str) -> bool:
        """Tell whether a sentence names a term by one of its labels, or holds a literal."""
        if isinstance(value, LiteralObject):
            return heard.mark(find(value.value, heard.tokens, language))
        return heard.mark(_spans(self._labels(value), heard, language))

    def _labels(self, term: str) -> tuple[str, ...]:
        known = self._kb.terms[term]
        return (known.label, *known.aliases)

    def _lacking(self, fact: Fact, named: set[str]) -> Iterator[Finding]:
        for part, value in (("subject", fact.subject), ("object", fact.object)):
            if part not in named:
                what = value.value if isinstance(value, LiteralObject) else self._kb.terms[value].label
                message = f"No sentence of the evidence names the {part}, '{what}'."
                remedy = f"Name another sentence, give the term that label, or declare its words: as: {{{part}: …}}."
                yield Finding("missing", part, -1, message, remedy)

    def _qualifier(self, fact: Fact, at: int, part: str, heard: _Heard, language: str) -> tuple[bool, list[Finding]]:
        """Look for what tells a qualifier; give whether that could be told, and what is wrong."""
        piece = fact.evidence[at]
        value = piece.modality if part == "modality" and piece.modality else fact.qualifiers[part]
        if part in dict(piece.wordings):
            return True, []
        if not vocabulary.qualifiers()[part].listed:
            words: tuple[str, ...] = self._labels(value)
        else:
            words = self._cues.of(part, value, language)
            if part == "modality" and value == "is":
                return True, []  # said flatly; hedges that stand there all the same are told by _unsaid
            if not words:
                return False, []
        found = heard.mark(_spans(words, heard, language))
        if piece.modality and part != "modality":
            heard.mark(_spans(self._cues.of("modality", piece.modality, language), heard, language))
        if found:
            return True, []
        shown = ", ".join(f"'{each}'" for each in words[:4])
        message = f"{piece.sentence} holds nothing that tells the {part} '{value}', such as {shown}."
        return True, [Finding("missing", part, at, message, f"Name another sentence, or declare its words: as: {{{part}: …}}.")]

    def _unsaid(self, fact: Fact, heard: Mapping[str, _Heard], language: str) -> Iterator[Finding]:
        """Find negations and hedges where a sentence speaks of the fact, and the fact does not carry."""
        negated = fact.qualifiers.get("polarity") == "negated"
        for at, piece in enumerate(fact.evidence):
            if piece.sentence not in heard or CLAIM not in piece.supports:
                continue
            there = heard[piece.sentence]
            near = self._clause(fact, piece, there, language)
            if not negated:
                for _, token in self._standing("polarity", there, near, language, ()):
                    message = f"{piece.sentence} negates where it speaks of the object ('{token.text}'), and the fact does not."
                    remedy = "Set 'polarity: negated', or declare to which part the word belongs: as: {predicate: …}."
                    yield Finding("negation", CLAIM, at, message, remedy)
                    break
            carried = {fact.qualifiers["modality"], *(each.modality for each in fact.evidence if each.sentence == piece.sentence)}
            for value, token in self._standing("modality", there, near, language, carried):
                message = (
                    f"{piece.sentence} hedges where it speaks of the object ('{token.text}', {value}), and the fact does not."
                )
                remedy = (
                    "Choose the modality that the sentence has, or declare to which part the word belongs: as: {predicate: …}."
                )
                yield Finding("hedge", "modality", at, message, remedy)
                break

    def _standing(
        self, name: str, heard: _Heard, near: set[int], language: str, carried: Iterable[str]
    ) -> Iterator[tuple[str, Token]]:
        """Find the cue words of a list that stand in a part of a sentence and belong to nothing that the fact says."""
        known = set(carried)
        accounted = {
            at
            for value in known
            for start, end in _spans(self._cues.of(name, value, language), heard, language)
            for at in range(start, end)
        }
        for value, each in self._cues.all_of(name, language).items():
            if value in known or value not in _HEDGES.get(name, (value,)):
                continue
            for start, end in _spans(each, heard, language):
                span = set(range(start, end))
                if span & near and not span & (heard.said | accounted):
                    yield value, heard.tokens[start]

    def _clause(self, fact: Fact, piece: Evidence, heard: _Heard, language: str) -> set[int]:
        """Give the words of the clause in which a sentence speaks of the object, or else of the subject."""
        declared = dict(piece.wordings)
        places: list[int] = []
        for part, value in (("object", fact.object), ("subject", fact.subject)):
            if part in declared:
                places = [start for start, _ in stretches(declared[part], heard.text) or ()]
            else:
                words = (value.value,) if isinstance(value, LiteralObject) else self._labels(value)
                places = [heard.tokens[start].start for start, _ in _spans(words, heard, language)]
            if places:
                break
        if piece.start is not None and piece.end is not None:
            return {at for at, token in enumerate(heard.tokens) if piece.start <= heard.start + token.start < piece.end}
        marks = [0, *(found.start() for found in _CLAUSE.finditer(heard.text)), len(heard.text)]
        near = [(a, b) for a, b in pairwise(marks) if any(a <= place < b for place in places)]
        return {at for at, token in enumerate(heard.tokens) if any(a <= token.start < b for a, b in near)}


#: Values whose words are hedges; what ought to be done is another matter.
_HEDGES = {"modality": ("usually", "sometimes", "can", "may", "can-sometimes", "helps-to", "can-help-to")}


def _spans(phrases: Iterable[str], heard: _Heard, language: str) -> list[tuple[int, int]]:
    return [span for phrase in phrases for span in find(phrase, heard.tokens, language)]


def _unnamed(at: int, piece: Evidence) -> Finding:
    message = f"{piece.sentence} names neither the subject nor the object of the fact."
    remedy = "Name another sentence, or declare its words: as: {subject: …, object: …}."
    return Finding("missing", CLAIM, at, message, remedy)


def stretches(words: str, text: str) -> list[tuple[int, int]] | None:
    """Find declared words in a sentence, in order, each stretch between words; nothing if one is not there.

    Args:
        words: The words; an ellipsis stands for words in between.
        text: The sentence.
    """
    normal = normalise(text)
    at, found = 0, []
    for part in filter(None, _ELLIPSIS.split(words)):
        wanted = normalise(part).text.casefold()
        lower = normal.text.casefold()
        if len(lower) != len(normal.text):
            lower = normal.text.lower()
        start = lower.find(wanted, at)
        while start >= 0 and (cuts(normal.text, start) or cuts(normal.text, start + len(wanted))):
            start = lower.find(wanted, start + 1)
        if start < 0:
            return None
        at = start + len(wanted)
        found.append(normal.span(start, at))
    return found or None
