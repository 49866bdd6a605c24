"""Compare engines for many machines on the same small step: start-up, memory of all their processes, throughput.

The step reads a range of a file, formats its facts and writes a shard; ``spark-rows`` moves the rows through the engine
instead. Each engine has two workers here. Run by ``make bench-engines``, in a virtual environment that has all of them.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.measure import memory, processor

WORKERS, SHARDS = 2, 8
Range = tuple[str, int, int, str]


def ranges(source: Path, folder: Path) -> list[Range]:
    """Cut a file into shards: its path, where each begins and ends, and where its quads go."""
    size = source.stat().st_size
    cuts = [size * number // SHARDS for number in range(SHARDS + 1)]
    return [(str(source), start, end, str(folder / f"{number}.nq")) for number, (start, end) in enumerate(pairwise(cuts))]


def shard(task: Range) -> int:
    """Format the lines that begin in a range; give how many."""
    import msgspec

    from benchmarks.peers.bare import quads

    source, start, end, target = task
    decode, count = msgspec.json.Decoder().decode, 0
    with Path(source).open("rb") as lines, Path(target).open("w", encoding="utf-8", buffering=1 << 20) as out:
        lines.seek(max(0, start - 1))
        if start:
            lines.readline()
        while lines.tell() < end and (line := lines.readline()):
            out.write(quads(decode(line)))
            count += 1
    return count


def serial(tasks: list[Range], ready: Callable[[], None]) -> int:
    """Run in this process."""
    ready()
    return sum(map(shard, tasks))


def pool(tasks: list[Range], ready: Callable[[], None]) -> int:
    """Run in a pool of processes."""
    from multiprocessing import get_context

    with get_context("spawn").Pool(WORKERS) as workers:
        workers.map(abs, range(WORKERS))
        ready()
        return sum(workers.imap_unordered(shard, tasks))


def dask(tasks: list[Range], ready: Callable[[], None]) -> int:
    """Run on Dask's distributed scheduler."""
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        client.gather(client.map(abs, range(WORKERS)))
        ready()
        return sum(client.gather(client.map(shard, tasks)))


def ray(tasks: list[Range], ready: Callable[[], None]) -> int:
    """Run on Ray."""
    import ray as engine

    engine.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    remote: Any = engine.remote(shard)
    engine.get([engine.remote(lambda: 1).remote() for _ in range(WORKERS)])
    ready()
    return sum(engine.get([remote.remote(task) for task in tasks]))


def spark(tasks: list[Range], ready: Callable[[], None]) -> int:
    """Run on Spark, each task a range of the file."""
    context = _spark(ready)
    return int(context.parallelize(tasks, SHARDS).map(shard).sum())


def spark_rows(tasks: list[Range], ready: Callable[[], None]) -> int:
    """Run on Spark, which reads the lines, moves them to Python and writes what comes back."""
    context = _spark(ready)

    def format_all(lines: Iterator[str]) -> Iterator[str]:
        import msgspec

        from benchmarks.peers.bare import quads

        return (quads(msgspec.json.decode(line)).rstrip("\n") for line in lines)

    made = context.textFile(tasks[0][0], SHARDS)
    made.mapPartitions(format_all).saveAsTextFile(f"{tasks[0][3]}.rows")
    return int(made.count())


def _spark(ready: Callable[[], None]) -> Any:
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder: Any = SparkSession.builder
    session = (
        builder.master(f"local[{WORKERS}]").config("spark.ui.enabled", "false").config("spark.driver.memory", "1g").getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    session.sparkContext.parallelize(range(WORKERS), WORKERS).map(abs).sum()
    ready()
    return session.sparkContext


ENGINES = {"serial": serial, "pool": pool, "dask": dask, "ray": ray, "spark": spark, "spark-rows": spark_rows}


def measure(name: str, source: Path) -> dict[str, Any]:
    """Run one engine in a process of its own and watch it."""
    mark = uuid.uuid4().hex
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.engines", "run", name, str(source), folder]
        start = time.perf_counter()
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "KB_MARK": mark}
        ) as process:
            peak, at_start, done = 0, 0, threading.Event()
            said: list[dict[str, Any]] = []

            def listen() -> None:
                said.extend(json.loads(line) for line in process.stdout or ())
                done.set()

            threading.Thread(target=listen, daemon=True).start()
            cpu: dict[str, float] = {}
            while not done.wait(0.1):
                peak = max(peak, memory(mark))
                cpu |= processor(mark)
                at_start = peak if len(said) < 1 else at_start
        if process.returncode:
            raise SystemExit(f"{name} ended with {process.returncode}")
    whole = time.perf_counter() - start
    return {
        "engine": name,
        "start": said[0]["ready"] - start,
        **said[1],
        "whole": whole,
        "cpu": sum(cpu.values()),
        "idle_mb": at_start >> 20,
        "peak_mb": peak >> 20,
    }


def run(name: str, source: Path, folder: Path) -> None:
    """Be the process that is watched: say when the engine is ready, and how long the work took."""
    began: list[float] = []

    def ready() -> None:
        began.append(time.perf_counter())
        print(json.dumps({"ready": began[0]}), flush=True)

    count = ENGINES[name](ranges(source, folder), ready)
    work = time.perf_counter() - began[0]
    print(json.dumps({"facts": count, "work": work, "rate": count / work}), flush=True)
    os._exit(0)


def main() -> None:
    """Measure all engines on a file of facts, in turn."""
    if sys.argv[1] == "run":
        run(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    for _ in range(int(sys.argv[2])):
        for name in ENGINES:
            print(json.dumps(measure(name, Path(sys.argv[1]))), flush=True)


if __name__ == "__main__":
    main()
