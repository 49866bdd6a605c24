"""Engines that answer SPARQL over a dataset, one module each, all with the same two functions.

``load(question)`` reads the data and warms the engine up; its result is passed to ``ask``, which answers. Between
the two the sandbox forbids opening files and sockets, so ``ask`` must neither open files nor import modules.

::

    oxigraph     in memory or over a store on disk: the default
    disk_store   builds, publishes and opens stores on disk
    store_integrity  compares the files of a store with what was written
    rdflib       in memory: slower, for comparison
    remote       an endpoint elsewhere, by the SPARQL 1.1 Protocol
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any

from kb.sparql import slips, syntax
from kb.sparql.values import Answer, EngineError, Question, Row
from kb.suggestions import near_miss


def import_engine(name: str) -> tuple[Callable[[Question], Any], Callable[[Any, Question], Answer]]:
    """Import an engine and return its functions ``load`` and ``ask``; ``name`` is one of ``values.ENGINES``."""
    module = import_module(f"kb.sparql.engines.{name}")
    return module.load, module.ask


def explain_syntax_error(question: Question) -> EngineError | None:
    """Return the error for the first prefix that a query uses without declaring it, or for a common slip; else nothing.

    Engines report these without a suggestion, or report another error, so this is called when they have rejected a query.
    """
    return _explain_prefix(question) or _explain_slip(question)


def _explain_slip(question: Question) -> EngineError | None:
    slip = slips.find_slip(question.text)
    return EngineError("KB602", slip[1], *syntax.find_position(question.text, slip[0].start)) if slip else None


def _explain_prefix(question: Question) -> EngineError | None:
    references = syntax.find_references(question.text, question.prefixes)
    token = next((reference.token for reference in references if reference.iri is None), None)
    if token is None:
        return None
    suggestion = near_miss(token.prefix, question.prefixes)
    hint = f"did you mean '{suggestion}:'?" if suggestion else f"declare it: PREFIX {token.prefix}: <...>"
    message = f"the prefix '{token.prefix}:' is not declared ({hint})"
    return EngineError("KB602", message, *syntax.find_position(question.text, token.start))


def select_answer(question: Question, variables: Sequence[str], rows: Iterable[Row]) -> Answer:
    """Make the answer to a SELECT, with the columns of ``SELECT *`` in the order in which the query names them.

    Engines order those alphabetically or at random.
    """
    named = syntax.list_star_variables(question.text)
    if named is None:
        return Answer("select", tuple(variables), tuple(rows))
    names = [*named, *sorted(set(variables) - set(named))]
    order = [variables.index(name) for name in names if name in variables]
    return Answer(
        "select", tuple(variables[index] for index in order), tuple(tuple(row[index] for index in order) for row in rows)
    )
