"""Child processes with limits: how a query is confined, in ``kb query`` and in ``kb serve`` alike.

An engine cannot be stopped from within its process. It can exhaust memory or the stack, and it reads files and remote
addresses when a query names them. So every query is evaluated by a forked child, which confines itself in two steps:

1. :func:`limit_resources`, before the data are loaded: address space, processor time, no core dump.
2. :func:`forbid_opening`, before the query is evaluated: no file can be written, and no file or socket can be opened.

A store on disk opens files while it is queried. Its queries are kept from the network by :func:`leave_network` instead.
"""

from __future__ import annotations

import ctypes
import faulthandler
import fcntl
import math
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kb.exit_codes import INTERRUPTS
from kb.problems import describe_size, fail

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # unshare(2)
_READ_SIZE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may use: seconds, with those for loading the data, and megabytes of address space beyond what is mapped."""

    seconds: float = 60.0
    megabytes: int = 2048

    def __post_init__(self) -> None:
        """Refuse what is no time or size (KB832)."""
        for name, value in (("seconds", self.seconds), ("megabytes", self.megabytes)):
            if not 0 < value < math.inf:
                raise fail("KB832", f"A limit of {value:g} {name} is none that can be kept.", "Give a number above 0.", name)

    def message(self, code: str) -> str:
        """Describe which limit a query exceeded, by the code that :func:`failure_code` returns."""
        if code == "KB604":
            return f"The query was stopped after {self.seconds:g} seconds."
        if code == "KB605":
            return f"The query needed more than {describe_size(self.megabytes << 20)} of memory."
        return "The engine crashed while it evaluated the query."


class ChildProcess:
    """A forked process that runs one function, has no standard streams, and ends when its parent ends.

    Interrupts stay blocked in the child, so that the parent alone decides when it ends.

    Args:
        run: What the child does, before it exits with status 0. It receives the descriptor of the pipe that it writes to.
        inherited: Descriptors of the parent that the child closes, so that peers see end of file when the parent closes them.

    Raises:
        OSError: No process or pipe can be created.
    """

    def __init__(self, run: Callable[[int], object], inherited: Iterable[int] = ()) -> None:
        pipes: list[int] = []
        parent = os.getpid()
        try:
            pipes += [*_open_pipe(), *_open_pipe()]
            self.output, writing, parent_alive, self.lifeline = pipes
            with _interrupts_blocked():
                self.pid = os.fork()
                if self.pid == 0:  # pragma: no cover - coverage cannot write from a confined child
                    try:
                        for descriptor in (self.output, self.lifeline, *inherited):
                            os.close(descriptor)
                        _end_with_parent(parent, parent_alive)
                        _silence()
                        run(writing)
                    finally:
                        os._exit(0)
        except OSError:
            for descriptor in pipes:
                os.close(descriptor)
            raise
        os.close(writing)
        os.close(parent_alive)

    def kill(self) -> None:
        """Kill the process; call :meth:`wait` afterwards."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for the end of the process, close the pipes, and return its status, as ``os.waitpid`` does."""
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.output)
        os.close(self.lifeline)
        return status


def run_confined(work: Callable[[int], object], limits: Limits) -> tuple[bytes, str]:
    """Run a function in a child process until it ends or exceeds its time or output.

    Args:
        work: The function, which receives the descriptor of the pipe that it writes to, and limits its own memory.
        limits: The limits.

    Returns:
        What it wrote, and the rule of the limit that it exceeded (KB604, KB605); if what it wrote is incomplete in another way,
        the rule for a child that crashed.

    Raises:
        OSError: No process or pipe can be created.
    """
    deadline, content, code = time.monotonic() + limits.seconds, bytearray(), "KB604"
    child = ChildProcess(work)
    try:
        while (left := deadline - time.monotonic()) > 0:
            if select.select([child.output], [], [], left)[0]:
                part = os.read(child.output, _READ_SIZE)
                content += part
                if not part or len(content) > limits.megabytes << 20:
                    code = "KB605" if part else ""
                    break
    finally:
        child.kill()
        status = child.wait()
    return bytes(content), code or failure_code(status)


def _open_pipe() -> tuple[int, int]:
    """Open a pipe whose descriptors are above those of the standard streams, even where these are closed."""
    ends = os.pipe()
    try:
        reading, writing = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3) for end in ends)
    finally:
        for end in ends:
            os.close(end)
    return reading, writing


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block interrupts until the child has its handlers, and in the child for good."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent(parent: int, parent_alive: int) -> None:  # pragma: no cover - in children
    """Let the kernel end this process with a signal when the parent's end of a pipe is closed, whatever the engine does."""
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(parent_alive, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(parent_alive, fcntl.F_SETFL, os.O_ASYNC)
    if os.getppid() != parent:
        os._exit(0)


def _silence() -> None:  # pragma: no cover - in children
    """Redirect the standard streams to nowhere: engines print when they crash."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    sys.stdout = sys.stderr = os.fdopen(nowhere, "w", encoding="utf-8")
    faulthandler.disable()


def limit_resources(limits: Limits) -> None:  # pragma: no cover - in children
    """Limit memory and processor time of this process, and forbid core dumps."""
    _limit(resource.RLIMIT_CORE, 0)
    try:  # a library may have mapped much and use little
        mapped = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except OSError:  # not Linux
        mapped = 0
    _limit(resource.RLIMIT_AS, mapped + (limits.megabytes << 20))
    _limit(resource.RLIMIT_CPU, int(limits.seconds) + 1)


def forbid_opening(*, store_on_disk: bool) -> None:  # pragma: no cover - in children
    """Forbid this process to write files and, unless a store still has to open its own, to open any file or socket."""
    _limit(resource.RLIMIT_FSIZE, 0)
    if not store_on_disk:
        _limit(resource.RLIMIT_NOFILE, 0)


def _limit(which: int, value: int) -> None:  # pragma: no cover - in children
    _, hard = resource.getrlimit(which)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (bound, bound))


def leave_network() -> bool:
    """Move this process, and all that it forks, into a network namespace without any interface.

    Sockets that are already open stay usable. The process must have no other threads.

    Returns:
        Whether the system allows it: only Linux has network namespaces, and containers may forbid them.
    """
    if sys.platform != "linux":  # pragma: no cover
        return False
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    return any(unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def failure_code(status: int) -> str:
    """Return the rule code for a child that ended without an answer, from the status of :meth:`ChildProcess.wait`."""
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number in {signal.SIGABRT, signal.SIGKILL}:  # allocation failed, or the system ran out of memory
        return "KB605"
    return "KB604" if number in {signal.SIGXCPU, signal.SIGALRM} else "KB608"
