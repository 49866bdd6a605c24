"""The supervisor: the process that holds the dataset open, forks all others, and never reads what a client sends.

It forks the workers that speak HTTP, and for each request of theirs a process that answers it. Of a request it sees only the
address of the client and the socket that it hands on. It decides when a query starts and when it must end:

::

    waiting ──> running ──(--patience is over)──> long ──(--timeout is over)──> ended
                   │                                │
                   └─────────── sending ────────────┘

Long queries have places of their own and a lower priority, so that short ones never wait behind them. If these places are
taken, the query is ended and its client is asked to send it again later. A query whose client leaves is ended, too.

Clients share the places: of the queries that wait, the one starts whose client needed the least time of the processor lately. A
client whose queries took long lately is a heavy one: its queries start after those of other clients and with a lower priority, do
not take up the places of other clients, and give way if another client needs a place for a long query.
"""

from __future__ import annotations

import math
import os
import resource
import select
import signal
import socket
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal, NoReturn

from kb.exit_codes import INTERRUPTS
from kb.queries.child_process import ChildProcess, failure_code, forbid_opening, limit_resources
from kb.server import messages
from kb.server.processes import query_process
from kb.server.processes.loaded_dataset import LoadedDataset
from kb.server.queue import UNKNOWN, Queue, RecentUse
from kb.server.settings import ServerSettings

#: What a worker does: it speaks HTTP on the listening socket until its control socket is closed or a signal stops it.
Worker = Callable[[socket.socket, socket.socket], NoReturn]

_BUSY = messages.refuse("KB627", "The server has too many queries.", "Send the query again a little later.")
_LONG = messages.refuse(
    "KB627", "The query takes long, and the server has too many long queries.", "Narrow it, or send it again later."
)
_SHORT_PART, _HEAVY_PART = 0.1, 0.25  # of --patience: what a query takes that counts for nothing; what makes a client heavy
_WAIT_INTERVAL = 0.05  # seconds between two looks at whether a query that waits may start
_SHORT_NICENESS, _LONG_NICENESS = 5, 15  # of query processes
_LAST = 1e6  # seconds: more than any client can have cost
_SEND_TIME = 10.0  # seconds in which a query process must send an answer that is ready
_FINISH_TIME = 2.0  # seconds in which queries may still end by themselves when the server stops
_STOP_TIME = 5.0  # seconds after which workers are killed when the server stops
_STOP_INTERVAL = 0.1  # seconds between two checks of these times


@dataclass(eq=False, slots=True)
class Job:
    """A request and the process that answers it."""

    connection: socket.socket  # to the worker
    client: str
    state: Literal["waiting", "running", "long", "sending", "reported", "abandoned"] = "waiting"
    started: float = 0.0
    deadline: float = math.inf  # when the supervisor has to act on it
    child: ChildProcess | None = None  # its output is a byte when its answer is ready, and end of file when it ends


@dataclass(eq=False, slots=True)
class WorkerProcess:
    """A worker: the socket to it, its process, and whether it has reported that it is ready."""

    control: socket.socket
    pid: int
    ready: bool = False


class Supervisor:
    """Holds the dataset open, and forks workers and query processes."""

    def __init__(
        self,
        dataset: LoadedDataset,
        settings: ServerSettings,
        listening: socket.socket,
        work: Worker,
        announce: Callable[[], None],
    ) -> None:
        self.dataset, self.settings, self.listening, self.work = dataset, settings, listening, work
        self.announce: Callable[[], None] | None = announce
        self.queue: Queue[Job] = Queue(settings.integer("waiting"), self._cost)
        self.recent_use = RecentUse(UNKNOWN)  # of the processor
        self.recent_excess = RecentUse()  # of time beyond what short queries take
        self.heavy: set[Hashable] = set()
        self.excess: defaultdict[str, float] = defaultdict(float)  # as recent_excess, and with the queries that run
        self.poll = select.poll()
        self.workers: dict[int, WorkerProcess] = {}
        self.jobs: dict[int, Job] = {}  # by the descriptor of the connection
        self.processes: dict[int, Job] = {}  # by the descriptor of the output
        self.stopping = False
        self.failed = False
        self.wake_reader, self.wake_writer = os.pipe()

    def run(self) -> bool:
        """Serve until a signal stops it; return whether all workers could start."""
        os.set_blocking(self.wake_writer, False)
        signal.set_wakeup_fd(self.wake_writer, warn_on_full_buffer=False)
        for number in INTERRUPTS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup ignores SIGHUP
                signal.signal(number, lambda *_: None)
        self.poll.register(self.wake_reader, select.POLLIN)
        for _ in range(self.settings.workers):
            self._fork_worker()
        try:
            while not self.stopping:
                self._handle_events()
        finally:
            self.stopping = True
            self._stop()
        return not self.failed

    def _handle_events(self) -> None:
        for descriptor, event in self.poll.poll(self._poll_time()):
            if descriptor == self.wake_reader:
                self.stopping = True
            elif descriptor in self.workers:
                self._receive(descriptor)
            elif (job := self.processes.get(descriptor)) and job.child:
                self._progress(job, job.child)
            elif descriptor in self.jobs and event & (select.POLLHUP | select.POLLERR):
                self._abandon(self.jobs[descriptor])
        now = time.monotonic()
        for job in [job for job in self.processes.values() if job.deadline <= now]:
            self._expire(job, now)
        self._start_queries(now)

    def _poll_time(self) -> float | None:
        """Return the milliseconds until the next deadline, or None if there is none."""
        deadline = min((job.deadline for job in self.processes.values()), default=math.inf)
        if self.stopping:
            deadline = min(deadline, time.monotonic() + _STOP_INTERVAL)
        if len(self.queue) or any(job.state == "running" for job in self.processes.values()):  # clients become heavy meanwhile
            deadline = min(deadline, time.monotonic() + _WAIT_INTERVAL)
        return None if deadline == math.inf else max(0.0, deadline - time.monotonic()) * 1000 + 1

    def _receive(self, descriptor: int) -> None:
        """Receive a request from a worker, or notice that the worker has ended."""
        worker = self.workers[descriptor]
        ticket, connections, _, _ = socket.recv_fds(worker.control, messages.TICKET, 1)
        if not ticket:
            self._replace(worker)
            return
        worker.ready = True
        if self.announce and all(other.ready for other in self.workers.values()):
            self.announce()
            self.announce = None
        for connection in connections:
            self._admit(Job(socket.socket(fileno=connection), ticket.rstrip(b"\0").decode("utf-8", "replace")))

    def _replace(self, worker: WorkerProcess) -> None:
        """Start a worker in place of one that has ended; stop if it never became ready, since the next one would not either."""
        self.poll.unregister(worker.control)
        del self.workers[worker.control.fileno()]
        worker.control.close()
        with suppress(ChildProcessError):
            os.waitpid(worker.pid, 0)
        if self.stopping:
            return
        if worker.ready:
            self._fork_worker()
        else:
            self.stopping = self.failed = True

    def _admit(self, job: Job) -> None:
        self.jobs[job.connection.fileno()] = job
        self.poll.register(job.connection, 0)  # reports only that the other end is closed
        removed = self.queue.put(job.client, job)
        if removed is not None:
            self._report(removed, _BUSY)

    def _start_queries(self, now: float) -> None:
        """Start waiting queries while places are free, those of heavy clients last."""
        heavy = self._heavy_clients(now)
        for process in self.processes.values():
            if process.state == "running" and process.client in heavy - self.heavy:
                _set_niceness(process, _LONG_NICENESS)
        self.heavy = heavy
        limit = self.settings.integer("running")
        while (client := self.queue.next_client()) is not None:
            running = [job for job in self.processes.values() if job.state == "running"]
            counting = running if client in self.heavy else [job for job in running if job.client not in self.heavy]
            if len(counting) >= limit:
                return
            if len(running) >= 2 * limit:
                heavy_jobs = (job for job in running if job.client in self.heavy)
                self._end(max(heavy_jobs, key=lambda job: self.excess[job.client]), _LONG)
            job = self.queue.take()
            if job is None:
                return
            try:
                self._start(job, now)
            except OSError:
                self._report(job, _BUSY)

    def _heavy_clients(self, now: float) -> set[Hashable]:
        """Return the clients, of those whose queries wait or run, whose queries took long lately."""
        self.excess = defaultdict(float)
        for job in self.processes.values():
            self.excess[job.client] += self._excess(job, now)
        for client in {*self.excess, *map(str, self.queue.clients())}:
            self.excess[client] += self.recent_excess.get(client, now)
        limit = _HEAVY_PART * self.settings.limit("patience")
        return {client for client, seconds in self.excess.items() if seconds > limit}

    def _cost(self, client: Hashable) -> float:
        """Return what a client has cost lately, in seconds; heavy clients come after all others."""
        return self.recent_use.get(str(client), time.monotonic()) + (_LAST if client in self.heavy else 0.0)

    def _excess(self, job: Job, now: float) -> float:
        """Return how long a query has run, in seconds beyond what short ones take; nothing if it does not run."""
        short = _SHORT_PART * self.settings.limit("patience")
        return max(0.0, now - job.started - short) if job.state in {"running", "long"} else 0.0

    def _start(self, job: Job, now: float) -> None:
        """Fork the process that answers a request, with a lower priority than that of the workers.

        Raises:
            OSError: The system has no process or descriptor left.
        """
        own = (self.listening.fileno(), self.wake_reader, self.wake_writer)
        job.child = ChildProcess(lambda output: self._answer(job, output), [*own, *self._descriptors(except_for=job)])
        job.state, job.started = "running", now
        job.deadline = now + min(self.settings.limit("patience"), self.settings.limit("timeout"))
        self.processes[job.child.output] = job
        self.poll.register(job.child.output, select.POLLIN)
        _set_niceness(job, _LONG_NICENESS if job.client in self.heavy else _SHORT_NICENESS)

    def _answer(self, job: Job, output: int) -> None:  # pragma: no cover - in children
        limit_resources(self.settings.query_limits)
        forbid_opening(store_on_disk=self.dataset.stored is not None)
        query_process.serve_request(job.connection, output, self.dataset, self.settings)

    def _descriptors(self, except_for: Job | None = None) -> list[int]:
        """Return the descriptors of workers and jobs, which other processes must not keep open."""
        connections = [descriptor for descriptor, job in self.jobs.items() if job is not except_for]
        lifelines = [job.child.lifeline for job in self.processes.values() if job.child]
        return [*self.workers, *self.processes, *connections, *lifelines]

    def _progress(self, job: Job, child: ChildProcess) -> None:
        """Notice that a process has its answer ready, or that it has ended."""
        if os.read(child.output, 1):
            self._count_excess(job)
            job.state, job.deadline = "sending", time.monotonic() + _SEND_TIME
            return
        self.poll.unregister(child.output)
        del self.processes[child.output]
        used = _processor_time()
        status = child.wait()
        self.recent_use.add(job.client, _processor_time() - used, time.monotonic())
        self._count_excess(job)
        if job.state in {"sending", "abandoned"}:
            self._close(job)
        elif job.state != "reported":
            self._report(job, query_process.limit_response(failure_code(status), self.settings.query_limits))

    def _count_excess(self, job: Job) -> None:
        """Count the time of a query beyond what short ones take, before it ceases to run."""
        now = time.monotonic()
        self.recent_excess.add(job.client, self._excess(job, now), now)

    def _expire(self, job: Job, now: float) -> None:
        """Make a query a long one after --patience, and end it after --timeout."""
        end = job.started + self.settings.limit("timeout")
        if job.state != "running" or end <= now:
            self._end(job, query_process.limit_response("KB604", self.settings.query_limits))
        elif self._has_long_place(job):
            job.state, job.deadline = "long", end
            _set_niceness(job, _LONG_NICENESS)
        else:
            self._end(job, _LONG)

    def _has_long_place(self, job: Job) -> bool:
        """Return whether there is a place for a long query; a client with two places more than this one gives up its last."""
        long = [other for other in self.processes.values() if other.state == "long"]
        if len(long) < self.settings.integer("long"):
            return True
        places = Counter(other.client for other in long)
        client, most = max(places.items(), key=itemgetter(1), default=("", 0))
        if most < places[job.client] + 2:
            return False
        self._end(max((other for other in long if other.client == client), key=lambda other: other.started), _LONG)
        return True

    def _end(self, job: Job, response: messages.QueryResponse) -> None:
        """Kill a query's process; report it at once, since a large process takes time to end."""
        self._count_excess(job)
        job.deadline = math.inf
        if job.child:
            job.child.kill()
        if job.state not in {"sending", "abandoned"}:
            self._report(job, response)

    def _abandon(self, job: Job) -> None:
        """End a query whose client has left."""
        self._count_excess(job)
        self.poll.unregister(job.connection)
        if job.state in {"running", "long", "sending"} and job.child:
            job.child.kill()
            job.state, job.deadline = "abandoned", math.inf
            return
        if job.state == "waiting":
            self.queue.remove(job.client, job)
        self._close(job)

    def _report(self, job: Job, response: messages.QueryResponse) -> None:
        """Send the reason why there is no answer. The socket stays open until the worker has read it and closes it."""
        job.state = "reported"
        job.connection.settimeout(0)
        with suppress(OSError):  # the worker has ended
            job.connection.send(messages.pack(response))

    def _close(self, job: Job) -> None:
        with suppress(KeyError):
            self.poll.unregister(job.connection)
        del self.jobs[job.connection.fileno()]
        job.connection.close()

    def _fork_worker(self) -> None:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                for descriptor in (ours.fileno(), *self._descriptors()):
                    os.close(descriptor)
                signal.set_wakeup_fd(-1)
                self.work(self.listening, theirs)
            finally:
                os._exit(70)
        theirs.close()
        self.workers[ours.fileno()] = WorkerProcess(ours, pid)
        self.poll.register(ours, select.POLLIN)

    def _stop(self) -> None:
        """Let workers and queries finish for a short time, then kill every process."""
        for worker in self.workers.values():
            with suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGTERM)
        begun = time.monotonic()
        while self.workers and (passed := time.monotonic() - begun) < _STOP_TIME:
            self._handle_events()
            if passed > _FINISH_TIME:
                self._end_queries()
        children = [job.child.pid for job in self.processes.values() if job.child]
        for pid in [*children, *(worker.pid for worker in self.workers.values())]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)

    def _end_queries(self) -> None:
        while (waiting := self.queue.take()) is not None:
            self._report(waiting, messages.STOPPING)
        for job in self.processes.values():
            if job.state in {"running", "long"}:
                self._end(job, messages.STOPPING)


def _set_niceness(job: Job, niceness: int) -> None:
    if job.child:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, job.child.pid, niceness)


def _processor_time() -> float:
    """Return how many seconds the processes took that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
