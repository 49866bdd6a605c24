"""Check whether the sentences of a fact state what it claims.

A sentence that supports the claim must name its subject or object, and all of them together must name both: by a label of
the term, by the value of a literal, or by the words that the evidence declares (``as``). A sentence that supports a
qualifier must have a cue word of its value, or name its term. The fact must have each negation and hedge that occurs
in the clauses about the fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from kb.model import Evidence, Fact, KnowledgeBase, LiteralObject
from kb.schema import vocabulary
from kb.texts.normalisation import cuts, normalise
from kb.verification.cues import Cues, CueToken, find, tokens

CLAIM = "claim"

# Marks and words at which a clause ends inside a sentence.
_CLAUSE = re.compile(
    r"[;:()–—]|\b(?:but|that|which|who|because|although|though|while|so|unless|aber|weil|obwohl|dass)\b"
    r"|\b(?:and|or|und|oder)(?=\s+(?:can|could|may|might|is|are|was|were|will|should|must|has|have|do|does|kann|können)\b)",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.)\s*")

# The values of each qualifier whose cue words the fact must carry. Other modalities, such as obligations, are not hedges.
_CARRIED = {
    "polarity": ("negated",),
    "modality": ("usually", "sometimes", "can", "may", "can-sometimes", "helps-to", "can-help-to"),
}

FindingKind = Literal["missing", "wording", "negation", "hedge"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a sentence lacks, or that it says and the fact does not.

    ``missing`` is a name or cue word, ``wording`` words that the evidence declares and the sentence does not have, ``negation``
    and ``hedge`` one that the fact does not have. The index of the piece of evidence is -1 for all of them.
    """

    kind: FindingKind
    part: str
    piece: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The parts of a fact that were checked, and what is wrong.

    Parts are skipped if no cue words are known or no text is available.
    """

    checked: tuple[str, ...]
    skipped: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """The parts with findings."""
        return tuple(dict.fromkeys(finding.part for finding in self.findings))


@dataclass(frozen=True, slots=True)
class _TokenisedSentence:
    """A sentence from a code point of the normal form, and the indexes of those of its tokens that the fact accounts for."""

    text: str
    start: int
    language: str
    tokens: list[CueToken]
    accounted: set[int]

    def find(self, phrases: Iterable[str]) -> list[tuple[int, int]]:
        """Return the spans of tokens of each phrase."""
        return [span for phrase in phrases for span in find(phrase, self.tokens, self.language)]

    def account(self, spans: Iterable[tuple[int, int]]) -> bool:
        """Mark tokens as accounted for; return whether there are any."""
        indexes = [at for start, end in spans for at in range(start, end)]
        self.accounted.update(indexes)
        return bool(indexes)


class Judge:
    """Checks facts of a knowledge base against sentences, with its cue words."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._cues = Cues(kb.cues)
        self._starts: dict[str, dict[str, int]] = {}

    def judge(self, fact: Fact, sentences: Mapping[str, str]) -> Judgement:
        """Check a fact against the available sentences of its document, by their id."""
        tokenised = self._tokenise(fact, sentences)
        findings = list(self._check_wordings(fact, tokenised))
        checked: dict[str, bool] = {}
        named: set[str] = set()
        for at, piece in enumerate(fact.evidence):
            sentence = tokenised.get(piece.sentence)
            for part in piece.supports:
                if sentence is None:
                    checked.setdefault(part, False)
                elif part == CLAIM:
                    named_here = set(self._find_named_ends(fact, piece, sentence))
                    named |= named_here
                    checked[part] = True
                    if not named_here:
                        message = f"{piece.sentence} names neither the subject nor the object of the fact."
                        remedy = "Name another sentence, or declare its words: as: {subject: …, object: …}."
                        findings.append(Finding("missing", CLAIM, at, message, remedy))
                else:
                    is_checked, qualifier_findings = self._check_qualifier(fact, at, part, sentence)
                    checked[part] = checked.get(part, False) or is_checked
                    findings.extend(qualifier_findings)
        if checked.get(CLAIM) and all(piece.sentence in tokenised for piece in fact.evidence if CLAIM in piece.supports):
            findings.extend(self._find_unnamed_ends(fact, named))
        findings.extend(self._find_unclaimed_cues(fact, tokenised))
        return Judgement(
            tuple(part for part, is_checked in checked.items() if is_checked),
            tuple(part for part, is_checked in checked.items() if not is_checked),
            tuple(findings),
        )

    def _tokenise(self, fact: Fact, sentences: Mapping[str, str]) -> dict[str, _TokenisedSentence]:
        """Divide the available sentences of a fact into tokens."""
        document = self._kb.documents[fact.document]
        if document.id not in self._starts:
            self._starts[document.id] = {sentence.id: sentence.start for sentence in document.sentences}
        starts, language = self._starts[document.id], document.language
        return {
            name: _TokenisedSentence(sentences[name], starts[name], language, tokens(sentences[name], language), set())
            for name in fact.sentences
            if name in sentences and name in starts
        }

    def _check_wordings(self, fact: Fact, tokenised: Mapping[str, _TokenisedSentence]) -> Iterator[Finding]:
        """Find declared words that their sentence does not have, and account for those that it has."""
        for at, piece in enumerate(fact.evidence):
            sentence = tokenised.get(piece.sentence)
            if sentence is None:
                continue
            for part, words in piece.wordings:
                spans = find_wording(words, sentence.text)
                if spans is None:
                    message = f"'{words}' is not in {piece.sentence}."
                    remedy = "Take the words from the sentence; '…' stands for words in between."
                    yield Finding("wording", part, at, message, remedy)
                    continue
                sentence.account(
                    (index, index + 1)
                    for index, token in enumerate(sentence.tokens)
                    if any(start <= token.start and token.end <= end for start, end in spans)
                )

    def _find_named_ends(self, fact: Fact, piece: Evidence, sentence: _TokenisedSentence) -> Iterator[str]:
        """Yield which of subject and object a sentence names."""
        declared = dict(piece.wordings)
        for part, value in (("subject", fact.subject), ("object", fact.object)):
            if part in declared or sentence.account(sentence.find(self._list_names(value))):
                yield part
        sentence.account(sentence.find([self._kb.predicates[fact.predicate].label]))

    def _list_names(self, value: str | LiteralObject) -> tuple[str, ...]:
        """Return the labels of a term, or the value of a literal."""
        if isinstance(value, LiteralObject):
            return (value.value,)
        return (self._kb.terms[value].label, *self._kb.terms[value].aliases)

    def _find_unnamed_ends(self, fact: Fact, named: set[str]) -> Iterator[Finding]:
        for part, value in (("subject", fact.subject), ("object", fact.object)):
            if part not in named:
                message = f"No sentence of the evidence names the {part}, '{self._list_names(value)[0]}'."
                remedy = f"Name another sentence, give the term that label, or declare its words: as: {{{part}: …}}."
                yield Finding("missing", part, -1, message, remedy)

    def _check_qualifier(self, fact: Fact, at: int, part: str, sentence: _TokenisedSentence) -> tuple[bool, list[Finding]]:
        """Look for words that express a qualifier; return whether it could be checked, and what is wrong."""
        piece = fact.evidence[at]
        value = piece.modality if part == "modality" and piece.modality else fact.qualifiers[part]
        if part in dict(piece.wordings) or (part == "modality" and value == "is"):
            return True, []  # 'is' needs no cue word; a hedge in the sentence is found by _find_unclaimed_cues
        is_listed = vocabulary.qualifiers()[part].listed
        words = self._cues.of(part, value, sentence.language) if is_listed else self._list_names(value)
        if not words:
            return False, []
        is_expressed = sentence.account(sentence.find(words))
        if piece.modality and part != "modality":
            sentence.account(sentence.find(self._cues.of("modality", piece.modality, sentence.language)))
        if is_expressed:
            return True, []
        examples = ", ".join(f"'{word}'" for word in words[:4])
        message = f"{piece.sentence} has no word for the {part} '{value}', such as {examples}."
        return True, [Finding("missing", part, at, message, f"Name another sentence, or declare its words: as: {{{part}: …}}.")]

    def _find_unclaimed_cues(self, fact: Fact, tokenised: Mapping[str, _TokenisedSentence]) -> Iterator[Finding]:
        """Find negations and hedges in the clauses about the fact, which the fact does not have."""
        is_negated = fact.qualifiers.get("polarity") == "negated"
        for at, piece in enumerate(fact.evidence):
            if piece.sentence not in tokenised or CLAIM not in piece.supports:
                continue
            sentence = tokenised[piece.sentence]
            clause = self._find_clause(fact, piece, sentence)
            negation = None if is_negated else next(self._find_unexplained_cues("polarity", sentence, clause, set()), None)
            if negation:
                message = f"{piece.sentence} negates the fact ('{negation[1].text}'), and the fact is not negated."
                remedy = "Set 'polarity: negated', or declare to which part the word belongs: as: {predicate: …}."
                yield Finding("negation", CLAIM, at, message, remedy)
            carried = {other.modality for other in fact.evidence if other.sentence == piece.sentence}
            hedge = next(self._find_unexplained_cues("modality", sentence, clause, {*carried, fact.qualifiers["modality"]}), None)
            if hedge:
                message = f"{piece.sentence} hedges the fact ('{hedge[1].text}', {hedge[0]}), and the fact does not."
                remedy = "Set the modality of the sentence, or declare to which part the word belongs: as: {predicate: …}."
                yield Finding("hedge", "modality", at, message, remedy)

    def _find_unexplained_cues(
        self, name: str, sentence: _TokenisedSentence, clause: set[int], carried: set[str]
    ) -> Iterator[tuple[str, CueToken]]:
        """Yield the value and the first token of each cue word in a clause that expresses nothing that the fact says."""
        spans_carried = [span for value in carried for span in sentence.find(self._cues.of(name, value, sentence.language))]
        accounted = sentence.accounted.union(*(range(start, end) for start, end in spans_carried))
        for value, words in self._cues.all_of(name, sentence.language).items():
            if value in carried or value not in _CARRIED[name]:
                continue
            for start, end in sentence.find(words):
                span = set(range(start, end))
                if span & clause and not span & accounted:
                    yield value, sentence.tokens[start]

    def _find_clause(self, fact: Fact, piece: Evidence, sentence: _TokenisedSentence) -> set[int]:
        """Return the tokens of the span of the evidence, or else of the clauses that name the object or the subject."""
        if piece.start is not None and piece.end is not None:
            start, end = piece.start - sentence.start, piece.end - sentence.start
            return {at for at, token in enumerate(sentence.tokens) if start <= token.start < end}
        places = self._find_places("object", fact.object, piece, sentence) or self._find_places(
            "subject", fact.subject, piece, sentence
        )
        marks = [0, *(match.start() for match in _CLAUSE.finditer(sentence.text)), len(sentence.text)]
        clauses = [(start, end) for start, end in pairwise(marks) if any(start <= place < end for place in places)]
        return {at for at, token in enumerate(sentence.tokens) if any(start <= token.start < end for start, end in clauses)}

    def _find_places(self, part: str, value: str | LiteralObject, piece: Evidence, sentence: _TokenisedSentence) -> list[int]:
        """Return the positions in a sentence at which an end of the fact is named."""
        declared = dict(piece.wordings)
        if part in declared:
            return [start for start, _ in find_wording(declared[part], sentence.text) or ()]
        return [sentence.tokens[start].start for start, _ in sentence.find(self._list_names(value))]


def find_wording(words: str, sentence: str) -> list[tuple[int, int]] | None:
    """Find declared words, in which an ellipsis stands for words in between, in a sentence.

    Returns:
        The span of each stretch of words, in order; nothing if the sentence does not have one of them as whole words.
    """
    normal = normalise(sentence)
    folded = normal.text.casefold()
    if len(folded) != len(normal.text):
        folded = normal.text.lower()
    at, spans = 0, []
    for part in filter(None, _ELLIPSIS.split(words)):
        stretch = normalise(part).text.casefold()
        start = folded.find(stretch, at)
        while start >= 0 and (cuts(normal.text, start) or cuts(normal.text, start + len(stretch))):
            start = folded.find(stretch, start + 1)
        if start < 0:
            return None
        at = start + len(stretch)
        spans.append(normal.span(start, at))
    return spans or None
