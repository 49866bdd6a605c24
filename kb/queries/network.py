"""Leaving the network: what keeps a process from it that must go on opening files."""

from __future__ import annotations

import ctypes
import sys

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # unshare(2)


def leave_network() -> bool:
    """Move this process, and all that it forks, into a network namespace without any way out.

    Sockets that are open already stay usable. The process must have no other threads.

    Returns:
        Whether the system allowed it; it is a thing of Linux, and containers may forbid it.
    """
    if sys.platform != "linux":  # pragma: no cover
        return False
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    return any(unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))
