"""The response cache of a worker: the dataset does not change while it is served, so the same query has the same answer."""

from __future__ import annotations

from collections import OrderedDict

from kb.server.messages import QueryResponse

_MAX_BODY = 1 << 18  # bytes of one body
_OVERHEAD = 500  # bytes that an entry takes in addition to its body


class ResponseCache:
    """Keeps the most recently used answers, as long as they take no more than a number of bytes."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._max_body = min(_MAX_BODY, size - _OVERHEAD)
        self._entries: OrderedDict[str, tuple[QueryResponse, bytes]] = OrderedDict()

    def get(self, tag: str) -> tuple[QueryResponse, bytes] | None:
        """Return the answer with an entity tag, if it is in the cache."""
        entry = self._entries.get(tag)
        if entry:
            self._entries.move_to_end(tag)
        return entry

    def accepts(self, response: QueryResponse) -> bool:
        """Return whether an answer is small enough for the cache."""
        return response.length <= self._max_body

    def put(self, tag: str, response: QueryResponse, body: bytes) -> None:
        """Add an answer, and remove the least recently used ones to make room for it."""
        if tag in self._entries:
            return
        self._entries[tag] = (response, body)
        self._free -= len(body) + _OVERHEAD
        while self._free < 0:
            _, (_, removed) = self._entries.popitem(last=False)
            self._free += len(removed) + _OVERHEAD
