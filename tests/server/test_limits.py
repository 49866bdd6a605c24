"""Every query ends at its limits, the server continues, and other clients are answered meanwhile."""

from __future__ import annotations

import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from kb.exit_codes import INTERRUPTS
from tests.server.client import Server, serving

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc"),
    pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2", "127.0.0.3"]),
]

#: Ends by itself in no time that anyone waits.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
SHORT = "ASK { term:clonazepam a kb:Drug }"
TIMEOUT = 1.0


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("limits") / "access.log"


@pytest.fixture(scope="module")
def tight(log: Path) -> Iterator[Server]:
    """A server with limits that tests can meet in little time."""
    limits = {
        "timeout": TIMEOUT,
        "patience": 0.4,
        "memory": 200,
        "rows": 50,
        "bytes-out": 20_000,
        "running": 2,
        "long": 1,
        "slow": 1,
    }
    options = [word for name, value in limits.items() for word in (f"--{name}", str(value))]
    with serving("--access-log", str(log), *options) as running:
        yield running


def logged(log: Path, **wanted: Any) -> list[dict[str, Any]]:
    """Give the lines that hold these values; the one of a request is written when its answer has been sent already."""
    until = time.monotonic() + 10
    found: list[dict[str, Any]] = []
    while not found and time.monotonic() < until:
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        found = [line for line in lines if wanted.items() <= line.items()]
    return found


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def test_a_query_without_end_is_stopped_at_its_time(tight: Server) -> None:
    found = tight.ask(ENDLESS)
    assert (found.status, "stopped after 1 second" in found.text) == (504, True)


def test_a_query_that_takes_memory_is_stopped(tight: Server) -> None:
    found = tight.ask("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f")
    assert found.status in {503, 504}
    assert "200 MB" in found.text or "1 second" in found.text
    assert tight.ask(SHORT).json["boolean"] is True


def hostile() -> Iterator[tuple[str, str]]:
    yield "nested groups", "ASK " + "{" * 3000 + "}" * 3000
    yield "nested parentheses", "ASK { FILTER" + "(" * 6000 + "1" + ")" * 6000 + " }"
    yield "many negations", "ASK { FILTER(" + "!" * 12000 + "true) }"
    yield "many unions", "ASK {" + "{} UNION " * 7000 + "{} }"
    yield "giant VALUES", "SELECT * { VALUES ?x {" + " 1" * 30_000 + " } VALUES ?y {" + " 2" * 2000 + " } }"
    yield (
        "a catastrophic pattern",
        "ASK { ?s ?p ?o FILTER REGEX(STR(?o), '^(((a+)+)+)+$') FILTER REGEX('" + "a" * 5000 + "!', '^(((a+)+)+)+$') }",
    )
    yield "a long path", "SELECT * { ?s (!<urn:x>|^!<urn:x>)* ?o . ?o (!<urn:x>|^!<urn:x>)* ?q }"
    yield "a giant text", "SELECT (CONCAT(?a, ?a, ?a, ?a, ?a) AS ?b) { BIND('" + "x" * 60_000 + "' AS ?a) }"
    doubling = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(40))
    yield "a text that doubles", f"SELECT (STRLEN(?x40) AS ?n) {{ BIND('x' AS ?x0) {doubling} }}"


@pytest.mark.parametrize(("name", "query"), [pytest.param(*each, id=each[0]) for each in hostile()])
def test_no_query_ends_the_server(tight: Server, name: str, query: str) -> None:
    found = tight.send("POST", "/sparql", query, Content_Type="application/sparql-query")
    assert found.status in {200, 400, 503, 504}, name
    assert tight.ask(SHORT).json["boolean"] is True


def test_short_queries_are_answered_while_long_ones_run(tight: Server) -> None:
    with ThreadPoolExecutor(6) as clients:
        deaths = [clients.submit(tight.ask, f"{ENDLESS} # {number}") for number in range(4)]
        served = [tight.ask(SHORT) for _ in range(20)]
        ended = [each.result() for each in deaths]
    assert [each.status for each in served] == [200] * 20
    assert sorted(each.status for each in ended) == [503, 503, 503, 504]
    assert all("KB627" in each.text and each.headers["Retry-After"] for each in ended if each.status == 503)


def test_a_cut_answer_says_so(tight: Server) -> None:
    by_rows = tight.ask("SELECT ?s { ?s ?p ?o }")
    assert by_rows.headers["KB-Cut"] == "rows; limit=50"
    assert (len(by_rows.json["results"]["bindings"]), "more than the 50 rows" in by_rows.json["cut"]) == (50, True)
    rows: Any = ox.parse_query_results(by_rows.body, format=ox.QueryResultsFormat.JSON)
    assert len(list(rows)) == 50
    by_bytes = tight.ask("SELECT (CONCAT(STR(?s), ' " + "x" * 1000 + "') AS ?x) { ?s ?p ?o }")
    assert by_bytes.headers["KB-Cut"] == "bytes; limit=20000"
    assert 0 < len(by_bytes.json["results"]["bindings"]) < 20
    graph = "CONSTRUCT WHERE { ?s ?p ?o }"
    for kind, mark in {"text/turtle": "# Cut:", "application/n-quads": "# Cut:", "application/rdf+xml": "<!-- Cut:"}.items():
        found = tight.ask(graph, kind)
        assert (found.headers["KB-Cut"], mark in found.text) == ("rows; limit=50", True)
    assert "<!-- Cut:" in tight.ask("SELECT ?s { ?s ?p ?o }", "application/sparql-results+xml").text
    for kind in ("text/csv", "text/tab-separated-values", "application/ld+json"):
        query = graph if "json" in kind else "SELECT ?s { ?s ?p ?o }"
        refused = tight.ask(query, kind)
        assert (refused.status, "more than the 50 rows" in refused.text, "LIMIT" in refused.text) == (406, True, True)
        for found in (
            tight.ask(query, kind, cut="allow"),
            tight.get(f"/sparql?{urlencode({'query': query})}", Accept=kind, Prefer="handling=lenient"),
        ):
            assert (found.status, found.kind, found.headers["KB-Cut"]) == (200, kind, "rows; limit=50")
    assert tight.get("/store?default", Accept="application/ld+json").status == 406
    assert tight.get("/store?default&cut=allow", Accept="application/ld+json").headers["KB-Cut"] == "rows; limit=50"
    assert "Cut: there is more than the 50 rows" in tight.ask("SELECT ?s { ?s ?p ?o }", "text/html").text
    assert "KB-Cut" not in tight.ask("SELECT ?s { ?s ?p ?o } LIMIT 50").headers


def test_a_client_that_leaves_stops_its_query(tight: Server, log: Path) -> None:
    with socket.create_connection(("127.0.0.1", tight.port)) as leaving:
        leaving.sendall(f"GET /sparql?{urlencode({'query': ENDLESS + '#leaves'})} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        until = time.monotonic() + 5
        while len(children(tight.process.pid)) < 2 and time.monotonic() < until:
            assert tight.ask(SHORT).status == 200
    while len(children(tight.process.pid)) > 1 and time.monotonic() < until:
        assert tight.ask(SHORT).status == 200
    assert logged(log, outcome="KB631")  # not KB604, as at the end of its time


def test_connections_that_send_no_request_are_closed_and_keep_nobody_out(tight: Server) -> None:
    slow = [socket.create_connection(("127.0.0.1", tight.port)) for _ in range(100)]
    for each in slow:
        each.sendall(b"GET /sparql HTTP/1.1\r\nHost: loc")
    assert tight.ask(SHORT).status == 200
    for each in slow:
        each.settimeout(10)
        with suppress(ConnectionResetError):
            assert each.recv(1) == b""
        each.close()


def test_a_body_that_does_not_come_is_not_waited_for(tight: Server) -> None:
    with socket.create_connection(("127.0.0.1", tight.port)) as slow:
        slow.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\nContent-Length: 99\r\n\r\nASK"
        )
        slow.settimeout(10)
        assert b" 408 " in slow.recv(1000)


def test_the_log_has_a_line_of_json_for_each_request_and_no_query(tight: Server, log: Path) -> None:
    tight.ask("SELECT ?secret { ?secret a kb:Drug }")
    line = logged(log, path="/sparql", status=200, form="select", rows=4)[-1]
    assert {"time", "client", "method", "milliseconds", "bytes", "query", "outcome"} <= line.keys()
    assert (line["outcome"], len(line["query"])) == ("ok", 16)
    assert "secret" not in log.read_text(encoding="utf-8")
    tight.ask(ENDLESS)
    assert logged(log, outcome="KB604")
    tight.ask("SELECT * { ?s ?p ?o }")
    assert logged(log, cut="rows")


def test_the_server_can_be_asked_how_it_is(tight: Server) -> None:
    assert tight.get("/health").json["status"] == "ok"


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "[::2]:80", ""])
def test_a_foreign_name_of_the_host_is_refused(server: Server, name: str) -> None:
    found = server.get("/sparql?query=ASK%7B%7D", Host=name)
    assert (found.status, "--allow-host" in found.text) == (421, True)


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST:1", "127.0.0.1:99", "[::1]:80", "localhost."])
def test_names_of_this_machine_are_answered(server: Server, name: str) -> None:
    assert server.get("/health", Host=name).status == 200


def test_who_asks_too_often_is_reported_to_wait_and_others_are_not() -> None:
    def ask(server: Server, source: str) -> int:
        with socket.create_connection(("127.0.0.1", server.port), source_address=(source, 0)) as one:
            one.sendall(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return int(one.makefile("rb").readline().split()[1])

    with serving("--rate", "0.2", "--no-access-log", "--workers", "2") as server:  # answers that are kept count, too
        assert ask(server, "127.0.0.3") == 200  # the first answer can take seconds, in which a bucket fills
        before = time.monotonic()
        codes = [ask(server, "127.0.0.2") for _ in range(6)]
        filled = math.ceil((time.monotonic() - before) * 0.2)
        assert (codes[:2], codes.count(429) >= 4 - filled) == ([200, 200], True)
        assert ask(server, "127.0.0.3") == 200


def test_one_origin_and_one_host_can_be_named() -> None:
    with serving("--cors", "https://y.example", "--no-access-log", "--allow-host", "kb.example") as server:
        assert "Access-Control-Allow-Origin" not in server.get("/health", Origin="https://x.example").headers
        assert server.get("/health", Origin="https://y.example").headers["Access-Control-Allow-Origin"] == "https://y.example"
        assert server.get("/health", Host="kb.example:80").status == 200


@pytest.mark.parametrize("how", INTERRUPTS)
def test_a_signal_ends_it_cleanly_with_nobody_left(how: int) -> None:
    with serving("--workers", "2", "--timeout", "60", "--patience", "60", "--no-access-log") as server:
        with ThreadPoolExecutor(1) as clients:
            asked = clients.submit(server.ask, ENDLESS)
            until = time.monotonic() + 10
            while len(children(server.process.pid)) < 3 and time.monotonic() < until:
                server.get("/health")
            family = children(server.process.pid)
            assert len(family) == 3
            server.process.send_signal(how)
            assert server.process.wait(20) == 0
            assert asked.exception() is not None or asked.result().status == 503
        assert not [pid for pid in family if Path(f"/proc/{pid}").exists()]


def test_when_the_supervisor_is_killed_the_others_end_too() -> None:
    with serving("--no-access-log") as server:
        family = children(server.process.pid)
        server.process.kill()
        until = time.monotonic() + 10
        while [pid for pid in family if alive(pid)] and time.monotonic() < until:
            time.sleep(0.01)
        assert family
        assert not [pid for pid in family if alive(pid)]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_worker_that_dies_is_replaced() -> None:
    with serving("--no-access-log") as server:
        (first,) = children(server.process.pid)
        assert server.get("/health").status == 200
        os.kill(first, signal.SIGKILL)
        until = time.monotonic() + 10
        while children(server.process.pid) in ([first], []) and time.monotonic() < until:
            time.sleep(0.01)
        assert server.get("/health").status == 200


def test_an_address_in_use_is_reported(server: Server) -> None:
    command = [sys.executable, "-m", "kb", "serve", "--port", str(server.port)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, "KB620" in done.stderr, "--port" in done.stderr) == (5, True, True)


def test_an_address_that_others_can_reach_is_warned_of() -> None:
    with serving("--host", "0.0.0.0", "--no-access-log") as server:  # noqa: S104 - that is what is tried
        assert server.process.stderr is not None
        assert "own" in server.process.stderr.readline()
        assert "Warning: other machines can reach 0.0.0.0" in server.process.stderr.readline()
