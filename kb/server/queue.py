"""A queue in which clients with the same costs take turns; a full queue drops the last item of the client with the most."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Queue(Generic[Item]):
    """A queue of limited size, in which each client has a queue of its own.

    Args:
        size: How many items it holds.
        cost: Returns what a client has cost; clients with lower costs come first.
    """

    def __init__(self, size: int, cost: Callable[[Hashable], float] = lambda _: 0.0) -> None:
        self.size, self._cost = size, cost
        self._queues: OrderedDict[Hashable, deque[Item]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def put(self, client: Hashable, item: Item) -> Item | None:
        """Append an item to its client's queue; return the item to drop if the whole queue is full.

        That is the last item in the longest of these queues, so that a client with many items does not keep out one with few;
        among queues of the same length, in that of the client with the highest cost.
        """
        self._queues.setdefault(client, deque()).append(item)
        if len(self) <= self.size:
            return None
        longest = max(self._queues, key=lambda name: (len(self._queues[name]), self._cost(name), name == client))
        removed = self._queues[longest].pop()
        self._remove_empty(longest)
        return removed

    def clients(self) -> list[Hashable]:
        """Return the clients whose items wait."""
        return list(self._queues)

    def next_client(self) -> Hashable | None:
        """Return the client with the lowest cost, among equals the one whose turn it is, or None if nothing waits."""
        return min(self._queues, key=self._cost, default=None)

    def take(self) -> Item | None:
        """Remove and return the first item of the next client, or None if nothing waits."""
        client = self.next_client()
        if client is None:
            return None
        client_queue = self._queues.pop(client)
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
