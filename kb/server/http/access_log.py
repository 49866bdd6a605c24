"""The access log: one line of JSON for each request, with the digest of a query instead of its text."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any


class AccessLog:
    """Writes lines, each at once, so that lines of several workers do not mix.

    Args:
        target: A path, ``-`` for standard error, or nothing to write no log.
    """

    def __init__(self, target: str) -> None:
        self._descriptor = None
        if target:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            self._descriptor = sys.stderr.fileno() if target == "-" else os.open(target, flags, 0o640)

    def write(self, **fields: Any) -> None:
        """Write a line with the time and these fields."""
        if self._descriptor is None:
            return
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields}) + "\n"
        with suppress(OSError):  # a full disk must not keep clients from their answers
            os.write(self._descriptor, line.encode("ascii"))
