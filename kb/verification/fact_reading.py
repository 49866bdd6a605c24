"""A fact as it is read against the sentences of its document: where they name its parts, and what they say besides."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Literal, NamedTuple

from kb.model import SEPARATOR, Document, Evidence, Fact, KnowledgeBase, LiteralObject, Predicate, Term, list_names, split_values
from kb.schema import vocabulary
from kb.verification.cues import Cues, RelationCue, Span, longest, stems, tokens
from kb.verification.passages import PhraseIndex, SentenceWords, TokenisedSentence, index_phrases, indexes, mark_parts
from kb.verification.spread_names import SpreadNameFinder

CLAIM = "claim"

# The last word at which a sentence can begin its list: 'These side effects include …'.
_LISTING = 3

_REFERENCE = re.compile(
    r"\[\s*(?:see|siehe|voir)\b[^\]]*\]|\(\s*(?:see|siehe|voir)\b(?:[^()]|\([^()]*\))*\)|\bno\.(?=\s*\d)"
    r"|\b(?:see|siehe|voir)\s[^()\[\].;:]{,60}?\b(?:below|above|unten|oben|ci-dessous|ci-dessus)\b",
    re.IGNORECASE,
)

# Hedges that headings and lead-ins use for one another: "Possible side effects", "may affect up to 1 in 10 people".
POSSIBLE = ("can", "may", "potential")

# The kinds of terms that restrict a claim.
RESTRICTING = frozenset(("event", "action", "situation", "population"))

FindingKind = Literal["missing", "wording", "negation", "hedge", "relation", "restriction"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a sentence lacks, or that it says and the fact does not.

    ``missing`` is a name or cue word, ``wording`` declared words that the sentence does not have or that name something else,
    ``negation`` and ``hedge`` one that the fact does not have, ``relation`` another relation than the predicate, ``restriction``
    what restricts or doubts the claim. The index of the piece of evidence is -1 for all of them.
    """

    kind: FindingKind
    part: str
    piece: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document as facts are judged by it: its sentences by id, with those before and above each, and what it is about."""

    document: Document
    sentences: Mapping[str, str]
    words: Mapping[str, SentenceWords]
    before: Mapping[str, str]
    contexts: Mapping[str, tuple[str, ...]]
    title: SentenceWords

    def above(self, name: str) -> list[TokenisedSentence]:
        """Return the sentences under which a sentence stands, the nearest first."""
        return [TokenisedSentence(self.words[other]) for other in self.contexts.get(name, ()) if other in self.words]


#: The ids of terms by the stems of their labels.
_Labels = dict[tuple[str, ...], list[str]]


class Lexicon:
    """The names of the terms of a knowledge base, and its cue words."""

    _numbers = count()

    def __init__(self, kb: KnowledgeBase) -> None:
        self.kb = kb
        self._number = next(self._numbers)
        self.cues = Cues(kb.cues)
        self._spread = SpreadNameFinder(kb.terms, self.cues, self.find_terms)
        self.set_phrases: dict[tuple[str, str], tuple[tuple[str, ...], frozenset[str]]] = {}
        self._terms: dict[str, dict[str, dict[int, _Labels]]] = {}
        self._relations: dict[tuple[str, str, bool], dict[tuple[str, ...], list[RelationCue]]] = {}
        self._others: dict[tuple[str, str], list[str]] = {}
        self._phrases: dict[tuple[tuple[str, ...], str], PhraseIndex] = {}

    def list_names(self, value: str | LiteralObject, language: str = "") -> tuple[str, ...]:
        """Return the names of a term, those in a language first, or the value of a literal."""
        if isinstance(value, LiteralObject):
            return (value.value,)
        if SEPARATOR in value:
            return tuple(name for one in split_values(value) for name in self.list_names(one, language))
        term = self.kb.terms.get(value)
        return list_names(term, language) if term else ()

    def find_terms(self, passage: TokenisedSentence) -> list[tuple[str, Span]]:
        """Return every term that a sentence names, with the tokens; of names inside one another, the longest."""
        known = passage.words.named
        if self._number not in known:
            known[self._number] = list(self._find_terms(passage))
        return known[self._number]

    def _find_terms(self, passage: TokenisedSentence) -> Iterator[tuple[str, Span]]:
        index = self._index(passage.words.language)
        own = passage.words.stems
        named = [
            (name, (at, at + size))
            for at, first in enumerate(own)
            for size, labels in index.get(first, {}).items()
            for name in labels.get(own[at : at + size], ())
        ]
        spans = [span for _, span in named]
        kept = set(longest(spans, spans))
        yield from ((name, span) for name, span in named if span in kept)

    def find_value(self, value: str | LiteralObject, passage: TokenisedSentence) -> list[Span]:
        """Return the tokens by which a sentence names a term or a literal, or each of several terms."""
        if isinstance(value, str) and SEPARATOR in value:
            return [span for one in split_values(value) for span in self.find_value(one, passage)]
        return passage.find(self.list_names(value)) or self.find_spread(value, passage)

    def find_spread(self, value: str | LiteralObject, passage: TokenisedSentence) -> list[Span]:
        """Return the tokens by which a sentence names a term in other words than its labels."""
        known, key = passage.words.listed, ("spread", str(self._number), str(value))
        if key not in known:
            known[key] = self._spread.find(str(value), passage)
        return known[key]

    def is_name(self, wording: str, language: str, besides: str) -> str:
        """Return another term that has a wording as its label, if there is one and the given term has not."""
        sought = stems(wording, language)
        names = self._index(language).get(sought[0], {}).get(len(sought), {}).get(sought, []) if sought else []
        return "" if not names or besides in names else names[0]

    def _index(self, language: str) -> dict[str, dict[int, _Labels]]:
        """Index the labels of all terms by their first word and how many words they have."""
        if language not in self._terms:
            index = self._terms[language] = {}
            for name, term in self.kb.terms.items():
                for label in (stems(word, language) for word in list_names(term, language)):
                    if label:
                        index.setdefault(label[0], {}).setdefault(len(label), {}).setdefault(label, []).append(name)
        return self._terms[language]

    def relation(self, predicate: Predicate, language: str, *, is_negated: bool) -> dict[tuple[str, ...], list[RelationCue]]:
        """Return the cue words of a predicate, by their stems."""
        key = predicate.id, language, is_negated
        if key not in self._relations:
            cues = self._relations[key] = defaultdict[tuple[str, ...], list[RelationCue]](list)
            for cue in self.cues.relation(predicate, language, is_negated=is_negated):
                cues[stems(cue.words, language)].append(cue)
        return self._relations[key]

    def phrases(self, names: tuple[str, ...], language: str) -> PhraseIndex:
        """Return the words of some lists of cues, indexed once."""
        key = names, language
        if key not in self._phrases:
            words = tuple(word for name in names for word in self.cues.list_words(name, language))
            self._phrases[key] = index_phrases(words, language)
        return self._phrases[key]

    def other_relations(self, predicate: str, language: str) -> list[str]:
        """Return the words of all other predicates that have the subject before them."""
        if (predicate, language) not in self._others:
            self._others[predicate, language] = self.cues.other_relations(predicate, language)
        return self._others[predicate, language]


def read_words(name: str, text: str, start: int, language: str) -> SentenceWords:
    """Divide a sentence into tokens; those of bracketed cross-references say nothing of a claim and are left out."""
    text = mark_parts(text)
    own = tuple(tokens(_REFERENCE.sub(lambda match: " " * len(match[0]), text), language))
    own_stems = tuple(token.stem for token in own)
    return SentenceWords(name, text, start, language, own, own_stems, frozenset(own_stems))


class Claim(NamedTuple):
    """The evidence for the claim in one sentence, by the index of its first piece, and where the sentence names both ends.

    ``stretches`` are the spans of the document to which the evidence limits itself, if it does.
    """

    at: int
    piece: Evidence
    passage: TokenisedSentence
    subject: list[Span]
    object: list[Span]
    stretches: list[Span]


class FactReading:
    """A fact with its sentences, and what the checks found out: the parts checked, those that rest on the topic, the relations.

    ``claims`` are those of the sentences that support the claim and are available. ``relations`` are the words of the
    predicate by sentence, ``other_items`` the tokens of a list's items that are not the object.
    """

    def __init__(self, lexicon: Lexicon, fact: Fact, source: Source) -> None:
        self.lexicon, self.cues, self.fact, self.source = lexicon, lexicon.cues, fact, source
        self.language = source.document.language
        self.passages = {name: TokenisedSentence(source.words[name]) for name in fact.sentences if name in source.words}
        self.predicate = lexicon.kb.predicates[fact.predicate]
        self.cues_by_stems = lexicon.relation(self.predicate, self.language, is_negated="polarity" in fact.qualifiers)
        self.relation_cues = [cue for cues in self.cues_by_stems.values() for cue in cues]
        self.claims = list(self._read_claims())
        self.checked: dict[str, bool] = {}
        self.by_topic: dict[str, None] = {}
        self.relations: dict[str, list[Span]] = {}
        self.other_items: dict[str, set[int]] = {}

    def _read_claims(self) -> Iterator[Claim]:
        """Yield the claim of each sentence; several spans of one sentence are read as one piece of evidence."""
        spans = defaultdict[str, list[tuple[int, Evidence]]](list)
        for at, piece in enumerate(self.fact.evidence):
            if CLAIM in piece.supports and piece.sentence in self.passages:
                spans[piece.sentence].append((at, piece))
        for name, pieces in spans.items():
            (at, first), passage = pieces[0], self.passages[name]
            piece = first._replace(wordings=tuple(wording for _, piece in pieces for wording in piece.wordings))
            stretches = [(piece.start, piece.end) for _, piece in pieces if piece.start is not None and piece.end is not None]
            ends = self.places("subject", piece, passage), self.places("object", piece, passage)
            yield Claim(at, piece, passage, *ends, stretches)

    def value(self, part: str) -> str:
        """Return the term at a part of the fact; nothing for a literal, a word of a list or the predicate."""
        value = {"subject": self.fact.subject, "object": self.fact.object}.get(part, self.fact.qualifiers.get(part, ""))
        return value if isinstance(value, str) and value in self.lexicon.kb.terms else ""

    def lists_predicate(self, name: str) -> bool:
        """Return whether a list of ``languages.json`` has the predicate, such as that of predicates whose objects are effects."""
        return bool(self.cues.of(name, self.fact.predicate, self.language))

    def find_values(self, passage: TokenisedSentence) -> list[Span]:
        """Return the tokens by which a sentence names terms that are values of qualifiers."""
        return [span for value in self.fact.values for span in self.lexicon.find_value(value, passage)]

    def places(self, part: str, piece: Evidence, passage: TokenisedSentence) -> list[Span]:
        """Return the tokens by which a sentence names an end of the fact."""
        declared = dict(piece.wordings)
        if part in declared:
            return passage.locate(declared[part])
        value = self.fact.subject if part == "subject" else self.fact.object
        named = passage.find(self.lexicon.list_names(value))
        if not named and (spread := self.lexicon.find_spread(value, passage)):
            return spread
        spans = [span for span in named if not self._is_compound(passage, span)]
        term = self.lexicon.kb.terms.get(self.value(part))
        if not spans and term and term.value:
            return list(self.find_number(term, passage))
        if part == "object" and self.is_about(self.value(part)):
            spans += self.spans(passage, "this-topic")  # 'alcohol interacts with this medicine'
        if part == "subject" or not spans:
            return spans
        spans = [span for span in spans if not self._is_narrowed(passage, span)]
        return [span for span in spans if not passage.bracket_of(span[0])] or spans

    def _is_compound(self, passage: TokenisedSentence, place: Span) -> bool:
        """Return whether a name is a part of a word that means something else: 'X-free', 'anti-X'."""
        marks = self.marked(passage, "compound")
        beside = ((place[1], place[1]), (place[0] - 1, place[0]))  # a token, and where its hyphen is
        return any(at in marks and passage.has_mark(hyphen, "-") for at, hyphen in beside)

    def _is_narrowed(self, passage: TokenisedSentence, place: Span) -> bool:
        """Return whether a name ends that of another term, which is narrower: 'headache' in 'rebound headache'."""
        own = {self.fact.subject, self.fact.object, *self.fact.values}
        joints = {end for _, end in self.spans(passage, "population-preposition")}  # 'risk of stroke' speaks of a stroke
        joints |= {end for start, end in self.spans(passage, "article") if start in joints}
        joints |= {end for _, end in self.relation_spans(passage)}  # and 'blocking X' of X
        if self.lists_predicate("of-persons"):
            joints |= {end for _, end in self.spans(passage, "combination")}  # 'patients with X'
        return place[0] not in joints and any(
            start < place[0] and end == place[1] and name not in own and self.lexicon.kb.terms[name].kind != "population"
            for name, (start, end) in self.lexicon.find_terms(passage)
        )

    def find_like_subject(self, passage: TokenisedSentence) -> list[tuple[str, Span]]:
        """Return the terms of the subject's kind that a sentence names, the subject itself among them, with the tokens."""
        terms = self.lexicon.kb.terms
        kind = terms[self.fact.subject].kind if self.fact.subject in terms else ""
        return [(name, span) for name, span in self.lexicon.find_terms(passage) if terms[name].kind == kind]

    def find_rivals(self, passage: TokenisedSentence) -> list[Span]:
        """Return where a sentence names other terms of the subject's kind."""
        return [span for name, span in self.find_like_subject(passage) if name != self.fact.subject]

    def is_about(self, value: str) -> bool:
        """Return whether the document is about a term: by its topic, or else by its title."""
        topic, title = self.source.document.topic, TokenisedSentence(self.source.title)
        return value in topic if topic else bool(value and self.lexicon.find_value(value, title))

    def find_number(self, term: Term, passage: TokenisedSentence) -> Iterator[Span]:
        """Yield where a sentence has the number of a term with its unit, which can follow a list: '10, 20 and 40 mg'."""
        tokens_, joints = passage.words.tokens, indexes(self.spans(passage, "joint"))
        unit, number = stems(term.unit, self.language), term.value.replace(",", ".")
        for at, token in enumerate(tokens_):
            end = at + 1
            while end < len(tokens_) and (tokens_[end].text[0].isdigit() or end in joints):
                end += 1
            if token.text.replace(",", ".") == number and passage.words.stems[end : end + len(unit)] == unit:
                yield at, end + len(unit)

    def above(self, claim: Claim) -> list[TokenisedSentence]:
        """Return the sentences from which one inherits: that which it continues with 'These include', and those above it."""
        above, previous = self.source.above(claim.passage.id), self.source.before.get(claim.passage.id, "")
        listing = any(start <= _LISTING for start, _ in self.spans(claim.passage, "open-list"))
        is_continued = previous and listing and not claim.subject and self.begins_with(claim.passage, "determiner")
        return [TokenisedSentence(self.source.words[previous]), *above] if is_continued else above

    def qualifier_spans(self, part: str, piece: Evidence, passage: TokenisedSentence) -> list[Span]:
        """Return the tokens by which a sentence expresses a qualifier: as declared, by a value of its list, or by a term."""
        declared, value = dict(piece.wordings), self.fact.qualifiers[part]
        if part in declared:
            return passage.locate(declared[part])
        is_listed = vocabulary.qualifiers()[part].listed and value in vocabulary.values(part)
        return self.spans_of(passage, part, value) if is_listed else self.lexicon.find_value(value, passage)

    def spans(self, passage: TokenisedSentence, *names: str) -> list[Span]:
        """Return where a sentence has words of some lists of cues."""
        known = passage.words.listed
        if names not in known:
            known[names] = passage.find_indexed(self.lexicon.phrases(names, self.language))
        return known[names]

    def marked(self, passage: TokenisedSentence, *names: str) -> frozenset[int]:
        """Return the tokens of the words of some lists of cues."""
        known = passage.words.marked
        if names not in known:
            known[names] = frozenset(indexes(self.spans(passage, *names)))
        return known[names]

    def relation_spans(self, passage: TokenisedSentence) -> list[Span]:
        """Return where a sentence has words of the predicate, wherever its ends stand."""
        key = "relation", self.fact.predicate, self.fact.qualifiers.get("polarity", "")
        return self.find_once(passage, key, lambda: (cue.words for cue in self.relation_cues))

    def find_once(self, passage: TokenisedSentence, key: tuple[str, ...], words: Callable[[], Iterable[str]]) -> list[Span]:
        """Return where a sentence has words that all facts of its document share, found once."""
        known = passage.words.listed
        if key not in known:
            known[key] = passage.find(words())
        return known[key]

    def other_verbs(self, passage: TokenisedSentence, predicate: str = "") -> list[Span]:
        """Return where a sentence has words of predicates, but not of the given one, that have the subject before them."""
        return self.find_once(passage, ("verbs", predicate), lambda: self.lexicon.other_relations(predicate, self.language))

    def hedge_spans(self, passage: TokenisedSentence) -> list[Span]:
        """Return where a sentence has words that hedge a claim."""
        return self.find_once(passage, ("hedges",), lambda: self.cues.hedges(self.language))

    def begins_with(self, passage: TokenisedSentence, name: str) -> bool:
        """Return whether a sentence begins with words of a list of cues."""
        return any(start == 0 for start, _ in self.spans(passage, name))

    def cue_spans(self, passage: TokenisedSentence, part: str, value: str) -> list[Span]:
        """Return where a sentence has cue words of a value of a list."""
        return self.find_once(passage, ("cue", part, value), lambda: self.cues.of(part, value, self.language))

    def spans_of(self, passage: TokenisedSentence, part: str, value: str) -> list[Span]:
        """Return where a sentence expresses a value of a list: not inside a longer expression of another value."""
        if part == "polarity":
            own = self.find_once(passage, ("doubt", part, value), lambda: self.cues.negations(self.language))
            return [*longest(own, [*own, *self.pseudo_negations(passage)]), *self.denying_spans(passage)]
        every = [span for name in vocabulary.values(part) for span in self.cue_spans(passage, part, name)]
        every += self.spans(passage, "pseudo-frequency") if part == "frequency" else []  # 'a rare type of Y', 'more often'
        return list(longest(self.cue_spans(passage, part, value), every))

    def denying_spans(self, passage: TokenisedSentence) -> list[Span]:
        """Return where words deny this predicate alone: 'can be used' a contraindication, 'avoid' an advice."""
        predicate, named = self.fact.predicate, indexes(one for claim in self.claims for one in claim.object)
        spans = self.find_once(passage, ("denying", predicate), partial(self.cues.of, "denying", predicate, self.language))
        denied = self.marked(passage, "not") - self.marked(passage, "infinitive")
        spans = spans if "polarity" in self.fact.qualifiers else []
        return [(start, end) for start, end in spans if start - 1 not in denied and not named.issuperset(range(start, end))]

    def pseudo_negations(self, passage: TokenisedSentence) -> list[Span]:
        """Return where a sentence has words that deny nothing, such as those of a prohibition that states the relation."""
        predicate = self.fact.predicate
        words = partial(self.cues.of, "prohibition", predicate, self.language)
        return [*self.spans(passage, "pseudo-negation"), *self.find_once(passage, ("prohibition", predicate), words)]
