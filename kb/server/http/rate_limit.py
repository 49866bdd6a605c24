"""The rate limit: how often each client may query, counted by all workers together."""

from __future__ import annotations

import mmap
import struct
from hashlib import blake2b
from os import urandom

_BUCKET = struct.Struct("=Qdd")  # the client's key, what is left in the bucket, and when it was last used
_WAYS = 8  # buckets in which a client can be; if all are taken, it replaces the one that was not used for the longest time
_ROWS = 2048
_BURST = 10  # seconds


class RateLimit:
    """A token bucket for each client, which fills steadily and holds the tokens of ten seconds.

    The buckets are in memory that processes forked after this share. They are not locked: two workers that count the same
    client in the same instant may count it once, which such a limit can tolerate.

    Args:
        per_second: How often a client may query, or 0 for no limit.
    """

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self.capacity = max(1.0, per_second * _BURST)
        self._key = urandom(16)  # so that no client can choose whose bucket it shares
        self._buckets = mmap.mmap(-1, _ROWS * _WAYS * _BUCKET.size) if per_second else None

    def allows(self, client: str, now: float) -> bool:
        """Return whether a client may query now, in seconds by a clock that all processes share, and count the query if so."""
        if self._buckets is None:
            return True
        digest = blake2b(client.encode("utf-8", "replace"), digest_size=8, key=self._key).digest()
        key = int.from_bytes(digest, "big") | 1
        first = key % _ROWS * _WAYS * _BUCKET.size
        buckets = _BUCKET.iter_unpack(self._buckets[first : first + _WAYS * _BUCKET.size])
        number, (owner, left, last_used) = min(enumerate(buckets), key=lambda item: (item[1][0] != key, item[1][2]))
        if owner != key:
            left, last_used = self.capacity, now
        left = min(self.capacity, left + max(0.0, now - last_used) * self.per_second)
        allowed = bool(left >= 1)
        _BUCKET.pack_into(self._buckets, first + number * _BUCKET.size, key, left - allowed, now)
        return allowed
