"""The gateway of a worker to the supervisor: it sends the queries of clients, and receives complete answers.

It ends the query of a client that leaves, and notes the outcome for the access log.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO

import msgspec
from starlette.requests import Request

from kb.problems import KbError, fail
from kb.server import messages
from kb.server.http.rate_limit import network_of

#: How many bytes of a body are sent from memory; a longer one is kept in a temporary file without a name.
IN_MEMORY = 1 << 18
_PIECE = 64 << 10
_NO_SPACE = messages.refuse("KB627", "The server has no space for the answer.", "Request less, or send the query again later.")


class Reply:
    """A complete answer: the response, and its body, which can be read once."""

    def __init__(self, response: messages.QueryResponse, body: IO[bytes] | None = None) -> None:
        self.response, self._body = response, body or BytesIO()

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body in pieces."""
        with self._body:
            while piece := self._body.read(_PIECE):
                yield piece

    def read(self) -> bytes:
        """Return the body, where it is known to be small."""
        with self._body:
            return self._body.read()


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
                return Reply(messages.STOPPING)
        ours.settimeout(0)
        try:
            return await _exchange(ours, messages.pack(query))
        except ConnectionError:
            return Reply(messages.STOPPING)
        except OSError:
            return Reply(_NO_SPACE)


async def _exchange(connection: socket.socket, request: bytes) -> Reply:
    """Send a request and receive the answer, or raise a ConnectionError if the connection ends before that."""
    await asyncio.get_running_loop().sock_sendall(connection, request)
    length = messages.read_length(await _receive(connection, messages.HEAD))
    response = msgspec.json.decode(await _receive(connection, length), type=messages.QueryResponse)
    if response.problem:
        return Reply(response)
    with ExitStack() as stack:
        body = stack.enter_context(SpooledTemporaryFile(IN_MEMORY))
        for start in range(0, response.length, _PIECE):
            body.write(await _receive(connection, min(_PIECE, response.length - start)))
        if await _receive(connection, len(messages.END)) != messages.END:
            raise ConnectionResetError
        body.seek(0)
        stack.pop_all()  # it is closed after sending
    return Reply(response, body)


async def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        piece = await asyncio.get_running_loop().sock_recv(connection, size - len(received))
        if not piece:
            raise ConnectionResetError
        received += piece
    return received
