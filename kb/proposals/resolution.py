"""Resolve the words of a proposal: documents, predicates, terms, and values of controlled lists; or name the new terms.

What cannot be resolved ends the check of the proposal: it is refused, or a person has to decide first.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from kb.importers.table_terms import make_id
from kb.model import KnowledgeBase, Record, Term
from kb.problems import KbError, Problem, quote
from kb.rdf import quantities
from kb.schema import vocabulary
from kb.sparql.parameters import MATCH, collect_matches, find_id
from kb.verification.cues import Cues, longest
from kb.verification.fact_reading import read_words
from kb.verification.passages import TokenisedSentence

#: The kinds of verdicts; those that are refused can never become facts.
VerdictKind = Literal["ready", "needs a term", "needs a person", "refused"]
#: The polarity of proposals of tools that have none: the sentence decides.
AS_STATED = "as stated"
_OTHER_KEYS = ("document", "quote", "proposer", "terms", "note")
_DEFINITION = "What {document} calls '{label}'."


class RefusalError(Exception):
    """Ends the check of a proposal; the gate turns it into a verdict."""

    def __init__(self, problem: Problem, verdict: VerdictKind = "refused") -> None:
        super().__init__(str(problem))
        self.problem, self.verdict = problem, verdict


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the words of a proposal mean.

    Args:
        kb: The knowledge base, with the new terms.
        parts: Subject, predicate, object and qualifiers, as records have them.
        terms: The records of the new terms; each can have a candidate for a mapping as ``match``.
    """

    kb: KnowledgeBase
    parts: dict[str, Any]
    terms: tuple[dict[str, Any], ...]


class Resolver:
    """Resolves words by the ids, labels, other names and exact identifiers of a knowledge base."""

    def __init__(self, kb: KnowledgeBase, cues: Cues) -> None:
        self._kb, self._cues = kb, cues
        matches = collect_matches((mapping.object, mapping.match, mapping.subject) for mapping in kb.mappings)
        self._labels = {**kb.labels(), MATCH: matches}
        self._languages = {document.language for document in kb.documents.values()}

    def find_document(self, record: Record) -> str:
        """Return the document that a proposal names; empty if it names none.

        Raises:
            RefusalError: There is no such document (KB303).
        """
        try:
            return find_id(record.value["document"], "document", self._labels) if "document" in record.value else ""
        except KbError as error:
            raise RefusalError(error.problems[0]._replace(place=record.at("document"), code="KB303")) from None

    def resolve(self, record: Record, document: str) -> Resolution:
        """Resolve the parts of the claim of a proposal, whose words stand in a document.

        Raises:
            RefusalError: A word is no value of its list (KB204), or a person has to say what it means.
        """
        value, terms = record.value, dict[str, dict[str, Any]]()
        try:
            predicate = self._kb.predicates[find_id(value["predicate"], "predicate", self._labels)]
        except KbError as error:
            remedy = f"Choose one of: {', '.join(self._kb.predicates)}."
            problem = Problem(record.at("predicate"), "KB302", error.problems[0].message, remedy)
            raise RefusalError(problem, "needs a person") from None
        parts = {"subject": value["subject"], "predicate": predicate.id, "object": value["object"]}
        parts |= {key: word for key, word in value.items() if key not in {*_OTHER_KEYS, *parts}}
        kinds = {"subject": predicate.subject, "object": predicate.object}
        kinds |= vocabulary.term_qualifiers()
        for key, word in parts.items():
            if key == "predicate" or not isinstance(word, str):
                continue
            if key not in kinds:
                parts[key] = self._resolve_value(record, key, word)
            elif kinds[key] == ("quantity",):
                parts[key] = self._read_quantity(word) or self._refuse_value(record, key, word)
            elif kinds[key] == ("literal",):
                parts[key] = {"value": word}
            elif known := self._find_term(record, key, word):
                parts[key] = known
            else:
                term = self._make_term(record, key, word, kinds[key], document)
                terms[term["id"]] = term
                parts[key] = term["id"]
        own = {
            name: Term(name, term["kind"], term["label"], term["definition"], tuple(term.get("aliases", ())))
            for name, term in terms.items()
        }
        kb = self._kb._replace(terms={**self._kb.terms, **own}) if own else self._kb
        return Resolution(kb, parts, tuple(terms.values()))

    def _resolve_value(self, record: Record, key: str, word: str) -> Any:
        """Resolve a word to a value of a list (the value, its label, or the words that texts use for it), or to a quantity."""
        if vocabulary.qualifiers()[key].units is not None and (quantity := self._read_quantity(word)):
            return quantity
        if not vocabulary.qualifiers()[key].listed:
            return self._refuse_value(record, key, word)
        values = vocabulary.values(key)
        for name, value in values.items():
            if word.casefold() in {name, value.label.casefold()}:
                return name
        for language in self._languages:
            passage = TokenisedSentence(read_words("", word, 0, language))
            spoken = reversed(self._cues.all_of(key, language).items())  # of two values with the same word, the first
            said = {span: name for name, words in spoken for span in passage.find(words)}
            if kept := {said[span] for span in longest(said, said)}:
                return kept.pop() if len(kept) == 1 else self._refuse_value(record, key, word)
        return self._refuse_value(record, key, word)

    @staticmethod
    def _read_quantity(word: str) -> dict[str, Any] | None:
        with suppress(ValueError):
            return quantities.parse_words(word)
        return None

    @staticmethod
    def _refuse_value(record: Record, key: str, word: str) -> NoReturn:
        message = f"{key} cannot be {quote(word)}."
        qualifier = vocabulary.qualifiers().get(key)
        words = [*(vocabulary.values(key) if qualifier and qualifier.listed else ()), "a number with a unit, such as 10 mg"]
        remedy = f"It can be: {', '.join(words if qualifier is None or qualifier.units is not None else words[:-1])}."
        raise RefusalError(Problem(record.at(key), "KB204", message, remedy))

    def _find_term(self, record: Record, key: str, word: str) -> str:
        """Return the id of the term that a word names; empty if there is none."""
        try:
            return find_id(word, "term", self._labels)
        except KbError as error:
            problem = error.problems[0]
            if "the label of several" in problem.message or "is retired" in problem.message:
                raise RefusalError(problem._replace(place=record.at(key)), "needs a person") from None
            return ""

    def _make_term(self, record: Record, key: str, word: str, kinds: tuple[str, ...], document: str) -> dict[str, Any]:
        """Return the record of a new term; what the proposal leaves out is filled in for the reviewer."""
        offered: Mapping[str, Any] = next(
            (term for term in record.value.get("terms", ()) if word in {term["label"], term.get("id")}), {"label": word}
        )
        name, label = offered.get("id") or make_id(offered["label"]), offered["label"]
        if other := self._find_term(record, key, label) or self._find_term(record, key, name):
            message = f"The new term {quote(word)} has the id or the label of {quote(other)}."
            raise RefusalError(Problem(record.at(key), "KB312", message, "Name that term, or give the new one its own names."))
        definition = _DEFINITION.format(document=self._kb.documents[document].title, label=label)
        return {"kind": (kinds or ("concept",))[0], "definition": definition, **offered, "id": name}
