"""The open connections of a worker: how many there may be, and which one is closed to make room for another.

A client may have one in sixteen of all connections. When all are in use, the connection is closed that has waited longest for its
client: for a request, then for the next request, then for an answer to be read. So silent clients cannot keep others out.

A client whose connection is closed at once opens the next one at once. So a connection that has no place is parked: it stays open
for a short time, and nothing is read from it.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Generic, Literal, TypeVar

Connection = TypeVar("Connection")
#: ``receiving``: a request has not arrived completely; ``idle``: the next one has not begun; ``unread``: the client has not read
#: its answer; ``working``: the client waits for its answer.
State = Literal["receiving", "idle", "unread", "working"]
_SHARE, _MIN_SHARE = 16, 8  # a client may have one connection in sixteen, and at least eight


class ConnectionTable(Generic[Connection]):
    """The open connections by state, in each state in the order in which they entered it."""

    def __init__(self, size: int) -> None:
        self._size, self._share = size, max(_MIN_SHARE, size // _SHARE)
        self._states: dict[Connection, tuple[str, State]] = {}
        self._waiting: dict[State, OrderedDict[Connection, None]] = {
            "receiving": OrderedDict(),
            "idle": OrderedDict(),
            "unread": OrderedDict(),
        }
        self._clients: Counter[str] = Counter()
        self._parked: OrderedDict[Connection, None] = OrderedDict()

    def add(self, connection: Connection, client: str, *, shared: bool = False) -> tuple[bool, Connection | None]:
        """Add a connection; return whether there is a place for it, and the connection to close to make room for it.

        Args:
            connection: The connection.
            client: The client.
            shared: Whether the client may have all connections, as a proxy, whose address many clients share.
        """
        removed = None
        is_greedy = not shared and self._clients[client] >= self._share
        if is_greedy or len(self._states) >= self._size:
            removed = self._longest_waiting(client if is_greedy else None)
            if removed is None:
                return False, None
            self.remove(removed)
        self._clients[client] += 1
        self._states[connection] = (client, "working")
        self.move(connection, "receiving")
        return True, removed

    def move(self, connection: Connection, state: State) -> None:
        """Move a connection to a state; it stays where it is in the order if it is in that state already."""
        client, before = self._states.get(connection, ("", state))
        if before != state:
            if before != "working":
                del self._waiting[before][connection]
            if state != "working":
                self._waiting[state][connection] = None
            self._states[connection] = (client, state)

    def park(self, connection: Connection) -> Connection | None:
        """Park a connection; return the one to close if too many are parked."""
        self.remove(connection)
        self._parked[connection] = None
        return self._parked.popitem(last=False)[0] if len(self._parked) > self._size else None

    def remove(self, connection: Connection) -> None:
        """Remove a connection, if it is in the table."""
        self._parked.pop(connection, None)
        client, state = self._states.pop(connection, ("", "working"))
        if state != "working":
            del self._waiting[state][connection]
        if client:
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    def _longest_waiting(self, client: str | None) -> Connection | None:
        """Return the connection to close, of all clients or of one."""
        for connections in self._waiting.values():
            for connection in connections:
                if client in {None, self._states[connection][0]}:
                    return connection
        return None
