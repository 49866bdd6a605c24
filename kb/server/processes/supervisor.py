"""The quiet process: it holds the dataset open, asks nothing of it, and forks.

It forks the workers that speak to clients, and for each question of theirs a child that answers it. It reads nothing that
a client wrote: of a question it sees who asks, and the socket that it hands on. What it decides is when a question may
start, and when it has to end:

::

    waiting ──> running ──(patience is over)──> long ──(time is over)──> stopped
                   │                              │
                   └────────── answered ──────────┘

A long question gets a lane of its own and a lower priority, so that short ones never wait behind it; if that lane is
full, it is stopped and told to come again. A client that leaves stops its question.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from kb.server.processes import messages, query_process
from kb.server.processes.isolation import Bounds
from kb.server.processes.messages import GONE, Said
from kb.server.processes.query_process import Served
from kb.server.processes.queue import Queue
from kb.server.settings import Settings

#: What a worker does: it speaks to clients until it is told to stop.
Worker = Callable[[socket.socket, socket.socket], NoReturn]

_BUSY = Said(problem=("KB627", "The server has too much to do.", "Ask again a little later.", 0, 0))
_LONG = Said(
    problem=("KB627", "The query takes long, and the server has long queries enough.", "Narrow it, or ask again later.", 0, 0)
)
_BROKEN = Said(problem=("KB608", "The engine broke down over the query.", "Simplify it: it may be nested too deeply.", 0, 0))
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SENDING = 10.0  # seconds in which a child hands over an answer that is ready
_FINISHING = 2.0  # seconds that questions have to end by themselves when the server stops
_STOPPING = 5.0  # seconds that workers have to end in all
_BREATH = 0.1  # seconds between two looks at the clock while stopping


class Job:
    """A question: the socket that its answer goes to, and the child that answers it."""

    def __init__(self, line: socket.socket, client: str, now: float) -> None:
        self.line, self.client, self.since = line, client, now
        self.pid = self.pipe = 0
        self.state = "waiting"
        self.until = 0.0
        self.left = False


class WorkerProcess:
    """A worker: the socket to it, its process, and whether it has come so far as to say that it is ready."""

    def __init__(self, control: socket.socket, pid: int) -> None:
        self.control, self.pid, self.ready = control, pid, False


class Holder:
    """Holds a dataset and forks.

    Args:
        served: The dataset.
        settings: The limits, and how many workers.
        listening: The socket that clients come in by.
        work: What a worker does.
        files: Whether the store opens files of its own as it goes.
        announce: Called when all workers are ready.
    """

    def __init__(  # noqa: PLR0913 - all that a server consists of
        self,
        served: Served,
        settings: Settings,
        listening: socket.socket,
        work: Worker,
        *,
        files: bool,
        announce: Callable[[], None],
    ) -> None:
        self.announce: Callable[[], None] | None = announce
        self.served, self.settings, self.listening, self.work = served, settings, listening, work
        self.queue: Queue[Job] = Queue(settings.whole("waiting"))
        self.poll = select.poll()
        self.workers: dict[int, WorkerProcess] = {}
        self.jobs: dict[int, Job] = {}
        self.pipes: dict[int, Job] = {}
        self.stopping = False
        self.failed = False
        self.bounds = Bounds(settings, files=files)
        self.wake, self.waker = os.pipe()

    def run(self) -> bool:
        """Serve until a signal comes; give whether all went well."""
        os.set_blocking(self.waker, False)
        signal.set_wakeup_fd(self.waker, warn_on_full_buffer=False)
        for each in _SIGNALS:
            signal.signal(each, lambda *_: None)
        faulthandler.disable()  # children would talk
        self.poll.register(self.wake, select.POLLIN)
        gc.freeze()  # what is here stays; collecting it in children would only copy its pages
        gc.disable()
        for _ in range(self.settings.workers):
            self._fork_worker()
        try:
            while not self.stopping:
                self._turn()
        finally:
            self.stopping = True
            self._stop()
        return not self.failed

    def _turn(self) -> None:
        for descriptor, event in self.poll.poll(self._pause()):
            if descriptor == self.wake:
                self.stopping = True
            elif descriptor in self.workers:
                self._hear(descriptor)
            elif descriptor in self.pipes:
                self._progress(self.pipes[descriptor])
            elif descriptor in self.jobs and event & (select.POLLHUP | select.POLLERR):
                self._leave(self.jobs[descriptor])
        now = time.monotonic()
        for job in [each for each in self.pipes.values() if each.until <= now]:
            self._expire(job, now)
        self._start(now)

    def _pause(self) -> float | None:
        """Give the milliseconds until the next question has to end, if there is one."""
        until = min((job.until for job in self.pipes.values()), default=None)
        if self.stopping:
            until = min(until or float("inf"), time.monotonic() + _BREATH)
        return None if until in {None, float("inf")} else max(0.0, until - time.monotonic()) * 1000 + 1

    def _hear(self, descriptor: int) -> None:
        """Take a question from a worker, or note that the worker has ended."""
        worker = self.workers[descriptor]
        ticket, lines, _, _ = socket.recv_fds(worker.control, messages.TICKET, 1)
        if not ticket:
            self.poll.unregister(descriptor)
            del self.workers[descriptor]
            worker.control.close()
            with suppress(ChildProcessError):
                os.waitpid(worker.pid, 0)
            if not self.stopping and not worker.ready:  # it would only end again
                self.stopping = self.failed = True
            elif not self.stopping:
                self._fork_worker()
            return
        worker.ready = True
        if self.announce and all(each.ready for each in self.workers.values()):
            self.announce()
            self.announce = None
        for line in lines:
            self._admit(Job(socket.socket(fileno=line), ticket.rstrip(b"\0").decode("utf-8", "replace"), time.monotonic()))

    def _admit(self, job: Job) -> None:
        self.jobs[job.line.fileno()] = job
        self.poll.register(job.line, 0)  # only to hear that the other end has gone
        gone = self.queue.put(job.client, job)
        if gone is not None:
            self._tell(gone, _BUSY)

    def _start(self, now: float) -> None:
        """Start the questions for which there is room."""
        while sum(job.state == "running" for job in self.pipes.values()) < self.settings.whole("running"):
            job = self.queue.take()
            if job is None:
                return
            try:
                self._fork_answerer(job, now)
            except OSError:
                self._tell(job, _BUSY)

    def _fork_answerer(self, job: Job, now: float) -> None:
        reading, writing = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)  # in the child for good: the holder alone ends it
        try:
            pid = os.fork()
            if pid == 0:  # pragma: no cover - in children
                try:
                    self._shed(job)
                    os.close(reading)
                    self.bounds.apply()
                    query_process.work(job.line, writing, self.served, self.settings)
                finally:
                    os._exit(70)
        except OSError:
            os.close(reading)
            os.close(writing)
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(writing)
        job.pid, job.pipe, job.state = pid, reading, "running"
        job.until = now + min(self.settings.limit("patience"), self.settings.limit("timeout"))
        job.since = now
        self.pipes[reading] = job
        self.poll.register(reading, select.POLLIN)

    def _progress(self, job: Job) -> None:
        """Note that a child has its answer ready, or that it has ended."""
        if os.read(job.pipe, 1):
            job.state, job.until = "sending", time.monotonic() + _SENDING
            return
        self.poll.unregister(job.pipe)
        os.close(job.pipe)
        del self.pipes[job.pipe]
        status = os.waitpid(job.pid, 0)[1]
        if job.state == "sending" or job.left:
            self._close(job)
        elif job.state != "told":
            self._tell(job, self._how_it_ended(status))

    def _how_it_ended(self, status: int) -> Said:
        ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if ended in {signal.SIGABRT, signal.SIGKILL}:
            return query_process.too_much(self.settings)
        return query_process.too_long(self.settings) if ended == signal.SIGXCPU else _BROKEN

    def _expire(self, job: Job, now: float) -> None:
        """Move a question to the lane for long ones when its patience is over, and stop it when its time is."""
        over = job.since + self.settings.limit("timeout")
        if job.state == "running" and over > now:
            if sum(each.state == "long" for each in self.pipes.values()) < self.settings.whole("long"):
                job.state, job.until = "long", over
                with suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, job.pid, 10)
                return
            self._end(job, _LONG)
        else:
            self._end(job, query_process.too_long(self.settings))

    def _end(self, job: Job, said: Said) -> None:
        """Stop a question; its client is told at once, since a large process takes time to go."""
        job.until = float("inf")
        os.kill(job.pid, signal.SIGKILL)
        if job.state != "sending" and not job.left:
            self._tell(job, said)

    def _leave(self, job: Job) -> None:
        """Stop a question that nobody waits for any more."""
        self.poll.unregister(job.line)
        if job.pipe in self.pipes and job.state != "told":
            os.kill(job.pid, signal.SIGKILL)
            job.left = True
            return
        if job.state == "waiting":
            self.queue.drop(job.client, job)
        self._close(job)

    def _tell(self, job: Job, said: Said) -> None:
        """Say why there is no answer; the line stays open until the worker has read that and closes it."""
        job.state = "told"
        job.line.setblocking(False)  # noqa: FBT003 - Python's signature
        with suppress(OSError):  # the worker has gone
            job.line.send(messages.pack(said))

    def _close(self, job: Job) -> None:
        with suppress(KeyError):
            self.poll.unregister(job.line)
        del self.jobs[job.line.fileno()]
        job.line.close()

    def _dismiss(self) -> None:
        """Stop every question, and tell the clients why."""
        while (waiting := self.queue.take()) is not None:
            self._tell(waiting, GONE)
        for job in self.pipes.values():
            if job.state in {"running", "long"}:
                self._end(job, GONE)

    def _fork_worker(self) -> None:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                ours.close()
                self._shed(None)
                signal.set_wakeup_fd(-1)
                self.work(self.listening, theirs)
            finally:
                os._exit(70)
        theirs.close()
        self.workers[ours.fileno()] = WorkerProcess(ours, pid)
        self.poll.register(ours, select.POLLIN)

    def _shed(self, own: Job | None) -> None:
        """Close, in a child, what belongs to others, lest they never hear the end of it."""
        for worker in self.workers.values():
            worker.control.close()
        for job in self.jobs.values():
            if job is not own:
                job.line.close()
        for pipe in self.pipes:
            os.close(pipe)

    def _stop(self) -> None:
        """Let the workers end what they have begun, for a little while; then end every process."""
        for worker in self.workers.values():
            with suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGTERM)
        began = time.monotonic()
        while self.workers and (passed := time.monotonic() - began) < _STOPPING:
            self._turn()
            if passed > _FINISHING:
                self._dismiss()
        for pid in [*(job.pid for job in self.pipes.values()), *(each.pid for each in self.workers.values())]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
