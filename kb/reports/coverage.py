"""How much a knowledge base contains, as ``kb stats`` prints it, and how much of its texts it covers, as ``kb coverage`` does.

Coverage is the decision on every sentence, the evidence of every part of a fact, and terms and predicates without facts.

A sentence is *covered* by facts, *exempted* for a reason, or *undecided*; headings need no decision. The share of a text is
the share of its sentences that are covered or exempted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from kb.checks import document_checks
from kb.document_parts import SentenceStatus
from kb.model import Document, Fact, KnowledgeBase
from kb.problems import Problem
from kb.rdf import dataset
from kb.rdf.facts import has_plain_triple
from kb.rdf.wording import word_fact
from kb.schema import vocabulary


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision on a sentence: ``facts`` are claims in words, ``by`` names sentences that say the same."""

    document: str
    section: int
    sentence: str
    status: SentenceStatus
    facts: tuple[str, ...] = ()
    reason: str = ""
    by: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """Counts of the sentences of a section, of a document or of all documents; headings are not counted.

    ``document`` is empty for all documents, ``section`` None for a whole document; ``exempted`` counts by kind of reason.
    """

    document: str
    section: int | None
    title: str
    sentences: int
    covered: int
    exempted: Mapping[str, int]
    undecided: int

    @property
    def decided(self) -> int:
        """The number of sentences that are covered or exempted."""
        return self.sentences - self.undecided

    @property
    def share(self) -> float:
        """The decided part of the sentences, from 0 to 1; 1 where there are none."""
        return self.decided / self.sentences if self.sentences else 1.0


@dataclass(frozen=True, slots=True)
class Support:
    """The evidence of the parts of a fact, which is given in words and by its path.

    ``own`` are the parts that pieces of evidence name, each with its sentences; ``shared`` those that rest on all evidence.
    """

    fact: str
    path: str
    document: str
    sentences: tuple[str, ...]
    own: Mapping[str, Sequence[str]]
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of a knowledge base, in the order of its texts and records.

    ``resting_on_exempted`` holds the paths of facts all of whose sentences are exempted.
    """

    total: Share
    documents: tuple[Share, ...]
    sections: tuple[Share, ...]
    decisions: tuple[Decision, ...]
    supports: tuple[Support, ...]
    unused_terms: tuple[str, ...]
    unused_predicates: tuple[str, ...]
    resting_on_exempted: tuple[str, ...]


def measure(kb: KnowledgeBase) -> Coverage:
    """Measure the coverage of a knowledge base."""
    decisions = list_decisions(kb)
    named = {name for fact in kb.facts for name in (fact.subject, fact.object, *fact.values)}
    used = {fact.predicate for fact in kb.facts}
    exempted = {(name, entry.id) for name, document in kb.documents.items() for entry in document.sentences if entry.exempt}
    return Coverage(
        total=_share("", None, "", decisions),
        documents=tuple(
            _share(name, None, document.title, [decision for decision in decisions if decision.document == name])
            for name, document in kb.documents.items()
        ),
        sections=tuple(
            _share(name, number, _topic(kb.documents[name], number), list(part))
            for (name, number), part in groupby(decisions, key=lambda decision: (decision.document, decision.section))
        ),
        decisions=tuple(decisions),
        supports=tuple(_support(fact, kb) for fact in kb.facts),
        unused_terms=tuple(name for name in kb.terms if name not in named),
        unused_predicates=tuple(name for name in kb.predicates if name not in used),
        resting_on_exempted=tuple(
            fact.path for fact in kb.facts if {(fact.document, sentence) for sentence in fact.sentences} <= exempted
        ),
    )


def list_decisions(kb: KnowledgeBase) -> list[Decision]:
    """Return the decision on every sentence that is not a heading, in the order of the texts."""
    covered = kb.covered()
    decisions = []
    for document, statuses in kb.statuses():
        facts = covered.get(document.id, {})
        for sentence, status in zip(document.sentences, statuses, strict=True):
            if status != "heading":
                claims = tuple(word_fact(fact, kb.terms, kb.predicates) for fact in facts.get(sentence.id, ()))
                exemption = sentence.exempt or ()
                decisions.append(Decision(document.id, sentence.section, sentence.id, status, claims, *exemption))
    return decisions


def _share(document: str, section: int | None, title: str, decisions: Sequence[Decision]) -> Share:
    counts = Counter(decision.status for decision in decisions)
    reasons = Counter(decision.reason for decision in decisions if decision.status == "exempted")
    kinds = {reason: reasons[reason] for reason in vocabulary.values("reason") if reasons[reason]}
    return Share(document, section, title, len(decisions), counts["covered"], kinds, counts["undecided"])


def _topic(document: Document, number: int) -> str:
    return next((section.topic for section in document.sections if section.number == number), "")


def _support(fact: Fact, kb: KnowledgeBase) -> Support:
    own: dict[str, list[str]] = {}
    for piece in fact.evidence:
        for part in piece.supports if "/" in piece.name else ():  # after the bar, a name lists the parts
            own.setdefault(part, []).append(piece.sentence)
    shared = tuple(part for part in ("claim", *fact.qualifiers) if part not in own)
    return Support(word_fact(fact, kb.terms, kb.predicates), fact.path, fact.document, fact.sentences, own, shared)


def find_problems(kb: KnowledgeBase) -> Iterator[Problem]:
    """Yield the problems of sentences that are undecided (KB403), or both covered and exempted (KB404)."""
    yield from document_checks.find_undecided(kb)
    covered = kb.covered()
    for document in kb.documents.values():
        problems = document_checks.check(document, covered.get(document.id, {}))
        yield from (problem for problem in problems if problem.code == "KB404")


def to_json(coverage: Coverage) -> dict[str, Any]:
    """Return a coverage as an object for JSON."""
    return {
        **_share_to_json(coverage.total, "document", "section", "title"),
        "documents": [_share_to_json(share, "section") for share in coverage.documents],
        "sections": [_share_to_json(share) for share in coverage.sections],
        "decisions": [asdict(decision) for decision in coverage.decisions],
        "facts": [asdict(support) for support in coverage.supports],
        "unused terms": coverage.unused_terms,
        "unused predicates": coverage.unused_predicates,
        "facts resting on exempted sentences": coverage.resting_on_exempted,
    }


def _share_to_json(share: Share, *omitted: str) -> dict[str, Any]:
    value = {**asdict(share), "decided": share.decided, "share": round(share.share, 6)}
    return {key: entry for key, entry in value.items() if key not in omitted}


def describe_share(share: Share) -> str:
    """Describe a share in one sentence."""
    if not share.sentences:
        return "There are no sentences to decide."
    exempted = ", ".join(f"{vocabulary.values('reason')[reason].label} {count}" for reason, count in share.exempted.items())
    return (
        f"{share.decided} of {share.sentences} sentences are decided ({percent(share)}): {share.covered} covered, "
        f"{sum(share.exempted.values())} exempted{f' ({exempted})' if exempted else ''}, {share.undecided} undecided."
    )


def percent(share: Share) -> str:
    """Format a share in percent, rounded; only 1 is 100%, and of no sentences there is none."""
    if not share.sentences:
        return "-"
    return f"{100 if share.share == 1 else min(99, round(share.share * 100))}%"


def describe_decision(decision: Decision) -> str:
    """Describe a decision in a few words."""
    if decision.status == "covered":
        return f"covered by {len(decision.facts)} fact{'s' if len(decision.facts) > 1 else ''}"
    if decision.status == "exempted":
        by = f" ({', '.join(decision.by)})" if decision.by else ""
        return f"exempted: {vocabulary.values('reason')[decision.reason].label}{by}"
    return "undecided"


def count_contents(kb: KnowledgeBase) -> dict[str, int | dict[str, int]]:
    """Count documents, sentences, terms, predicates, facts, evidence and mappings, some of them by kind."""
    counts = dataset.count(kb)
    return {
        "documents": len(kb.documents),
        "sentences": counts.sentences,
        "sentences decided": counts.decided,
        "terms": dict(sorted(Counter(term.kind for term in kb.terms.values()).items())),
        "terms in all": counts.terms,
        "predicates": len(kb.predicates),
        "facts": dict(sorted(Counter(fact.predicate for fact in kb.facts).items())),
        "facts in all": counts.facts,
        "facts with a bare triple": sum(has_plain_triple(fact, kb.predicates[fact.predicate]) for fact in kb.stated_facts()),
        "pieces of evidence": sum(len(fact.evidence) for fact in kb.facts),
        "mappings": dict(sorted(Counter(mapping.match for mapping in kb.mappings).items())),
        "mappings in all": len(kb.mappings),
    }
