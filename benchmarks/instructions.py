"""Instructions per fact, counted by valgrind: the figure that other work on the machine does not move.

Each command runs over two numbers of facts; the difference leaves start-up out. ``--gate`` holds our step against the
bare formatting of the same facts: a ratio of instructions is nearly the same on every machine and Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from benchmarks import generate

ROOT = Path(__file__).resolve().parent.parent
FEW, MANY = 100, 500

#: At most so many times the instructions of bare formatting may our checked step need per fact; 2.57 was measured.
MOST = 3.0


def bare(content: Path, most: int) -> int:
    """Format the first facts of a knowledge base, and do nothing else."""
    import msgspec

    from benchmarks.peers.bare import quads

    decode = msgspec.json.Decoder().decode
    with (content / "facts" / "all.jsonl").open("rb") as facts:
        return sum(len(quads(decode(line))) for line in islice(facts, most))


def step(content: Path, most: int) -> int:
    """Read, validate, resolve and compile the first facts of a knowledge base by the step that every build runs."""
    from benchmarks.hot import compiled

    return compiled(content, most)


COUNTED: dict[str, Callable[[Path, int], int]] = {"bare": bare, "step": step}


def _counted(command: list[str], cache: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONHASHSEED": "0", "XDG_CACHE_HOME": cache}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)


def count(name: str, content: Path, most: int) -> int:
    """Count the instructions of a run over the first facts, in a process of its own."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-m", "benchmarks.instructions"]
    with tempfile.TemporaryDirectory() as cache:  # what one run remembers must not spare the next one work
        done = _counted([*command, name, str(content), str(most)], cache)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise RuntimeError(done.stderr[-1000:])
    return int(found.group(1))


def per_fact() -> dict[str, int]:
    """Give the instructions per fact of each that is counted."""
    made: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        generate.write(Path(folder), MANY)
        for name in COUNTED:
            few, many = (count(name, Path(folder), most) for most in (FEW, MANY))
            made[name] = (many - few) // (MANY - FEW)
    return made


def main(arguments: list[str]) -> int:
    """Count, or be counted; give the exit code."""
    if arguments and arguments[0] in COUNTED:
        COUNTED[arguments[0]](Path(arguments[1]), int(arguments[2]))
        return 0
    if shutil.which("valgrind") is None:
        print("valgrind is not there: nothing is counted")
        return 0
    made = per_fact()
    ratio = made["step"] / made["bare"]
    print(json.dumps({**made, "ratio": round(ratio, 2), "most": MOST}))
    return int("--gate" in arguments and ratio > MOST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
