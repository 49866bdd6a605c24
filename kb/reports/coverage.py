"""What was decided on every sentence, what each part of a fact rests on, and what no fact uses.

A sentence is *covered* by facts, *exempted* for a reason, or *undecided*; headings need no decision. The share of a text
counts sentences that are decided, whichever way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from kb import pipeline
from kb.checks import document_checks
from kb.model import Document, Fact, KnowledgeBase
from kb.problems import KbError, Problem
from kb.rdf.documents import status
from kb.rdf.wording import word_fact
from kb.schema import vocabulary


class Decision(NamedTuple):
    """What was decided on a sentence.

    Args:
        document: The id of its document.
        section: The number of its section.
        sentence: Its id.
        status: ``covered``, ``exempted`` or ``undecided``.
        facts: The facts that rest on it, in words.
        reason: The kind of reason for which it is exempted.
        by: The sentences that say the same.
        note: The reason in words.
    """

    document: str
    section: int
    sentence: str
    status: str
    facts: tuple[str, ...] = ()
    reason: str = ""
    by: tuple[str, ...] = ()
    note: str = ""


class Share(NamedTuple):
    """How much of a text is decided.

    Args:
        document: The id of the document; empty for all of them.
        section: The number of the section; None for the whole document.
        title: The title of the document or the topic of the section.
        sentences: How many sentences there are, headings apart.
        covered: How many of them facts rest on.
        exempted: How many are exempted, by kind of reason.
        undecided: How many are left.
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
        """How many sentences are covered or exempted."""
        return self.sentences - self.undecided

    @property
    def share(self) -> float:
        """The decided part of the sentences, from 0 to 1; 1 where there are none."""
        return self.decided / self.sentences if self.sentences else 1.0


class Support(NamedTuple):
    """Which parts of a fact have evidence of their own.

    Args:
        fact: The fact in words.
        path: Its path below the base IRI.
        document: The id of its document.
        sentences: The sentences that it rests on.
        own: The parts that a piece of evidence names, with the sentences that do.
        shared: The parts that rest on the fact's evidence as a whole.
    """

    fact: str
    path: str
    document: str
    sentences: tuple[str, ...]
    own: Mapping[str, Sequence[str]]
    shared: tuple[str, ...]


class Coverage(NamedTuple):
    """The coverage of a knowledge base.

    Args:
        total: Over all documents.
        documents: Of each document.
        sections: Of each section, in the order of the texts.
        decisions: Of each sentence, in the order of the texts.
        supports: Of each fact.
        unused_terms: Ids of terms that no fact names.
        unused_predicates: Ids of predicates that no fact uses.
        resting_on_exempted: Paths of facts all of whose sentences are exempted.
    """

    total: Share
    documents: tuple[Share, ...]
    sections: tuple[Share, ...]
    decisions: tuple[Decision, ...]
    supports: tuple[Support, ...]
    unused_terms: tuple[str, ...]
    unused_predicates: tuple[str, ...]
    resting_on_exempted: tuple[str, ...]


def read(path: Path) -> KnowledgeBase:
    """Read a knowledge base whose coverage is asked for: that facts rest on exempted sentences (KB404) is part of the answer.

    Raises:
        KbError: It has other problems.
    """
    checked = pipeline.check(path)
    if checked.kb is None or any(each.code != "KB404" for each in checked.problems):
        raise KbError(checked.problems)
    return checked.kb


def measure(kb: KnowledgeBase) -> Coverage:
    """Measure the coverage of a knowledge base."""
    decided = decisions(kb)
    named = {name for fact in kb.facts for name in (fact.subject, fact.object, *fact.qualifiers.values())}
    used = {fact.predicate for fact in kb.facts}
    return Coverage(
        total=_share("", None, "", decided),
        documents=tuple(
            _share(name, None, document.title, [each for each in decided if each.document == name])
            for name, document in kb.documents.items()
        ),
        sections=tuple(_sections(decided, kb)),
        decisions=tuple(decided),
        supports=tuple(_support(fact, kb) for fact in kb.facts),
        unused_terms=tuple(name for name in kb.terms if name not in named),
        unused_predicates=tuple(name for name in kb.predicates if name not in used),
        resting_on_exempted=tuple(_resting_on_exempted(kb)),
    )


def decisions(kb: KnowledgeBase) -> list[Decision]:
    """Tell the decision on every sentence that is not a heading, in the order of the texts."""
    covered = kb.covered()
    return [
        decision
        for document in kb.documents.values()
        for decision in _decisions(document, covered.get(document.id, {}), lambda fact: word_fact(fact, kb))
    ]


def _decisions(document: Document, covered: Mapping[str, list[Fact]], say: Callable[[Fact], str]) -> Iterable[Decision]:
    for sentence in document.sentences:
        if not sentence.is_heading:
            facts = tuple(map(say, covered.get(sentence.id, ())))
            because = (sentence.exempt.reason, sentence.exempt.by, sentence.exempt.note) if sentence.exempt else ()
            yield Decision(document.id, sentence.section, sentence.id, status(sentence, covered), facts, *because)


def _share(document: str, section: int | None, title: str, decided: Sequence[Decision]) -> Share:
    counts = Counter(each.status for each in decided)
    reasons = Counter(each.reason for each in decided if each.status == "exempted")
    kinds = {reason: reasons[reason] for reason in vocabulary.values("reason") if reasons[reason]}
    return Share(document, section, title, len(decided), counts["covered"], kinds, counts["undecided"])


def _sections(decided: Iterable[Decision], kb: KnowledgeBase) -> Iterable[Share]:
    for (name, number), part in groupby(decided, key=lambda each: (each.document, each.section)):
        topics = {section.number: section.topic for section in kb.documents[name].sections}
        yield _share(name, number, topics.get(number, ""), list(part))


def _support(fact: Fact, kb: KnowledgeBase) -> Support:
    own: dict[str, list[str]] = {}
    for piece in fact.evidence:
        for part in piece.supports if piece.name != piece.sentence else ():  # its name tells that it names its parts
            own.setdefault(part, []).append(piece.sentence)
    shared = tuple(part for part in ("claim", *fact.qualifiers) if part not in own)
    return Support(word_fact(fact, kb), fact.path, fact.document, fact.sentences, own, shared)


def _resting_on_exempted(kb: KnowledgeBase) -> Iterable[str]:
    exempted = {
        (document.id, sentence.id) for document in kb.documents.values() for sentence in document.sentences if sentence.exempt
    }
    for fact in kb.facts:
        if all((fact.document, sentence) in exempted for sentence in fact.sentences):
            yield fact.path


def problems(kb: KnowledgeBase) -> Iterator[Problem]:
    """Find sentences that are undecided (KB403), or both covered and exempted (KB404)."""
    yield from document_checks.undecided(kb)
    covered = kb.covered()
    for document in kb.documents.values():
        yield from (each for each in document_checks.check(document, covered.get(document.id, {})) if each.code == "KB404")


def plain(coverage: Coverage) -> dict[str, Any]:
    """Give a coverage as plain values, for JSON."""

    def share(each: Share) -> dict[str, Any]:
        return {**each._asdict(), "decided": each.decided, "share": round(each.share, 6)}

    return {
        **{key: value for key, value in share(coverage.total).items() if key not in {"document", "section", "title"}},
        "documents": [{key: value for key, value in share(each).items() if key != "section"} for each in coverage.documents],
        "sections": [share(each) for each in coverage.sections],
        "decisions": [each._asdict() for each in coverage.decisions],
        "facts": [each._asdict() for each in coverage.supports],
        "unused terms": coverage.unused_terms,
        "unused predicates": coverage.unused_predicates,
        "facts resting on exempted sentences": coverage.resting_on_exempted,
    }


def told(share: Share) -> str:
    """Tell a share in one sentence."""
    exempted = ", ".join(f"{vocabulary.values('reason')[reason].label} {count}" for reason, count in share.exempted.items())
    return (
        f"{share.decided} of {share.sentences} sentences are decided ({percent(share.share)}): {share.covered} covered, "
        f"{sum(share.exempted.values())} exempted{f' ({exempted})' if exempted else ''}, {share.undecided} undecided."
    )


def percent(share: float) -> str:
    """Write a share in percent, rounded; what is not whole is never shown as 100 %."""
    return f"{100 if share == 1 else min(99, round(share * 100))}%"


def said(decision: Decision) -> str:
    """Say what was decided on a sentence."""
    if decision.status == "covered":
        return f"covered by {len(decision.facts)} fact{'s' if len(decision.facts) > 1 else ''}"
    if decision.status == "exempted":
        by = f" ({', '.join(decision.by)})" if decision.by else ""
        return f"exempted: {vocabulary.values('reason')[decision.reason].label}{by}"
    return "undecided"
