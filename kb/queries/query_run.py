"""Run a query as a user asks it: find it, bind its parameters, answer it, and say why an answer is empty.

The command line and the Python API both ask here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kb.problems import KbError, fail
from kb.queries.child_process import Limits
from kb.queries.compiled import Compiled
from kb.queries.execution import ask
from kb.queries.reasons import Reason, describe_values, find_left_out, find_reasons, find_unknown_names, list_values
from kb.sparql import library
from kb.sparql.label_language import choose_labels, note_other_languages, word_in
from kb.sparql.library import Query
from kb.sparql.parameters import require_parameters, resolve_parameter
from kb.sparql.values import Answer

if TYPE_CHECKING:  # a query that is answered and not explained needs neither, nor the model
    from kb.queries.explanation import Explanation
    from kb.queries.fact_reader import FactReader


@dataclass(frozen=True, slots=True)
class QueryRun:
    """A query with its answer.

    ``sparql`` is its text with parameters bound, ``parameters`` are the names of these. ``notes`` are what a reader of the answer
    has to know: unknown names, and why an answer is empty.
    """

    base: Compiled
    query: Query
    sparql: str
    answer: Answer
    parameters: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    engine: str = "oxigraph"
    limits: Limits = field(default_factory=Limits)

    def explain(self, part: Answer | None = None) -> Explanation:
        """Find the facts and sentences that the rows rest on; ``part`` is the part of the answer to explain, if not all of it."""
        from kb.queries.explanation import explain

        reader = Session(self.base, self.engine, self.limits).reader
        return explain(self.base.names, self.sparql, part or self.answer, reader)._replace(promised=self.query.columns)


class Session:
    """Runs queries of users, and kb's own, over one knowledge base.

    ``language`` is that of the labels of named questions; what has none is in that of the knowledge base, which a note tells.
    """

    def __init__(self, base: Compiled, engine: str = "oxigraph", limits: Limits = Limits(), language: str = "") -> None:
        self.base, self._engine, self._limits, self._language = base, engine, limits, language

    def run(self, text: str) -> Answer:
        """Answer a query of kb's own, with labels in the language of the knowledge base."""
        return ask(self.base, choose_labels(text, self.base.languages), self._engine, self._limits, is_own=True)

    @property
    def reader(self) -> FactReader:
        """Reads facts of the knowledge base."""
        from kb.queries.fact_reader import LOCAL_LENGTH, REMOTE_LENGTH, FactReader

        return FactReader(self.run, REMOTE_LENGTH if "://" in self._engine else LOCAL_LENGTH)

    def answer(self, query: Query, parameters: Mapping[str, str]) -> QueryRun:
        """Answer a query; ``parameters`` are what the user typed for its parameters, by name.

        Where a parameter is the brand of what the question asks about, the question is answered for that, and a note says so.

        Raises:
            KbError: A parameter is wrong or missing, the query is refused, or a limit was hit.
        """
        require_parameters(query, parameters, self.base.labels)
        query = query._replace(text=word_in(query, self.base.languages, self._language))
        values = {name: self._resolve(query, name, word) for name, word in parameters.items()}
        asked = self._ask(query, values)
        if not asked.answer.is_empty:
            return self._add_notes(asked, find_unknown_names(self.base, query))
        reasons = find_reasons(self.base, query, values, self.run)
        renamed = next((reason for reason in reasons if reason.instead), None)
        if renamed is None:
            return self._add_notes(asked, reasons)
        text = f"{renamed.text.partition(' Try ')[0]} The answer is about that."
        return self._add_notes(self._ask(query, {**values, renamed.parameter: renamed.instead}), [Reason(text)])

    def _add_notes(self, asked: QueryRun, reasons: Iterable[Reason]) -> QueryRun:
        """Add what a reader has to know; beside rows about something in particular, the denials that the question leaves out."""
        is_narrow = asked.query.question and asked.parameters and not asked.answer.is_empty
        denials = find_left_out(asked.sparql, self.reader) if is_narrow else ()
        notes = (reason.text for reason in (*reasons, *denials))
        return replace(asked, notes=(*notes, *note_other_languages(asked.answer, self._language)))

    def _ask(self, query: Query, values: Mapping[str, str]) -> QueryRun:
        sparql = library.bind(query, values)
        try:
            answer = ask(self.base, sparql, self._engine, self._limits)
        except KbError as error:
            (problem, *_) = error.problems
            remedy = name_parameters(query, values)
            if problem.code not in {"KB604", "KB605"} or not remedy:
                raise
            raise fail(problem.code, problem.message, remedy, problem.place) from error
        return QueryRun(self.base, query, sparql, answer, tuple(values), engine=self._engine, limits=self._limits)

    def _resolve(self, query: Query, name: str, word: str) -> str:
        """Convert what a user typed for a parameter to an RDF term; where that fails, list the values that give rows."""
        try:
            return resolve_parameter(query, name, word, self.base.labels, self.base.names)
        except KbError as error:
            (problem,) = error.problems
            if problem.code != "KB705":
                raise
            listed = ""
            with suppress(KbError):
                possible = list_values(self.base, query, {}, name, self.run)
                listed = f"Values with rows: {describe_values(self.base, possible)}." if possible else ""
            suggestion = problem.remedy if problem.remedy.startswith(("Did you mean", "Use ")) or not listed else ""
            raise fail(problem.code, problem.message, f"{suggestion} {listed}".strip(), problem.place) from error


def name_parameters(query: Query, values: Collection[str] = ()) -> str:
    """Return the remedy for an answer that is too long: the parameters of a question that narrow it; empty if it has no more."""
    names = [f"-p {name}=…" for name in query.parameters if name not in values]
    return f"Narrow it: {' or '.join(names)}." if names else ""
