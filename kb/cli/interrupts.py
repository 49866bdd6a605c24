"""What SIGINT, SIGTERM and SIGHUP do: during imports they end the process at once, since Python can lose an exception there."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # before enum, which signal imports, and which takes longer than all else here
import os

from kb.exit_codes import INTERRUPTED, INTERRUPTS

MESSAGE = "kb: interrupted; every file is as it was, or completely written."


def leave_at_once() -> None:
    """Let interrupts end the process, with a message; one that the parent process ignores stays ignored."""
    for number in INTERRUPTS:
        if _signal.getsignal(number) is not _signal.SIG_IGN:
            _signal.signal(number, _leave)


def raise_from_now() -> None:
    """Let interrupts raise KeyboardInterrupt from now on, if they were to end the process."""
    for number in INTERRUPTS:
        if _signal.getsignal(number) is _leave:
            _signal.signal(number, _signal.default_int_handler)


def _leave(*_: object) -> None:
    try:
        os.write(2, f"{MESSAGE}\n".encode())
    finally:
        os._exit(INTERRUPTED)
