"""What keeps a query from reaching anything but the dataset, and from taking more than its share.

The network is left once, by the process that holds the dataset and before it opens it: sockets that are open already,
such as the one that clients come in by, stay usable. Files are given up by each child.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress

from kb.server.settings import Settings

_MEGABYTE = 1 << 20
_PDEATHSIG, _SIGKILL = 1, int(signal.SIGKILL)  # prctl(2)


class Bounds:
    """The bounds of a child that answers one question, worked out beforehand: whatever a child touches costs it a page.

    Args:
        settings: The limits.
        files: Whether the store still has to open files of its own.
    """

    def __init__(self, settings: Settings, *, files: bool) -> None:
        self._nothing, self._parent = os.open(os.devnull, os.O_RDWR), os.getpid()
        self._prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
        wanted = [
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CPU, int(settings.limit("timeout")) + 1),
            (resource.RLIMIT_AS, _address_space() + settings.whole("memory") * _MEGABYTE),
            *([] if files else [(resource.RLIMIT_NOFILE, 0)]),
        ]
        self._limits = [(which, (bound, bound)) for which, value in wanted for bound in [_at_most(which, value)]]

    def apply(self) -> None:  # pragma: no cover - in children
        """Bound this process for good, and end it with its parent, where the system has a way to tell of that."""
        if self._prctl:
            self._prctl(_PDEATHSIG, _SIGKILL)
        if os.getppid() != self._parent:
            os._exit(0)
        for stream in range(3):  # engines talk when they break down
            os.dup2(self._nothing, stream)
        for which, bounds in self._limits:
            resource.setrlimit(which, bounds)


def _at_most(which: int, value: int) -> int:
    """Give a bound, or the one that this process is held to already where that is lower."""
    _, hard = resource.getrlimit(which)
    return value if hard == resource.RLIM_INFINITY else min(value, hard)


def _address_space() -> int:
    """Give the address space that this process takes already, the dataset above all; of children, the same."""
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - pathlib is slower to open
        return int(statm.read().split()[0]) * resource.getpagesize()
    return 0
