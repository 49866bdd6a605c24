"""A child process that can compute and answer, and nothing else.

The engines cannot be stopped in process, can exhaust memory or the stack, and will read files and remote addresses
when a query says so. So each question is answered by a forked child with limits on time, memory and processor, which
gives up the right to open anything (``RLIMIT_NOFILE`` of 0: every ``open`` and ``socket`` fails in the kernel) after
the data is loaded and before the question is read. A store on disk opens its files as it goes; there the child leaves the
network instead, where the system allows it.
"""

from __future__ import annotations

import faulthandler
import fcntl
import json
import os
import re
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, Self

from kb.problems import KbError, Place, Problem
from kb.sparql.values import Answer, Graphs, Question, Refusal, Stored

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PIPE = 1 << 20  # bytes that a pipe may hold, so that a question can be written at once
_SHOWN = 60  # how much of a line is shown on either side of an error


class Limits(NamedTuple):
    """What a question may cost.

    Args:
        seconds: Wall-clock time, the loading of the data included.
        megabytes: Address space of the child, beside what the parent had mapped.
    """

    seconds: float = 60.0
    megabytes: int = 2048


#: An engine: its ``load`` and its ``ask``, brought in by the child alone.
Engine = Callable[[], tuple[Callable[[Question], Any], Callable[[Any, Question], Answer]]]


def answer(engine: Engine, question: Question, limits: Limits, meanwhile: Callable[[], object] | None = None) -> Answer:
    """Answer a question in a child process; see :meth:`Child.answer`."""
    with Child(engine) as child:
        return child.answer(question, limits, meanwhile)


class Child:
    """A child process that brings in an engine and waits for a question; it ends with its context.

    Who knows early that there will be a question can start it then, and find the question while it gets ready.

    Args:
        engine: Gives the engine's functions; called in the child, so that only the child imports it.

    Raises:
        KbError: No process can be started (KB608).
    """

    def __init__(self, engine: Engine) -> None:
        self._pipes: list[int] = []
        self._id = 0
        held = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        try:
            for _ in range(3):
                self._pipes += os.pipe()
            asked, self._asking, self._answering, answered, death, _ = self._pipes
            signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # until somebody is there to end the child
            parent, self._id = os.getpid(), os.fork()
            if self._id == 0:
                for end in (self._pipes.pop(5), self._asking):
                    os.close(end)
                _work(engine, (asked, answered, death), parent)
            for end in (asked, answered, death):
                self._pipes.remove(end)
                os.close(end)
        except OSError as error:
            self.end()
            message = f"No process could be started for the query: {error.strerror}."
            raise _error("KB608", message, "Free some memory, processes or open files.") from error
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> int:
        """End it, if it has not ended, and give its status."""
        child, self._id = self._id, 0
        try:
            if not child:
                return 0
            os.kill(child, signal.SIGKILL)
            return os.waitpid(child, 0)[1]
        finally:
            while self._pipes:
                os.close(self._pipes.pop())

    def answer(self, question: Question, limits: Limits, meanwhile: Callable[[], object] | None = None) -> Answer:
        """Answer a question.

        Args:
            question: What to ask.
            limits: What it may cost.
            meanwhile: What the parent does while the child works.

        Raises:
            KbError: The query is wrong, asks for what is refused, or hits a limit.
        """
        deadline = time.monotonic() + limits.seconds
        with suppress(BrokenPipeError):  # then the child has ended, and may have said why
            _tell(self._asking, question, limits, deadline)
        os.close(self._asking)
        self._pipes.remove(self._asking)
        if meanwhile:
            meanwhile()
        said = _listen(self._answering, deadline, limits)
        status = self.end()
        if not said:
            raise _crash(status, limits)
        return _understand(json.loads(said), question, limits)


def _tell(pipe: int, question: Question, limits: Limits, deadline: float) -> None:
    """Write a question: the length of its plain values, these, and the data."""
    data = question.data.encode("utf-8") if isinstance(question.data, str) else question.data
    stored = question.store._replace(lock=None) if question.store else None
    about = question._replace(data="", prefixes=dict(question.prefixes), store=stored)
    plain = json.dumps((about, limits, len(data))).encode("ascii")
    with suppress(AttributeError, OSError):  # not Linux, or not as much
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
    os.set_blocking(pipe, False)
    for part in (b"%016d" % len(plain) + plain, data):
        left = memoryview(part)
        while left:
            if not select.select([], [pipe], [], max(0.0, deadline - time.monotonic()))[1]:
                raise _too_long(limits)
            left = left[os.write(pipe, left) :]


def _hear(pipe: int) -> tuple[Question, Limits]:  # pragma: no cover - in the child, as all below
    """Read what :func:`_tell` writes."""
    with open(pipe, "rb") as file:
        about, limits, size = json.loads(file.read(int(file.read(16))))
        _, text, prefixes, base, graphs, most, store = about
        data = file.read(size)
    named = Graphs(*(tuple(each) for each in graphs)) if graphs else None
    return Question(data, text, prefixes, base, named, most, Stored(*store) if store else None), Limits(*limits)


def _listen(pipe: int, deadline: float, limits: Limits) -> bytes:
    """Read until the child closes the pipe."""
    parts: list[bytes] = []
    size = 0
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            part = os.read(pipe, 1 << 20)
            if not part:
                return b"".join(parts)
            parts.append(part)
            size += len(part)
            if size > limits.megabytes << 20:
                raise _too_much(limits)
    raise _too_long(limits)


def _work(engine: Engine, pipes: tuple[int, int, int], parent: int) -> NoReturn:  # pragma: no cover
    """Be the child: answer into the pipe and end, whatever happens.

    Coverage sees nothing of this: when the work is done, the child can no longer write what it saw. Interrupts stay
    blocked, so that the parent alone decides; should it die, so does the child.
    """
    try:
        asked, pipe, death = (
            fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 3) for each in pipes
        )  # away from streams that may be closed
        for each in pipes:
            os.close(each)
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):  # engines talk when they break down
            os.dup2(nothing, stream)
        sys.stdout = sys.stderr = open(nothing, "w", encoding="utf-8")
        faulthandler.disable()
        die_with(parent, death)
        data = memoryview(_say(engine, asked))
        while data:
            data = data[os.write(pipe, data) :]
    finally:
        os._exit(0)


def die_with(parent: int, death: int) -> None:  # pragma: no cover - in children
    """End when the parent does: its end of a pipe is closed then, and the kernel signals that, whatever the engine does."""
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(death, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(death, fcntl.F_SETFL, os.O_ASYNC)
    if os.getppid() != parent:
        os._exit(0)


def _mapped() -> int:  # pragma: no cover - as above
    """Give the bytes of address space that the parent has mapped already: a library may map much and use little."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:  # not Linux
        return 0
    return pages * resource.getpagesize()


def _say(engine: Engine, asked: int) -> bytes:  # pragma: no cover - as above
    """Bring in the engine, hear the question, and answer it within limits, as JSON."""
    try:
        load, ask = engine()
        question, limits = _hear(asked)
        limit(resource.RLIMIT_CORE, 0)
        limit(resource.RLIMIT_AS, _mapped() + (limits.megabytes << 20))
        limit(resource.RLIMIT_CPU, int(limits.seconds) + 1)
        if question.store:
            _leave_network()
        loaded = load(question)
        if not question.store:
            limit(resource.RLIMIT_NOFILE, 0)
        return json.dumps({"answer": ask(loaded, question)._asdict()}).encode("ascii")
    except Refusal as refusal:
        said = refusal.args
    except MemoryError:
        said = ("KB605", "", 0, 0)
    except BaseException as error:  # noqa: BLE001 - a child has nobody to raise to
        said = ("KB608", f"{type(error).__name__}: {error}", 0, 0)
    return json.dumps({"refusal": said}).encode("ascii")


def _leave_network() -> None:  # pragma: no cover - as above
    """Do without the network: a store on disk opens files as it goes, so files cannot be given up, and sockets with them."""
    from kb.queries.network import leave_network

    leave_network()


def limit(which: int, value: int) -> None:  # pragma: no cover - in children
    """Bound a resource of this process for good."""
    _, hard = resource.getrlimit(which)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (bound, bound))


def _crash(status: int, limits: Limits) -> KbError:
    ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if ended in {signal.SIGABRT, signal.SIGKILL}:
        return _too_much(limits)
    if ended == signal.SIGXCPU:
        return _too_long(limits)
    return _error("KB608", "The engine broke down over the query.", "Simplify it: it may be nested too deeply.")


def _understand(message: dict[str, Any], question: Question, limits: Limits) -> Answer:
    """Give the answer that a child gave.

    Raises:
        KbError: It refused.
    """
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
    raise _too_much(limits) if code == "KB605" else refusal(Refusal(code, words, line, column), question.text)


def refusal(said: Refusal, text: str) -> KbError:
    """Put into a message why an engine cannot answer a query."""
    if said.code == "KB602":
        message = f"The query cannot be read: {said.message}.{_excerpt(text, said.line, said.column)}"
        return _error(
            said.code, message, "Correct the query there." if said.line else "Correct the query.", said.line, said.column
        )
    if said.code == "KB653":
        return _error(said.code, f"{said.message[:500]}.", "Run 'kb build' again.")
    if said.code == "KB656":
        return _error(said.code, f"{said.message[:1].upper()}{said.message[1:]}.", "Leave out --engine, or --store.")
    message = f"The query cannot be answered: {said.message[:500]}."
    return _error(said.code, message, "Simplify the query, or try another --engine.", said.line, said.column)


def _excerpt(text: str, line: int, column: int) -> str:
    """Show a place of a text: the line, or what of it lies near, and a caret below."""
    lines = text.split("\n")
    if not 0 < line <= len(lines) or column < 1:
        return ""
    start = max(0, column - 1 - _SHOWN)
    before = lines[line - 1][start : column - 1]
    after = lines[line - 1][column - 1 : column - 1 + _SHOWN].rstrip("\r")
    blank = re.sub(r"[^\t]", " ", before)
    return f"\n    {before}{after}\n    {blank}^\n   "


def _too_long(limits: Limits) -> KbError:
    message = f"The query was stopped after {limits.seconds:g} seconds."
    return _error("KB604", message, "Narrow it, or allow more with --timeout.")


def _too_much(limits: Limits) -> KbError:
    return _error("KB605", f"The query needed more than {limits.megabytes:,} MB of memory.", "Narrow it.")


def _error(code: str, message: str, remedy: str, line: int = 0, column: int = 0) -> KbError:
    return KbError([Problem(Place("<query>", line, column), code, message, remedy)])
