"""Progress bars: shown on a terminal, on standard error, for work that takes more than a second."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from kb import progress

# Seconds before a bar appears, and between two updates.
_DELAY, _INTERVAL = 1.0, 0.1


@contextmanager
def show() -> Iterator[None]:
    """Show the progress of the work done inside this context, if standard error is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    from kb import progress

    bars = _ProgressBars()
    try:
        with progress.listen(bars.update):
            yield
    finally:
        bars.clear()


class _ProgressBars:
    """A bar for each task, drawn when an event arrives: a thread that draws would not survive the forks of workers."""

    def __init__(self) -> None:
        self._next = monotonic() + _DELAY
        self._tasks: dict[str, TaskID] = {}

    @cached_property
    def _display(self) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        return Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False, redirect_stdout=False)

    def update(self, event: progress.ProgressEvent) -> None:
        """Draw the progress of a task, unless it was drawn a moment ago."""
        if event.finished and event.task in self._tasks:
            self._display.remove_task(self._tasks.pop(event.task))
            if not self._tasks:
                self.clear()
        elif not event.finished and monotonic() >= self._next:
            self._display.start()
            if event.task not in self._tasks:
                self._tasks[event.task] = self._display.add_task(event.task, total=event.total or None)
            self._display.update(self._tasks[event.task], completed=event.done, refresh=True)
            self._next = monotonic() + _INTERVAL

    def clear(self) -> None:
        """Remove the bars from the terminal."""
        if "_display" in vars(self):
            self._display.stop()
