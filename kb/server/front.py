"""The process that speaks to clients: it never opens the store, and asks the holder for each answer."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from collections.abc import AsyncIterator, Callable
from tempfile import SpooledTemporaryFile
from typing import Any, NoReturn

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from kb.server import exchange
from kb.server.exchange import GONE, Asked, Said
from kb.server.settings import Settings

_IN_MEMORY = 1 << 20  # bytes of an answer kept in memory while it is sent; what is longer lies in a file without a name
_PIECE = 64 << 10
_LONGEST_REQUEST_LINE = 256 << 10  # bytes: a query of 64 KiB can take three times that in a URL


class Reply:
    """An answer, complete: what is said of it, and its body."""

    def __init__(self, said: Said, body: SpooledTemporaryFile[bytes] | bytes) -> None:
        self.said, self._body = said, body

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the body in pieces."""
        if isinstance(self._body, bytes):
            yield self._body
            return
        with self._body:
            self._body.seek(0)
            while piece := self._body.read(_PIECE):
                yield piece

    def whole(self) -> bytes:
        """Give the body at once, where it is known to be small."""
        if isinstance(self._body, bytes):
            return self._body
        with self._body:
            self._body.seek(0)
            return self._body.read()


class Holder:
    """The holder, as a worker sees it.

    Args:
        control: The socket to it.
    """

    def __init__(self, control: socket.socket) -> None:
        control.setblocking(False)  # noqa: FBT003 - Python's signature
        self._control = control

    async def ask(self, client: str, asked: Asked) -> Reply:
        """Ask a question; give the answer when it is complete, so that nothing half is ever sent."""
        body = SpooledTemporaryFile[bytes](_IN_MEMORY)
        ours, theirs = socket.socketpair()
        with theirs:
            ticket = client.encode("utf-8", "replace")[: exchange.TICKET].ljust(exchange.TICKET, b"\0")
            try:
                socket.send_fds(self._control, [ticket], [theirs.fileno()])
            except OSError:
                ours.close()
                return Reply(GONE, body)
        reading, writing = await asyncio.open_unix_connection(sock=ours)
        try:
            writing.write(exchange.pack(asked))
            said = exchange.said(await reading.readexactly(exchange.size(await reading.readexactly(4))))
            left = said.length
            while left:
                piece = await reading.read(min(left, _PIECE))
                if not piece:
                    return Reply(GONE, body)
                body.write(piece)
                left -= len(piece)
            if not said.problem and await reading.readexactly(len(exchange.END)) != exchange.END:
                return Reply(GONE, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            return Reply(GONE, body)
        else:
            return Reply(said, body)
        finally:
            writing.close()


class Protocol(H11Protocol):
    """HTTP/1.1, with a bound on how long a client may take to send its request."""

    slow = 15.0
    _hurry: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Start the clock."""
        super().connection_made(transport)
        self._hurry = self.loop.call_later(self.slow, self._too_slow)

    def handle_events(self) -> None:
        """Stop the clock when a request is there."""
        super().handle_events()
        if self.cycle is not None and self._hurry is not None:
            self._hurry.cancel()
            self._hurry = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock for good."""
        if self._hurry is not None:
            self._hurry.cancel()
        super().connection_lost(exc)

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()


def run(make_app: Callable[[Holder], ASGIApp], settings: Settings, listening: socket.socket, control: socket.socket) -> NoReturn:
    """Speak to clients until told to stop, or until the holder has gone."""
    protocol = type("Protocol", (Protocol,), {"slow": settings.limit("slow")})
    config: Any = uvicorn.Config(
        make_app(Holder(control)),
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
        limit_concurrency=settings.whole("connections"),
        timeout_keep_alive=int(settings.limit("slow")),
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=_LONGEST_REQUEST_LINE,
    )
    gc.enable()  # which the holder has no use for
    control.send(b"\0" * exchange.TICKET)  # a ticket without a question says: ready
    uvicorn.Server(config).run(sockets=[listening])
    os._exit(0)
