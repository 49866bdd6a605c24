"""The pure step per record: a line of JSON in, a fact or its problems out; a fact in, lines of N-Quads out.

A :class:`Step` knows the vocabulary of one knowledge base and nothing of other facts or of files, and can be pickled:
the same step runs in one process, in many, and on a cluster. What it leaves to those who bring facts together: that a
fact's document exists and is handed in, and that no two facts have the same path.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from kb.checks import json_schema
from kb.checks.references_fast import Acceptance
from kb.model import Dataset, Document, Fact, Predicate, Term
from kb.problems import KbError, Problem
from kb.rdf import documents, facts
from kb.rdf.iris import Names
from kb.records import encoding, jsonlines, resolve


class Read(NamedTuple):
    """What a line holds: a fact, or what is wrong with it."""

    fact: Fact | None
    problems: tuple[Problem, ...] = ()


def read_fact(line: jsonlines.Line, shown: str = "<line>", stem: str = "") -> Read:
    """Read a fact from a line of JSON Lines and hold it against its schema.

    Args:
        line: The line, with its number in the file.
        shown: How messages name the file.
        stem: The file's name without suffixes, which names the document that states the fact if the line does not.
    """
    value = jsonlines.quick(line.data)
    if value is not None and json_schema.accepts("fact", value) and isinstance(value["object"], str):
        return Read(resolve.fact_of(value, stem))
    try:
        record = jsonlines.record("fact", line, shown, stem)
    except KbError as error:
        return Read(None, tuple(error.problems))
    problems = (*encoding.characters(record), *json_schema.check(record))
    return Read(None, problems) if problems else Read(resolve.fact_of(record.value, stem))


class Step:
    """The step of one knowledge base.

    Args:
        about: What the knowledge base says of itself.
        terms: Its terms by id.
        predicates: Its predicates by id.
        model: How to write statements.
    """

    def __init__(
        self, about: Dataset, terms: Mapping[str, Term], predicates: Mapping[str, Predicate], model: facts.Model = "full"
    ) -> None:
        self.names = Names(about.base, about.prefixes)
        self._about = about
        self._terms = {name: term._replace(record=None) for name, term in terms.items()}
        self.predicates = {name: predicate._replace(record=None) for name, predicate in predicates.items()}
        self._acceptance = Acceptance(terms, predicates)
        self.compiler = facts.Compiler(self.names, self.predicates, about.language, model)

    def accepts(self, fact: Fact, sentences: Collection[str] | None = None) -> bool:
        """Tell whether what a fact names exists and fits; see :meth:`Acceptance.accepts`."""
        return self._acceptance.accepts(fact, sentences)

    def used(self) -> set[str]:
        """Give the words of the vocabulary that the facts judged so far use."""
        return self._acceptance.used()

    def compile(self, fact: Fact, document: Document) -> facts.FactLines:
        """Compile an accepted fact into lines of N-Quads; see :class:`kb.rdf.facts.FactLines` for their order.

        Args:
            fact: The fact.
            document: Its document.
        """
        return self.compiler.lines(fact, document.evidence)

    def compile_document(self, document: Document, covered: Collection[str]) -> documents.DocumentLines:
        """Compile a document with its sentences.

        Args:
            document: The document.
            covered: The ids of the sentences that facts rest on.
        """
        return documents.compile_document(document, covered, self.names, self._about.language).lines()
