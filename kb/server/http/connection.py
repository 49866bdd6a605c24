"""One HTTP/1.1 connection, with limits on how slow its client may be."""

from __future__ import annotations

import asyncio
import socket
import struct

from uvicorn.protocols.http.h11_impl import H11Protocol

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
