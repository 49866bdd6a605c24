"""Write docs/performance.md and its pictures from the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import contest, pictures, plans
from benchmarks.goals import goals, rates, rates_beside
from benchmarks.startup import CLICK, RDFLIB, RUNS
from benchmarks.stores import ASKED

Results = Mapping[str, Any]

_HEAD = """<!-- Made by 'make bench'; do not edit. -->
# Performance

Measured by `make bench` and `make bench-full` on {system} {machine}, {cores} cores, Python {python}; {libraries}.
All figures are in [results.json](../benchmarks/results.json). Machines differ, and other work ran at the same time. So compare
ratios, not absolute figures. Rates are facts per second of processor time unless stated otherwise.

## Goals

| what | goal | measured | met |
|---|---|---|---|
"""
_CONTEST = """
## Records into RDF, compared with other programs

The facts are generated (`benchmarks/generate.py`). Each has about seven values and one or two pieces of evidence, and becomes
about 17 statements. Our build reads the whole knowledge base, with documents and terms, and validates it. The other programs read
only the facts, in files that were prepared for each beforehand. The programs run in turn, as whole processes. The figures are
medians. The spread is the difference between the least and the most processor time. If a process ends within a tenth of a second,
its peak memory includes that of the process that started it.

Versions: {peers}.

![facts per second against size](pictures/rate.svg)
![memory against size](pictures/memory.svg)
![ratios](pictures/ratios.svg)

| program | facts | facts per second | seconds | processor seconds | spread | peak MB | runs |
|---|---:|---:|---:|---:|---:|---:|---:|
"""
_INSTRUCTIONS = """
## Instructions per fact

Counted by valgrind (`python -m benchmarks.instructions`), without start-up. Unlike times, these counts do not depend on other
work on the machine. `make gate` fails if the ratio exceeds {most:g}.

| | instructions per fact | ratio |
|---|---:|---:|
"""
_LIMITS = """
## What limits the speed, and what was tried

At 100,000 facts, one core takes about 41 microseconds of processor time for each fact:

| microseconds | for |
|---:|---|
| 9 | reading, validating and sorting the fact |
| 6 | checking the fact against its document |
| 8 | compiling the fact |
| 7 | encoding and writing 6.4 kB; more than half of this is the kernel, which copies the bytes |
| 4 | compiling the fact's share of the documents |
| 5 | reading documents and terms |
| 2 | compiling terms |
| the rest | start-up |

Formatting alone takes 5.9 microseconds for a fact in our compiler, and 6.4 with bare strings. The build takes longer than bare
strings because it also validates, sorts, and processes documents and terms. So the goals that are not met (25 times rdflib's
N-Triples, 150 times LinkML without its start-up, half the speed of the Rust program) would need a faster language.

Two workers take 0.6 seconds more processor time than one process, since their lines pass through files, and each worker merges
the pieces of input for its share. The build writes 644 MB, so the disk becomes the limit as soon as it is slower than the
processors. In four alternating runs of each on an idle machine, the fastest took 4.16 s with one process and 2.84 s with two,
which is 1.47 times as fast. The other runs were slower, probably because they waited for the disk.

What was tried, with the measured time for a fact:

| change | measured | adopted |
|---|---|---|
| accept a line if encoding its value gives the same bytes; count no colons | reading: 7.6 us before, 2.8 after | yes |
| cache the plan for resolving a record by its set of keys | 3.1 us before, 2.5 us after | yes |
| encode text in small pieces, not by the megabyte | 2.5 us less | yes |
| cut input into pieces of at least 4 MB, and facts into at least 16 shares | one of two workers no longer waits | yes |
| decode and validate in one call, with msgspec Structs | 3.4 to 3.9 us; reading and `jsonschema-rs` take 3.5 us | no |
| format facts in DuckDB, in columns, with one thread | 12.4 us for 3.4 kB; 23 us with sorting and writing | no |
| compile hot modules with mypyc | reading 16.5 us before, 15.2 after; checking 5.7, 14; compiling 7.5, 12 | no |
| cache the order of a fact's lines instead of sorting them | 5.9 to 6.5 us before, 6.3 to 6.7 us after | no |
| disable the garbage collector | no difference | no |
| write chunks of 32 kB to 1 MB | encoding and writing: 4.3 us at 32 kB, 3.2 us from 256 kB on | no |
"""
_SCALE = """
## From a hundred thousand facts to ten million

`kb build` in one process writes sorted N-Quads, compressed with Zstandard, including documents and terms; one run for each size.

Three things determine memory: the size of a piece of input (4 MB; 16 MB for files of a gigabyte or more), which takes five times
as much while it is read; a batch of 64 facts for each piece that is merged; and a few hundred bytes for each document.

| facts | facts per second | seconds | processor seconds | peak MB | input in MB | output in MB |
|---:|---:|---:|---:|---:|---:|---:|
"""
_LOAD = """
## Loading the store

Loading {megabytes:,.0f} MB of N-Quads, the statements of {facts:,} facts, in alternating runs.

| | seconds | processor seconds | peak MB |
|---|---:|---:|---:|
"""
_QUESTIONS = """
## Questions to a store

Named queries on a store of {facts:,} facts ({statements:,} statements, {megabytes:,} MB on disk, built by `kb build --store` in
{seconds} s), warm, by pyoxigraph itself and by kb in turn; medians of seven runs. `DRUG` and `EFFECT` are names that a middling
number of facts use.

| query | rows | pyoxigraph, ms | kb, ms | ratio |
|---|---:|---:|---:|---:|
"""
_PLANS = """
## Every named query on a large store

Asked on a compacted store of 95,666 facts, on disk, with each parameter and without; seconds of processor time of the engine, the
least of three. Values are names that a middling number of facts use. A question that `needs` parameters is refused without them
in a knowledge base of this size, with the remedy. Listed are the {slow} that took more than {limit:g} s with a parameter or
{most:g} s without; the other {others} took less.

"""
_LIVING = """
## A large knowledge base after one edit

{facts:,} facts of 1,000 documents, each document in a file of its own. Whole processes, in turn, medians of {runs} runs; the
first question builds the store. Before the living store, each question took 15 to 17 s and 5.1 GB; `kb diff` took 41.7 s and
4.3 GB.

| | seconds | processor seconds | peak MB |
|---|---:|---:|---:|
"""
_DECISIONS = """
## Stores on disk, compacted, and in memory

Measured once at 95,666 facts (2,649,983 statements), with other work on the machine; processor seconds for flat questions over
everything:

| | `side-effects`, 91,112 rows | `facts`, 118,359 rows | `effects-by-drugs` | `agreement` | size |
|---|---:|---:|---:|---:|---|
| on disk, as loaded | 31.8 | 54.2 | 7.9 | 18.1 | 498 MB on disk |
| on disk, compacted | 23.4 | 31.5 | 3.7 | 8.8 | 857 MB on disk; compacting takes 6.8 s |
| in memory | 3.1 | 5.6 | 0.7 | 1.3 | 1,147 MB of memory |

So the living store is compacted when it is built. It also saves later questions from a pause: of 60 edits of a store as loaded,
one waited 14.7 s until RocksDB had compacted it by itself; of 60 edits of the compacted one, none took more than 0.8 s.
`kb serve` holds a living store of up to a million statements in memory, about 450 MB; a larger one, and that of `--store`, stay
on disk. A notebook reads the store from disk: its questions mostly name a drug or an effect, and it would keep the memory for as
long as it is open.

A cache of statements takes less time than a store for up to about 3,000 facts (1 MiB of files). Processor milliseconds of
`kb query side-effects` for everything, from statements and from a store: 371 and 366 at 500 facts, 545 and 640 at 1,500, 679 and
700 at 3,000; with one drug named, 400 and 355, 421 and 508, 802 and 523.

Are columns worth it? DuckDB, with one thread, on a table of the same 95,666 facts as edges (made in 0.7 s from the records,
1.3 MB on disk), joins and sorts the 91,112 side effects with their labels in 0.15 s of processor time, and counts drugs by effect
in 0.014 s: 20 to 50 times as fast as the store in memory, and 150 to 260 times as fast as on disk. But such a table lacks the
hedges of graded values, evidence and sentences, which the named queries show, and a second compiler from queries to rows would
have to be proved equal to the first for each of them. Only questions over everything gain, and these are for exports, which are
made in bulk anyway. So it is not worth its code yet; a table for CSV and Parquet exports is where it would start.
"""
_START = """
## Start-up, on the shipped knowledge base

Medians of {runs} alternating runs, wall time. `kb validate` caches the result that a graph conforms to its shapes; with an
empty cache, it runs pyshacl.

The goals for start-up were relaxed. An earlier goal was `kb query NAME` within 1.5 times `import click, pyoxigraph` (2.5 times
with an empty cache). The code for it was hard to read: `kb query NAME` ran without click, hashlib was imported late, the garbage
collector was tuned, and Python's shutdown was skipped. All of this was deleted. Tuning the collector had made no difference: a
build of 20,000 facts takes 1.24 s of processor time with Python's defaults, and took 1.27 s with tuning (medians of 7 alternating
runs, one worker).

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
    """Return the pictures by name, as SVG."""
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
    """Return how many times as fast our build is as each program, at the largest size up to 100,000 facts that both ran."""
    ratios = {}
    for name in names:
        ours, theirs = rates_beside(results, contest.ONE, name), rates(results, name)
        both = [size for size in theirs if size in ours and size <= 100_000]
        if both and name != contest.ONE:
            ratios[name] = ours[max(both)] / theirs[max(both)]
    return dict(sorted(ratios.items(), key=lambda item: -item[1]))


def text(results: Results) -> Iterator[str]:
    """Yield the text of the page."""
    about = results["machine"]
    libraries = ", ".join(f"{name} {number}" for name, number in about["libraries"].items())
    yield _HEAD.format(**{**about, "libraries": libraries})
    for goal in sorted(goals(results), key=lambda goal: goal.met is not False):  # misses first
        verdict = {True: "yes", False: "**no**", None: "not measured"}[goal.met]
        yield f"| {goal.what} | {goal.goal} | {goal.measured or '-'} | {verdict} |\n"
    yield from _contest(results)
    yield from _instructions(results)
    yield _LIMITS
    yield from _scale(results)
    yield from _load(results)
    yield from _questions(results)
    yield from _plans(results)
    yield from _living(results)
    yield _DECISIONS
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
        for name, what in (("bare", contest.BARE), ("step", "the step of every build: read, validate, resolve, compile")):
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


def _questions(results: Results) -> Iterator[str]:
    measured = results.get("questions")
    if measured:
        yield _QUESTIONS.format(**measured, seconds=measured["seconds to build"])
        for name, each in measured["queries"].items():
            given = "".join(f" {parameter}={word}" for parameter, word in ASKED[name].items())
            yield f"| `{name}{given}` | {each['rows']:,} | {each['engine ms']:,} | {each['kb ms']:,} | {each['ratio']:.2f} |\n"


def _plans(results: Results) -> Iterator[str]:
    measured = results.get("plans", ())
    limit, most = 0.05, 2.0
    slow = [each for each in measured if plans.cost(each) > (limit if each["given"] else most)]
    if measured:
        yield _PLANS.format(slow=len(slow), others=len(measured) - len(slow), limit=limit, most=most)
        yield from plans.table(slow)


def _living(results: Results) -> Iterator[str]:
    for index, each in enumerate(results.get("living", ())):
        if not index:
            yield _LIVING.format(facts=each["facts"], runs=max(other["runs"] for other in results["living"]))
        yield f"| {each['name']} | {each['seconds']:,.2f} | {each['cpu']:,.2f} | {each['megabytes']:,.0f} |\n"


def _start(results: Results) -> Iterator[str]:
    times = results.get("start")
    if times:
        yield _START.format(runs=RUNS)
        yield from (
            f"| `{name}` | {taken:.0f} | {taken / times[CLICK]:.2f} | {taken / times[RDFLIB]:.2f} |\n"
            for name, taken in times.items()
        )
