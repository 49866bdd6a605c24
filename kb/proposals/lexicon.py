"""Propose facts with the dictionary of a knowledge base: the names of its terms and its cue words, offline and deterministic.

Each undecided sentence is searched for terms, by their names or by the content words of these. Of all claims whose kinds fit and
for whose predicate the sentence, or what stands above it, has a word, those are proposed that the gate lets in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from kb.model import Predicate, Record, Term, list_names
from kb.problems import Place
from kb.proposals.filling import find_topic, read_sentence
from kb.proposals.gate import Gate, Verdict
from kb.proposals.stated_values import CueFinder, ValueFinder
from kb.records import resolve
from kb.schema import vocabulary
from kb.texts.indexed_text import IndexedText
from kb.verification.cues import HEDGES, Span
from kb.verification.fact_reading import POSSIBLE
from kb.verification.passages import SentenceWords, TokenisedSentence, indexes

#: Who proposes what the dictionary finds.
PROPOSER = "lexicon"

_MOST_SPREAD = 5_000  # terms of a knowledge base up to which names are also looked for in another form
_NEAR = 4  # words between an object and its qualifier
_REACH = 2  # sentences before one whose terms a pronoun can mean


class Dictionary:
    """The names and cue words of a knowledge base, and the gate through which everything goes that they find."""

    def __init__(self, gate: Gate, allows: Callable[[str, str, str, str], bool] = lambda *_: True) -> None:
        """Make the dictionary of a knowledge base; a function can say whether a claim is looked for in a sentence."""
        self._gate, self._kb, self._allows = gate, gate.kb, allows
        self.cues = CueFinder(gate.kb)
        self._values, self._lexicon = ValueFinder(gate.kb, self.cues), self.cues.lexicon

    def propose(self, document: str) -> Iterator[Verdict]:
        """Yield the proposals for the undecided sentences of a document whose text is available."""
        text, covered = self._gate.finder.texts[document], self._kb.covered().get(document, {})
        topic = [term for term in self._kb.terms.values() if find_topic(text, [term])]
        recent: list[set[str]] = []
        claims: dict[str, Verdict] = {}
        for sentence in text.document.sentences:
            words = read_sentence(text, sentence.id)
            named = {name for name, _ in self._lexicon.find_terms(TokenisedSentence(words))}
            if sentence.status(covered) == "undecided":
                found = self._find_claims(text, words, named, topic, set().union(*recent))
                for verdict in self._choose(list(found), words, {term.id for term in topic}):
                    path = resolve.parse_fact_value(verdict.fact, document).path
                    # 'These side effects, such as X' can come before the list that has X
                    if path not in claims or _rank_verdict(verdict) < _rank_verdict(claims[path]):
                        claims[path] = verdict
            recent = [*recent, named][-_REACH:]
        yield from claims.values()

    def _find_claims(
        self, text: IndexedText, words: SentenceWords, named: set[str], topic: Iterable[Term], before: set[str]
    ) -> Iterator[Verdict]:
        """Yield the claims of a sentence that pass the gate."""
        terms = self._kb.terms
        spread = {name for name in terms if name not in named and self._has_spread(text, words, terms[name])}
        here = sorted(named | spread)
        above = {name for other in text.contexts.get(words.id, ()) for name in self._find_above(text, other)}
        subjects = sorted({*here, *above, *before, *(term.id for term in topic)})
        for predicate in self._kb.predicates.values():
            if not self.cues.has_cue(text, words, predicate):
                continue
            for subject, obj in product(subjects, here):
                is_fitting = all(
                    terms[end].kind in vocabulary.with_subkinds(kinds)
                    for end, kinds in ((subject, predicate.subject), (obj, predicate.object))
                )
                if subject != obj and is_fitting and self._allows(words.id, subject, predicate.id, obj):
                    yield from self._complete(text, words, (subject, predicate, obj), here)

    def _find_above(self, text: IndexedText, sentence: str) -> Iterator[str]:
        return (name for name, _ in self._lexicon.find_terms(TokenisedSentence(read_sentence(text, sentence))))

    def _has_spread(self, text: IndexedText, words: SentenceWords, term: Term) -> bool:
        """Return whether a sentence has all content words of a name of a term, in another form or order, in one stretch."""
        if len(self._kb.terms) > _MOST_SPREAD:
            return False
        topic, passage = self._gate.filler.name_topic(text), TokenisedSentence(words)
        found = (self._gate.filler.wordings.find_spread(name, words, topic) for name in list_names(term))
        places = [sorted(indexes(passage.locate(wording))) for wording in found if wording]
        return any(not any(map(passage.has_comma, range(at[0] + 1, at[-1] + 1))) for at in places if at)

    def _complete(
        self, text: IndexedText, words: SentenceWords, claim: tuple[str, Predicate, str], here: list[str]
    ) -> Iterator[Verdict]:
        """Yield a claim with the qualifiers that its sentence gives it, if it passes the gate."""
        subject, predicate, obj = claim
        base = {
            "document": text.document.id,
            "subject": subject,
            "predicate": predicate.id,
            "object": obj,
            "quote": [{"words": text.extract(text.sentence(words.id)).strip(), "sentence": words.id}],
            "proposer": PROPOSER,
        }
        choices = {name: self._values.list_values(text, words, name, claim, here) for name in predicate.qualifiers}
        denials = TokenisedSentence(words).find(self._lexicon.cues.of("polarity", "negated", words.language))
        verdict = self._find_ready(base, predicate, choices, can_deny=bool(denials and self.cues.find_term(words, subject)))
        if verdict is None or verdict.fact["modality"] not in {*predicate.plain, "is", *HEDGES}:
            return
        for name, values in choices.items():
            for value in values:
                if name not in verdict.record.value and value not in verdict.fact.values():
                    wider = self._check({**verdict.record.value, name: value})
                    verdict = (
                        wider if wider.verdict in {"ready", verdict.verdict} and self._is_near(wider, words, value) else verdict
                    )
        if "frequency" in verdict.fact or not self._values.has_bands(words):
            yield self._inherit_hedge(text, words, predicate, verdict)

    def _find_ready(
        self, base: Mapping[str, Any], predicate: Predicate, choices: Mapping[str, list[str]], *, can_deny: bool
    ) -> Verdict | None:
        """Return the first form of a claim that the gate lets in (plain, restricted, or denied), or else a doubtful one."""
        if predicate.requires:
            needed = [[(name, value) for value in choices[name]] for name in predicate.requires]
            forms = [dict(pairs) for pairs in product(*needed)]
        else:
            limits = sorted((name for name in choices if vocabulary.qualifiers()[name].restricts), key="trigger".__eq__)
            forms = [{}, *({name: value} for name in limits for value in choices[name])]
            forms += [{"polarity": "negated"}] if can_deny else []
        doubtful = None
        for verdict in (self._check({**base, **form}) for form in forms):
            if verdict.verdict == "ready":
                return verdict
            doubtful = doubtful or (verdict if verdict.is_doubtful else None)
        return doubtful

    def _inherit_hedge(self, text: IndexedText, words: SentenceWords, predicate: Predicate, verdict: Verdict) -> Verdict:
        """Give a claim without a hedge that of what stands above it, or right before it, with words of the same relation."""
        sentences = [sentence.id for sentence in text.document.sentences]
        at = sentences.index(words.id)
        if verdict.fact["modality"] != "is":
            return verdict
        section = words.id.partition(".")[0]
        near = [name for name in reversed(sentences[max(0, at - _REACH) : at]) if name.partition(".")[0] == section]
        near = near if self.cues.find_cues(words, predicate) else []
        above = text.contexts.get(words.id, ())
        for name in (*above, *near):
            other = read_sentence(text, name)
            for modality, cues in self._lexicon.cues.all_of("modality", words.language).items():
                can_be = modality in predicate.plain or (name in above and modality in POSSIBLE)
                if can_be and TokenisedSentence(other).find(cues) and self.cues.find_cues(other, predicate):
                    hedged = self._check({**verdict.record.value, **self._quote_hedge(text, verdict, name), "modality": modality})
                    if hedged.verdict in {"ready", verdict.verdict}:
                        return hedged
        return verdict

    def _quote_hedge(self, text: IndexedText, verdict: Verdict, sentence: str) -> dict[str, Any]:
        """Return the quotes of a claim with the sentence that hedges it, unless the claim stands under it."""
        if sentence in text.contexts.get(verdict.locations[0].sentence, ()):
            return {}
        supports = ["claim", *(key for key in verdict.fact if key in vocabulary.qualifiers() and key != "modality")]
        quotes = [
            {**verdict.record.value["quote"][0], "supports": supports},
            {"words": text.extract(text.sentence(sentence)).strip(), "sentence": sentence, "supports": ["modality"]},
        ]
        return {"quote": quotes}

    def _check(self, value: Mapping[str, Any]) -> Verdict:
        return self._gate.check(Record("proposal", dict(value), Place("<lexicon>")))

    def _choose(self, verdicts: list[Verdict], words: SentenceWords, topic: Collection[str]) -> Iterator[Verdict]:
        """Yield one claim of those that share predicate and object, and one of those that share both ends.

        The subject is the topic of the document, or else what the sentence names first. The predicate is one for a
        single kind of objects, or else one whose label the sentence has, or the one with the longest words in it.
        """
        by_object: dict[tuple[str, str], list[Verdict]] = {}
        for verdict in verdicts:
            if self._is_said(verdict, words, topic):
                by_object.setdefault((verdict.fact["predicate"], str(verdict.fact["object"])), []).append(verdict)
        by_ends: dict[frozenset[str], list[Verdict]] = {}
        for alike in by_object.values():
            best = min(alike, key=lambda verdict: self._rank_subject(verdict, words, topic))
            by_ends.setdefault(frozenset((best.fact["subject"], str(best.fact["object"]))), []).append(best)
        chosen = [min(alike, key=lambda verdict: self._rank_predicate(verdict, words, topic)) for alike in by_ends.values()]
        yield from (one for one in chosen if not any(self._is_part(one, other, words) for other in chosen))

    def _is_part(self, one: Verdict, other: Verdict, words: SentenceWords) -> bool:
        """Return whether the words for the object of one claim are a part of those for that of another with the same rest."""
        if one.fact["predicate"] != other.fact["predicate"] or one.fact["subject"] != other.fact["subject"]:
            return False
        inner, outer = (self._find_object(verdict, words) for verdict in (one, other))
        return inner < outer

    def _find_object(self, verdict: Verdict, words: SentenceWords) -> set[int]:
        wording = dict(_list_declared(verdict)).get("object")
        passage, obj = TokenisedSentence(words), str(verdict.fact["object"])
        places = passage.locate(wording) if wording else self._lexicon.find_value(obj, passage)
        return set(range(min(indexes(places), default=0), max(indexes(places), default=-1) + 1))

    def _is_said(self, verdict: Verdict, words: SentenceWords, topic: Collection[str]) -> bool:
        """Return whether a sentence can speak of the subject: named on its side of the relation, or as the topic."""
        passage, terms = TokenisedSentence(words), self._kb.terms
        subjects, objects = (self.cues.find_term(words, str(verdict.fact[end])) for end in ("subject", "object"))
        predicate = self._kb.predicates[verdict.fact["predicate"]]
        cues = self._lexicon.cues.relation(predicate, words.language)
        marks = {cue.mark for cue in cues if passage.find([cue.words])}
        if objects and all(self._is_among(passage, place) for place in objects):
            return False
        if not subjects:
            kinds = {terms[name].kind for name in topic}
            starts = self._find_words(passage, "determiner") and not self._find_words(passage, "topic")
            is_other = starts and terms[verdict.fact["subject"]].kind in kinds  # 'These symptoms' are not the topic
            begins = any(start == 0 for cue in cues for start, _ in passage.find([cue.words]))
            is_meant = "subject" in dict(_list_declared(verdict)) or begins or not marks or not marks.isdisjoint(("", "~"))
            return is_meant and not is_other  # a verb that does not come first has a subject of its own
        others = {at for part, wording in _list_declared(verdict) if part != "object" for at in indexes(passage.locate(wording))}
        if indexes(subjects) <= others:
            return False
        is_directed = bool(marks) and all(mark.startswith(">") for mark in marks)
        return predicate.symmetric or not is_directed or not objects or min(subjects) < max(objects)

    @staticmethod
    def _is_among(passage: TokenisedSentence, place: Span) -> bool:
        """Return whether words stand in a bracket with others, which describe what is before it: 'reactions (pain, hives)'."""
        bracket = passage.bracket_of(place[0])
        return any(passage.has_comma(at) for at in bracket if at > min(bracket))

    def _find_words(self, passage: TokenisedSentence, name: str) -> bool:
        """Return whether a sentence begins with words of a list."""
        return any(start == 0 for start, _ in passage.find(self._lexicon.cues.list_words(name, passage.words.language)))

    def _is_near(self, verdict: Verdict, words: SentenceWords, value: str) -> bool:
        """Return whether a sentence names a qualifier next to the words that are declared for the object, if there are such."""
        wording = dict(_list_declared(verdict)).get("object")
        if wording is None or value not in self._kb.terms:
            return True
        spans = TokenisedSentence(words).locate(wording)
        first, last = min(start for start, _ in spans) - _NEAR, max(end for _, end in spans) + _NEAR
        return any(first <= start <= last for start, _ in self.cues.find_term(words, value))

    def _rank_subject(self, verdict: Verdict, words: SentenceWords, topic: Collection[str]) -> tuple[Any, ...]:
        places = self.cues.find_term(words, verdict.fact["subject"])
        declared = dict(_list_declared(verdict))
        return (
            verdict.is_doubtful,
            verdict.fact["subject"] not in topic,
            not places,
            "subject" in declared,
            min(places, default=(0, 0)),
        )

    def _rank_predicate(self, verdict: Verdict, words: SentenceWords, topic: Collection[str]) -> tuple[Any, ...]:
        predicate = self._kb.predicates[verdict.fact["predicate"]]
        lengths = [end - start for start, end in self.cues.find_cues(words, predicate)]
        is_narrow = len(predicate.object) == 1 and predicate.object != ("concept",)
        is_labelled = bool(TokenisedSentence(words).find([predicate.label]))
        return (
            verdict.is_doubtful,
            not is_narrow,
            not is_labelled,
            -max(lengths, default=0),
            len(predicate.object),
            verdict.fact["subject"] not in topic,
            predicate.id,
        )


def _rank_verdict(verdict: Verdict) -> tuple[bool, bool]:
    return verdict.is_doubtful, "frequency" not in verdict.fact


def _list_declared(verdict: Verdict) -> list[tuple[str, str]]:
    """Return the parts of a claim with the words that its evidence declares for them."""
    return [pair for piece in verdict.fact["evidence"] for pair in piece.get("as", {}).items()]
