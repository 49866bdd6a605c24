"""Workers: processes that each do a share of the work and hand back names of files rather than what is in them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from kb.problems import fail

T = TypeVar("T")
R = TypeVar("R")

# What the workers of this process do, and with what; they are forked, so that nothing is copied to them.
_shared: tuple[Callable[[Any], Any], Sequence[Any]] = (lambda item: item, ())


def available() -> int:
    """Tell how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share(function: Callable[[T], R], items: Sequence[T], workers: int) -> Iterator[R]:
    """Apply a function to items, in as many processes as there are workers; the results come in the order of the items.

    Args:
        function: What to do; its results are pickled.
        items: To what.
        workers: How many processes; with one, this process does it.

    Raises:
        KbError: A worker was killed (KB784).
    """
    global _shared  # noqa: PLW0603 - inherited by the processes that are forked below
    if workers < 2 or len(items) < 2:
        yield from map(function, items)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    _shared = (function, items)
    try:
        with ProcessPoolExecutor(min(workers, len(items)), get_context("fork"), _die_silently) as pool:
            yield from pool.map(_one, range(len(items)))
    except BrokenProcessPool as error:
        message = "A worker was killed, perhaps for want of memory."
        raise fail("KB784", message, "Use fewer workers, or more memory.") from error


def _die_silently() -> None:
    """End when the whole group is interrupted: the first process says what there is to be said."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _one(number: int) -> Any:
    function, items = _shared
    return function(items[number])
