"""The access log: one line of JSON for each request; of a query its digest, never its text."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any


class Log:
    """Writes lines.

    Args:
        descriptor: Where to, open; each line is one write, so that workers do not mix theirs.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def write(self, **fields: Any) -> None:
        """Write a line with the time and these fields."""
        if self._descriptor is None:
            return
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields}) + "\n"
        with suppress(OSError):  # whom the disk is full for has other worries; clients are served all the same
            os.write(self._descriptor, line.encode("ascii"))


def open_log(where: str) -> Log:
    """Open the log: a path, ``-`` for standard error, or nothing for none."""
    if not where:
        return Log(None)
    if where == "-":
        return Log(sys.stderr.fileno())
    return Log(os.open(where, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640))
