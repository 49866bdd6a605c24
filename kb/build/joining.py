"""Join facts with their documents, and check them: one document and one fact are held in memory at a time.

Facts and documents are merged from all parts in the order of their names. Refused facts are only collected here; they are
explained afterwards, by one process and in order, so that messages do not depend on the number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
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
from kb.problems import KbError, Place, Problem, collect

#: How many refused facts are explained in one run; the others are counted.
MOST_EXPLAINED = 10_000

#: A value, its position in its piece, and the number of its run.
Entry = tuple[Any, int, int]

# The least number of ranges that work is cut into, where there is enough of it, so that workers finish together; and about how
# many marks of runs each has at most.
_LEAST_RANGES, _MOST_MARKS = 16, 96

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
        standing: What became of it, if it is not current.
    """

    id: str
    evidence: str
    counts: tuple[int, int, int]
    covered: bytes
    verified: frozenset[str] = frozenset()
    standing: str = ""


@dataclass
class JoinResult:
    """The result of joining and checking facts and documents.

    Args:
        sentences: How many sentences there are, without headings.
        decided: How many of them are covered or exempted.
        outdated: How many results of verification are out of date.
        refused: The refused facts, up to :data:`MOST_EXPLAINED`.
        unexplained: How many more facts were refused, or make the claim of an earlier one.
        duplicates: Facts, each with an earlier one that makes the same claim, up to :data:`MOST_EXPLAINED`.
        problems: What is wrong with documents.
        replaced: The documents that others replace, each with the place where that is said.
        words: The words of the vocabulary that documents use; ``fact_words``, those that facts use.
        agents: Who entered and reviewed facts.
        stale: The problems of facts that have changed since their review, up to :data:`MOST_EXPLAINED`.
    """

    facts: int = 0
    sentences: int = 0
    decided: int = 0
    outdated: int = 0
    refused: list[RefusedFact] = field(default_factory=list)
    unexplained: int = 0
    duplicates: list[tuple[Entry, Entry]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    replaced: list[tuple[str, Place]] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    fact_words: set[str] = field(default_factory=set)
    documents: list[DocumentSummary] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    stale: list[Problem] = field(default_factory=list)

    def add(self, other: JoinResult) -> None:
        """Add the result for the documents that follow."""
        for name, more in vars(other).items():
            have = getattr(self, name)
            if have is self.refused or have is self.duplicates:
                self.explain_later(have, more)
            else:
                setattr(self, name, have | more if isinstance(have, set) else have + more)

    def explain_later(self, listed: list[Any], more: Sequence[Any]) -> None:
        """Add facts to a list of those to explain, up to :data:`MOST_EXPLAINED`; the others are counted."""
        room = MOST_EXPLAINED - len(listed)
        listed.extend(more[:room])
        self.unexplained += len(more[room:])


class Pair(NamedTuple):
    """The documents of one id, which should be one, and the facts that name it."""

    name: str
    documents: list[Entry]
    facts: Iterator[Entry]


def pair_documents(facts: MergedRecords, documents: MergedRecords, low: str = "", high: str = "") -> Iterator[Pair]:
    """Pair documents with their facts, in the order of the names of documents, from one key up to another.

    The facts of a pair must be read before the next pair is; documents that share an id come together. Keys are
    ``fact/DOCUMENT/``.
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


class DocumentDigest(NamedTuple):
    """A document as its records say, by which a run finds those that changed since an earlier one.

    Args:
        id: Its id, or the one that facts name.
        title: Its title; empty if it has no record.
        digest: The SHA-256 of the values of its record and its facts; not of its text and its results of verification.
        files: The paths of the files that hold them.
    """

    id: str
    title: str
    digest: str
    files: frozenset[str]


def digest_documents(facts: MergedRecords, documents: MergedRecords) -> Iterator[DocumentDigest]:
    """Compute the digest of each document, in the order of their names."""
    for pair in pair_documents(facts, documents):
        hashed, files = sha256(), set[str]()
        for source, entries in ((documents, pair.documents), (facts, pair.facts)):
            for value, _, number in entries:
                hashed.update(sorted_runs.encode(value, 0))
                files.add(source.pieces[number].path)
            hashed.update(b"|")
        title = pair.documents[-1][0].title if pair.documents else ""
        yield DocumentDigest(pair.name, title, hashed.hexdigest(), frozenset(files))


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
        sentences = {sentence.id: sentence for sentence in document.sentences} if document else {}
        results = self._step.current_results(document) if document else None
        accepts, joined, path = self._step.accepts, self._joined, ""
        cited: list[str] = []
        first: Entry | None = None
        for entry in facts:
            fact: Fact = entry[0]
            joined.facts += 1
            if fact.path == path and first is not None:
                joined.explain_later(joined.duplicates, [(entry, first)])
            else:
                path, first = fact.path, entry
            if document is None or not accepts(fact, sentences):
                joined.explain_later(joined.refused, [RefusedFact(entry, document)])
            elif results and (result := results.of(fact)):
                self._verified.add(result.fact)
                joined.fact_words.update((result.verdict, *result.checked, *result.unchecked))
            if fact.curation:
                self._join_curation(entry)
            cited += [piece.sentence for piece in fact.evidence]
            if len(cited) > _MOST_CITED:
                cited = list(set(cited))
        return set(cited)

    def _join_curation(self, entry: Entry) -> None:
        """Collect the words and agents in the curation of a fact, and what is out of date in it."""
        fact: Fact = entry[0]
        if fact.curation:
            self._joined.fact_words |= fact.curation.words()
            self._joined.agents |= fact.curation.agents()
        if len(self._joined.stale) < MOST_EXPLAINED:
            self._joined.stale.extend(step.check_reviews(self._facts.locate(entry)))

    def _check_document(self, document: Document, cited: set[str], facts: int) -> None:
        joined, checked = self._joined, self._step.check_document(document, cited)
        joined.problems.extend(collect(checked.problems))
        joined.words |= checked.words
        joined.sentences += checked.sentences
        joined.decided += checked.decided
        joined.outdated += len(document.verified) - len(self._verified)
        counts = (facts, checked.sentences, checked.decided)
        verified, about = frozenset(self._verified), (document.id, document.evidence)
        joined.documents.append(DocumentSummary(*about, counts, checked.covered, verified, document.standing))
        places = (document.record.at("replaces") if document.record else Place(document.id) for _ in document.replaces)
        joined.replaced += zip(document.replaces, places, strict=True)


def choose_bounds(runs: Iterable[SortedRun], count: int = 0) -> list[tuple[str, str]]:
    """Cut the names of documents into ranges with about the same number of facts, for workers.

    Each has the key with which it begins, and the key before which it ends; empty where it is open. There are ``count`` ranges,
    or fewer if there are fewer documents; by default as many as keep workers busy.
    """
    keys = sorted(mark.key for run in runs for mark in run.marks)
    count = count or -(-len(keys) // min(_MOST_MARKS, len(keys) // _LEAST_RANGES + 1))
    starts = sorted({f"fact/{keys[len(keys) * number // count].split('/')[1]}/" for number in range(1, count) if keys})
    return list(zip(["", *starts], [*starts, ""], strict=True))


def check_all(joiner: Joiner, facts: MergedRecords, workers: int) -> JoinResult:
    """Check everything, in as many processes as there are workers."""
    ranges = choose_bounds(facts.runs) if workers > 1 else [("", "")]
    total = JoinResult()
    for joined in share(lambda bounds: joiner.check(*bounds), ranges, workers):
        total.add(joined)
    total.problems.extend(step.check_replaced(total.replaced, {document.id: document.standing for document in total.documents}))
    return total
