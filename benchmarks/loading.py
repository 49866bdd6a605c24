"""Quads into the store: ours and Oxigraph's own command on the same file, in alternation."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import contest, generate, measure
from benchmarks.measure import Cost

KB = str(Path(sys.executable).parent / "kb")
OURS, THEIRS = "kb build --store", "oxigraph load"


def compared(count: int, say: Callable[[str], None], runs: int = 3) -> list[dict[str, Any]]:
    """Load the quads of a generated knowledge base.

    Args:
        count: How many facts.
        say: Told how far it is.
        runs: How often each.
    """
    loader = contest.PEERS / "rdf" / "bin" / "oxigraph"
    with tempfile.TemporaryDirectory(prefix="kb-load-") as folder:
        content, quads = Path(folder) / "kb", Path(folder) / "all.nq"
        generate.write(content, count)
        measure.run([KB, "build", "--content", str(content), "-o", str(quads)])
        costs: dict[str, list[Cost]] = {OURS: [], THEIRS: []}
        for run in range(runs):
            for name, command in commands(loader, quads, Path(folder) / f"store-{run}").items():
                if Path(command[0]).exists():
                    costs[name].append(measure.run(command))
                    say(f"{name}: {costs[name][-1].cpu:.1f} s of processor time")
        size = quads.stat().st_size
    return [{"name": name, "facts": count, "bytes": size, **measure.summary(each)} for name, each in costs.items() if each]


def commands(loader: Path, quads: Path, store: Path) -> dict[str, list[str]]:
    """Give the command of each."""
    return {
        OURS: [sys.executable, "-m", "benchmarks.load_store", str(quads), f"{store}-ours"],
        THEIRS: [str(loader), "load", "--location", f"{store}-theirs", "--file", str(quads)],
    }
