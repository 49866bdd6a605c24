"""A child process that can compute and answer, and nothing else.

The engines cannot be stopped in process, can exhaust memory or the stack, and will read files and remote addresses
when a query says so. So each question is answered by a forked child with limits on time, memory and processor, which
gives up the right to open anything (``RLIMIT_NOFILE`` of 0: every ``open`` and ``socket`` fails in the kernel) after
the data is loaded and before the question is read.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from kb.answers import Answer, Question, Refusal
from kb.problems import KbError, Place, Problem


class Limits(NamedTuple):
    """What a question may cost.

    Args:
        seconds: Wall-clock time, the loading of the data included.
        megabytes: Address space of the child.
    """

    seconds: float = 60.0
    megabytes: int = 2048


#: An engine: its ``load`` and its ``ask``, brought in by the child alone.
Engine = Callable[[], tuple[Callable[[Question], Any], Callable[[Any, Question], Answer]]]


def answer(engine: Engine, question: Question, limits: Limits) -> Answer:
    """Answer a question in a child process.

    Args:
        engine: Gives the engine's functions; called in the child, so that only the child imports it.
        question: What to ask.
        limits: What it may cost.

    Raises:
        KbError: The query is wrong, asks for what is refused, or hits a limit.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(engine, question, limits, writing)
    os.close(writing)
    try:
        said = _listen(reading, time.monotonic() + limits.seconds)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if said is None:
        message = f"The query was stopped after {limits.seconds:g} seconds."
        raise _error("KB604", message, "Narrow it, or allow more with --timeout.")
    if not said:
        raise _crash(status, limits)
    return _understand(said, question)


def _listen(pipe: int, deadline: float) -> bytes | None:
    """Read until the child closes the pipe; nothing if the deadline comes first."""
    parts = []
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            part = os.read(pipe, 1 << 20)
            if not part:
                return b"".join(parts)
            parts.append(part)
    return None


def _work(engine: Engine, question: Question, limits: Limits, pipe: int) -> None:
    """Be the child: answer into the pipe and end, whatever happens."""
    try:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 2)  # an engine that runs out of memory says so in its own way
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        load, ask = engine()
        _limit(resource.RLIMIT_AS, limits.megabytes * 1024 * 1024)
        _limit(resource.RLIMIT_CPU, int(limits.seconds) + 1)
        loaded = load(question)
        _limit(resource.RLIMIT_NOFILE, 0)
        said = {"answer": ask(loaded, question)._asdict()}
    except Refusal as refusal:
        said = {"refusal": refusal.args}
    except MemoryError:
        said = {"refusal": ("KB605", "out of memory", 0, 0)}
    except BaseException as error:  # noqa: BLE001 - a child has nobody to raise to
        said = {"refusal": ("KB608", f"{type(error).__name__}: {error}", 0, 0)}
    try:
        data = memoryview(json.dumps(said).encode("utf-8"))
        while data:
            data = data[os.write(pipe, data) :]
    finally:
        os._exit(0)


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (bound, bound))


def _crash(status: int, limits: Limits) -> KbError:
    ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if ended in {signal.SIGABRT, signal.SIGKILL}:
        message = f"The query needed more than {limits.megabytes:,} MB of memory."
        return _error("KB605", message, "Narrow it.")
    if ended == signal.SIGXCPU:
        return _error(
            "KB604", f"The query was stopped after {limits.seconds:g} seconds.", "Narrow it, or allow more with --timeout."
        )
    return _error("KB608", "The engine broke down over the query.", "Simplify it: it may be nested too deeply.")


def _understand(said: bytes, question: Question) -> Answer:
    message = json.loads(said)
    if "answer" in message:
        value = message["answer"]
        return Answer(
            value["form"],
            tuple(value["variables"]),
            tuple(tuple(row) for row in value["rows"]),
            value["truth"],
            tuple((each[0], each[1], each[2]) for each in value["triples"]),
        )
    code, words, line, column = message["refusal"]
    lines = question.text.splitlines()
    shown = f"\n    {lines[line - 1]}\n    {' ' * (column - 1)}^" if 0 < line <= len(lines) else ""
    remedy = {"KB602": "Correct the query there.", "KB605": "Narrow it."}.get(
        code, "Simplify the query, or try another --engine."
    )
    title = {"KB602": "The query cannot be read", "KB605": "The query needed too much memory"}.get(
        code, "The query cannot be answered"
    )
    raise KbError([Problem(Place("<query>", line, column), code, f"{title}: {words}.{shown}", remedy)])


def _error(code: str, message: str, remedy: str) -> KbError:
    return KbError([Problem(Place("<query>"), code, message, remedy)])
