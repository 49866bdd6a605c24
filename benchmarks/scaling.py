"""Whether a build stays flat: memory and cost per fact, from a hundred thousand facts to ten million."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import contest, generate, measure

SMALL = 100_000


def measured(most: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Build knowledge bases of growing size with one process, compressed, and tell what each cost.

    Args:
        most: The largest number of facts.
        say: Told how far it is.
    """
    made = []
    sizes = [size for size in (SMALL, 1_000_000, 10_000_000) if size <= most]
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="kb-scale-", dir=os.environ.get("KB_BENCH_DIR")) as folder:
            content, output = Path(folder) / "kb", Path(folder) / "out.nq.zst"
            generate.write(content, size)
            command = contest.one_process(content, output)
            cost = measure.run(["nice", *command], env={"TMPDIR": folder, "XDG_CACHE_HOME": folder})
            found = {"facts": size, "seconds": round(cost.seconds, 1), "cpu": round(cost.cpu, 1), "rate": round(size / cost.cpu)}
            bytes_of = {"input": sum(path.stat().st_size for path in content.rglob("*.jsonl")), "output": output.stat().st_size}
            made.append({**found, "megabytes": round(cost.megabytes), **bytes_of})
            say(f"{size:,} facts in {cost.cpu:.0f} s of processor time, {cost.megabytes:.0f} MB")
    return made
