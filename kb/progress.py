"""Progress events, delivered to a listener through a context variable.

Long work reports how many bytes are done, and the functions in between pass nothing on. Without a listener, this costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ProgressEvent:
    """How far a task is.

    Args:
        task: What is being done, as a present participle such as ``reading``.
        done: Bytes done.
        total: Bytes to do; 0 if unknown.
        finished: True for the last event of the task.
    """

    task: str
    done: int
    total: int
    finished: bool = False


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
    """Report a task: yield a function to call with the number of bytes of each finished piece.

    Args:
        task: What is being done, as a present participle.
        total: Bytes to do; 0 if unknown.
    """
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
    """Pass items through unchanged and report each as done when the next is requested.

    Args:
        task: What is being done, as a present participle.
        items: The pieces of work.
        size: Gives the bytes of an item.
        total: Bytes of all items; 0 if unknown.
    """
    return items if _listener.get() is None else _track(task, items, size, total)


def _track(task: str, items: Iterable[T], size: Callable[[T], int], total: int) -> Iterator[T]:
    with report(task, total) as advance:
        for item in items:
            yield item
            advance(size(item))
