"""A process for work that takes long, such as reading a long query, so that the worker stays free for other clients.

A thread would not do: whenever the event loop makes a system call, it would have to wait for the thread before it continues.
The worker forks the process before it has connections. Both exchange Python objects over a pair of sockets; the process runs the
same code on the same input as the worker would, and opens neither files nor the store.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import struct
import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from kb.problems import KbError, Place, Problem
from kb.server.http.rate_limit import Quota, network_of
from kb.server.queue import Queue
from kb.server.recent_use import RecentUse

Result = TypeVar("Result")
_LENGTH = struct.Struct("!I")
_MAX_WAITING = 256
_MAX_SECONDS = 10.0  # for one function; the slowest takes a small part of this
_BUSY = Problem(Place("<request>"), "KB627", "The server has too many requests.", "Send the request again a little later.")


class WorkProcess:
    """Runs one function at a time, first for clients that needed little lately, and counts its time against their rate.

    Args:
        quota: What clients may cost.
        niceness: How low the priority of the process is.
    """

    def __init__(self, quota: Quota, niceness: int = 0) -> None:
        self._quota, self._niceness, self._recent_use = quota, niceness, RecentUse()
        self._functions: list[Callable[..., Any]] = []
        self._queue: Queue[tuple[asyncio.Future[Any], str, bytes]] = Queue(_MAX_WAITING, self._cost)
        self._connection: socket.socket | None = None
        self._pid = 0
        self._task: asyncio.Task[None] | None = None

    def register(self, *functions: Callable[..., Any]) -> None:
        """Add functions that the process can run; all are added before it is started."""
        self._functions += functions

    def start(self) -> None:
        """Fork the process, in place of one that has ended or takes too long."""
        self.stop()
        ours, theirs = socket.socketpair()
        self._pid = os.fork()
        if self._pid == 0:  # pragma: no cover - coverage cannot write from this process
            try:
                os.nice(self._niceness)
                _serve(theirs, self._functions)
            finally:
                os._exit(0)
        theirs.close()
        ours.settimeout(0)
        self._connection = ours

    def stop(self) -> None:
        """End the process, if there is one."""
        if self._connection is not None:
            self._connection.close()
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._connection = None

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
                except OSError:  # the process has ended, or has to
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
        if self._connection is None:
            raise ConnectionError
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self._connection, _LENGTH.pack(len(call)) + call)
        (length,) = _LENGTH.unpack(await _receive_exactly(self._connection, _LENGTH.size))
        result, problems, seconds = _load(await _receive_exactly(self._connection, length))
        return result, problems, seconds


def _load(data: bytes) -> Any:
    return pickle.loads(data)  # noqa: S301 - from our own process


async def _receive_exactly(connection: socket.socket, size: int) -> bytes:
    buffer = bytearray(size)
    filled = 0
    while filled < size:
        count = await asyncio.get_running_loop().sock_recv_into(connection, memoryview(buffer)[filled:])
        if not count:
            raise ConnectionResetError
        filled += count
    return bytes(buffer)


def _serve(connection: socket.socket, functions: list[Callable[..., Any]]) -> None:  # pragma: no cover - in the process
    """Run functions until the worker closes its socket."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    own = connection.fileno()
    os.closerange(3, own)
    os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))
    with connection.makefile("rwb") as stream:
        while head := stream.read(_LENGTH.size):
            number, arguments = _load(stream.read(_LENGTH.unpack(head)[0]))
            answer = pickle.dumps(_run(functions[number], arguments))
            stream.write(_LENGTH.pack(len(answer)) + answer)
            stream.flush()


def _run(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, list[Problem], float]:  # pragma: no cover
    """Return what a function returns, its problems, and how much time of the processor it takes."""
    begun = time.process_time()
    try:
        return function(*arguments), [], time.process_time() - begun
    except KbError as error:
        return None, list(error.problems), time.process_time() - begun
