"""What a build does to one record, one fact and one document, in the order in which it does it.

Only this module of the package combines reading, checking, texts and compiling; the others move values between
files, processes and these steps. A :class:`Step` knows the vocabulary of one knowledge base and no other facts, and can be
pickled: the same step runs in one process, in many, and on a cluster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.checks import confusables, document_checks, json_schema, references, vocabulary_checks
from kb.checks.acceptance import Acceptance
from kb.document_parts import Sentence
from kb.files import characters
from kb.metadata import Dataset
from kb.model import Document, Fact, Predicate, Record, Term
from kb.problems import KbError, Place, Problem
from kb.rdf import documents, facts, reviews, verifications
from kb.rdf.iris import Names
from kb.records import jsonlines, resolve
from kb.schema import vocabulary
from kb.texts import sources

_RESOLVERS: dict[str, Callable[[Record], Any]] = {
    "document": resolve.parse_document,
    "term": resolve.parse_term,
    "predicate": resolve.parse_predicate,
    "fact": resolve.parse_fact,
    "mapping": resolve.parse_mapping,
    "cue": resolve.parse_cue,
}


def read_fact(line: bytes, stem: str) -> Fact | None:
    """Read, validate and resolve a fact from a line of a file with a stem; nothing if the strict reader must read it."""
    value = jsonlines.decode_fast(line)
    if value is None or not json_schema.accepts("fact", value) or not isinstance(value["object"], str):
        return None
    return resolve.parse_fact_value(value, stem)


def resolve_record(record: Record, *, is_clean: bool) -> tuple[Any, list[Problem]]:
    """Validate a record on its own and resolve it; return its value, or nothing if it breaks its schema, and its problems.

    ``is_clean`` says that its reader has already refused forbidden characters.
    """
    problems = [*(() if is_clean else characters.check(record)), *json_schema.check(record)]
    if record.kind == "kb" and not problems:
        problems.extend(vocabulary_checks.check(record))
    if problems:
        return None, problems
    if record.kind in {"term", "predicate", "document"}:
        problems.extend(confusables.check(record))
    resolver = _RESOLVERS.get(record.kind)
    return resolver(record)._replace(record=None) if resolver else record.value, problems


def use_declared(record: Record) -> bool:
    """Take the vocabulary of a record of ``kb.yaml`` in use, if it is valid; return whether it is, or there is none."""
    vocabulary.use("")
    if not isinstance(record.value, dict) or "vocabulary" not in record.value:
        return True
    is_valid = accepts(record) and not any(vocabulary_checks.check(record))
    vocabulary.use(vocabulary.declare(record.value) if is_valid else "")
    return is_valid


def accepts(record: Record) -> bool:
    """Return whether a record is valid by its schema, without saying why not."""
    return json_schema.accepts(record.kind, record.value)


def check_replaced(replaced: Iterable[tuple[str, Place]], standings: Mapping[str, str]) -> Iterator[Problem]:
    """Check the documents that others replace; see :func:`kb.checks.document_checks.check_replaced`."""
    return document_checks.check_replaced(replaced, standings)


def check_reviews(fact: Fact) -> Iterator[Problem]:
    """Check that a fact has not changed since its review; see :func:`kb.rdf.reviews.check_reviews`."""
    return reviews.check_reviews(fact)


def is_inside(path: str, fact: Fact) -> bool:
    """Return whether a path below the base is that of a fact, of its evidence, or of the node of a value."""
    return path == fact.path or path.startswith(tuple(fact.path + kind for kind in ("/evidence/", *facts.NODES)))


def is_resolved(kind: str) -> bool:
    """Return whether records of a kind become values of the model as they are read; the others stay as they are."""
    return kind in _RESOLVERS


def add_results(document: Document, records: Iterable[Any]) -> Document:
    """Add recorded results of verification to a document."""
    return document._replace(verified=tuple(result for value in records for result in resolve.parse_verifications(value)))


def add_text(document: Document, folder: Path, problems: list[Problem]) -> Document:
    """Add the text to a document that ships, and check the document against it; ``problems`` takes what is wrong."""
    if document.text != sources.SHIPPED:
        return document
    try:
        shipped = sources.read_shipped(document, folder)
    except KbError as error:
        problems.extend(error.problems)
        return document
    problems.extend(document_checks.check_text(document, shipped))
    return document._replace(words=shipped.words)


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """The result of checking a document.

    Args:
        problems: What is wrong with it.
        words: The words of the vocabulary that it uses.
        sentences: How many of its sentences are no headings.
        decided: How many of these are covered or exempted.
        covered: For each sentence, headings included, a byte that is 1 if a fact rests on it.
    """

    problems: tuple[Problem, ...]
    words: frozenset[str]
    sentences: int
    decided: int
    covered: bytes


class Step:
    """The steps that need the vocabulary of a knowledge base."""

    def __init__(
        self,
        about: Dataset,
        terms: Mapping[str, Term],
        predicates: Mapping[str, Predicate],
        model: facts.Model = "full",
        retired: Iterable[Term] = (),
    ) -> None:
        vocabulary.use(about.vocabulary)
        self._vocabulary = about.vocabulary
        self._retired = {term.id: term._replace(record=None) for term in retired}
        self.predicates = {name: predicate._replace(record=None) for name, predicate in predicates.items()}
        self._names, self._language = Names(about.base, about.prefixes), about.language
        self._acceptance = Acceptance(terms, predicates, self._names.prefixes)
        self._compiler = facts.Compiler(self._names, self.predicates, about.language, model, terms)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the vocabulary in use in the process that receives the step."""
        self.__dict__.update(state)
        vocabulary.use(self._vocabulary)

    def accepts(self, fact: Fact, sentences: Mapping[str, Sentence] | None = None) -> bool:
        """Check a fact against the vocabulary and its document; see :meth:`Acceptance.accepts`."""
        return self._acceptance.accepts(fact, sentences)

    def used_words(self) -> set[str]:
        """Return the words of the vocabulary that the facts checked so far use."""
        return self._acceptance.used_words()

    @staticmethod
    def current_results(document: Document) -> verifications.CurrentResults | None:
        """Return the results of verification of a document that are up to date, if it has any."""
        return verifications.CurrentResults(document) if document.verified else None

    @staticmethod
    def find_duplicates(values: Iterable[Document]) -> Iterator[Problem]:
        """Report documents that share an id."""
        return references.find_duplicate_ids("document", values)

    def check_document(self, document: Document, cited: Collection[str]) -> CheckedDocument:
        """Check a document, with the ids of the sentences that facts rest on."""
        statuses = Counter([sentence.status(cited) for sentence in document.sentences])
        sentences = len(document.sentences) - statuses["heading"]
        reasons = [sentence.exempt.reason for sentence in document.sentences if sentence.exempt]
        return CheckedDocument(
            (
                *document_checks.check(document, cited),
                *references.check_evidence_type(document, self._names),
                *document_checks.check_topic(document, self._acceptance.kinds, self._retired),
            ),
            frozenset((*statuses, *reasons, document.text, document.standing)),
            sentences,
            sentences - statuses["undecided"],
            bytes([sentence.id in cited for sentence in document.sentences]),
        )

    def compile(self, fact: Fact, document: Document) -> facts.FactLines:
        """Compile an accepted fact into lines of N-Quads; see :class:`kb.rdf.facts.FactLines` for their order."""
        return self._compiler.lines(fact.stated_in(document.standing), document.evidence)

    def compile_document(self, document: Document, covered: Collection[str]) -> documents.DocumentLines:
        """Compile a document with its sentences into lines of N-Quads; facts rest on those that are covered."""
        return documents.compile_document(document, covered, self._names, self._language).lines()
