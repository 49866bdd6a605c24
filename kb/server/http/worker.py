"""The process that speaks to clients: it never opens the store, and asks the holder for each answer."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any, NoReturn

import uvicorn
from starlette.types import ASGIApp

from kb.server.http.connection import Connection
from kb.server.processes import messages
from kb.server.processes.messages import GONE, Asked, Said
from kb.server.settings import Settings

_IN_MEMORY = 1 << 18  # bytes of an answer kept in memory while it is sent; what is longer lies in a file without a name
_PIECE = 64 << 10
_NO_ROOM = Said(problem=("KB627", "The server has no room for the answer.", "Ask for less, or again later.", 0, 0))
_LONGEST_REQUEST_LINE = 256 << 10  # bytes: a query of 64 KiB can take three times that in a URL


class Reply:
    """An answer, complete: what is said of it, and its body, which lies in a file where it is long."""

    def __init__(self, said: Said, body: IO[bytes] | bytes = b"") -> None:
        self.said, self.body = said, body

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the body in pieces."""
        if isinstance(self.body, bytes):
            yield self.body
            return
        with self.body:
            self.body.seek(0)
            while piece := self.body.read(_PIECE):
                yield piece

    def whole(self) -> bytes:
        """Give the body at once, where it is known to be small."""
        if isinstance(self.body, bytes):
            return self.body
        with self.body:
            self.body.seek(0)
            return self.body.read()


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
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                ticket = client.encode("utf-8", "replace")[: messages.TICKET].ljust(messages.TICKET, b"\0")
                try:
                    socket.send_fds(self._control, [ticket], [theirs.fileno()])
                except OSError:
                    return Reply(GONE)
            ours.setblocking(False)  # noqa: FBT003 - Python's signature
            try:
                return await _hear(ours, messages.pack(asked))
            except ConnectionError:
                return Reply(GONE)
            except OSError:
                return Reply(_NO_ROOM)


async def _hear(line: socket.socket, question: bytes) -> Reply:
    """Send a question and read what comes back.

    Raises:
        ConnectionError: It ended before it was whole.
    """
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(line, question)

    async def more() -> bytes:
        found = await loop.sock_recv(line, _PIECE)
        if not found:
            raise ConnectionResetError
        return found

    data = await more()
    while len(data) < messages.HEAD or len(data) < messages.HEAD + messages.size(data[: messages.HEAD]):
        data += await more()
    begin = messages.HEAD + messages.size(data[: messages.HEAD])
    said, data = messages.said(data[messages.HEAD : begin]), data[begin:]
    if said.problem:
        return Reply(said)
    body: IO[bytes] = BytesIO() if said.length <= _IN_MEMORY else TemporaryFile()  # noqa: SIM115 - sent, and closed, later
    whole = False
    try:
        left = said.length + len(messages.END)
        while True:
            left -= body.write(data)
            if left <= 0:
                break
            data = await more()
        body.seek(said.length)
        whole = body.read() == messages.END
        body.truncate(said.length)
    finally:
        if not whole:
            body.close()
    if not whole:
        raise ConnectionResetError
    return Reply(said, body.getvalue() if isinstance(body, BytesIO) else body)


def run(make_app: Callable[[Holder], ASGIApp], settings: Settings, listening: socket.socket, control: socket.socket) -> NoReturn:
    """Speak to clients until told to stop, or until the holder has gone."""
    protocol = type("Connection", (Connection,), {"slow": settings.limit("slow")})
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
    server = uvicorn.Server(config)
    gc.enable()  # which the holder has no use for
    control.send(b"\0" * messages.TICKET)  # a ticket without a question says: ready
    asyncio.run(_serve(server, listening, control))
    os._exit(0)


async def _serve(server: uvicorn.Server, listening: socket.socket, control: socket.socket) -> None:
    def end() -> None:  # the holder says nothing; what can be read is that it has gone
        asyncio.get_running_loop().remove_reader(control)
        server.should_exit = True

    asyncio.get_running_loop().add_reader(control, end)
    await server.serve(sockets=[listening])
