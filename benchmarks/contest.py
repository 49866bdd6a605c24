"""Records into RDF: our line and its peers on the same records, as whole processes, in alternation."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import generate, measure
from benchmarks.measure import Cost
from benchmarks.peers import prepare

ROOT = Path(__file__).resolve().parent.parent
PEERS = Path(os.environ.get("KB_PEERS", ROOT / ".venv-peers"))
RUST = ROOT / "benchmarks" / "peers" / "rust" / "target" / "release" / "bare"
KB = str(Path(sys.executable).parent / "kb")


class Case(NamedTuple):
    """The same facts in the shapes that contestants need, and where their output goes.

    Args:
        size: How many facts.
        folder: Holds ``kb/`` (a knowledge base), ``tables/`` (CSV for RML) and ``linkml.json``.
    """

    size: int
    folder: Path

    @property
    def facts(self) -> Path:
        """The facts as JSON Lines."""
        return self.folder / "kb" / "facts" / "all.jsonl"

    def output(self, suffix: str) -> str:
        """Name a file for output."""
        return str(self.folder / f"out{suffix}")


class Contestant(NamedTuple):
    """One way from records to RDF.

    Args:
        name: What it is called in tables.
        what: What it does, in a line.
        command: Makes the command for a case.
        largest: Up to how many facts it runs in ``make bench`` and in ``make bench-full``.
        is_there: Whether it is installed.
    """

    name: str
    what: str
    command: Callable[[Case], list[str]]
    largest: tuple[int, int]
    is_there: Callable[[], bool] = lambda: True


def _peer(room: str, module: str, suffix: str) -> Callable[[Case], list[str]]:
    def command(case: Case) -> list[str]:
        source = case.folder / "tables" if room in {"morph", "maplib"} else case.facts
        return [str(PEERS / room / "bin" / "python"), "-m", f"benchmarks.peers.{module}", str(source), case.output(suffix)]

    return command


def _has(room: str) -> Callable[[], bool]:
    return (PEERS / room / "bin" / "python").exists


def _linkml(case: Case) -> list[str]:
    schema = str(ROOT / "benchmarks" / "peers" / "linkml.yaml")
    command = str(PEERS / "linkml" / "bin" / "linkml-convert")
    return [command, "-s", schema, "-C", "Base", "-t", "ttl", "-o", case.output(".ttl"), str(case.folder / "linkml.json")]


def _build(*options: str) -> Callable[[Case], list[str]]:
    return lambda case: [KB, "build", "--content", str(case.folder / "kb"), "-o", case.output(".nq"), *options]


def _said(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@cache
def _one() -> tuple[str, ...]:
    """Give the options that keep a build to one process, if it would use more."""
    return ("--workers", "1") if "--workers" in _said([KB, "build", "--help"]) else ()


def _rust(case: Case) -> list[str]:
    return [str(RUST), str(case.facts), case.output(".nq")]


def one_process(content: Path, output: Path) -> list[str]:
    """Give the command that builds in one process."""
    return [KB, "build", "--content", str(content), "-o", str(output), *_one()]


def _unchecked(case: Case) -> list[str]:
    return [sys.executable, "-m", "benchmarks.unchecked", str(case.folder / "kb"), case.output(".nq")]


ONE, ALL, UNCHECKED = "kb build, one process", "kb build, all cores", "the step of kb, unchecked"
BARE, RUST_NAME = "bare strings (msgspec)", "small Rust program"
LINKML, RDFLIB, RDFLIB_NT, MORPH = "LinkML", "rdflib by hand, Turtle", "rdflib by hand, N-Triples", "morph-kgc"
MAPLIB = "maplib"
_LARGE, _HEAVY = (100_000, 1_000_000), (100_000, 100_000)

#: Seconds of processor time after which a contestant is not run again for a size.
LONG = 60.0

CONTESTANTS = (
    Contestant(ONE, "reads, validates, resolves, compiles, sorts, writes N-Quads", _build(*_one()), _LARGE),
    Contestant(ALL, "the same, with a worker for each core", _build(), _LARGE, lambda: bool(_one())),
    Contestant(UNCHECKED, "reads, resolves and compiles facts; does not validate or sort", _unchecked, _LARGE),
    Contestant(BARE, "formats facts in Python", _peer("rdf", "bare", ".nq"), _LARGE, _has("rdf")),
    Contestant(RUST_NAME, "formats facts in Rust, without crates", _rust, _LARGE, RUST.exists),
    Contestant("pyoxigraph objects", "an object for each RDF term", _peer("rdf", "oxigraph_objects", ".nq"), _LARGE, _has("rdf")),
    Contestant(MORPH, "RML mappings on tables made beforehand", _peer("morph", "morph", ".nq"), _LARGE, _has("morph")),
    Contestant(
        MAPLIB, "OTTR templates on the same tables, in Rust", _peer("maplib", "maplib_templates", ".nt"), _LARGE, _has("maplib")
    ),
    Contestant(RDFLIB_NT, "serializes a graph in memory", _peer("rdf", "rdflib_graph", ".nt"), _HEAVY, _has("rdf")),
    Contestant(RDFLIB, "serializes a graph in memory", _peer("rdf", "rdflib_graph", ".ttl"), _HEAVY, _has("rdf")),
    Contestant(LINKML, "runs linkml-convert, which validates, too", _linkml, (10_000, 10_000), _has("linkml")),
)


def prepare_case(count: int, folder: Path, *, is_full: bool) -> Case:
    """Make the records of a case in all the shapes that are needed, before anything is measured."""
    case = Case(count, folder)
    generate.write(folder / "kb", count)
    prepare.tables(case.facts, folder / "tables")
    if count <= next(each for each in CONTESTANTS if each.name == LINKML).largest[is_full]:
        prepare.linkml(case.facts, folder / "linkml.json")
    return case


def run(case: Case, runs: int, *, is_full: bool, say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """Run every contestant that the case is not too large for, in turn, ``runs`` times; give a summary of each.

    Those that take long are run less often.
    """
    entered = [each for each in CONTESTANTS if each.is_there() and case.size <= each.largest[is_full]]
    costs: dict[str, list[Cost]] = {each.name: [] for each in entered}
    for number in range(runs):
        for each in entered:
            if sum(cost.cpu for cost in costs[each.name]) > LONG:
                continue
            with tempfile.TemporaryDirectory(dir=case.folder) as cache:  # what one run remembers must not spare the next one work
                costs[each.name].append(measure.run(each.command(case), env={"XDG_CACHE_HOME": cache}, cwd=ROOT))
            say(f"{case.size:>9,} facts, run {number + 1}: {each.name}: {costs[each.name][-1].cpu:.2f} s of processor time")
            clear(case)
    for each in entered:
        made = measure.summary(costs[each.name])
        yield {"name": each.name, "facts": case.size, **made, "rate": round(case.size / made["cpu"])}


def clear(case: Case) -> None:
    """Remove what a contestant wrote."""
    for path in case.folder.glob("out*"):
        path.unlink()


_SINGLE = {"morph": "morph-kgc", "maplib": "maplib", "linkml": "linkml"}


def versions() -> dict[str, str]:
    """Give the versions of the peers that are installed."""
    found: dict[str, str] = {}
    wanted = {"rdf": ("rdflib", "pyoxigraph", "oxigraph", "msgspec"), **{room: (package,) for room, package in _SINGLE.items()}}
    for room, names in wanted.items():
        if _has(room)():
            code = f"from importlib.metadata import version; print(*[version(name) for name in {names!r}])"
            found |= dict(zip(names, _said([str(PEERS / room / "bin" / "python"), "-c", code]).split(), strict=True))
    if RUST.exists():
        found["rustc"] = _said(["rustc", "--version"]).split()[1]
    return found
