"""Measure start-up as ratios in one run, and facts per second with peak memory; write docs/performance.md."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks import generate

ROOT = Path(__file__).resolve().parent.parent
RUNS = 11
SIZES = (100, 10_000, 100_000)
PYTHON = sys.executable
KB = [str(Path(PYTHON).parent / "kb")]
CLICK, RDFLIB = "import click", "import rdflib"
COMMANDS = {
    CLICK: [PYTHON, "-c", "import click"],
    RDFLIB: [PYTHON, "-c", "import rdflib"],
    "kb --help": [*KB, "--help"],
    "kb validate": [*KB, "validate"],
    "kb validate, nothing remembered": [*KB, "validate"],
    "kb query side-effects": [*KB, "query", "side-effects"],
    "kb query evidence": [*KB, "query", "evidence"],
    "kb query side-effects --engine rdflib": [*KB, "query", "side-effects", "--engine", "rdflib"],
}


def start_up() -> dict[str, float]:
    """Give the median milliseconds of each command, run in turn as whole processes."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as warm:
        for run in range(RUNS + 1):  # the first round warms caches and is not counted
            for name, command in COMMANDS.items():
                with tempfile.TemporaryDirectory() as cold:
                    env = {**os.environ, "XDG_CACHE_HOME": cold if "remembered" in name else warm}
                    start = time.perf_counter()
                    subprocess.run(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
                    if run:
                        taken[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(each) for name, each in taken.items()}


def line(count: int) -> dict[str, float]:
    """Read, validate, compile and write ``count`` facts as N-Quads in one process; give rate and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        content, output = Path(folder) / "kb", Path(folder) / "out.nq"
        generate.write(content, count)
        seconds, peak = [], 0
        for _ in range(3 if count <= 10_000 else 1):
            start = time.perf_counter()
            with subprocess.Popen(
                [*KB, "export", "--content", str(content), "-o", str(output)], stderr=subprocess.DEVNULL
            ) as process:
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                message = f"kb export ended with {process.returncode}"
                raise RuntimeError(message)
            seconds.append(time.perf_counter() - start)
            peak = max(peak, usage.ru_maxrss // (1 if sys.platform != "darwin" else 1024))
        taken = statistics.median(seconds)
        with output.open("rb") as lines:
            quads = sum(1 for _ in lines)
    return {"facts": count, "quads": quads, "seconds": taken, "rate": count / taken, "megabytes": peak / 1024}


def page(times: dict[str, float], lines: list[dict[str, float]]) -> str:
    """Write the figures as Markdown."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("click", "rdflib", "pyoxigraph", "jsonschema-rs", "pyshacl"))
    rows = "\n".join(
        f"| `{name}` | {taken:.0f} | {taken / times[CLICK]:.2f} | {taken / times[RDFLIB]:.2f} |" for name, taken in times.items()
    )
    sizes = "\n".join(
        f"| {each['facts']:,} | {each['quads']:,} | {each['seconds']:.2f} | {each['rate']:,.0f} | {each['megabytes']:,.0f} |"
        for each in lines
    )
    return f"""<!-- Made by 'make bench'; do not edit. -->
# Performance

Measured by `make bench` on {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()};
{libraries}. Machines differ and are noisy: read ratios. Whole processes; start-up in medians of {RUNS} runs in turn.

## Start-up, on the shipped knowledge base

Goals: `kb --help` within 1.5 times a bare `import click`; `kb validate` and `kb query` under twice `import rdflib`.
`kb validate` remembers that a graph conformed to its shapes; with nothing remembered it runs pyshacl.

| command | ms | over `import click` | over `import rdflib` |
|---|---:|---:|---:|
{rows}

## The line: read JSON Lines, validate against the schemas and each other, resolve, compile, sort and write N-Quads

Generated facts of about twelve values with two pieces of evidence each (`benchmarks/generate.py`), one process, one core;
documents with 100 sentences for every 100 facts included. SHACL is not part of it: `kb validate` adds a sample.

| facts | quads | seconds | facts per second | peak memory in MB |
|---:|---:|---:|---:|---:|
{sizes}
"""


def main() -> None:
    """Measure, print, and write the page."""
    times = start_up()
    lines = [line(count) for count in SIZES]
    (ROOT / "docs" / "performance.md").write_text(page(times, lines), encoding="utf-8")
    print(json.dumps({"start_up_ms": times, "line": lines}, indent=2))


if __name__ == "__main__":
    main()
