"""How far long work has come: told by what does it, shown by whoever listens, and nobody in between need know.

The listener is kept for a context (``contextvars``); where there is none, work costs what it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

#: What is told: the sort of work, how many bytes are done, and of how many; 0 where nobody knows. At its end ``None`` are done.
Listener = Callable[[str, int | None, int], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def told(listener: Listener) -> Iterator[None]:
    """Let a listener be told of the work that is done meanwhile."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def followed(what: str, items: Iterable[T], size: Callable[[T], int], total: int = 0) -> Iterable[T]:
    """Give items as they are, and tell how far one is.

    Args:
        what: The sort of work, as a participle.
        items: What is worked on; each is done when the next is asked for.
        size: The bytes of an item.
        total: The bytes of all; 0 if not known.
    """
    listener = _listener.get()
    return items if listener is None else _followed(listener, what, items, size, total)


def _followed(listener: Listener, what: str, items: Iterable[T], size: Callable[[T], int], total: int) -> Iterator[T]:
    done = 0
    listener(what, 0, total)
    try:
        for item in items:
            yield item
            done += size(item)
            listener(what, done, total)
    finally:
        listener(what, None, total)
