"""Worker processes that share work; they return names of files instead of large results."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from kb.problems import fail

T = TypeVar("T")
R = TypeVar("R")

# The function of the workers and its arguments. Workers are forked, so that neither is pickled.
_shared: tuple[Callable[[Any], Any], Sequence[Any]] = (lambda item: item, ())


def count_processors() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def share(function: Callable[[T], R], items: Sequence[T], workers: int) -> Iterator[R]:
    """Apply a function to items in several processes; the results come in the order of the items.

    Args:
        function: The function; its results are pickled.
        items: The arguments.
        workers: The number of processes; if it is 1, this process does the work.

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
            yield from pool.map(_apply, range(len(items)))
    except BrokenProcessPool as error:
        message = "A worker process was killed, perhaps because memory ran out."
        raise fail("KB784", message, "Use fewer workers, or more memory.") from error


def _die_silently() -> None:
    """End without a message when the process group is interrupted; the first process reports it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _apply(number: int) -> Any:
    function, items = _shared
    return function(items[number])
