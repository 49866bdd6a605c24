"""Load on ``kb serve``: many clients at once, queries of death among them, beside Oxigraph's own server.

``python -m benchmarks.load`` runs four rounds against servers on this machine: ours with clients among the others that only ask
what kills or blocks an engine; ours without them; ours without them and with answers kept, as it is unless set; and
``oxigraph serve-read-only`` without them. It prints, and writes as JSON where
``--output`` says, how many requests were answered, how long they took, and how much memory the processes had. It fails if a
well-behaved client met an error, or if a query of death was not ended in time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import urlencode

from kb import pipeline, queries, resources
from kb.sparql import library

TIMEOUT = 10  # seconds, as the server has it unless told otherwise
GRACE = 2  # seconds beyond that in which a query of death must be ended

DEATHS = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i",
    "ASK {" + "{} UNION " * 7000 + "{} }",
    "SELECT * { ?s (!<urn:x>|^!<urn:x>)* ?o . ?o (!<urn:x>|^!<urn:x>)* ?q }",
    "ASK { ?s ?p ?o FILTER REGEX(CONCAT(STR(?o), STR(?s), STR(?p)), '^(((a+)+)+)+$') ?a ?b ?c . ?d ?e ?f }",
)


class Tried(NamedTuple):
    """What one request came to."""

    status: int
    seconds: float


class Round(NamedTuple):
    """What a round came to; latencies in milliseconds, memory in megabytes."""

    name: str
    clients: int
    requests: int
    errors: dict[str, int]
    late: int
    a_second: float
    p50: float
    p95: float
    p99: float
    slowest: float
    deaths: int
    death_slowest: float
    memory_before: float
    memory_after: float


def questions() -> list[str]:
    """Give what well-behaved clients ask, in turn: the named questions, and short ones."""
    base = queries.open_base(resources.content())
    named = [library.standalone_text(each.text, base.names) for each in queries.named_queries(base)]
    short = [
        "ASK { term:clonazepam a kb:Drug }",
        "SELECT ?label { term:drowsiness skos:prefLabel ?label }",
        "SELECT ?s ?label { ?s a kb:Symptom ; skos:prefLabel ?label } ORDER BY ?label",
        "CONSTRUCT { ?f ?p ?o } WHERE { ?f rdf:object term:drowsiness ; ?p ?o }",
        "DESCRIBE term:clonazepam",
    ]
    return [*named, *(library.standalone_text(each, base.names) for each in short * 3)]


async def ask(port: int, path: str, query: str, source: str) -> Tried:
    """Ask one query on a connection of its own, as clients without a pool do."""
    began = time.monotonic()
    body = urlencode({"query": query}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Accept: application/sparql-results+json, text/turtle;q=0.9\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    reading, writing = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
    try:
        writing.write(head.encode() + body)
        answer = await reading.read(-1)
        found = re.match(rb"HTTP/1\.1 (\d+)", answer)
        return Tried(int(found[1]) if found else 0, time.monotonic() - began)
    finally:
        writing.close()


async def client(port: int, path: str, queries: Sequence[str], until: float, source: str) -> list[Tried]:
    """Ask one query after the other until the time is over."""
    tried: list[Tried] = []
    index = hash(source)
    while time.monotonic() < until:
        index += 1
        try:
            tried.append(await ask(port, path, queries[index % len(queries)], source))
        except OSError:
            tried.append(Tried(0, 0.0))
    return tried


async def load(name: str, server: Server, *, seconds: float, clients: int, deaths: int) -> Round:
    """Run a round; each client has an address of its own."""
    before, asked = server.memory(), questions()
    until = time.monotonic() + seconds
    good = [client(server.port, server.path, asked, until, f"127.0.1.{n + 1}") for n in range(clients - deaths)]
    bad = [client(server.port, server.path, DEATHS, until, f"127.0.2.{n + 1}") for n in range(deaths)]
    found = await asyncio.gather(*good, *bad)
    tried = [each for some in found[: len(good)] for each in some]
    dead = [each for some in found[len(good) :] for each in some]
    served = sorted(each.seconds * 1000 for each in tried if each.status == 200) or [0.0]
    late = sum(is_late(each, served[-1] / 1000) for each in dead)
    return Round(
        name,
        clients,
        len(tried),
        dict(Counter(str(each.status) for each in tried if each.status != 200)),
        late,
        round(len(tried) / seconds, 1),
        _part(served, 0.5),
        _part(served, 0.95),
        _part(served, 0.99),
        round(served[-1], 1),
        len(dead),
        round(max((each.seconds for each in dead), default=0.0), 1),
        before,
        server.memory(),
    )


def is_late(death: Tried, waited: float) -> bool:
    """Tell whether a query of death was not ended in time, which counts from its start.

    Args:
        death: The query.
        waited: How long a query may have waited in the queue before, in seconds: at most what the slowest answer took.
    """
    return death.status == 0 or death.seconds > waited + TIMEOUT + GRACE


def _part(ordered: list[float], part: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 1)


class Server:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[str], port: int, path: str) -> None:
        self.process, self.port, self.path = process, port, path

    def memory(self) -> float:
        """Give the memory of all its processes in megabytes, what they share counted once."""
        return round(sum(map(_memory, _family(self.process.pid))) / 1024, 1)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text(encoding="ascii").split():
            yield from _family(int(child))


def _memory(pid: int) -> int:
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"), re.MULTILINE)
    except OSError:  # it has ended
        return 0
    return int(found[1]) if found else 0


@contextmanager
def ours(*options: str) -> Iterator[Server]:
    """Run ``kb serve`` with its limits as they are unless set, but for the rate: all clients are this one program."""
    command = [sys.executable, "-m", "kb", "serve", "--port", "0", "--rate", "0", "--no-access-log", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r":(\d+)/", process.stderr.readline())
        try:
            yield Server(process, int(found[1]) if found else 0, "/sparql")
        finally:
            process.send_signal(signal.SIGTERM)


@contextmanager
def theirs(folder: Path) -> Iterator[Server]:
    """Run Oxigraph's server on the same triples."""
    program = which("oxigraph", path=str(Path(sys.executable).parent)) or "oxigraph"
    data = folder / "data.nt"
    export = pipeline.export(resources.content(), "ntriples")
    data.write_text(export, encoding="utf-8")
    subprocess.run([program, "load", "--location", folder / "store", "--file", data], check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program, "serve-read-only", "--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True) as process:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
        try:
            yield Server(process, port, "/query")
        finally:
            process.kill()


def run(seconds: float, clients: int, deaths: int) -> list[Round]:
    """Run the four rounds."""
    rounds = []
    with ours("--kept", "0") as server:
        rounds.append(asyncio.run(load("kb serve, under attack", server, seconds=seconds, clients=clients, deaths=deaths)))
    with ours("--kept", "0") as server:
        rounds.append(asyncio.run(load("kb serve", server, seconds=seconds / 3, clients=clients - deaths, deaths=0)))
    with ours() as server:
        rounds.append(
            asyncio.run(load("kb serve, answers kept", server, seconds=seconds / 3, clients=clients - deaths, deaths=0))
        )
    with TemporaryDirectory() as folder, theirs(Path(folder)) as server:
        rounds.append(asyncio.run(load("oxigraph", server, seconds=seconds / 3, clients=clients - deaths, deaths=0)))
    return rounds


def main() -> int:
    """Run the rounds and print what they came to; 1 if a well-behaved client met an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--deaths", type=int, default=5, help="how many of the clients ask only queries of death")
    parser.add_argument("--output", type=Path, help="where to write the figures as JSON")
    given = parser.parse_args()
    rounds = run(given.seconds, given.clients, given.deaths)
    for each in rounds:
        print(f"{each.name}: {each.clients} clients, {each.requests} requests, {each.a_second} a second", end="")
        print(f", errors: {each.errors or 'none'}")
        print(f"  ms: p50 {each.p50}, p95 {each.p95}, p99 {each.p99}, slowest {each.slowest}")
        print(f"  memory: {each.memory_before} MB before, {each.memory_after} MB after", end="")
        print(f"; {each.deaths} queries of death, slowest {each.death_slowest} s, {each.late} too late" if each.deaths else "")
    figures: dict[str, Any] = {"rounds": [each._asdict() for each in rounds]}
    for each in rounds[1:3]:
        for what, ratio in (
            ("requests a second", each.a_second / rounds[3].a_second),
            ("median latency", each.p50 / rounds[3].p50),
        ):
            figures[f"{each.name} to oxigraph, {what}"] = round(ratio, 3)
            print(f"{each.name} to oxigraph, {what}: {ratio:.3f}")
    if given.output:
        given.output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return int(any(each.errors or each.late for each in rounds[:3]))


if __name__ == "__main__":
    sys.exit(main())
