"""Worker processes that share work; they return names of files instead of large results."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from threading import Thread
from typing import Any, TypeVar

from kb.exit_codes import INTERRUPTS
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

    Results are pickled. With one worker, this process does the work.

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
        with ProcessPoolExecutor(min(workers, len(items)), get_context("fork"), _prepare_worker, (os.getpid(),)) as pool:
            yield from pool.map(_apply, range(len(items)))
    except BrokenProcessPool as error:
        message = "A worker process was killed, perhaps because memory ran out."
        raise fail("KB784", message, "Use fewer workers, or more memory.") from error


def _prepare_worker(parent: int) -> None:
    """End without a message when the process group is interrupted, which the parent reports, and when the parent is killed."""
    for number in INTERRUPTS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process soon after its parent; otherwise it would wait for work, and keep temporary files, for ever."""
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(1)


def _apply(number: int) -> Any:
    function, items = _shared
    return function(items[number])
