"""How often each client may ask, counted together by all workers."""

from __future__ import annotations

import mmap
import struct
from hashlib import blake2b
from os import urandom

_BUCKET = struct.Struct("=Qdd")  # whose it is, what is left in it, and when it was last looked at
_WAYS = 8  # buckets that a client may have; of those that are taken, the one goes that was not looked at for the longest time
_ROWS = 2048


class Rate:
    """A bucket for each client that fills steadily and holds ten seconds' worth.

    The buckets lie in memory that processes forked after this share. They take turns without locks: two workers that count
    the same client in the same instant may count it once, which such a bound can bear.

    Args:
        a_second: How often a client may ask, or 0 for no bound.
    """

    def __init__(self, a_second: float) -> None:
        self.a_second = a_second
        self.most = max(1.0, a_second * 10)
        self._key = urandom(16)  # so that nobody can choose whose bucket to share
        self._buckets = mmap.mmap(-1, _ROWS * _WAYS * _BUCKET.size) if a_second else None

    def allows(self, client: str, now: float) -> bool:
        """Tell whether a client may ask now, and count it if so.

        Args:
            client: Who asks.
            now: The time in seconds, by a clock that all processes share.
        """
        if self._buckets is None:
            return True
        digest = blake2b(client.encode("utf-8", "replace"), digest_size=8, key=self._key).digest()
        who = int.from_bytes(digest, "big") | 1
        first = who % _ROWS * _WAYS * _BUCKET.size
        places = range(first, first + _WAYS * _BUCKET.size, _BUCKET.size)
        found = {place: _BUCKET.unpack_from(self._buckets, place) for place in places}
        place = next((each for each in places if found[each][0] == who), None)
        if place is None:
            place = min(places, key=lambda each: found[each][2])
            left, then = self.most, now
        else:
            _, left, then = found[place]
        left = min(self.most, left + max(0.0, now - then) * self.a_second)
        allowed = left >= 1
        _BUCKET.pack_into(self._buckets, place, who, left - allowed, now)
        return allowed
