"""The plans of the named questions: what each costs the engine on a large store, with each of its parameters, and without.

``python -m benchmarks.plans CONTENT STORE`` asks the store that ``kb build --store`` made from generated content, and prints a
table, the slowest first. A question is asked in a process of its own, which may use :data:`MOST` seconds of processor time.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from benchmarks import generate
from benchmarks.living import FACTS, FILES, KB
from kb import queries
from kb.queries import Compiled
from kb.queries.named import bind_query
from kb.queries.store_build import open_store
from kb.sparql.engines import disk_store, oxigraph
from kb.sparql.library import Query
from kb.sparql.values import Question

MOST = 30  # seconds
GOAL = 0.1  # seconds, with a parameter
_EFFECTS = {"effect", "symptom", "object", "harm", "trigger", "situation"}
_WORDS = {"predicate": "used-to-treat", "text": "HP", "integer": "1"}


def measured(place: Path, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Build a store of as many facts as the living store has, compacted as that is, and ask it."""
    content, store = place / "content", place / "store"
    generate.write(content, FACTS, files=FILES)
    subprocess.run([KB, "build", "--content", content, "--store", store, "--compact"], check=True, stdout=subprocess.DEVNULL)
    asked = measure(content, store)
    say("".join(table(asked)))
    return asked


def measure(content: Path, store: Path) -> list[dict[str, Any]]:
    """Ask every named question; return for each its parameters, its rows, and the seconds of processor time, if it ended."""
    base, known = replace(open_store(store), queries={}), choose(content)  # the questions as they are now, not as they were built
    return [
        {"name": query.name, "given": " ".join(given), **_ask(base, query, given)}
        for query in queries.named_queries(base)
        for given in _parameters(query, known)
    ]


def choose(content: Path) -> dict[str, str]:
    """Choose the values of parameters: what a middling number of facts name."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    effects: defaultdict[str, set[str]] = defaultdict(set)
    for path in sorted((content / "facts").iterdir()):
        for line in path.read_text("utf-8").splitlines():
            fact = json.loads(line)
            counts[fact["predicate"]][fact["object"]] += 1
            counts["document"][fact["document"]] += 1
            if fact["predicate"] == "has-side-effect":
                counts["drug"][fact["subject"]] += 1
                effects[fact["subject"]].add(fact["object"])

    def middle(kind: str) -> str:
        return sorted(counts[kind], key=lambda name: (counts[kind][name], name))[len(counts[kind]) // 2]

    drug = middle("drug")
    other = min(name for name in effects if name != drug and effects[name] & effects[drug])
    effect, condition = middle("has-side-effect"), middle("used-to-treat")
    return {"drug": drug, "other": other, "effect": effect, "condition": condition, "document": middle("document")}


def _parameters(query: Query, known: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield no parameters, and each of them; with those that the question needs."""
    needed = {name: _value(query, name, known) for name, *_ in query.needs}
    yield needed
    yield from ({**needed, name: _value(query, name, known)} for name in query.parameters if name not in needed)


def _value(query: Query, name: str, known: Mapping[str, str]) -> str:
    kind = query.parameters[name].type
    if kind == "word":
        return {"grade": "rare", "modality": "can"}.get(name, "mild")
    if kind in _WORDS:
        return _WORDS[kind]
    return known["document"] if kind == "document" else known.get(name) or known["effect" if name in _EFFECTS else "drug"]


def _ask(base: Compiled, query: Query, given: Mapping[str, str]) -> dict[str, Any]:
    """Answer a question three times if it is fast, and return the least time."""
    assert base.store
    store = base.store
    text = bind_query(base, query, given)
    reading, writing = os.pipe()
    if not os.fork():
        resource.setrlimit(resource.RLIMIT_CPU, (MOST + 1, MOST + 2))
        engine = disk_store.open_read_only(store)
        question = Question(b"", text, base.names.prefixes, base.names.base, store=store)
        times: list[float] = []
        while len(times) < 3 and sum(times) < 1:
            started = time.process_time()
            answer = oxigraph.ask(engine, question)
            times.append(time.process_time() - started)
        os.write(writing, json.dumps({"rows": len(answer.terms), "seconds": round(min(times), 4)}).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        reply = file.read()
    os.wait()
    return dict(json.loads(reply)) if reply else {"rows": None, "seconds": None}


def cost(asked: Mapping[str, Any]) -> float:
    """Return the seconds that a question took, or the limit if it did not end."""
    return MOST if asked["seconds"] is None else float(asked["seconds"])


def table(measured: list[dict[str, Any]]) -> Iterator[str]:
    """Write what was measured as a Markdown table, the slowest first."""
    yield "| question | given | rows | ms of processor time |\n|---|---|---:|---:|\n"
    for each in sorted(measured, key=lambda each: -cost(each)):
        ms = f"over {MOST},000" if each["seconds"] is None else f"{1000 * each['seconds']:,.0f}"
        rows = "" if each["rows"] is None else f"{each['rows']:,}"
        yield f"| `{each['name']}` | {each['given'] or '-'} | {rows} | {ms} |\n"


@click.command
@click.argument("content", type=click.Path(path_type=Path, file_okay=False))
@click.argument("store", type=click.Path(path_type=Path, file_okay=False))
def main(content: Path, store: Path) -> None:
    """Measure, and print a table."""
    print("".join(table(measure(content, store))))


if __name__ == "__main__":
    main()
