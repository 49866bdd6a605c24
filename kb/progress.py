"""Progress events, delivered to a listener through a context variable.

Long work reports how many bytes are done, and the functions in between pass nothing on. Without a listener, this costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class ProgressEvent(NamedTuple):
    """How far a task is, in bytes."""

    task: str  # what is being done, as a present participle such as "reading"
    done: int
    total: int  # 0 if unknown
    finished: bool = False  # True for the last event of the task


Listener = Callable[[ProgressEvent], None]

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Deliver the events of all work done inside this context to a listener."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def report(task: str, total: int = 0) -> Iterator[Callable[[int], None]]:
    """Report a task: yield a function to call with the number of bytes of each finished piece."""
    listener = _listener.get()
    if listener is None:
        yield lambda _: None
        return
    done = 0

    def advance(size: int) -> None:
        nonlocal done
        done += size
        listener(ProgressEvent(task, done, total))

    advance(0)
    try:
        yield advance
    finally:
        listener(ProgressEvent(task, done, total, finished=True))


def track(task: str, items: Iterable[T], size: Callable[[T], int], total: int = 0) -> Iterable[T]:
    """Pass items through unchanged and report the bytes of each, which ``size`` returns, when the next one is requested."""
    return items if _listener.get() is None else _track(task, items, size, total)


def _track(task: str, items: Iterable[T], size: Callable[[T], int], total: int) -> Iterator[T]:
    with report(task, total) as advance:
        for item in items:
            yield item
            advance(size(item))
