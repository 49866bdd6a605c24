"""The connection of a worker to the supervisor: it sends requests, and receives complete answers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO

from kb.server import messages
from kb.server.messages import END, STOPPING, QueryRequest, QueryResponse

_IN_MEMORY = 1 << 18  # bytes of a body that is sent from memory; a longer one is kept in a temporary file without a name
_PIECE = 64 << 10
_NO_SPACE = messages.refuse("KB627", "The server has no space for the answer.", "Request less, or send the query again later.")


class Reply:
    """A complete answer: the response, and its body, which is kept in a file if it is long."""

    def __init__(self, response: QueryResponse, body: IO[bytes] | bytes = b"") -> None:
        self.response, self.body = response, body

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body in pieces."""
        if isinstance(self.body, bytes):
            yield self.body
            return
        with self.body:
            self.body.seek(0)
            while piece := self.body.read(_PIECE):
                yield piece

    def read(self) -> bytes:
        """Return the body, where it is known to be small."""
        if isinstance(self.body, bytes):
            return self.body
        with self.body:
            self.body.seek(0)
            return self.body.read()


class SupervisorClient:
    """Sends requests to the supervisor.

    Args:
        control: The socket to the supervisor.
    """

    def __init__(self, control: socket.socket) -> None:
        control.setblocking(False)  # noqa: FBT003 - Python's signature
        self._control = control

    async def send(self, client: str, request: QueryRequest) -> Reply:
        """Send a request; return the answer when it is complete, so that no client receives half of one.

        Args:
            client: The address of the client.
            request: The request.
        """
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                ticket = client.encode("utf-8", "replace")[: messages.TICKET].ljust(messages.TICKET, b"\0")
                try:
                    socket.send_fds(self._control, [ticket], [theirs.fileno()])
                except OSError:
                    return Reply(STOPPING)
            ours.setblocking(False)  # noqa: FBT003 - Python's signature
            try:
                return await _exchange(ours, messages.pack(request))
            except ConnectionError:
                return Reply(STOPPING)
            except OSError:
                return Reply(_NO_SPACE)


async def _exchange(line: socket.socket, request: bytes) -> Reply:
    """Send a request and receive the answer.

    Raises:
        ConnectionError: The connection ended before the answer was complete.
    """
    await asyncio.get_running_loop().sock_sendall(line, request)
    received = await _receive(line)
    while not (end := messages.end_of_message(received)) or len(received) < end:
        received += await _receive(line)
    response = messages.unpack_response(received[:end])
    if response.problem:
        return Reply(response)
    body: IO[bytes] = BytesIO() if response.length <= _IN_MEMORY else TemporaryFile()  # noqa: SIM115 - closed after sending
    try:
        await _receive_body(line, body, response.length, received[end:])
    except BaseException:
        body.close()
        raise
    return Reply(response, body.getvalue() if isinstance(body, BytesIO) else body)


async def _receive(line: socket.socket) -> bytes:
    piece = await asyncio.get_running_loop().sock_recv(line, _PIECE)
    if not piece:
        raise ConnectionResetError
    return piece


async def _receive_body(line: socket.socket, body: IO[bytes], length: int, piece: bytes) -> None:
    """Receive a body into a file, and check that it is complete."""
    left = length + len(END)
    while (left := left - body.write(piece)) > 0:
        piece = await _receive(line)
    body.seek(length)
    if body.read() != END:
        raise ConnectionResetError
    body.truncate(length)
