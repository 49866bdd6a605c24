"""The worker: a process that speaks HTTP with clients. It never opens the store; query processes answer."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from typing import Any, NoReturn

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from kb.server import messages
from kb.server.settings import ServerSettings

_MAX_REQUEST_LINE = 256 << 10  # bytes: a query of 64 KiB can take three times that in a URL
_CLOSE_AT_ONCE = struct.pack("ii", 1, 0)  # struct linger
_MIN_READ = 16 << 10  # bytes that a client must read in each interval


class Connection(H11Protocol):
    """A connection that is closed if a request does not arrive, or a response is not read, in time.

    While a response is being produced, the application limits the time itself (``middleware``). The timer keeps running all
    the same, since a connection that is closed for writing stays open until everything is read.
    """

    slow = 15.0  # seconds
    _timer: asyncio.TimerHandle | None = None
    _unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Start the timer."""
        super().connection_made(transport)
        self._start_timer()

    def on_response_complete(self) -> None:
        """Restart the timer: for the rest of the response to be read, and for the next request to arrive."""
        self._start_timer()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer for good."""
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        self._stop_timer()
        self._unread = self.transport.get_write_buffer_size()
        self._timer = self.loop.call_later(self.slow, self._check)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _check(self) -> None:
        before, unread = self._unread, self.transport.get_write_buffer_size()
        responding = self.cycle is not None and not self.cycle.response_complete and not self.transport.is_closing()
        if responding or 0 < unread <= before - _MIN_READ:
            self._start_timer()
        elif unread:
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_AT_ONCE)  # or the system keeps trying to send
            self.transport.abort()
        else:
            self.transport.close()


def run(app: ASGIApp, settings: ServerSettings, listening: socket.socket, control: socket.socket) -> NoReturn:
    """Serve HTTP until a signal stops the process, or until the supervisor has ended."""
    protocol = type("Connection", (Connection,), {"slow": settings.limit("slow")})
    config: Any = uvicorn.Config(
        app,
        http=protocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        limit_concurrency=settings.integer("connections"),
        timeout_keep_alive=int(settings.limit("slow")),
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=_MAX_REQUEST_LINE,
    )
    control.send(b"\0" * messages.TICKET)  # a ticket without a socket reports that the worker is ready
    asyncio.run(_serve(uvicorn.Server(config), listening, control))
    os._exit(0)


async def _serve(server: uvicorn.Server, listening: socket.socket, control: socket.socket) -> None:
    def stop() -> None:  # the supervisor never writes: the socket is readable only when the supervisor has ended
        asyncio.get_running_loop().remove_reader(control)
        server.should_exit = True

    asyncio.get_running_loop().add_reader(control, stop)
    await server.serve(sockets=[listening])
