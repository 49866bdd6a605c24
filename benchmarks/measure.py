"""Run a command as a whole process and tell what it cost: wall time, processor time, memory of all its processes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

_INTERVAL = 0.1  # seconds between two looks at the memory of the processes


class Cost(NamedTuple):
    """What one run cost.

    Args:
        seconds: Wall time.
        cpu: Processor time, user and system, of the process and all that it waited for.
        megabytes: The peak of the memory of all its processes together, shared pages counted once.
    """

    seconds: float
    cpu: float
    megabytes: float


def run(command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Cost:
    """Run a command to its end.

    Raises:
        RuntimeError: It failed.
    """
    mark = uuid.uuid4().hex
    start, peak, done = perf_counter(), 0, threading.Event()
    quiet: Any = subprocess.DEVNULL
    with subprocess.Popen(
        command, env={**os.environ, **(env or {}), "KB_MARK": mark}, cwd=cwd, stdout=quiet, stderr=subprocess.PIPE
    ) as process:

        def watch() -> None:
            nonlocal peak
            while not done.wait(_INTERVAL):
                peak = max(peak, memory(mark))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        said = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        done.set()
        watcher.join()
    if process.returncode:
        message = f"{' '.join(command)} ended with {process.returncode}: {said[-2000:].decode(errors='replace')}"
        raise RuntimeError(message)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # a process that is started counts what this one had
    resident = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) if usage.ru_maxrss > own or not peak else 0
    return Cost(seconds, usage.ru_utime + usage.ru_stime, max(peak, resident) / 2**20)


def memory(mark: str) -> int:
    """Give the memory in bytes of all processes that carry a mark in their environment; 0 where there is no /proc."""
    total = 0
    for process in Path("/proc").iterdir() if sys.platform == "linux" else ():
        try:
            if process.name.isdecimal() and mark.encode() in (process / "environ").read_bytes():
                rollup = (process / "smaps_rollup").read_text()
                total += 1024 * sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        except OSError:  # it has ended
            continue
    return total


def processor(mark: str) -> dict[str, float]:
    """Give the processor time so far, in seconds, of each process that carries a mark."""
    ticks = os.sysconf("SC_CLK_TCK")
    found = {}
    for process in Path("/proc").iterdir() if sys.platform == "linux" else ():
        try:
            if process.name.isdecimal() and mark.encode() in (process / "environ").read_bytes():
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                found[process.name] = (int(fields[11]) + int(fields[12])) / ticks
        except OSError:  # it has ended
            continue
    return found


def summary(costs: Sequence[Cost]) -> dict[str, float]:
    """Give the medians of several runs, and how far their processor times spread around the median."""
    cpu = median(each.cpu for each in costs)
    return {
        "runs": len(costs),
        "seconds": round(median(each.seconds for each in costs), 3),
        "cpu": round(cpu, 3),
        "spread": round((max(each.cpu for each in costs) - min(each.cpu for each in costs)) / cpu if cpu else 0.0, 3),
        "megabytes": round(max(each.megabytes for each in costs), 1),
    }
