"""Run a command at a terminal, and type what a person would."""

from __future__ import annotations

import os
import pty
import subprocess
import threading
from collections.abc import Callable

#: Returns what to type, by what the screen shows so far, the terminal, and the command; nothing to read on.
Answer = Callable[[bytes, int, "subprocess.Popen[bytes]"], bytes]


def converse(command: list[str], answer: Answer) -> str:
    """Run a command at a terminal until it ends; return what it showed."""
    terminal, inner = pty.openpty()
    environment = {**os.environ, "TERM": "dumb"}
    with subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, env=environment, start_new_session=True) as child:
        os.close(inner)
        watchdog = threading.Timer(60, child.kill)
        watchdog.start()
        screen = b""
        while piece := _read(terminal):
            screen += piece
            if typed := answer(screen, terminal, child):
                os.write(terminal, typed)
        watchdog.cancel()
    os.close(terminal)
    return screen.decode("utf-8", "replace")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the command has ended
        return b""
