"""HTTP/1.1 on one connection, with bounds on how slow its client may be."""

from __future__ import annotations

import asyncio
import socket
import struct

from uvicorn.protocols.http.h11_impl import H11Protocol

_AT_ONCE = struct.pack("ii", 1, 0)
_LEAST = 16 << 10  # bytes that a client must read in each span of time


class Connection(H11Protocol):
    """A connection that is closed if a request does not come, or what was answered is not read, in time.

    While a request is answered, the application looks to that itself (``middleware``); the clock goes on all the same,
    since a connection that is closed for writing stays open until all is read.
    """

    slow = 15.0  # seconds
    _clock: asyncio.TimerHandle | None = None
    _unread = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Start the clock."""
        super().connection_made(transport)
        self._start()

    def on_response_complete(self) -> None:
        """Start the clock anew: for the rest of the answer to be read, and the next request to be there."""
        self._start()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock for good."""
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        self._stop()
        self._unread = self.transport.get_write_buffer_size()
        self._clock = self.loop.call_later(self.slow, self._look)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()

    def _look(self) -> None:
        before, left = self._unread, self.transport.get_write_buffer_size()
        at_work = self.cycle is not None and not self.cycle.response_complete and not self.transport.is_closing()
        if at_work or 0 < left <= before - _LEAST:
            self._start()
        elif left:
            line = self.transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)  # or the system goes on trying to send
            self.transport.abort()
        else:
            self.transport.close()
