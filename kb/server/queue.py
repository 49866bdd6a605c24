"""A queue in which clients that used little lately come first, so that those who use much do not delay them.

Clients with the same costs take turns; a full queue drops the last item of the client with the most.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")
_HALF_LIFE = 10.0  # seconds
_MAX_CLIENTS = 4096
_NEGLIGIBLE = 0.01  # seconds
#: Seconds that count for a client before its first request: many new clients do not delay those who are known to use little.
UNKNOWN = 1.0


class Queue(Generic[Item]):
    """A queue of limited size, in which each client has a queue of its own; clients with lower costs come first."""

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


class RecentUse:
    """Adds up seconds by client; what was added counts half after every ten seconds."""

    def __init__(self, unknown: float = 0.0) -> None:
        self._unknown = unknown  # what counts for a client of which nothing is known
        self._uses: dict[str, tuple[float, float]] = {}  # seconds, and when they were added up

    def get(self, client: str, now: float) -> float:
        """Return what counts for a client now."""
        if client not in self._uses:
            return self._unknown
        seconds, since = self._uses[client]
        return float(seconds * 0.5 ** ((now - since) / _HALF_LIFE))

    def add(self, client: str, seconds: float, now: float) -> None:
        """Add seconds that a request of a client took."""
        before = self.get(client, now) if client in self._uses else 0.0
        self._uses[client] = (before + seconds, now)
        if len(self._uses) > _MAX_CLIENTS:
            uses = {name: (self.get(name, now), now) for name in self._uses}
            heaviest = sorted(uses, key=lambda name: uses[name][0], reverse=True)[: _MAX_CLIENTS // 2]
            self._uses = {name: uses[name] for name in heaviest if uses[name][0] > _NEGLIGIBLE}
