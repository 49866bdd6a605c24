"""The memory that bodies of requests take while they arrive and wait to be read, with a bound for all and for one client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from kb.problems import fail

_SIZE, _SHARE = 64 << 20, 8  # bytes of all bodies, and which part of it one client may have
_SMALL = 16 << 10  # bytes of a body that are not counted


class Reservation:
    """The memory of one body."""

    def __init__(self, memory: BodyMemory, client: str) -> None:
        self._memory, self._client, self._size = memory, client, 0

    def grow_to(self, size: int) -> None:
        """Reserve as many bytes as the body has now.

        Raises:
            KbError: All bodies, or those of this client, take too much (KB627).
        """
        counted = max(0, size - _SMALL)
        self._memory.add(self._client, counted - self._size)
        self._size = counted

    def release(self) -> None:
        """Give the memory back."""
        self._memory.add(self._client, -self._size)


class BodyMemory:
    """Counts the bytes of bodies by client."""

    def __init__(self) -> None:
        self._sizes: Counter[str] = Counter()
        self._total = 0

    @contextmanager
    def reserve(self, client: str) -> Iterator[Reservation]:
        """Return a reservation, which is released in the end."""
        reservation = Reservation(self, client)
        try:
            yield reservation
        finally:
            reservation.release()

    def add(self, client: str, size: int) -> None:
        """Count bytes of a client, fewer than before if negative."""
        if size > 0 and (self._total + size > _SIZE or self._sizes[client] + size > _SIZE // _SHARE):
            message = "The server receives too many large requests."
            raise fail("KB627", message, "Send the request again a little later.", "<request>")
        self._total += size
        self._sizes[client] += size
        if not self._sizes[client]:
            del self._sizes[client]
