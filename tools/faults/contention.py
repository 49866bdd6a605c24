"""Let many processes write the same folder at once: one wins, the others say that it is in use, and it is never a mixture.

::

    python -m tools.faults.contention [--rounds N] [--writers N] [--case TEXT]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path

from tools.faults.cases import CASES, Case
from tools.faults.run import Runner, copy_tree, fill_arguments, prepare, restart

_NAMES = ("export NEW/", "export OLD/", "release", "build --store, new", "build --store, old", "table import", "init")


def try_case(runner: Runner, case: Case, rounds: int, writers: int) -> tuple[Counter[str], list[str]]:
    """Let many processes run a command at once, again and again; count how they ended, and describe what went wrong."""
    template, args = runner.folder / "template", fill_arguments(runner, case)
    prepare(runner, case, template)
    first = runner.run(*args)
    new, ends, flaws = runner.read(case), Counter[str](), list[str]()
    for _ in range(rounds):
        copy_tree(template, runner.run_folder)
        reader, writer = os.pipe()
        started = [runner.start(args, runner.folder / f"output-{number}", barrier=(reader, writer)) for number in range(writers)]
        os.close(reader)
        os.close(writer)
        outcomes = [runner.finish(pid, output) for pid, output in started]
        won = sum(outcome.code == first.code for outcome in outcomes)
        refused = sum(outcome.code == 6 for outcome in outcomes)
        late = sum(outcome.code in case.again and outcome.code != first.code for outcome in outcomes)
        ends.update(won=won, refused=refused, late=late)
        others = [outcome for outcome in outcomes if outcome.code not in {first.code, 6, *case.again}]
        if not won or others or runner.read(case) != new:
            flaws.append(f"{case.name}: {won} won, the state is {'new' if runner.read(case) == new else 'not new'}: {others[:2]}")
        left = [str(path) for path in runner.run_folder.rglob("*kb-tmp*")]
        if left:
            flaws.append(f"{case.name}: left over: {left}")
    return ends, flaws


def main() -> int:
    """Try what the command line names, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--case", default="")
    options = parser.parse_args()
    if "FAULTS" not in os.environ:
        return restart("tools.faults.contention")
    runner, failed = Runner(Path(os.environ["FAULTS"])), 0
    print("| command | rounds | runs | done | in use (6) | already there | failed |\n|---|---:|---:|---:|---:|---:|---:|")
    for case in (case for case in CASES if case.name in _NAMES and options.case in case.name):
        ends, flaws = try_case(runner, case, options.rounds, options.writers)
        counts = f"{ends.total():,} | {ends['won']:,} | {ends['refused']:,} | {ends['late']:,} | {len(flaws)}"
        print(f"| {case.name} | {options.rounds} | {counts} |", flush=True)
        print(*flaws, sep="\n", file=sys.stderr)
        failed += len(flaws)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
