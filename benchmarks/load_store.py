"""Load a file of N-Quads as ``kb build --store`` loads what it has compiled."""

from __future__ import annotations

import sys
from pathlib import Path

from kb.sparql.engines import disk_store

if __name__ == "__main__":
    with Path(sys.argv[1]).open("rb") as lines:
        disk_store.build(Path(sys.argv[2]), lambda made: disk_store.fill(made, lines, b"", {"content": sys.argv[1], "facts": 0}))
