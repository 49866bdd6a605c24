"""The rate limit: how much each client may request, counted by all workers together."""

from __future__ import annotations

import mmap
import struct
import time
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from os import urandom

from kb.problems import Place, Problem
from kb.server.settings import LOOPBACK, ServerSettings

_BUCKET = struct.Struct("=Qdd")  # the client's key, what is left in the bucket, and when it was last used
_WAYS = 8  # buckets in which a client can be; if all are taken, it replaces the one that was not used for the longest time
_ROWS = 2048
_BURST = 10  # seconds


class RateLimit:
    """A token bucket for each client, which fills steadily and holds the tokens of ten seconds.

    The buckets are in memory that processes forked after this share. They are not locked: two workers that count the same
    client in the same instant may count it once, which such a limit can tolerate.

    Args:
        per_second: How many tokens a client receives each second, or 0 for no limit.
    """

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self.capacity = max(1.0, per_second * _BURST)
        self._key = urandom(16)  # so that no client can choose whose bucket it shares
        self._buckets = mmap.mmap(-1, _ROWS * _WAYS * _BUCKET.size) if per_second else None

    def allows(self, client: str, now: float) -> bool:
        """Return whether a client has a token now, in seconds by a clock that all processes share, and take one if so."""
        return self._take(client, now, 1.0, at_least=1.0) >= 1

    def charge(self, client: str, now: float, tokens: float) -> None:
        """Take tokens for work that is done; a client can owe as many as its bucket holds."""
        self._take(client, now, tokens, at_least=-self.capacity)

    def left(self, client: str, now: float) -> float:
        """Return how many tokens a client has."""
        return self._take(client, now, 0.0, at_least=-self.capacity)

    def _take(self, client: str, now: float, tokens: float, *, at_least: float) -> float:
        """Take tokens if there are at least so many; return how many there were."""
        if self._buckets is None:
            return self.capacity
        digest = blake2b(client.encode("utf-8", "replace"), digest_size=8, key=self._key).digest()
        key = int.from_bytes(digest, "big") | 1
        first = key % _ROWS * _WAYS * _BUCKET.size
        buckets = _BUCKET.iter_unpack(self._buckets[first : first + _WAYS * _BUCKET.size])
        number, (owner, left, last_used) = min(enumerate(buckets), key=lambda item: (item[1][0] != key, item[1][2]))
        if owner != key:
            left, last_used = self.capacity, now
        left = min(self.capacity, left + max(0.0, now - last_used) * self.per_second)
        remaining = max(-self.capacity, left - tokens) if left >= at_least else left
        _BUCKET.pack_into(self._buckets, first + number * _BUCKET.size, key, remaining, now)
        return float(left)


#: The problem of a client that exceeds its rate.
EXCEEDED = Problem(
    Place("<request>"), "KB628", "You send requests more often than this server allows.", "Wait a second between requests."
)
#: Seconds that the refusal of a client waits which exceeds its rate, so that it does not send the next request at once.
PENALTY = 0.5
# What a client may send, what it may receive, and what work its request may cause, for one token.
_BYTES_IN, _BYTES_OUT, _SECONDS = 64 << 10, 256 << 10, 0.02


class Quota:
    """Applies the rate limit: a request costs one token, and more if it is large or causes much work."""

    def __init__(self, rate_limit: RateLimit, settings: ServerSettings) -> None:
        self._rate_limit, self._settings = rate_limit, settings

    def allows(self, client: str) -> bool:
        """Return whether a client may send a request now, and count the request."""
        return self.is_exempt(client) or self._rate_limit.allows(network_of(client), time.monotonic())

    def is_exhausted(self, client: str) -> bool:
        """Return whether a client may not send a request now."""
        return not self.is_exempt(client) and self._rate_limit.left(network_of(client), time.monotonic()) < 1

    def charge(self, client: str, *, requests: int = 0, received: int = 0, sent: int = 0, seconds: float = 0.0) -> None:
        """Count requests, how many bytes were received from a client or sent to it, or how long was worked for it."""
        if not self.is_exempt(client):
            tokens = requests + received / _BYTES_IN + sent / _BYTES_OUT + seconds / _SECONDS
            self._rate_limit.charge(network_of(client), time.monotonic(), tokens)

    def is_exempt(self, client: str) -> bool:
        """Return whether the limit does not apply to a client, since it is on this machine."""
        return client in LOOPBACK and not self._settings.rate_all


def network_of(client: str) -> str:
    """Return what counts as one client: an IPv4 address, or the 64 bits that an IPv6 network has in common (RFC 6177)."""
    if ":" not in client:
        return client
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if not isinstance(address, IPv6Address):
        return client
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
