"""Measure our line beside its peers, and write ``benchmarks/results.json``, docs/performance.md and its pictures.

``make bench`` takes minutes; ``make bench-full`` (``--full``) an hour, with larger sizes for everybody. Of what a run
does not measure, such as the build of ten million facts, the figures of the last run that did are kept, with their date.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from benchmarks import contest, instructions, living, loading, page, plans, scaling, startup, stores

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
LIBRARIES = ("click", "jsonschema-rs", "msgspec", "pyoxigraph", "pyshacl", "rdflib")
QUICK_SIZES, FULL_SIZES = (1_000, 10_000, 100_000), (1_000, 5_000, 10_000, 100_000, 1_000_000)


def machine(known: dict[str, str]) -> dict[str, Any]:
    """Tell what the figures were measured on; of peers that are not installed, the versions that were measured are kept."""
    libraries = {name: version(name) for name in LIBRARIES}
    system = {"system": platform.system(), "machine": platform.machine(), "cores": os.cpu_count()}
    return {**system, "python": platform.python_version(), "libraries": libraries, "peers": {**known, **contest.versions()}}


def say(message: str) -> None:
    """Tell how far it is."""
    print(message, file=sys.stderr, flush=True)


def measured(sections: set[str], known: dict[str, Any], *, full: bool) -> dict[str, Any]:
    """Measure the sections that are asked for."""
    peers = known.get("machine", {}).get("peers", {})
    made: dict[str, Any] = {"machine": machine(peers), "date": datetime.now(UTC).date().isoformat()}
    if "start" in sections:
        made["start"] = startup.start_up()
    if "instructions" in sections and shutil.which("valgrind"):
        made["instructions"] = instructions.per_fact()
    if "contest" in sections:
        made["contest"] = [each for size in (FULL_SIZES if full else QUICK_SIZES) for each in contested(size, full=full)]
    if "load" in sections:
        made["load"] = loading.compared(1_000_000 if full else 100_000, say)
    if "questions" in sections:
        with tempfile.TemporaryDirectory(prefix="kb-bench-") as folder:
            made["questions"] = stores.measure(100_000, Path(folder))
    if "plans" in sections:
        with tempfile.TemporaryDirectory(prefix="kb-bench-") as folder:
            made["plans"] = plans.measured(Path(folder), say)
    if "living" in sections:
        made["living"] = living.compared(say)
    if "scale" in sections:
        made["scale"] = scaling.measured(10_000_000 if full else 1_000_000, say)
    return made


def contested(size: int, *, full: bool) -> list[dict[str, Any]]:
    """Run the contest of one size."""
    runs = 5 if size <= 10_000 else 3 if size <= 100_000 else 1
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as folder:
        case = contest.prepare_case(size, Path(folder), is_full=full)
        return list(contest.run(case, runs, is_full=full, say=say))


SECTIONS = ("start", "instructions", "contest", "load", "questions", "plans", "living", "scale")


@click.command
@click.option("--full", is_flag=True, help="Larger sizes for everybody; an hour.")
@click.option("--only", multiple=True, type=click.Choice([*SECTIONS, "page"]), help="Only these sections; may be repeated.")
def main(*, full: bool, only: tuple[str, ...]) -> None:
    """Measure, keep the results, and write the page."""
    sections = set(only) or (set(SECTIONS) if full else set(SECTIONS) - {"scale"})
    known: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    made = known if sections == {"page"} else {**known, **measured(sections, known, full=full)}
    RESULTS.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    page.write(json.loads(RESULTS.read_text("utf-8")), ROOT / "docs")  # in the order of the file, as a test does


if __name__ == "__main__":
    main()
