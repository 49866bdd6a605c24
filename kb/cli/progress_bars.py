"""Bars of how far long work has come: on a terminal, on standard error, and only where it takes a while."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

# Seconds before a bar appears, and between two looks at it.
_PATIENCE, _OFTEN = 1.0, 0.1


@contextmanager
def shown() -> Iterator[None]:
    """Show bars for the work that is done meanwhile."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    from kb import progress

    bars = _Bars()
    try:
        with progress.told(bars.tell):
            yield
    finally:
        bars.clear()


class _Bars:
    """Bars that are drawn when they are told of something, and never by a thread: work is done in forks."""

    def __init__(self) -> None:
        self._next = monotonic() + _PATIENCE
        self._drawn: Any = None
        self._tasks: dict[str, Any] = {}

    def tell(self, what: str, done: int | None, total: int) -> None:
        """Draw how far a sort of work is, if it is time to."""
        if done is None:
            self._end(what)
        elif monotonic() >= self._next:
            self._draw(what, done, total)
            self._next = monotonic() + _OFTEN

    def _draw(self, what: str, done: int, total: int) -> None:
        if self._drawn is None:
            from rich import progress
            from rich.console import Console

            columns = (
                progress.TextColumn("{task.description}"),
                progress.BarColumn(),
                progress.DownloadColumn(),
                progress.TransferSpeedColumn(),
                progress.TimeRemainingColumn(),
            )
            self._drawn = progress.Progress(
                *columns,
                console=Console(stderr=True),
                transient=True,
                auto_refresh=False,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._drawn.start()
        if what not in self._tasks:
            self._tasks[what] = self._drawn.add_task(what, total=total or None)
        self._drawn.update(self._tasks[what], completed=done, refresh=True)

    def _end(self, what: str) -> None:
        task = self._tasks.pop(what, None)
        if task is not None:
            self._drawn.remove_task(task)
        if not self._tasks:
            self.clear()

    def clear(self) -> None:
        """Wipe what was drawn away: something else may be written."""
        if self._drawn is not None:
            self._drawn.stop()
            self._drawn, self._tasks = None, {}
