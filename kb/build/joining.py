"""Join facts with their documents, and check them: one document and one fact are held in memory at a time.

Facts and documents are merged from all parts in the order of their names. Refused facts are only collected here; they are
explained afterwards, by one process and in order, so that messages do not depend on the number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from kb.build import part_cache, parts, sorted_runs, step
from kb.build.chunks import Piece
from kb.build.sorted_runs import SortedRun
from kb.build.step import Step
from kb.build.workers import share
from kb.files import boundary
from kb.model import Document, Fact
from kb.problems import KbError, Problem, collect

#: How many refused facts are explained in one run; the others are counted.
MOST_EXPLAINED = 10_000

#: A value, its position in its piece, and the number of its run.
Entry = tuple[Any, int, int]

# The least number of ranges that work is cut into, where there is enough of it, so that workers finish together.
_LEAST_RANGES = 16

# How many citations of sentences of one document are collected before repeated ones are removed.
_MOST_CITED = 100_000


class MergedRecords(NamedTuple):
    """Runs of one kind and the pieces that they were read from, in the same order.

    Args:
        documents: The documents whose records are merged, with their facts; all by default.
    """

    runs: Sequence[SortedRun]
    pieces: Sequence[Piece]
    documents: Container[str] | None = None

    def merge(self, low: str = "", high: str = "") -> Iterator[Entry]:
        """Return the values of all runs in order, from one key up to another."""
        entries, chosen = sorted_runs.merge_runs(self.runs, low, high), self.documents
        if chosen is None:
            return entries
        return (entry for entry in entries if (entry[0].document if isinstance(entry[0], Fact) else entry[0].id) in chosen)

    def locate(self, entry: Entry) -> Any:
        """Return a value with the record that it comes from."""
        value, where, number = entry
        return value._replace(record=parts.LazyRecord(self.pieces[number], where))


class RefusedFact(NamedTuple):
    """A refused fact, and its document, if there is one."""

    fact: Entry
    document: Document | None


class DocumentSummary(NamedTuple):
    """What the join records about a document, for the writers.

    Args:
        id: Its id.
        evidence: The type of its evidence, as a CURIE.
        counts: How many facts it states, how many sentences it has without headings, and how many of these are decided.
        covered: For each of its sentences a byte that is 1 if a fact rests on it.
        verified: The facts whose result of verification is up to date, by their paths below the document's.
    """

    id: str
    evidence: str
    counts: tuple[int, int, int]
    covered: bytes
    verified: frozenset[str] = frozenset()


@dataclass
class JoinResult:
    """The result of joining and checking facts and documents.

    Args:
        facts: How many facts there are.
        sentences: How many sentences there are, without headings.
        decided: How many of them are covered or exempted.
        outdated: How many results of verification are out of date.
        refused: The refused facts, up to :data:`MOST_EXPLAINED`.
        unexplained: How many more facts were refused, or make the claim of an earlier one.
        duplicates: Facts, each with an earlier one that makes the same claim, up to :data:`MOST_EXPLAINED`.
        problems: What is wrong with documents.
        words: The words of the vocabulary that documents use.
        fact_words: The words that facts use.
        documents: A summary of each document, in order.
    """

    facts: int = 0
    sentences: int = 0
    decided: int = 0
    outdated: int = 0
    refused: list[RefusedFact] = field(default_factory=list)
    unexplained: int = 0
    duplicates: list[tuple[Entry, Entry]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    fact_words: set[str] = field(default_factory=set)
    documents: list[DocumentSummary] = field(default_factory=list)

    def add(self, other: JoinResult) -> None:
        """Add the result for the documents that follow."""
        for name, more in vars(other).items():
            have = getattr(self, name)
            setattr(self, name, have | more if isinstance(have, set) else have + more)


class Pair(NamedTuple):
    """The documents of one id, which should be one, and the facts that name it."""

    name: str
    documents: list[Entry]
    facts: Iterator[Entry]


def pair_documents(facts: MergedRecords, documents: MergedRecords, low: str = "", high: str = "") -> Iterator[Pair]:
    """Pair documents with their facts, in the order of the names of documents.

    The facts of a pair must be read before the next pair is.

    Args:
        facts: The facts.
        documents: The documents; those that share an id come together.
        low: The key to begin with, ``fact/DOCUMENT/``.
        high: The key before which to end; empty for none.
    """
    fact_groups = groupby(facts.merge(low, high), lambda entry: str(entry[0].document))
    document_groups = groupby(documents.merge(low, high), lambda entry: str(entry[0].id))
    fact_group, document_group = next(fact_groups, None), next(document_groups, None)
    while fact_group or document_group:
        first = min(group[0] + "/" for group in (fact_group, document_group) if group)
        has_facts = fact_group is not None and fact_group[0] + "/" == first
        has_document = document_group is not None and document_group[0] + "/" == first
        entries = list(document_group[1]) if document_group and has_document else []
        yield Pair(first[:-1], entries, fact_group[1] if fact_group and has_facts else iter(()))
        if has_facts:
            fact_group = next(fact_groups, None)
        if has_document:
            document_group = next(document_groups, None)


#: Adds to a document what is not in its record; takes the folder of the knowledge base, and a list to which problems are added.
Complete = Callable[[Document, Path, list[Problem]], Document]


def complete(document: Document, folder: Path, problems: list[Problem]) -> Document:
    """Add to a document its results of verification and, if it ships, its text, after checking the document against it."""
    return step.add_text(add_results(document, folder, problems), folder, problems)


def add_results(document: Document, folder: Path, problems: list[Problem]) -> Document:
    """Add to a document its results of verification, from the file of its name in ``verification/``."""
    path = folder / "verification" / f"{document.id}.yaml"
    try:
        if not boundary.exists(path):
            return document
    except KbError as error:
        problems.extend(error.problems)
        return document
    (part,) = part_cache.read_parts(Piece("verification", str(path)))
    problems.extend(part.problems)
    return step.add_results(document, () if part.problems else (value for value, _ in sorted_runs.read(part.run)))


class Joiner:
    """Checks facts and documents, pair by pair.

    Args:
        complete: Adds to a document what is not in its record: :func:`complete`, or :func:`add_results` where the
            caller reads the texts.
    """

    def __init__(
        self, facts: MergedRecords, documents: MergedRecords, steps: Step, folder: Path, complete: Complete = complete
    ) -> None:
        self._facts, self._documents = facts, documents
        self._step, self._folder, self._complete = steps, folder, complete
        self._joined = JoinResult()
        self._verified: set[str] = set()

    def check(self, low: str = "", high: str = "") -> JoinResult:
        """Check everything between two keys."""
        self._joined = JoinResult()
        for pair in pair_documents(self._facts, self._documents, low, high):
            document = self._document(pair.documents)
            self._verified = set()
            before = self._joined.facts
            cited = self._check_facts(pair.facts, document)
            if document is not None:
                self._check_document(document, cited, self._joined.facts - before)
        self._joined.fact_words |= self._step.used_words()
        return self._joined

    def _document(self, entries: list[Entry]) -> Document | None:
        if not entries:
            return None
        located = [self._documents.locate(entry) for entry in entries]
        self._joined.problems.extend(self._step.find_duplicates(located))
        return self._complete(located[-1], self._folder, self._joined.problems)

    def _check_facts(self, facts: Iterator[Entry], document: Document | None) -> set[str]:
        sentences = {sentence.id for sentence in document.sentences} if document else set[str]()
        results = self._step.current_results(document) if document else None
        accepts, joined, path = self._step.accepts, self._joined, ""
        cited: list[str] = []
        first: Entry | None = None
        for entry in facts:
            fact: Fact = entry[0]
            joined.facts += 1
            if fact.path == path and first is not None:
                if len(joined.duplicates) < MOST_EXPLAINED:
                    joined.duplicates.append((entry, first))
                else:
                    joined.unexplained += 1
            else:
                path, first = fact.path, entry
            if document is None or not accepts(fact, sentences):
                self._refuse(entry, document)
            elif results and (result := results.of(fact)):
                self._verified.add(result.fact)
                joined.fact_words.update((result.verdict, *result.checked, *result.unchecked))
            cited += [piece.sentence for piece in fact.evidence]
            if len(cited) > _MOST_CITED:
                cited = list(set(cited))
        return set(cited)

    def _refuse(self, entry: Entry, document: Document | None) -> None:
        if len(self._joined.refused) < MOST_EXPLAINED:
            self._joined.refused.append(RefusedFact(entry, document))
        else:
            self._joined.unexplained += 1

    def _check_document(self, document: Document, cited: set[str], facts: int) -> None:
        joined, checked = self._joined, self._step.check_document(document, cited)
        joined.problems.extend(collect(checked.problems))
        joined.words |= checked.words
        joined.sentences += checked.sentences
        joined.decided += checked.decided
        joined.outdated += len(document.verified) - len(self._verified)
        counts = (facts, checked.sentences, checked.decided)
        joined.documents.append(
            DocumentSummary(document.id, document.evidence, counts, checked.covered, frozenset(self._verified))
        )


def choose_bounds(source: MergedRecords, most: int = 96) -> list[tuple[str, str]]:
    """Cut the names of documents into ranges with about the same number of facts, for workers.

    Args:
        source: The facts.
        most: About how many marks of runs a range has at most.

    Returns:
        The key with which each range begins, and the key before which it ends; empty where it is open.
    """
    keys = sorted(mark.key for run in source.runs for mark in run.marks)
    most = min(most, len(keys) // _LEAST_RANGES + 1)
    starts = sorted({f"fact/{key.split('/')[1]}/" for key in keys[most::most]})
    return list(zip(["", *starts], [*starts, ""], strict=True))


def check_all(joiner: Joiner, facts: MergedRecords, workers: int) -> JoinResult:
    """Check everything, in as many processes as there are workers."""
    ranges = choose_bounds(facts) if workers > 1 else [("", "")]
    total = JoinResult()
    for joined in share(lambda bounds: joiner.check(*bounds), ranges, workers):
        left = MOST_EXPLAINED - len(total.refused)
        joined.unexplained += len(joined.refused[left:])
        del joined.refused[left:]
        joined.unexplained += len(joined.duplicates[(room := MOST_EXPLAINED - len(total.duplicates)) :])
        del joined.duplicates[room:]
        total.add(joined)
    return total
