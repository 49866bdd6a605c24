"""Measure stores on disk: building one, opening it, and how much named queries cost above the engine itself.

``python -m benchmarks.stores 100000`` generates so many facts, builds a store with ``kb build``, and asks named queries, warm, of
the store by itself (``pyoxigraph``) and by ``kb``, in turn; the ratio of medians is what kb adds. It prints JSON.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, cast

import click
import pyoxigraph as ox

from benchmarks import generate
from kb import queries
from kb.queries import Compiled
from kb.queries.store_build import open_store
from kb.sparql.engines import disk_store, oxigraph
from kb.sparql.values import Question

KB = Path(sys.executable).parent / "kb"
RUNS = 7
SLOWEST = 20.0  # a query that takes longer is asked once
#: Named queries with the parameters that people give to a large knowledge base, and two that read much of it.
ASKED: dict[str, dict[str, str]] = {
    "drug-profile": {"drug": "DRUG"},
    "side-effects": {"drug": "DRUG"},
    "indications": {"drug": "DRUG"},
    "withdrawal": {"drug": "DRUG"},
    "interactions": {"drug": "DRUG"},
    "symptom-to-drugs": {"symptom": "EFFECT"},
    "evidence": {"subject": "DRUG"},
    "agreement": {},
    "effects-by-drugs": {},
    "class-counts": {},
}


def measure(count: int, place: Path, asked: Collection[str] = ASKED) -> dict[str, Any]:
    """Build a store of generated facts, unless there is one, and ask it."""
    content, store = place / "content", place / "store"
    started = time.perf_counter()
    if not (store / "current").exists():
        generate.write(content, count, files=max(1, count // 100_000))
        started = time.perf_counter()
        subprocess.run([KB, "build", "--content", content, "--store", store], check=True, stdout=subprocess.DEVNULL)
    built = time.perf_counter() - started
    started = time.perf_counter()
    base = open_store(store)
    assert base.store
    engine = disk_store.open_read_only(base.store)
    opened = time.perf_counter() - started
    manifest = disk_store.open_build(store).manifest
    terms = {"DRUG": _most(engine, base, "rdf:subject"), "EFFECT": _most(engine, base, "rdf:object")}
    return {
        "facts": count,
        "statements": manifest["quads"],
        "megabytes": round(manifest["bytes"] / 1e6),
        "seconds to build": round(built, 1),
        "milliseconds to open": round(1000 * opened, 1),
        "queries": {name: _compare(base, engine, name, terms) for name in asked},
    }


def _compare(base: Compiled, engine: ox.Store, name: str, terms: dict[str, str]) -> dict[str, float]:
    query = queries.find_query(base, name)
    text = queries.bind_query(base, query, {parameter: terms[word] for parameter, word in ASKED[name].items()})
    question = Question(b"", text, base.names.prefixes, base.names.base, store=base.store)

    prefixes = dict(question.prefixes)

    def alone() -> int:
        found = cast(
            "ox.QuerySolutions",
            engine.query(text, base_iri=question.base, prefixes=prefixes, use_default_graph_as_union=True),
        )
        return sum(1 for row in found for _ in [list(row)])

    def through_kb() -> int:
        return len(oxigraph.ask(engine, question).rows)

    rows = alone()
    if through_kb() != rows:
        raise RuntimeError(name)
    times: dict[Callable[[], int], list[float]] = {alone: [], through_kb: []}
    for _ in range(RUNS):
        for ask, taken in times.items():
            started = time.perf_counter()
            ask()
            taken.append(time.perf_counter() - started)
        if sum(times[alone]) > SLOWEST:
            break
    engine_alone, ours = (statistics.median(taken) for taken in times.values())
    return {
        "rows": rows,
        "engine ms": round(1000 * engine_alone, 2),
        "kb ms": round(1000 * ours, 2),
        "ratio": round(ours / engine_alone, 2),
    }


def _most(engine: ox.Store, base: Compiled, part: str) -> str:
    """Give the term that a middling number of side effects name."""
    text = f"SELECT ?t (COUNT(*) AS ?n) {{ ?f rdf:predicate pred:has-side-effect ; {part} ?t }} GROUP BY ?t ORDER BY ?n ?t"
    found = list(
        cast("ox.QuerySolutions", engine.query(text, prefixes=dict(base.names.prefixes), use_default_graph_as_union=True))
    )
    return str(found[len(found) // 2][0].value).rpartition("/")[2]


@click.command
@click.argument("count", type=click.IntRange(min=100))
@click.option("--place", type=click.Path(path_type=Path, file_okay=False), help="Where to make the files; kept.")
@click.option("--query", "asked", multiple=True, type=click.Choice(list(ASKED)), help="Ask these alone.")
def main(count: int, place: Path | None, asked: tuple[str, ...]) -> None:
    """Measure, and print."""
    if place:
        print(json.dumps(measure(count, place, asked or ASKED), indent=2))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(count, Path(folder), asked or ASKED), indent=2))


if __name__ == "__main__":
    main()
