"""Check whether the sentences of a fact state what it claims.

A sentence that supports the claim must name its subject or object, and all of them together must name both: by a label of
the term, by the value of a literal, or by the words that the evidence declares (``as``). It must hold a cue word of the
predicate, and nothing that denies, hedges, restricts or doubts the claim unless the fact says so too. A sentence that
supports a qualifier must be about the claim, and hold a cue word of the value or name its term. A sentence inherits what the
headings, lead-ins and table headers above it say, and the topic of its document where it names no other subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from kb.model import Fact, KnowledgeBase
from kb.verification.antecedents import add_antecedents
from kb.verification.assertions import check_assertion
from kb.verification.ends import check_ends, check_wordings
from kb.verification.fact_reading import FactReading, Finding, Lexicon, Source, read_words
from kb.verification.qualifiers import check_qualifier_hedges, check_qualifiers
from kb.verification.relation import check_relation
from kb.verification.uses import add_uses


@dataclass(frozen=True, slots=True)
class Judgement:
    """The parts of a fact that were checked, those that could not be, those that rest on the topic alone, and what is wrong.

    Parts are subject, predicate, object, negation, hedges, restrictions, and the qualifiers. They are skipped if no cue words
    are known or no text is available.
    """

    checked: tuple[str, ...]
    skipped: tuple[str, ...]
    findings: tuple[Finding, ...]
    by_topic: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        """The parts with findings."""
        return tuple(dict.fromkeys(finding.part for finding in self.findings))

    @property
    def verdict(self) -> str:
        """Whether something is wrong, nothing is, or the claim could not be compared."""
        if self.findings:
            return "failed"
        return "passed" if {"subject", "predicate", "object", "negation"} <= set(self.checked) else "not-checked"


class Judge:
    """Checks facts of a knowledge base against sentences, with its cue words."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._lexicon = Lexicon(kb)
        self._sources: dict[str, Source] = {}

    def widen(self, kb: KnowledgeBase) -> Judge:
        """Return one for the same knowledge base with more terms; sentences that were read are not read again."""
        wider = Judge(kb)
        wider._sources = self._sources
        return wider

    def judge(self, fact: Fact, sentences: Mapping[str, str], contexts: Mapping[str, tuple[str, ...]] | None = None) -> Judgement:
        """Check a fact against the available sentences of its document.

        Args:
            fact: The fact.
            sentences: The words of the sentences, by id; the same for all facts of a document.
            contexts: The sentences under which each stands (:func:`kb.texts.structure.find_contexts`).
        """
        reading = FactReading(self._lexicon, fact, self._source(fact.document, sentences, contexts or {}))
        add_uses(reading)
        add_antecedents(reading)
        findings = [*check_wordings(reading), *check_ends(reading)]
        findings += [finding for claim in reading.claims for finding in check_relation(reading, claim)]
        findings += check_qualifiers(reading)
        findings += [finding for claim in reading.claims for finding in check_assertion(reading, claim)]
        findings += check_qualifier_hedges(reading)
        return Judgement(
            tuple(part for part, is_checked in reading.checked.items() if is_checked),
            tuple(part for part, is_checked in reading.checked.items() if not is_checked),
            tuple(findings),
            tuple(reading.by_topic),
        )

    def _source(self, name: str, sentences: Mapping[str, str], contexts: Mapping[str, tuple[str, ...]]) -> Source:
        known = self._sources.get(name)
        if known and known.sentences is sentences:
            return known
        document = self._lexicon.kb.documents[name]
        listed = [sentence for sentence in document.sentences if sentence.id in sentences]
        words = {one.id: read_words(one.id, sentences[one.id], one.start, document.language) for one in listed}
        before = {after.id: one.id for one, after in pairwise(listed)}
        title = read_words("title", document.title, 0, document.language)
        source = self._sources[name] = Source(document, sentences, words, before, contexts, title)
        return source
