"""The worker: a process that speaks HTTP with clients. It never opens the store; query processes answer.

It has a number of connections, of which a client may have one in sixteen. When all are in use, the connection is closed that has
waited longest for its client: for a request, then for the next request, then for an answer to be read. So silent clients cannot
keep others out. A client whose connection is closed at once opens the next one at once. So a connection that has no place is
parked: it stays open for some time, and nothing is read from it.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import socket
import struct
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any, Generic, Literal, NoReturn, TypeVar

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from kb.problems import Place, Problem
from kb.server import messages
from kb.server.http import responses
from kb.server.http.quota import EXCEEDED, PENALTY, REFUSED, Quota, network_of
from kb.server.http.request_gate import RequestGate
from kb.server.settings import ServerSettings

_MAX_REQUEST_LINE = 256 << 10  # bytes: a query of 64 KiB can take three times that in a URL
_BACKLOG = 4096  # connections that the system accepts for a worker that is busy
_ACCEPTED_AT_ONCE = 32
_CLOSE_AT_ONCE = struct.pack("ii", 1, 0)  # struct linger
_MIN_READ = 16 << 10  # bytes that a client must read in each interval
_LINGER = 2.0  # seconds in which a client may send the rest of a request that is refused, so that it receives the reason
_GARBAGE_COLLECTION = (20_000, 20, 50)  # a complete one takes some hundredths of a second when there are many connections
_OTHER_FILES = 512  # that a worker may have open beside its connections, and those that have lost their places
_BUFFER = bytearray(16 << 10)  # of all connections: what is read is used at once
_MALFORMED = Problem(Place("<request>"), "KB622", "The request is not valid HTTP/1.1.", "Send a valid request.")
_TOO_MANY = Problem(Place("<request>"), "KB627", "The server has too many connections.", "Connect again a little later.")
Item = TypeVar("Item")
#: ``receiving``: a request has not arrived completely; ``idle``: the next one has not begun; ``unread``: the client has not read
#: its answer; ``working``: the client waits for its answer.
State = Literal["receiving", "idle", "unread", "working"]
#: In this order they are closed to make room; those at work never are.
_WAITING: tuple[State, ...] = ("receiving", "idle", "unread")
_SHARE, _MIN_SHARE = 16, 8  # a client may have one connection in sixteen, and at least eight


class Connection(H11Protocol, asyncio.BufferedProtocol):
    """A connection that is closed if a request does not arrive, or a response is not read, in time.

    While a response is being produced, the application limits the time itself (``app``). The timer keeps running all
    the same, since a connection that is closed for writing stays open until everything is read.
    """

    slow: float  # seconds
    proxies: tuple[str, ...]  # addresses and networks, or ``*``
    table: ConnectionTable[Connection]  # of this worker
    quota: Quota
    _timer: asyncio.TimerHandle | None = None
    _unread = 0
    _refusal: Problem | None = None
    is_lingering = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Start the timer, or refuse the connection if there are too many."""
        super().connection_made(_LingeringTransport(transport, self))  # type: ignore[arg-type] # it has the same methods
        self.gate = RequestGate(_MAX_REQUEST_LINE)
        self._client = self.client[0] if self.client else ""
        self._is_proxy = _is_among(self._client, self.proxies)
        self._start_timer()
        shared = self._is_proxy or self.quota.is_exempt(self._client)
        if not shared and self.quota.is_exhausted(self._client):
            self._park(PENALTY, partial(self._refuse, EXCEEDED))
            return
        accepted, removed = self.table.add(self, network_of(self._client), shared=shared)
        if removed is not None:
            removed.evict()
        if not accepted:
            self._park(PENALTY, partial(self._refuse, _TOO_MANY))

    def evict(self) -> None:
        """Give up the place of this connection to another one."""
        if self.cycle is not None and self.cycle.response_complete:
            self.transport.abort()
            return
        self._end_cycle()
        self._park(self.slow, self.transport.abort)

    def _park(self, seconds: float, then: Callable[[], object]) -> None:
        """Read nothing for some time; a client that is refused at once would be back at once."""
        if not self.transport.is_closing():
            self.transport.pause_reading()
        self._stop_timer()
        self._timer = self.loop.call_later(seconds, then)
        removed = self.table.park(self)
        if removed is not None:
            removed.transport.abort()

    def get_buffer(self, _sizehint: int) -> bytearray:
        """Return where to read to: as much as one connection may read before it is the turn of the next one."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Pass on what was read."""
        self.data_received(bytes(_BUFFER[:nbytes]))

    def data_received(self, data: bytes) -> None:
        """Pass on what is within the limits; ignore what follows a request that is refused."""
        if self._refusal is not None or self.is_lingering:
            return
        passed, problem = self.gate.read(data)
        if passed:
            super().data_received(passed)
        if problem is not None:
            self._refuse(problem)
        self._update_state()

    def send_400_response(self, _msg: str) -> None:
        """Refuse what the parser of HTTP does not accept."""
        self._refuse(_MALFORMED)

    def on_response_complete(self) -> None:
        """Restart the timer: for the rest of the response to be read, and for the next request to arrive."""
        if not self.is_lingering:
            self._start_timer()
        super().on_response_complete()
        if self._refusal is not None:
            self._refuse(self._refusal)
        self._update_state()

    def pause_writing(self) -> None:
        """Note that the client does not read as fast as the response is written."""
        super().pause_writing()
        self._update_state()

    def resume_writing(self) -> None:
        """Note that the client has read what was written."""
        super().resume_writing()
        self._update_state()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer for good."""
        self._stop_timer()
        self.table.remove(self)
        if self.cycle is None and self._refusal is None and not self._is_proxy:
            self.quota.charge(self._client, requests=1)  # a connection without a request
        super().connection_lost(exc)

    @property
    def _is_responding(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, problem: Problem) -> None:
        """Send a problem after the response in progress, and close the connection when the client has read it."""
        self._refusal = problem
        if self.gate.is_in_body and self.cycle is not None and not self.cycle.response_started:
            self._end_cycle()
        elif self._is_responding:
            return
        if self.transport.is_closing():
            return
        if not self._is_proxy and problem is not EXCEEDED:
            if not self.quota.allows(self._client):
                problem = EXCEEDED
            self.quota.charge(self._client, requests=REFUSED)
        self.transport.write(responses.write_problem(problem, self.gate.accept))
        self.linger()

    def linger(self) -> None:
        """Close the connection for writing, and ignore what the client sends, for a short time (RFC 9112, section 9.6)."""
        self.is_lingering = True
        self._stop_timer()
        try:
            self.transport.write_eof()
        except OSError:  # the client has left
            self.transport.abort()
            return
        self.transport.resume_reading()
        self._timer = self.loop.call_later(min(_LINGER, self.slow), self.transport.abort)

    def _end_cycle(self) -> None:
        """Tell the application that the client has left, if it answers a request."""
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _update_state(self) -> None:
        if self.transport.get_write_buffer_size():
            self.table.move(self, "unread")
        elif self._is_responding and not self.gate.is_receiving:
            self.table.move(self, "working")
        else:
            self.table.move(self, "receiving" if self.gate.is_receiving else "idle")

    def _start_timer(self) -> None:
        self._stop_timer()
        self._unread = self.transport.get_write_buffer_size()
        self._timer = self.loop.call_later(self.slow, self._check)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _check(self) -> None:
        before, unread = self._unread, self.transport.get_write_buffer_size()
        responding = self._is_responding and not self.transport.is_closing()
        if responding or 0 < unread <= before - _MIN_READ:
            self._start_timer()
        elif unread:
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_AT_ONCE)  # or the system keeps trying to send
            self.transport.abort()
        else:
            self.transport.close()


class _LingeringTransport:
    """A transport that lingers when it is closed before a request has arrived completely."""

    def __init__(self, transport: asyncio.Transport, connection: Connection) -> None:
        self._transport, self._connection = transport, connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """Return whether nothing can be written any more."""
        return self._connection.is_lingering or self._transport.is_closing()

    def close(self) -> None:
        """Close the connection, but let the client send the rest of its request and receive the response."""
        if self._connection.gate.is_in_body and not self.is_closing():
            self._connection.linger()
        elif not self._connection.is_lingering:
            self._transport.close()


def run(app: ASGIApp, settings: ServerSettings, quota: Quota, listening: socket.socket, control: socket.socket) -> NoReturn:
    """Serve HTTP until a signal stops the process, or until the supervisor has ended."""
    Connection.slow, Connection.proxies, Connection.quota = settings.limit("slow"), settings.proxies, quota
    Connection.table = ConnectionTable(settings.integer("connections"))
    config: Any = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        backlog=_ACCEPTED_AT_ONCE,
        timeout_keep_alive=int(settings.limit("slow")),
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=_MAX_REQUEST_LINE,
    )
    for name in ("asyncio", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # clients could fill the log; the middleware prints faults
    _allow_files(2 * settings.integer("connections") + _OTHER_FILES)
    gc.collect()
    gc.freeze()  # what every request shares need not be looked at again
    gc.set_threshold(*_GARBAGE_COLLECTION)
    control.send(b"\0" * messages.TICKET)  # a ticket without a socket reports that the worker is ready
    asyncio.run(_serve(uvicorn.Server(config), listening, control))
    os._exit(0)


def _allow_files(count: int) -> None:
    """Raise the number of files that this process may have open, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _is_among(client: str, networks: tuple[str, ...]) -> bool:
    if client in networks or "*" in networks:
        return True
    with suppress(ValueError):
        return any("/" in network and ip_address(client) in ip_network(network) for network in networks)
    return False


async def _serve(server: uvicorn.Server, listening: socket.socket, control: socket.socket) -> None:
    def stop() -> None:  # the supervisor never writes: the socket is readable only when the supervisor has ended
        asyncio.get_running_loop().remove_reader(control)
        server.should_exit = True

    asyncio.get_running_loop().add_reader(control, stop)
    asyncio.get_running_loop().call_later(0.1, listening.listen, _BACKLOG)  # asyncio accepts in one go as many as it lets wait
    await server.serve(sockets=[listening])


class ConnectionTable(Generic[Item]):
    """The open connections with their clients and states, in the order in which they entered their states."""

    def __init__(self, size: int) -> None:
        self._size, self._share = size, max(_MIN_SHARE, size // _SHARE)
        self._connections: dict[Item, tuple[str, State]] = {}
        self._counts: Counter[str] = Counter()  # by client
        self._parked: dict[Item, None] = {}

    def add(self, connection: Item, client: str, *, shared: bool = False) -> tuple[bool, Item | None]:
        """Add a connection; return whether there is a place for it, and the connection to close to make room for it.

        A shared client may have all connections: a proxy, whose address many clients share.
        """
        removed = None
        is_greedy = not shared and self._counts[client] >= self._share
        if is_greedy or len(self._connections) >= self._size:
            removed = self._longest_waiting(client if is_greedy else None)
            if removed is None:
                return False, None
            self.remove(removed)
        self._counts[client] += 1
        self._connections[connection] = (client, "receiving")
        return True, removed

    def move(self, connection: Item, state: State) -> None:
        """Move a connection to a state; it stays where it is in the order if it is in that state already."""
        client, before = self._connections.get(connection, ("", state))
        if before != state:
            del self._connections[connection]
            self._connections[connection] = (client, state)

    def park(self, connection: Item) -> Item | None:
        """Park a connection; return the one to close if too many are parked."""
        self.remove(connection)
        self._parked[connection] = None
        if len(self._parked) <= self._size:
            return None
        oldest = next(iter(self._parked))
        del self._parked[oldest]
        return oldest

    def remove(self, connection: Item) -> None:
        """Remove a connection, if it is in the table."""
        self._parked.pop(connection, None)
        client, _ = self._connections.pop(connection, ("", ""))
        if client:
            self._counts[client] -= 1
            if not self._counts[client]:
                del self._counts[client]

    def _longest_waiting(self, client: str | None) -> Item | None:
        """Return the connection to close, of all clients or of one."""
        waiting: dict[State, Item] = {}
        for connection, (owner, state) in self._connections.items():
            if client in {None, owner}:
                waiting.setdefault(state, connection)
        return next((waiting[state] for state in _WAITING if state in waiting), None)
