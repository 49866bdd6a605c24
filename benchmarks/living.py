"""The living store: what a question, a validation and a comparison cost after one edit of a large knowledge base.

The facts are in a thousand files. Each command runs as a whole process; before each, one fact of one file is changed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import generate, measure
from benchmarks.measure import Cost

KB = str(Path(sys.executable).parent / "kb")
FACTS, FILES = 95_666, 1_000
FIRST, AFTER_EDIT, WARM = "first question", "question after one edit", "question without an edit"
DIFF, VALIDATE = "kb diff of one changed fact", "kb validate after one edit"
_MODALITIES = ('"modality":"can"', '"modality":"may"')


def compared(say: Callable[[str], None], runs: int = 5) -> list[dict[str, Any]]:
    """Measure each command in turn, ``runs`` times."""
    with tempfile.TemporaryDirectory(prefix="kb-living-") as folder:
        content, before, after = (Path(folder) / name for name in ("kb", "before", "after"))
        generate.write(content, FACTS, files=FILES)
        shutil.copytree(content, before)
        shutil.copytree(content, after)
        edit(after, 1)
        ask = [KB, "query", "side-effects", "--content", str(content), "--param", "drug=drug-17"]
        commands = {
            AFTER_EDIT: ask,
            WARM: ask,
            VALIDATE: [KB, "validate", "--content", str(content)],
            DIFF: [KB, "diff", str(before), str(after)],
        }
        env = {"XDG_CACHE_HOME": str(Path(folder) / "cache")}
        costs: dict[str, list[Cost]] = {FIRST: [measure.run(ask, env=env)], **{name: [] for name in commands}}
        for run in range(runs + 1):  # the first round fills the cache of parts, and is not counted
            for name, command in commands.items():
                if name in {AFTER_EDIT, VALIDATE}:
                    edit(content, run)
                cost = measure.run(command, env=env)
                if run:
                    costs[name].append(cost)
                say(f"{name}: {cost.seconds:.2f} s, {cost.cpu:.2f} s of processor time, {cost.megabytes:.0f} MB")
    return [{"name": name, "facts": FACTS, **measure.summary(each)} for name, each in costs.items()]


def edit(content: Path, number: int) -> None:
    """Change the modality of one fact."""
    path = content / "facts" / f"part-{number * 37 % FILES:05}.jsonl"
    text = path.read_text("utf-8")
    old, new = _MODALITIES if _MODALITIES[0] in text else reversed(_MODALITIES)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


if __name__ == "__main__":
    for each in compared(print):
        print(each)
