"""Joining: facts and documents, each merged from all parts in the order of their names, brought together and judged.

Documents are gone through one by one with their facts, so that one document and one fact are held at a time. What is
refused is only named here; it is explained afterwards, in order and by one process, so that the words are the same
however the work was shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from kb.build import part_cache, parts, sorted_runs, step
from kb.build.chunks import Piece
from kb.build.sorted_runs import SortedRun
from kb.build.step import Step
from kb.build.workers import share
from kb.model import Document, Fact
from kb.problems import Problem

#: So many facts that are refused are explained in one run; the others are counted.
MOST_EXPLAINED = 10_000

#: A value, where in its piece it stands, and the number of its run.
Found = tuple[Any, int, int]

# Into so many stretches work is cut at least, where there is enough of it, so that workers end at the same time.
_SHARES = 16

# So many mentions of sentences of one document are gathered before they are counted once each.
_MOST_CITED = 100_000


class MergedRecords(NamedTuple):
    """Runs of one kind and the pieces that they were read from, in the same order."""

    runs: Sequence[SortedRun]
    pieces: Sequence[Piece]

    def merged(self, low: str = "", high: str = "") -> Iterator[Found]:
        """Give the values of all runs in order, each with where it stands and the number of its run."""
        return sorted_runs.merge_runs(self.runs, low, high)

    def located(self, found: Found) -> Any:
        """Give a value with the record that it comes from."""
        value, where, number = found
        return value._replace(record=parts.LazyRecord(self.pieces[number], where))


class Refused(NamedTuple):
    """A fact that is refused: where it stands, and its document, if there is one, without positions and digests."""

    fact: Found
    document: Document | None


class Described(NamedTuple):
    """What there is to know of a document besides its record.

    Args:
        id: Its id.
        evidence: The kind of its evidence.
        covered: For each of its sentences a byte that is 1 if a fact rests on it.
        verified: The facts of which a verification still holds, by their names.
    """

    id: str
    evidence: str
    covered: bytes
    verified: frozenset[str] = frozenset()


@dataclass
class Joined:
    """What a join found.

    Args:
        facts: How many facts there are.
        sentences: How many sentences that are no headings.
        decided: How many of them are covered or exempted.
        outdated: How many results of verification no longer hold.
        refused: The facts that were refused, up to a number.
        unexplained: How many more were refused.
        twice: Facts, each with an earlier one that claims the same.
        problems: What is wrong with documents.
        words: The words of the vocabulary that documents use.
        fact_words: Those that facts use.
        documents: What writing them needs to know of each document, in order.
    """

    facts: int = 0
    sentences: int = 0
    decided: int = 0
    outdated: int = 0
    refused: list[Refused] = field(default_factory=list)
    unexplained: int = 0
    twice: list[tuple[Found, Found]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    fact_words: set[str] = field(default_factory=set)
    documents: list[Described] = field(default_factory=list)

    def add(self, other: Joined) -> None:
        """Take over what was found in the documents that follow, by whomever."""
        self.facts += other.facts
        self.sentences += other.sentences
        self.decided += other.decided
        self.outdated += other.outdated
        self.unexplained += other.unexplained
        self.refused += other.refused
        self.twice += other.twice
        self.problems += other.problems
        self.words |= other.words
        self.fact_words |= other.fact_words
        self.documents += other.documents


class Pair(NamedTuple):
    """A document, if there is one of that name, and the facts that it states."""

    name: str
    documents: list[Found]
    facts: Iterator[Found]


def pair_up(facts: MergedRecords, documents: MergedRecords, low: str = "", high: str = "") -> Iterator[Pair]:
    """Bring facts and documents together, document by document in the order of their names.

    The facts of a pair must be gone through before the next pair is asked for.

    Args:
        facts: The facts.
        documents: The documents; those that share an id come together.
        low: The key to begin with, ``fact/DOCUMENT/``.
        high: The key before which to end; empty for none.
    """
    stated = groupby(facts.merged(low, high), lambda each: str(each[0].document))
    described = groupby(documents.merged(low, high), lambda each: str(each[0].id))
    fact_group, document_group = next(stated, None), next(described, None)
    while fact_group or document_group:
        first = min(each[0] + "/" for each in (fact_group, document_group) if each)
        has_facts = fact_group is not None and fact_group[0] + "/" == first
        has_document = document_group is not None and document_group[0] + "/" == first
        found = list(document_group[1]) if document_group and has_document else []
        yield Pair(first[:-1], found, fact_group[1] if fact_group and has_facts else iter(()))
        if has_facts:
            fact_group = next(stated, None)
        if has_document:
            document_group = next(described, None)


#: Adds to a document what is not in its record; takes the folder of the knowledge base, and a list to which problems are added.
Complete = Callable[[Document, Path, list[Problem]], Document]


def complete(document: Document, folder: Path, problems: list[Problem]) -> Document:
    """Add to a document its results of verification and, if it ships, its text, after checking the document against it.

    Args:
        document: The document.
        folder: The folder of the knowledge base.
        problems: The list to which problems are added.
    """
    return step.add_text(add_results(document, folder, problems), folder, problems)


def add_results(document: Document, folder: Path, problems: list[Problem]) -> Document:
    """Add to a document its results of verification, from the file of its name in ``verification/``."""
    path = folder / "verification" / f"{document.id}.yaml"
    if not path.exists():
        return document
    part = part_cache.read_part(Piece("verification", str(path)))
    problems.extend(part.problems)
    return step.add_results(document, () if part.problems else (value for value, _ in sorted_runs.read(part.run)))


class Joiner:
    """Judges facts and documents, pair by pair.

    Args:
        facts: The facts.
        documents: The documents.
        steps: The steps of the knowledge base.
        folder: The folder of the knowledge base.
        complete: Adds to a document what is not in its record: :func:`complete`, or :func:`add_results` where the
            caller reads the texts.
    """

    def __init__(
        self, facts: MergedRecords, documents: MergedRecords, steps: Step, folder: Path, complete: Complete = complete
    ) -> None:
        self._facts, self._documents = facts, documents
        self._step, self._folder, self._complete = steps, folder, complete
        self._joined = Joined()
        self._verified: set[str] = set()

    def judge(self, low: str = "", high: str = "") -> Joined:
        """Judge what lies between two keys, or everything."""
        self._joined = Joined()
        for pair in pair_up(self._facts, self._documents, low, high):
            document = self._document(pair.documents)
            self._verified = set()
            cited = self._judge_facts(pair.facts, document)
            if document is not None:
                self._judge_document(document, cited)
        self._joined.fact_words |= self._step.used()
        return self._joined

    def _document(self, found: list[Found]) -> Document | None:
        if not found:
            return None
        located = [self._documents.located(each) for each in found]
        self._joined.problems.extend(self._step.duplicates(located))
        return self._complete(located[-1], self._folder, self._joined.problems)

    def _judge_facts(self, facts: Iterator[Found], document: Document | None) -> set[str]:
        sentences = {sentence.id for sentence in document.sentences} if document else set[str]()
        results = self._step.current_results(document) if document else None
        accepts, joined, path = self._step.accepts, self._joined, ""
        cited: list[str] = []
        first: Found | None = None
        for found in facts:
            fact: Fact = found[0]
            joined.facts += 1
            if fact.path == path and first is not None:
                joined.twice.append((found, first))
            else:
                path, first = fact.path, found
            if document is None or not accepts(fact, sentences):
                self._refuse(found, document)
            elif results and (result := results.of(fact)):
                self._verified.add(result.fact)
                joined.fact_words.update((result.verdict, *result.checked, *result.unchecked))
            cited += [piece.sentence for piece in fact.evidence]
            if len(cited) > _MOST_CITED:
                cited = list(set(cited))
        return set(cited)

    def _refuse(self, found: Found, document: Document | None) -> None:
        if len(self._joined.refused) < MOST_EXPLAINED:
            self._joined.refused.append(Refused(found, document))
        else:
            self._joined.unexplained += 1

    def _judge_document(self, document: Document, cited: set[str]) -> None:
        joined, checked = self._joined, self._step.check_document(document, cited)
        joined.problems.extend(checked.problems)
        joined.words |= checked.words
        joined.sentences += checked.sentences
        joined.decided += checked.decided
        joined.outdated += len(document.verified) - len(self._verified)
        joined.documents.append(Described(document.id, document.evidence, checked.covered, frozenset(self._verified)))


def choose_bounds(source: MergedRecords, most: int = 96) -> list[tuple[str, str]]:
    """Cut the names of documents into stretches of about as many facts each, for workers.

    Args:
        source: The facts.
        most: How many marks of runs there may be between two bounds, about.
    """
    keys = sorted(mark.key for run in source.runs for mark in run.marks)
    most = min(most, len(keys) // _SHARES + 1)
    starts = sorted({f"fact/{key.split('/')[1]}/" for key in keys[most::most]})
    return list(zip(["", *starts], [*starts, ""], strict=True))


def check_all(joiner: Joiner, facts: MergedRecords, workers: int) -> Joined:
    """Judge everything, by as many processes as there are workers."""
    stretches = choose_bounds(facts) if workers > 1 else [("", "")]
    whole = Joined()
    for joined in share(lambda stretch: joiner.judge(*stretch), stretches, workers):
        left = MOST_EXPLAINED - len(whole.refused)
        joined.unexplained += len(joined.refused[left:])
        del joined.refused[left:]
        whole.add(joined)
    return whole
