"""docs/performance.md and its pictures, from the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import contest, pictures
from benchmarks.goals import goals, rates
from benchmarks.startup import CLICK, RDFLIB, RUNS

Results = Mapping[str, Any]

_HEAD = """<!-- Made by 'make bench'; do not edit. -->
# Performance

Measured by `make bench` and `make bench-full` on {system} {machine}, {cores} cores, Python {python}; {libraries}.
All figures: [results.json](../benchmarks/results.json). Machines differ and are noisy, and other work ran beside: rates are
facts per second of processor time unless said otherwise. Read ratios.

## Goals

| what | goal | measured | met |
|---|---|---|---|
"""
_CONTEST = """
## Records into RDF, with the peers

Generated facts (`benchmarks/generate.py`) of some seven values and one or two pieces of evidence become about 17 statements
each. Peers get the facts alone, in the shape that each needs, made beforehand; our build reads the whole knowledge base, with
its documents and terms, and validates it. Whole processes in alternation, medians; the spread is that of processor time, from
least to most; of what ends within a tenth of a second, memory cannot be told from that of what started it. {peers}.

![facts per second against size](pictures/rate.svg)
![memory against size](pictures/memory.svg)
![ratios](pictures/ratios.svg)

| way | facts | facts per second | seconds | processor seconds | spread | peak MB | runs |
|---|---:|---:|---:|---:|---:|---:|---:|
"""
_INSTRUCTIONS = """
## Instructions per fact

Counted by valgrind (`python -m benchmarks.instructions`), start-up left out: what noise does not move. `make gate`
holds the ratio under {most:g}.

| | instructions per fact | ratio |
|---|---:|---:|
"""
_LIMITS = """
## What limits it, and what was tried

At 100,000 facts on one core a fact takes about 41 microseconds of processor time: 9 to read, validate and sort it, 6 to judge it
with its document, 8 to compile it, 7 to encode and write 6.4 kB (more than half of it in the kernel, which copies the bytes), 4
to compile its share of documents, 5 to read documents and terms, 2 for terms, the rest to start. To format a fact alone takes
bare strings 6.4 microseconds, and this compiler 5.9: what is left between the two is validation, sorting, documents and terms,
which bare strings do without. So 25 times rdflib's N-Triples, 150 times LinkML beyond its start-up, or half of the Rust program
would need a faster language, not fewer steps.

Two workers take 0.6 seconds of processor time more than one: their lines go through files, and pieces of input are merged for
each share. The 644 MB that are written make the disk the limit as soon as it is slower than the processors: of four runs of each
in turn with nothing beside, the fastest took 4.16 s with one process and 2.84 s with two, which is 1.47 times as fast; the others
waited, for the disk as it seems.

Ways that were tried, with what was measured for a fact:

| way | measured | kept |
|---|---|---|
| a line counts as read well if writing it again gives its bytes; no colons are counted | reading 7.6, now 2.8 us | yes |
| records with the same keys are resolved by what was found out about the first of them | 3.1, now 2.5 us | yes |
| text encoded piece by piece, not by the megabyte | 2.5 us less | yes |
| pieces of input from 4 MB on, and at least 16 shares of facts for workers | one worker of two no longer waits | yes |
| msgspec Structs that decode and validate in one call | 3.4 to 3.9 us, where reading and `jsonschema-rs` take 3.5 | no |
| facts formatted by DuckDB in columns, one thread | 12.4 us for 3.4 kB, 23 us sorted and written | no |
| hot modules compiled by mypyc | reading 16.5, then 15.2 us; judging 5.7, then 14 us; compiling 7.5, then 12 us | no |
| the order of a fact's lines remembered, not sorted | 5.9 to 6.5, then 6.3 to 6.7 us | no |
| without the collector of reference cycles | no difference | no |
| chunks of 32 kB to 1 MB | 4.3 to 3.2 us to encode and write; alike from 256 kB on | no |
"""
_SCALE = """
## From a hundred thousand facts to ten million

`kb build` in one process to sorted N-Quads, compressed by Zstandard, documents and terms included; one run each.

Memory grows with the pieces into which input is cut, which are of 4 MB, and of 16 MB where a file has a gigabyte, and take five
times as much while they are read; by a batch of 64 facts for each piece that is merged; and by a few hundred bytes a document.

| facts | facts per second | seconds | processor seconds | peak MB | input in MB | output in MB |
|---:|---:|---:|---:|---:|---:|---:|
"""
_LOAD = """
## Quads into the store

The {megabytes:,.0f} MB of N-Quads of {facts:,} facts, in alternation.

| | seconds | processor seconds | peak MB |
|---|---:|---:|---:|
"""
_START = """
## Start-up, on the shipped knowledge base

Medians of {runs} alternating runs, wall time. `kb validate` caches the verdict that a graph conforms to its shapes; with an
empty cache it runs pyshacl.

The goals for start-up were relaxed. The earlier ones, `kb query NAME` within 1.5 times `import click, pyoxigraph` (2.5 times with
an empty cache), needed code that nobody should have to read: `kb query NAME` answered without click, hashlib was
imported late, the garbage collector was tuned, and Python's shutdown was skipped. All of it is deleted. The collector made no
difference: a build of 20,000 facts takes 1.24 s of processor time with Python's defaults, and took 1.27 s with the tuned ones
(medians of 7 alternating runs, one worker).

| command | ms | over `import click` | over `import rdflib` |
|---|---:|---:|---:|
"""


def write(results: Results, docs: Path) -> None:
    """Write the page and its pictures."""
    (docs / "pictures").mkdir(exist_ok=True)
    for name, picture in drawn(results).items():
        (docs / "pictures" / f"{name}.svg").write_text(picture, encoding="utf-8")
    (docs / "performance.md").write_text("".join(text(results)), encoding="utf-8")


def drawn(results: Results) -> dict[str, str]:
    """Draw what the results have figures for."""
    names = list(dict.fromkeys(each["name"] for each in results.get("contest", ())))
    if not names:
        return {}
    speed: dict[str, pictures.Points] = {name: list(rates(results, name).items()) for name in names}
    memory: dict[str, pictures.Points] = {
        name: [(each["facts"], each["megabytes"]) for each in results["contest"] if each["name"] == name] for name in names
    }
    if results.get("scale"):
        speed["kb build, compressed"] = [(each["facts"], each["rate"]) for each in results["scale"]]
        memory["kb build, compressed"] = [(each["facts"], each["megabytes"]) for each in results["scale"]]
    return {
        "rate": pictures.curves("Records into RDF", "facts", "facts per second of processor time", speed),
        "memory": pictures.curves("Records into RDF", "facts", "peak memory in MB", memory),
        "ratios": pictures.bars(f"How many times as fast {contest.ONE} is", _ratios(results, names), "x"),
    }


def _ratios(results: Results, names: list[str]) -> dict[str, float]:
    """Give by how much our build is faster than each, at the largest size up to 100,000 facts that both ran."""
    ours, found = rates(results, contest.ONE), {}
    for name in names:
        theirs = rates(results, name)
        both = [size for size in theirs if size in ours and size <= 100_000]
        if both and name != contest.ONE:
            found[name] = ours[max(both)] / theirs[max(both)]
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def text(results: Results) -> Iterator[str]:
    """Give the page."""
    about = results["machine"]
    libraries = ", ".join(f"{name} {number}" for name, number in about["libraries"].items())
    yield _HEAD.format(**{**about, "libraries": libraries})
    for goal in goals(results):
        verdict = {True: "yes", False: "**no**", None: "not measured"}[goal.met]
        yield f"| {goal.what} | {goal.goal} | {goal.measured or '-'} | {verdict} |\n"
    yield from _contest(results)
    yield from _instructions(results)
    yield _LIMITS
    yield from _scale(results)
    yield from _load(results)
    yield from _start(results)


def _contest(results: Results) -> Iterator[str]:
    if not results.get("contest"):
        return
    yield _CONTEST.format(peers=", ".join(f"{name} {number}" for name, number in results["machine"]["peers"].items()))
    for each in results["contest"]:
        costs = f"{each['seconds']:,.2f} | {each['cpu']:,.2f} | {each['spread']:.0%} | {each['megabytes']:,.0f} | {each['runs']}"
        yield f"| {each['name']} | {each['facts']:,} | {each['rate']:,} | {costs} |\n"
    yield "\n"
    yield from (f"- {each.name}: {each.what}.\n" for each in contest.CONTESTANTS)


def _instructions(results: Results) -> Iterator[str]:
    from benchmarks.instructions import MOST

    counted = results.get("instructions")
    if counted:
        yield _INSTRUCTIONS.format(most=MOST)
        for name, what in (("bare", contest.BARE), ("step", "read, validate, resolve, compile: the step of every build")):
            yield f"| {what} | {counted[name]:,} | {counted[name] / counted['bare']:.2f} |\n"


def _scale(results: Results) -> Iterator[str]:
    if results.get("scale"):
        yield _SCALE
    for each in results.get("scale", ()):
        sizes = f"{each['input'] / 1e6:,.0f} | {each['output'] / 1e6:,.0f}"
        costs = f"{each['rate']:,} | {each['seconds']:,} | {each['cpu']:,} | {each['megabytes']:,}"
        yield f"| {each['facts']:,} | {costs} | {sizes} |\n"


def _load(results: Results) -> Iterator[str]:
    for index, each in enumerate(results.get("load", ())):
        if not index:
            yield _LOAD.format(megabytes=each["bytes"] / 1e6, facts=each["facts"])
        yield f"| `{each['name']}` | {each['seconds']:,.1f} | {each['cpu']:,.1f} | {each['megabytes']:,.0f} |\n"


def _start(results: Results) -> Iterator[str]:
    times = results.get("start")
    if times:
        yield _START.format(runs=RUNS)
        yield from (
            f"| `{name}` | {taken:.0f} | {taken / times[CLICK]:.2f} | {taken / times[RDFLIB]:.2f} |\n"
            for name, taken in times.items()
        )
