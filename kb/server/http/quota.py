"""What a client may request, counted by all workers together, and how much memory its requests may take."""

from __future__ import annotations

import math
import mmap
import struct
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from os import urandom

from kb.problems import Place, Problem, fail

_BUCKET = struct.Struct("=Qdd")  # the client's key, what is left in the bucket, and when it was last used
_WAYS = 8  # buckets in which a client can be; if all are taken, it replaces the one that was not used for the longest time
_ROWS = 2048
_BURST = 10  # seconds


#: The problem of a client that exceeds its rate.
EXCEEDED = Problem(
    Place("<request>"), "KB628", "You send requests more often than this server allows.", "Wait a second between requests."
)
#: Seconds that the refusal of a client waits which exceeds its rate, so that it does not send the next request at once.
PENALTY = 0.5
REFUSED = 10  # tokens that a refused request costs in addition, so that many addresses together cannot keep the server busy
# What a client may send, what it may receive, and what work its request may cause, for one token.
_BYTES_IN, _BYTES_OUT, _SECONDS = 64 << 10, 256 << 10, 0.02


class Quota:
    """A token bucket for each client, which fills steadily and holds the tokens of ten seconds.

    A request costs one token, and more if it is large or causes much work. The buckets are in memory that processes forked after
    this share. They are not locked: two workers that count the same client in the same instant may count it once, which such a
    limit can tolerate.

    Args:
        per_second: How many tokens a client receives each second, or 0 for no limit.
        exempt: The clients to which the limit does not apply.
    """

    def __init__(self, per_second: float, exempt: Collection[str] = ()) -> None:
        self.per_second, self._exempt = per_second, exempt
        self.capacity = max(1.0, per_second * _BURST)
        self._key = urandom(16)  # so that no client can choose whose bucket it shares
        self._buckets = mmap.mmap(-1, _ROWS * _WAYS * _BUCKET.size) if per_second else None

    def allows(self, client: str) -> bool:
        """Return whether a client may send a request now, and count the request."""
        return self.is_exempt(client) or self.take(network_of(client), time.monotonic(), 1.0, at_least=1.0) >= 1

    def is_exhausted(self, client: str) -> bool:
        """Return whether a client may not send a request now."""
        return not self.is_exempt(client) and self.take(network_of(client), time.monotonic(), 0.0) < 1

    def charge(self, client: str, *, requests: int = 0, received: int = 0, sent: int = 0, seconds: float = 0.0) -> None:
        """Count requests, how many bytes were received from a client or sent to it, or how long was worked for it."""
        if not self.is_exempt(client):
            tokens = requests + received / _BYTES_IN + sent / _BYTES_OUT + seconds / _SECONDS
            self.take(network_of(client), time.monotonic(), tokens)

    def is_exempt(self, client: str) -> bool:
        """Return whether the limit does not apply to a client."""
        return client in self._exempt

    def take(self, client: str, now: float, tokens: float, *, at_least: float = -math.inf) -> float:
        """Take tokens if there are at least so many; return how many there were. A client can owe as many as its bucket holds."""
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


_BODIES, _SHARE = 64 << 20, 8  # bytes of all bodies, and which part of it one client may have
_SMALL = 16 << 10  # bytes of a body that are not counted


class BodyMemory:
    """The bytes of bodies that arrive, or wait to be read, by client."""

    def __init__(self) -> None:
        self._sizes: Counter[str] = Counter()

    @contextmanager
    def reserve(self, client: str) -> Iterator[Callable[[int], None]]:
        """Yield a function that reserves as many bytes as a body has now, until the body has been read.

        It raises a KbError if all bodies, or those of this client, take too much (KB627).
        """
        reserved = 0

        def grow_to(size: int) -> None:
            nonlocal reserved
            more = max(0, size - _SMALL) - reserved
            if more > 0 and (self._sizes.total() + more > _BODIES or self._sizes[client] + more > _BODIES // _SHARE):
                message = "The server receives too many large requests."
                raise fail("KB627", message, "Send the request again a little later.", "<request>")
            self._sizes[client] += more
            reserved += more

        try:
            yield grow_to
        finally:
            self._sizes[client] -= reserved
            if not self._sizes[client]:
                del self._sizes[client]
