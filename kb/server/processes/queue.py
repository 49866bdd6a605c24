"""The queue of waiting queries: clients take turns, and a full queue drops the last query of the busiest client."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Queue(Generic[Item]):
    """A queue of limited size, in which each client has a queue of its own."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._queues: OrderedDict[Hashable, deque[Item]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def put(self, client: Hashable, item: Item) -> Item | None:
        """Append an item to its client's queue; return the item to drop if the whole queue is full.

        That is the last item in the longest of these queues, so that a client with many queries does not keep out one with few.
        """
        self._queues.setdefault(client, deque()).append(item)
        if len(self) <= self.size:
            return None
        longest = max(self._queues, key=lambda name: (len(self._queues[name]), name == client))
        removed = self._queues[longest].pop()
        self._remove_empty(longest)
        return removed

    def take(self) -> Item | None:
        """Remove and return the first item of the client whose turn it is, or None if nothing waits."""
        if not self._queues:
            return None
        client, client_queue = self._queues.popitem(last=False)
        item = client_queue.popleft()
        if client_queue:
            self._queues[client] = client_queue  # behind all others
        return item

    def remove(self, client: Hashable, item: Item) -> None:
        """Remove an item of a client, if it still waits."""
        client_queue = self._queues.get(client, deque())
        if item in client_queue:
            client_queue.remove(item)
            self._remove_empty(client)

    def _remove_empty(self, client: Hashable) -> None:
        if not self._queues[client]:
            del self._queues[client]
