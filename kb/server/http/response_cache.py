"""Answers that are kept: a dataset does not change while it is served, so the same question has the same answer."""

from __future__ import annotations

from collections import OrderedDict

from kb.server.processes.messages import Said

_LARGEST = 1 << 18  # bytes of one answer
_OVERHEAD = 500  # bytes that keeping an answer takes beside its body


class Kept:
    """Keeps the answers that were last asked for.

    Args:
        most: How many bytes they may take.
    """

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._answers: OrderedDict[str, tuple[Said, bytes]] = OrderedDict()

    def get(self, tag: str) -> tuple[Said, bytes] | None:
        """Give the answer with this tag, if it is kept."""
        found = self._answers.get(tag)
        if found:
            self._answers.move_to_end(tag)
        return found

    def takes(self, said: Said) -> bool:
        """Tell whether an answer is small enough to be kept."""
        return said.length <= min(_LARGEST, self._most - _OVERHEAD)

    def put(self, tag: str, said: Said, body: bytes) -> None:
        """Keep an answer; those go that were not asked for the longest."""
        if tag in self._answers:
            return
        self._answers[tag] = (said, body)
        self._size += len(body) + _OVERHEAD
        while self._size > self._most:
            _, (_, gone) = self._answers.popitem(last=False)
            self._size -= len(gone) + _OVERHEAD
