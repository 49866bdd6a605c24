"""The access log: one line of JSON for each request, with the digest of a query instead of its text."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any


class AccessLog:
    """Writes lines.

    Args:
        descriptor: The open file, or None. Each line is one write, so that lines of several workers do not mix.
    """

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def write(self, **fields: Any) -> None:
        """Write a line with the time and these fields."""
        if self._descriptor is None:
            return
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields}) + "\n"
        with suppress(OSError):  # a full disk must not keep clients from their answers
            os.write(self._descriptor, line.encode("ascii"))


def open_log(target: str) -> AccessLog:
    """Open the log: a path, ``-`` for standard error, or nothing for none."""
    if not target:
        return AccessLog(None)
    if target == "-":
        return AccessLog(sys.stderr.fileno())
    return AccessLog(os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640))
