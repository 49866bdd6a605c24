"""How long commands take to start: whole processes, in turn; kb's modules compiled, as an installation leaves them."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
RUNS = 11
PYTHON = sys.executable
KB = str(Path(PYTHON).parent / "kb")
CLICK, RDFLIB, OXIGRAPH = "import click", "import rdflib", "import click, pyoxigraph"
COMMANDS = {
    CLICK: [PYTHON, "-c", "import click"],
    OXIGRAPH: [PYTHON, "-c", "import click, pyoxigraph"],
    RDFLIB: [PYTHON, "-c", "import rdflib"],
    "kb --help": [KB, "--help"],
    "kb validate": [KB, "validate"],
    "kb validate, empty cache": [KB, "validate"],
    "kb query side-effects": [KB, "query", "side-effects"],
    "kb query side-effects, empty cache": [KB, "query", "side-effects"],
    "kb query evidence": [KB, "query", "evidence"],
    "kb query side-effects --engine rdflib": [KB, "query", "side-effects", "--engine", "rdflib"],
}


def start_up(runs: int = RUNS) -> dict[str, float]:
    """Give the median milliseconds of each command, run in turn as whole processes."""
    compileall.compile_dir(ROOT / "kb", quiet=2)
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as warm:
        for run in range(runs + 1):  # the first round warms caches and is not counted
            for name, command in COMMANDS.items():
                with tempfile.TemporaryDirectory() as cold:
                    env = {**os.environ, "XDG_CACHE_HOME": cold if "empty cache" in name else warm}
                    start = perf_counter()
                    quiet = subprocess.DEVNULL
                    subprocess.run(command, env=env, cwd=ROOT, stdout=quiet, stderr=quiet, check=True)
                    if run:
                        taken[name].append(1000 * (perf_counter() - start))
    return {name: round(median(each), 1) for name, each in taken.items()}


if __name__ == "__main__":
    measured = start_up()
    for command, milliseconds in measured.items():
        print(f"{milliseconds:8.1f} ms {milliseconds / measured[OXIGRAPH]:6.2f}  {command}")
