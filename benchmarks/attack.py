"""Many hostile clients at once on ``kb serve``, beside well-behaved ones.

``python -m benchmarks.attack`` starts the server with its limits as they are unless set, and clients with addresses of their own
on loopback: slow ones, which send or read next to nothing; death loopers, which ask what no engine answers in time; senders of
what is refused; and good ones, which ask short queries and pages. It prints what each sort came to, once with the attackers of a
sort on one address, and once with an address for each. It fails if a good client met an error or waited too long.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

GOAL = 500.0  # milliseconds: the 99th percentile of good clients
_PAUSE = 0.1  # seconds between two requests of a good client
_DEATHS = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i",
    "SELECT * { ?s (!<urn:x>|^!<urn:x>)* ?o . ?o (!<urn:x>|^!<urn:x>)* ?q }",
)
_GOOD = (
    ("/sparql?" + urlencode({"query": "ASK { term:clonazepam a kb:Drug }"}), "*/*"),
    ("/sparql?" + urlencode({"query": "SELECT ?s ?l { ?s a kb:Symptom ; skos:prefLabel ?l } ORDER BY ?l"}), "text/csv"),
    ("/sparql?" + urlencode({"query": "DESCRIBE term:clonazepam"}), "text/turtle"),
    ("/term/drowsiness", "text/html"),
    ("/health", "*/*"),
)
_LARGE = "/sparql?" + urlencode({"query": "SELECT * { ?s ?p ?o } LIMIT 3000"})
_HOST = "Host: localhost\r\n"


class Came(NamedTuple):
    """What a client came to: how often each status (0: no response), and the milliseconds of each response."""

    statuses: dict[int, int]
    milliseconds: list[float]


class Attack(NamedTuple):
    """How many clients of each sort there are, for how long, and whether each attacker has an address of its own."""

    slow: int
    deaths: int
    refused: int
    good: int
    seconds: float
    apart: bool


def _get(path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def _post(media_type: str, body: bytes) -> bytes:
    head = f"POST /sparql HTTP/1.1\r\n{_HOST}Content-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def refused_requests() -> list[bytes]:
    """Return requests that are refused, or make the server work much, as dear to it as they can be made."""
    query, form = "application/sparql-query", "application/x-www-form-urlencoded"
    chunked = f"POST /sparql HTTP/1.1\r\n{_HOST}Content-Type: {query}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return [
        _post(query, b"SELECT * {" + b";" * 65_000),
        _post(query, b"ASK {" + b"{}" * 32_000),
        _post(query, b"SELECT * " + b"FROM <urn:unknown> " * 3_400 + b"{}"),
        _post(query, b"SELECT * {" + b"x" * 1_000_000),
        _post(form, b"query=" + b"%F0%9F%98%80" * 80_000),
        _post(form, b"query=ASK{}&default-graph-uri=" + b"x" * 1_000_000),
        _post(query, b"ASK { SERVICE <http://example.org/> {} }"),
        _post("text/plain", b"ASK {}"),
        chunked + b"1\r\na\r\n" * 20_000 + b"0\r\n\r\n",
        chunked + b"1;" + b" " * 60_000 + b"\n\r\n",
        _get("/sparql?query=" + quote("ASK {" + "#\n" * 20_000)),
        _get("/sparql?query=ASK%7B%7D", "Accept: " + "\t" * 65_000 + "x"),
        _get("/sparql?query=ASK%7B%7D", "Accept: image/png"),
        _get("/health", *(f"X-{number}: x" for number in range(5_000))),
        _get("/.well-known/void", "Accept: text/turtle"),
        _get("/sparql", "Accept: text/turtle"),
        _get("/ontology", "Accept: text/html"),
        _get("/term/clonazepam", "Accept: text/html"),
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        _get("/nowhere/" + "%C3%A9" * 1000, "Accept: text/html"),
    ]


async def _exchange(port: int, source: str, request: bytes, seconds: float) -> int:
    """Send a request on a new connection and read the response; return its status, or 0 if there is none."""
    writing = None
    try:
        async with asyncio.timeout(seconds):
            reading, writing = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
            writing.write(request)
            head = await reading.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
            if length:
                await reading.readexactly(int(length[1]))
            return int(head[9:12])
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        return 0
    finally:
        if writing is not None:
            writing.transport.abort()


async def _loop(port: int, source: str, requests: Iterable[bytes], until: float, pause: float = 0.0) -> Came:
    """Send one request after the other until the time is over."""
    statuses: Counter[int] = Counter()
    milliseconds: list[float] = []
    for request in requests:
        if time.monotonic() >= until:
            break
        begun = time.monotonic()
        statuses[await _exchange(port, source, request, 30)] += 1
        milliseconds.append((time.monotonic() - begun) * 1000)
        await asyncio.sleep(pause)
    return Came(statuses, milliseconds)


async def _be_slow(port: int, source: str, number: int, until: float) -> Came:
    """Hold a connection in one of four ways, and open another one when it is closed."""
    statuses: Counter[int] = Counter()
    head = f"POST /sparql HTTP/1.1\r\n{_HOST}Content-Type: application/sparql-query\r\nContent-Length: 60000\r\n\r\n".encode()
    way = 3 if number % 10 == 0 else number % 3
    begun = (b"", b"GET /sparql HTTP/1.1\r\n", head, _get(_LARGE))[way]
    while time.monotonic() < until:
        with suppress(OSError, TimeoutError):
            reading, writing = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0), limit=1024)
            try:
                writing.write(begun)
                while time.monotonic() < until and not (reading.at_eof() or writing.transport.is_closing()):
                    await asyncio.sleep(1)
                    writing.write(b"x" if way in {1, 2} else b"")
                    if way < 3:
                        with suppress(TimeoutError):
                            async with asyncio.timeout(0.01):
                                await reading.read(1)
            finally:
                statuses[0] += 1
                writing.transport.abort()
        await asyncio.sleep(0.1)
    return Came(statuses, [])


def _run(sort: str, port: int, first: int, clients: int, attack: Attack) -> Came:
    """Run clients of one sort in this process, and add up what they came to."""
    until = time.monotonic() + attack.seconds
    good = [_get(path, f"Accept: {accept}") for path, accept in _GOOD]
    deaths, refused = [_get("/sparql?" + urlencode({"query": query})) for query in _DEATHS], refused_requests()
    clients_of: dict[str, Callable[[int, str], Coroutine[Any, Any, Came]]] = {
        "slow": lambda number, source: _be_slow(port, source, number, until),
        "deaths": lambda number, source: _loop(port, source, islice(cycle(deaths), number, None), until),
        "refused": lambda number, source: _loop(port, source, islice(cycle(refused), number, None), until),
        "good": lambda number, source: _loop(port, source, islice(cycle(good), number, None), until, _PAUSE),
    }
    block = list(clients_of).index(sort) * 4 + 1

    def address(number: int) -> str:
        own = number if attack.apart or sort == "good" else 0
        return f"127.0.{block + own // 250}.{own % 250 + 1}"

    async def gather() -> Sequence[Came]:
        numbers = range(first, first + clients)
        return await asyncio.gather(*(clients_of[sort](number, address(number)) for number in numbers))

    return add(asyncio.run(gather()))


def add(parts: Sequence[Came]) -> Came:
    """Add up what several clients came to."""
    statuses: Counter[int] = Counter()
    for part in parts:
        statuses.update(part.statuses)
    return Came(dict(statuses), [each for part in parts for each in part.milliseconds])


@contextmanager
def serving(*options: str) -> Iterator[int]:
    """Run the server on a free port."""
    command = [sys.executable, "-m", "kb", "serve", "--port", "0", "--no-access-log", *options]
    with TemporaryFile("w+") as log, subprocess.Popen(command, stderr=log) as process:
        port = None
        while port is None and process.poll() is None:
            time.sleep(0.05)
            log.seek(0)
            port = re.search(r":(\d+)/", log.read())
        try:
            yield int(port[1]) if port else 0
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            log.seek(0)
            sys.stderr.write(log.read())


def run(attack: Attack, *options: str) -> dict[str, Came]:
    """Run an attack; return what each sort of clients came to."""
    counts = {"slow": attack.slow, "deaths": attack.deaths, "refused": attack.refused, "good": attack.good}
    with serving(*options) as port, ProcessPoolExecutor(8, mp_context=get_context("spawn")) as pool:
        parts: list[tuple[str, Future[Came]]] = [
            (sort, pool.submit(_run, sort, port, first, min(350, clients - first), attack))
            for sort, clients in counts.items()
            for first in range(0, clients, 350)  # so that no process has too many connections
        ]
        return {sort: add([part.result() for name, part in parts if name == sort]) for sort in counts}


def percentile(milliseconds: Sequence[float], part: float) -> float:
    """Return a percentile."""
    ordered = sorted(milliseconds) or [0.0]
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 1)


def failures(came: dict[str, Came]) -> int:
    """Return how many requests of good clients failed."""
    return sum(number for status, number in came["good"].statuses.items() if status != 200)


def main() -> int:
    """Run the attacks, and print what the clients came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("slow", 1000), ("deaths", 20), ("refused", 60), ("good", 10), ("seconds", 30)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--apart", action=argparse.BooleanOptionalAction, help="one of the two rounds only")
    parser.add_argument("--output", type=Path, help="where to write the figures as JSON")
    given, options = parser.parse_known_args()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    figures, failed = [], False
    for apart in (False, True) if given.apart is None else (given.apart,):
        attack = Attack(given.slow, given.deaths, given.refused, given.good, given.seconds, apart)
        came = run(attack, *options)
        print("an address for each attacker" if apart else "one address for each sort of attackers")
        for sort, (statuses, milliseconds) in came.items():
            times = {
                "p50": percentile(milliseconds, 0.5),
                "p99": percentile(milliseconds, 0.99),
                "max": max(milliseconds, default=0),
            }
            print(f"  {sort:8}{sum(statuses.values()):8} requests  {dict(sorted(statuses.items()))}")
            if milliseconds:
                print(f"          ms: p50 {times['p50']}, p99 {times['p99']}, slowest {times['max']:.0f}")
            figures.append({"apart": apart, "sort": sort, "statuses": statuses, **times})
        is_slow = percentile(came["good"].milliseconds, 0.99) >= GOAL
        failed = failed or failures(came) > 0 or is_slow
    if given.output:
        given.output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print("failed: a good client met an error or waited too long" if failed else f"no errors; p99 below {GOAL:g} ms")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
