"""Who is next: clients take turns, and of a full queue the longest line is cut."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Queue(Generic[Item]):
    """A queue in which each client has a line of its own.

    Args:
        most: How many may wait in all.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._lines: OrderedDict[Hashable, deque[Item]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def put(self, client: Hashable, item: Item) -> Item | None:
        """Add an item at the end of its client's line; give the item that has to go, if one has to.

        Of a full queue the last in the longest line goes, so that who asks much does not keep out who asks little.
        """
        self._lines.setdefault(client, deque()).append(item)
        if len(self) <= self.most:
            return None
        longest = max(self._lines, key=lambda each: (len(self._lines[each]), each == client))
        gone = self._lines[longest].pop()
        self._tidy(longest)
        return gone

    def take(self) -> Item | None:
        """Take the first item of the client whose turn it is, or nothing."""
        if not self._lines:
            return None
        client, line = self._lines.popitem(last=False)
        item = line.popleft()
        if line:
            self._lines[client] = line  # behind all others
        return item

    def drop(self, client: Hashable, item: Item) -> None:
        """Take out an item that nobody waits for any more, if it is still there."""
        line = self._lines.get(client, deque())
        if item in line:
            line.remove(item)
            self._tidy(client)

    def _tidy(self, client: Hashable) -> None:
        if not self._lines[client]:
            del self._lines[client]
