"""The sandbox of ``kb query``: one child process for each query, with limits and without access to the network."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

from kb.problems import KbError, Place, fail
from kb.queries.child_process import Limits, forbid_opening, leave_network, limit_resources, run_confined
from kb.sparql.values import Answer, EngineError, Question

_EXCERPT_WIDTH = 60  # characters shown on either side of an error
_REMEDIES = {
    "KB604": "Narrow it, or allow more with --timeout.",
    "KB605": "Narrow it.",
    "KB608": "Simplify it: it may be nested too deeply.",
}
# How messages of refusals begin, and what to do then.
_REFUSALS = {
    "KB608": ("The query cannot be answered: ", "Simplify the query, or try another --engine."),
    "KB613": ("The response cannot be read: ", "Check that the address is that of a SPARQL endpoint."),
    "KB653": ("", "Run 'kb build' again."),
    "KB656": ("", "Leave out --engine, or --store."),
}

#: Returns the ``load`` and ``ask`` of an engine. It is called in the child, so that only the child imports the engine.
Engine = Callable[[], tuple[Callable[[Question], Any], Callable[[Any, Question], Answer]]]


def answer(engine: Engine, question: Question, limits: Limits) -> Answer:
    """Answer a question in a child process.

    Raises:
        KbError: The query is wrong or refused, or it exceeds a limit (KB602 to KB608).
    """
    try:
        reply, code = run_confined(lambda output: _evaluate(engine, question, limits, output), limits)
    except OSError as error:
        message = f"No process could be started for the query: {error.strerror}."
        raise fail("KB608", message, "Free some memory, processes or open files.", "<query>") from error
    try:
        decoded = json.loads(reply)
    except ValueError:  # the child was killed before it had written all of it
        raise _limit_error(code, limits) from None
    return _decode(decoded, question, limits)


def _evaluate(engine: Engine, question: Question, limits: Limits, output: int) -> None:  # pragma: no cover - in the child
    """Import the engine, load the data and answer the question within limits; write the answer or the refusal as JSON."""
    try:
        load, ask = engine()
        limit_resources(limits)
        if question.store:
            leave_network()
        dataset = load(question)
        forbid_opening(store_on_disk=question.store is not None)
        reply = json.dumps({"answer": ask(dataset, question)})
    except EngineError as refusal:
        reply = json.dumps({"refusal": refusal.args})
    except MemoryError:
        reply = json.dumps({"refusal": ("KB605", "", 0, 0)})
    except BaseException as error:  # noqa: BLE001 - the child has no caller to raise to
        reply = json.dumps({"refusal": ("KB608", f"{type(error).__name__}: {error}", 0, 0)})
    with os.fdopen(output, "w", encoding="ascii") as file:
        file.write(reply)


def _decode(reply: dict[str, Any], question: Question, limits: Limits) -> Answer:
    """Return the answer in the reply of a child process, or raise its refusal."""
    if "answer" in reply:
        return decode_answer(reply["answer"])
    refusal = EngineError(*reply["refusal"])
    raise _limit_error("KB605", limits) if refusal.code == "KB605" else refusal_error(refusal, question.text)


def decode_answer(reply: Sequence[Any]) -> Answer:
    """Return an answer that was written as JSON."""
    form, variables, rows, truth, triples, cut = reply
    return Answer(form, tuple(variables), tuple(map(tuple, rows)), truth, tuple(map(tuple, triples)), cut)


def refusal_error(refusal: EngineError, text: str) -> KbError:
    """Return the error that explains why an engine refuses a query, with the place in its text."""
    reason = refusal.message[:500]
    if refusal.code == "KB602":
        message = f"The query cannot be read: {refusal.message}.{_excerpt(text, refusal.line, refusal.column)}"
        remedy = "Correct the query there." if refusal.line else "Correct the query."
    else:
        start, remedy = _REFUSALS.get(refusal.code, _REFUSALS["KB608"])
        message = f"{start}{reason}."
    return fail(refusal.code, message, remedy, Place("<query>", refusal.line, refusal.column))


def _excerpt(text: str, line: int, column: int) -> str:
    """Return the part of a line around a column, with a caret below the column."""
    lines = text.split("\n")
    if not 0 < line <= len(lines) or column < 1:
        return ""
    start = max(0, column - 1 - _EXCERPT_WIDTH)
    before = lines[line - 1][start : column - 1]
    after = lines[line - 1][column - 1 : column - 1 + _EXCERPT_WIDTH].rstrip("\r")
    blank = re.sub(r"[^\t]", " ", before)
    return f"\n    {before}{after}\n    {blank}^\n   "


def _limit_error(code: str, limits: Limits) -> KbError:
    return fail(code, limits.message(code), _REMEDIES[code], "<query>")
