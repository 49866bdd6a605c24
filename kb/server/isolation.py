"""What keeps a query from reaching anything but the dataset, and from taking more than its share.

The network is left once, by the process that holds the dataset and before it opens it: sockets that are open already,
such as the one that clients come in by, stay usable. Files are given up by each child.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
from contextlib import suppress

from kb.queries.sandbox import limit
from kb.server.settings import Settings

_MEGABYTE = 1 << 20


def bound(settings: Settings, nothing: int, *, files: bool) -> None:  # pragma: no cover - in children
    """Bound this process, a child that answers one question.

    Args:
        settings: The limits.
        nothing: The null device, open.
        files: Whether the store still has to open files of its own.
    """
    for stream in range(3):  # engines talk when they break down
        os.dup2(nothing, stream)
    faulthandler.disable()
    signal.set_wakeup_fd(-1)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, 0)
    limit(resource.RLIMIT_CPU, int(settings.limit("timeout")) + 1)
    limit(resource.RLIMIT_AS, _address_space() + settings.whole("memory") * _MEGABYTE)
    if not files:
        limit(resource.RLIMIT_NOFILE, 0)


def _address_space() -> int:  # pragma: no cover - in children
    """Give the address space that this process takes already, the dataset above all."""
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - pathlib is slower to open
        return int(statm.read().split()[0]) * resource.getpagesize()
    return 0
