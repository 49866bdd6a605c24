"""The goals, each as a ratio within one run, with what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any, NamedTuple

from benchmarks import plans
from benchmarks.contest import ALL, BARE, LINKML, MAPLIB, MORPH, ONE, RDFLIB, RDFLIB_NT, RUST_NAME, UNCHECKED
from benchmarks.living import AFTER_EDIT, DIFF, WARM
from benchmarks.loading import OURS, THEIRS
from benchmarks.startup import CLICK
from benchmarks.startup import RDFLIB as IMPORT_RDFLIB

Results = Mapping[str, Any]

#: The size at which the goals are set.
LARGEST = 100_000


class Goal(NamedTuple):
    """A goal and how it stands.

    Args:
        what: What is compared.
        goal: What is aimed at, in words.
        measured: What was measured, in words; empty if nothing was.
        met: Whether it is met; nothing if that was not measured.
    """

    what: str
    goal: str
    measured: str
    met: bool | None


def goals(results: Results) -> Iterator[Goal]:
    """Compare the results of a run with the goals."""
    yield from _living(results)
    yield from _questions(results)
    for name, least in ((MAPLIB, 2), (MORPH, 6), (RDFLIB, 25), (RDFLIB_NT, 25), (LINKML, 150)):
        yield _ratio(results, ONE, name, least, f"validate and compile on one core, against {name}")
    yield _ratio(results, UNCHECKED, BARE, 0.5, "read and compile without validation, against bare string formatting")
    yield _wall(results)
    yield from _flat(results)
    yield _loading(results)
    yield from _starting(results)
    yield _ratio(results, ONE, RUST_NAME, 0.5, "stretch goal: validate and compile on one core, against the Rust program")


def rates(results: Results, name: str) -> dict[int, float]:
    """Give facts per second of processor time of a contestant, by size."""
    return {each["facts"]: each["rate"] for each in results.get("contest", ()) if each["name"] == name}


def rates_beside(results: Results, ours: str, theirs: str) -> dict[int, float]:
    """Give our rates by size: where theirs was measured in a later run, those of ours in that run."""
    rows = (each for each in results.get("contest", ()) if each["name"] == theirs)
    return rates(results, ours) | {each["facts"]: each["beside"] for each in rows if "beside" in each}


def _ratio(results: Results, ours: str, theirs: str, least: float, what: str) -> Goal:
    """Compare two contestants at 100,000 facts, or at the nearest size that was measured.

    If theirs did not run at our largest size, its rate without start-up is calculated from the difference between two sizes.
    """
    one, other = rates_beside(results, ours, theirs), rates(results, theirs)
    sizes = sorted(size for size in one if size <= LARGEST)
    known = sorted(size for size in other if size <= LARGEST)
    goal = f"at least {least:g} times"
    if not sizes or not known:
        return Goal(what, goal, "", None)
    size, largest = sizes[-1], known[-1]
    if size != largest and len(known) == 1:
        size = largest
    said, rate = f"at {size:,} facts", other[largest]
    if largest != size:
        few = known[-2]
        rate = (largest - few) / (largest / other[largest] - few / other[few])
        said += f"; {theirs} at {largest:,}, without start-up"
    ratio = one[size] / rate
    return Goal(what, goal, f"{ratio:,.2f} times, {said}", ratio >= least)


def _wall(results: Results) -> Goal:
    seconds = {(each["name"], each["facts"]): each["seconds"] for each in results.get("contest", ())}
    sizes = [size for name, size in seconds if name == ALL and (ONE, size) in seconds]
    what, goal = "all cores, against one (wall time; depends on other work)", "at least 1.6 times with two free cores"
    if not sizes:
        return Goal(what, goal, "", None)
    ratio = seconds[ONE, max(sizes)] / seconds[ALL, max(sizes)]
    return Goal(what, goal, f"{ratio:.2f} times, at {max(sizes):,} facts", ratio >= 1.6)


def _flat(results: Results) -> Iterator[Goal]:
    found = {each["facts"]: each for each in results.get("scale", ())}
    few, many = found.get(100_000), found.get(max(found, default=0))
    measured = bool(few and many and few is not many)
    peak = f"{many['megabytes']:,} MB, at {many['facts']:,} facts" if many and measured else ""
    yield Goal("peak memory", "under 500 MB", peak, many["megabytes"] < 500 if many and measured else None)
    growth = many["megabytes"] / few["megabytes"] if few and many and measured else 0.0
    yield Goal(
        "peak memory at 10 million, against that at 100,000",
        "constant: at most 1.1 times",
        f"{growth:.2f} times, at {many['facts']:,} facts" if many and measured else "",
        growth <= 1.1 if measured else None,
    )
    ratio = (many["cpu"] / many["facts"]) / (few["cpu"] / few["facts"]) if few and many and measured else 0.0
    said = f"{ratio:.2f} times, at {many['facts']:,} facts" if many and measured else ""
    yield Goal(
        "cost per fact at 10 million, against that at 100,000", "at most 1.3 times", said, ratio <= 1.3 if measured else None
    )


def _living(results: Results) -> Iterator[Goal]:
    costs = {each["name"]: each for each in results.get("living", ())}
    for name, seconds, megabytes in ((AFTER_EDIT, 1.5, 300), (WARM, 0.5, 300), (DIFF, 1, 100)):
        cost = costs.get(name)
        said = f"{cost['seconds']:.2f} s ({cost['cpu']:.2f} s of processor time), {cost['megabytes']:,.0f} MB" if cost else ""
        met = cost["seconds"] < seconds and cost["megabytes"] < megabytes if cost else None
        yield Goal(f"{name}, at 95,666 facts in 1,000 documents", f"under {seconds:g} s and {megabytes} MB", said, met)


def _questions(results: Results) -> Iterator[Goal]:
    asked = results.get("questions", {}).get("queries", {})
    ratio = median(each["ratio"] for each in asked.values()) if asked else 0.0
    said = f"{ratio:.2f} times" if asked else ""
    what = "ten named queries on a store of 100,000 facts, against pyoxigraph itself"
    yield Goal(what, "at most 1.1 times (median)", said, ratio <= 1.1 if asked else None)
    measured = results.get("plans", ())
    for what, goal, rows in (
        ("named queries with a parameter", plans.GOAL, [each for each in measured if each["given"]]),
        ("named queries without parameters", plans.MOST, [each for each in measured if not each["given"]]),
    ):
        slow = [f"`{each['name']}` {each['given']}".strip() for each in rows if plans.cost(each) >= goal]
        said = f"{len(rows) - len(slow)} of {len(rows)}" + (f"; not {', '.join(slow)}" if slow else "") if rows else ""
        yield Goal(f"{what}, at 95,666 facts", f"each under {goal:g} s of processor time", said, not slow if rows else None)


def _loading(results: Results) -> Goal:
    cpu = {each["name"]: each["cpu"] for each in results.get("load", ())}
    ratio = cpu[THEIRS] / cpu[OURS] if OURS in cpu and THEIRS in cpu else 0.0
    said = f"{ratio:.2f} times" if ratio else ""
    return Goal(
        f"bulk load into the store, against `{THEIRS}` of the same file",
        "at least 0.9 times",
        said,
        ratio >= 0.9 if ratio else None,
    )


def _starting(results: Results) -> Iterator[Goal]:
    """Compare start-up with imports of libraries; _START in page.py says which goals were relaxed."""
    times = results.get("start", {})
    for name, base, most in (
        ("kb --help", CLICK, 1.5),
        ("kb query side-effects", IMPORT_RDFLIB, 1),
        ("kb validate", IMPORT_RDFLIB, 2),
    ):
        ratio = times[name] / times[base] if {name, base} <= set(times) else 0.0
        yield Goal(
            f"`{name}`, against `{base}`",
            f"at most {most:g} times",
            f"{ratio:.2f} times" if ratio else "",
            ratio <= most if ratio else None,
        )
