"""What a worker asks of other processes: answers to queries, and work that takes long.

The gateway to the supervisor sends the queries of clients, and receives complete answers. It ends the query of a client that
leaves, and notes the outcome for the access log.

Work that takes long, such as reading a long query, has a process of its own, so that the worker stays free for other clients. A
thread would not do: whenever the event loop makes a system call, it would have to wait for the thread before it continues. The
worker forks the process before it has connections. Both exchange Python objects over a pair of sockets; the process runs the same
code on the same input as the worker would, and opens neither files nor the store.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import time
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import ExitStack, suppress
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple, TypeVar

import msgspec
from starlette.requests import Request

from kb.problems import KbError, Place, Problem, fail
from kb.queries.child_process import ChildProcess
from kb.server import messages
from kb.server.http.quota import Quota, network_of
from kb.server.queue import Queue, RecentUse

#: How many bytes of a body are sent from memory; a longer one is kept in a temporary file without a name.
IN_MEMORY = 1 << 18
_PIECE = 64 << 10
_NO_SPACE = messages.refuse("KB627", "The server has no space for the answer.", "Request less, or send the query again later.")
Result = TypeVar("Result")
_MAX_WAITING = 256
_MAX_SECONDS = 10.0  # for one function; the slowest takes a small part of this
_BUSY = Problem(Place("<request>"), "KB627", "The server has too many requests.", "Send the request again a little later.")


class Reply(NamedTuple):
    """A complete answer: the response, and its body, which can be read once."""

    response: messages.QueryResponse
    body: IO[bytes]

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body in pieces."""
        with self.body:
            while piece := self.body.read(_PIECE):
                yield piece


class Gateway:
    """Sends the queries of clients to the supervisor, and returns the answers."""

    def __init__(self, control: socket.socket) -> None:
        control.settimeout(0)
        self._control = control

    async def send(self, request: Request, query: messages.QueryRequest) -> Reply:
        """Return the answer to a query, unless the client leaves first.

        Raises:
            KbError: The answer is a problem, or the client has closed the connection (KB631).
        """
        sending = asyncio.ensure_future(send_query(self._control, network_of(client_address(request)), query))
        leaving = asyncio.ensure_future(_wait_for_disconnect(request))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                sending.cancel()
                await asyncio.wait({sending})
                raise client_left()
        finally:
            leaving.cancel()
        reply = sending.result()
        log_answer(request, reply.response)
        if reply.response.problem:
            raise KbError([reply.response.problem])
        return reply


def client_left() -> KbError:
    """Return the error for a client that closes its connection too early."""
    message = "The client closed the connection before the response was ready."
    return fail("KB631", message, "Keep the connection open until the response arrives.", "<request>")


def log_answer(request: Request, response: messages.QueryResponse, outcome: str = "") -> None:
    """Record the details of an answer for the access log."""
    state = request.state
    state.form, state.rows, state.cut, state.outcome = response.form, response.rows, response.cut, outcome


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def client_address(request: Request) -> str:
    """Return the address of the client."""
    return request.client.host if request.client else ""


async def send_query(control: socket.socket, client: str, query: messages.QueryRequest) -> Reply:
    """Send a query to the supervisor; return the answer when it is complete, so that no client receives half of one."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            ticket = client.encode("utf-8", "replace")[: messages.TICKET].ljust(messages.TICKET, b"\0")
            try:
                socket.send_fds(control, [ticket], [theirs.fileno()])
            except OSError:
                return Reply(messages.STOPPING, BytesIO())
        try:
            return await _exchange(ours, query)
        except (ConnectionError, EOFError):
            return Reply(messages.STOPPING, BytesIO())
        except OSError:
            return Reply(_NO_SPACE, BytesIO())


async def _exchange(connection: socket.socket, query: messages.QueryRequest) -> Reply:
    """Send a query and receive the answer.

    Raises:
        EOFError: The connection ends before the answer is complete.
        OSError: There is no space for it.
    """
    reading, writing = await asyncio.open_connection(sock=connection)
    try:
        writing.write(messages.pack(query))
        response = msgspec.json.decode(await messages.receive(reading), type=messages.QueryResponse)
        if response.problem:
            return Reply(response, BytesIO())
        with ExitStack() as stack:
            body = stack.enter_context(SpooledTemporaryFile(IN_MEMORY))
            for start in range(0, response.length, _PIECE):
                body.write(await reading.readexactly(min(_PIECE, response.length - start)))
            body.seek(0)
            stack.pop_all()  # it is closed after sending
        return Reply(response, body)
    finally:
        writing.transport.abort()


class WorkProcess:
    """Runs one function at a time, first for clients that needed little lately, and counts its time against their rate."""

    def __init__(self, quota: Quota, recent_use: RecentUse, niceness: int = 0) -> None:
        self._quota, self._recent_use, self._niceness = quota, recent_use, niceness
        self._functions: list[Callable[..., Any]] = []
        self._queue: Queue[tuple[asyncio.Future[Any], str, bytes]] = Queue(_MAX_WAITING, self._cost)
        self._child: ChildProcess | None = None
        self._connection: socket.socket | None = None
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._task: asyncio.Task[None] | None = None

    def register(self, *functions: Callable[..., Any]) -> None:
        """Add functions that the process can run; all are added before it is started."""
        self._functions += functions

    def start(self) -> None:
        """Fork the process, in place of one that has ended or takes too long."""
        self.stop()
        self._connection, theirs = socket.socketpair()
        with theirs:
            self._child = ChildProcess(lambda _: _serve(theirs, self._functions, self._niceness), [self._connection.fileno()])

    def stop(self) -> None:
        """End the process, if there is one."""
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    async def run(self, client: str, function: Callable[..., Result], *arguments: object) -> Result:
        """Return what a registered function returns.

        Raises:
            KbError: Too many functions wait (KB627), or the function raised it.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        call = pickle.dumps((self._functions.index(function), arguments))
        removed = self._queue.put(network_of(client), (future, client, call))
        if removed is not None and not removed[0].done():
            removed[0].set_exception(KbError([_BUSY]))
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await future

    async def _work(self) -> None:
        """Run what waits, one after the other."""
        while (item := self._queue.take()) is not None:
            future, client, call = item
            if not future.done():
                try:
                    async with asyncio.timeout(_MAX_SECONDS):
                        result, problems, seconds = await self._exchange(call)
                except (OSError, EOFError):  # the process has ended, or has to
                    self.start()
                    result, problems, seconds = None, [_BUSY], 0.0
                self._quota.charge(client, seconds=seconds)
                self._recent_use.add(network_of(client), seconds, time.monotonic())
                if not future.done():
                    future.set_exception(KbError(problems)) if problems else future.set_result(result)
        self._task = None

    def _cost(self, network: Hashable) -> float:
        return self._recent_use.get(str(network), time.monotonic())

    async def _exchange(self, call: bytes) -> tuple[Any, list[Problem], float]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(sock=self._connection)
        reading, writing = self._streams
        writing.write(call)
        result, problems, seconds = pickle.loads(await messages.receive(reading))  # noqa: S301 - from our own process
        return result, problems, seconds


def _serve(
    connection: socket.socket, functions: list[Callable[..., Any]], niceness: int
) -> None:  # pragma: no cover - in the process
    """Run functions until the worker closes its socket."""
    os.nice(niceness)
    own = connection.fileno()
    os.closerange(3, own)
    os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))
    with connection.makefile("rwb") as stream, suppress(EOFError):
        while True:
            number, arguments = pickle.load(stream)  # noqa: S301 - from our own process
            stream.write(messages.frame(pickle.dumps(_run(functions[number], arguments))))
            stream.flush()


def _run(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, list[Problem], float]:  # pragma: no cover
    """Return what a function returns, its problems, and how much time of the processor it takes."""
    begun = time.process_time()
    try:
        return function(*arguments), [], time.process_time() - begun
    except KbError as error:
        return None, list(error.problems), time.process_time() - begun
