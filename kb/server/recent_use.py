"""How much time the requests of each client took lately, so that clients who use much do not delay those who use little."""

from __future__ import annotations

_HALF_LIFE = 10.0  # seconds
_MAX_CLIENTS = 4096
_NEGLIGIBLE = 0.01  # seconds


class RecentUse:
    """Adds up seconds by client; what was added counts half after every ten seconds."""

    def __init__(self) -> None:
        self._uses: dict[str, tuple[float, float]] = {}  # seconds, and when they were added up

    def get(self, client: str, now: float) -> float:
        """Return what counts for a client now."""
        seconds, since = self._uses.get(client, (0.0, now))
        return float(seconds * 0.5 ** ((now - since) / _HALF_LIFE))

    def add(self, client: str, seconds: float, now: float) -> None:
        """Add seconds that a request of a client took."""
        self._uses[client] = (self.get(client, now) + seconds, now)
        if len(self._uses) > _MAX_CLIENTS:
            uses = {name: (self.get(name, now), now) for name in self._uses}
            heaviest = sorted(uses, key=lambda name: uses[name][0], reverse=True)[: _MAX_CLIENTS // 2]
            self._uses = {name: uses[name] for name in heaviest if uses[name][0] > _NEGLIGIBLE}
