"""Slow clients and failures affect only the requests concerned, and all others are answered."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

import pytest

from kb.server import messages
from kb.server.http import gateway
from kb.server.messages import QueryRequest, QueryResponse
from tests.server.client import Server, serving
from tests.server.test_limits import ENDLESS, SHORT, alive, children

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc"),
    pytest.mark.allow_hosts([f"127.0.0.{number}" for number in range(1, 12)]),
]

SLOW = 0.5
LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 3000"


@pytest.fixture(scope="module")
def hasty() -> Iterator[Server]:
    """A server that waits for nobody."""
    with serving("--slow", str(SLOW), "--no-access-log", "--connections", "40") as running:
        assert running.ask(SHORT).status == 200  # the worker has opened the sockets of its event loop
        time.sleep(SLOW)  # and has closed that of this request
        running.at_rest = connections(running)
        yield running


def request(query: str, *more: str) -> bytes:
    lines = [f"GET /sparql?{urlencode({'query': query})} HTTP/1.1", "Host: localhost", *more, "", ""]
    return "\r\n".join(lines).encode()


def until(holds: Callable[[], object], seconds: float = 30) -> bool:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.001)
    return True


def narrow(server: Server) -> socket.socket:
    """Connect with next to no room for what comes."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.settimeout(20)
    line.connect(("127.0.0.1", server.port))
    return line


def connections(server: Server) -> int:
    """Count the sockets that a worker has open."""
    found = 0
    for each in Path(f"/proc/{children(server.process.pid)[0]}/fd").iterdir():
        with suppress(FileNotFoundError):  # it has just been closed
            found += str(each.readlink()).startswith("socket:")
    return found


@pytest.mark.parametrize("ending", ["close", "keep-alive"])
@pytest.mark.parametrize("query", [LARGE, "SELECT * { ?a ?b ?c } LIMIT 500"])
def test_who_reads_nothing_is_let_go(hasty: Server, query: str, ending: str) -> None:
    assert hasty.ask(SHORT).status == 200
    with ExitStack() as stack:  # sockets that a failure left open would fail other tests
        for line in [stack.enter_context(narrow(hasty)) for _ in range(5)]:
            line.sendall(request(query, f"Connection: {ending}"))
        assert until(lambda: connections(hasty) > hasty.at_rest)
        assert hasty.ask(SHORT).status == 200
        assert until(lambda: connections(hasty) <= hasty.at_rest)
        assert hasty.ask(SHORT).status == 200


def test_who_reads_slowly_but_steadily_gets_all(hasty: Server) -> None:
    whole = len(hasty.ask(LARGE).body)
    with narrow(hasty) as line:
        line.sendall(request(LARGE, "Connection: close"))
        got = b"".join(iter(lambda: line.recv(3000), b""))
    assert len(got.partition(b"\r\n\r\n")[2]) == whole


def dribble(line: socket.socket, data: bytes) -> int:
    """Send ten bytes in the time that a request may take, until the other end closes; count them."""
    line.settimeout(SLOW / 10)
    sent = 0
    with suppress(ConnectionError):
        for sent in range(len(data)):
            line.sendall(data[sent : sent + 1])
            with suppress(TimeoutError):
                if line.recv(1000) in {b"", b"H"}:
                    break
    return sent


@pytest.mark.parametrize("before", [0, 1])
def test_a_request_that_dribbles_in_is_not_waited_for(hasty: Server, before: int) -> None:
    with socket.create_connection(("127.0.0.1", hasty.port)) as line:
        for _ in range(before):
            line.sendall(request(SHORT))
            assert line.recv(10_000).startswith(b"HTTP/1.1 200")
        assert dribble(line, request(SHORT, *(f"X-{n}: {n}" for n in range(100)))) < 60


def test_a_body_that_dribbles_in_is_not_waited_for(hasty: Server) -> None:
    head = "POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\nContent-Length: 500\r\n\r\n"
    with socket.create_connection(("127.0.0.1", hasty.port)) as line:
        line.sendall(head.encode())
        assert dribble(line, b"#" * 500) < 60


@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.2"])
def test_silent_connections_keep_nobody_out(hasty: Server, source: str) -> None:
    with ExitStack() as stack:
        for number in range(60):  # of one client more than a quarter, and of all more than there may be
            held = socket.create_connection(("127.0.0.1", hasty.port), source_address=(f"127.0.0.{2 + number // 8}", 0))
            stack.enter_context(held).sendall(b"GET /sparql HTTP/1.1\r\n" if number % 2 else b"")
        with socket.create_connection(("127.0.0.1", hasty.port), source_address=(source, 0)) as line:
            line.sendall(request(SHORT))
            assert line.recv(1000).startswith(b"HTTP/1.1 200")
        assert connections(hasty) <= hasty.at_rest + 80  # as many again may be parked
    assert until(lambda: hasty.ask(SHORT).status == 200)


def test_more_connections_at_work_than_allowed_are_reported_so() -> None:
    with serving("--no-access-log", "--connections", "4", "--timeout", "60", "--patience", "60") as server, ExitStack() as stack:
        for number in range(4):
            line = socket.create_connection(("127.0.0.1", server.port), source_address=(f"127.0.0.{2 + number}", 0))
            stack.enter_context(line).sendall(request(ENDLESS))
        assert until(lambda: len(grandchildren(server)) == 5)
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            assert b" 503 " in line.recv(1000)


def grandchildren(server: Server) -> list[int]:
    """Give the workers and the children that answer."""
    return children(server.process.pid)


def test_when_the_supervisor_is_killed_at_work_nobody_is_left() -> None:
    with serving("--no-access-log", "--workers", "2", "--timeout", "60", "--patience", "60") as server:
        assert server.ask(SHORT).status == 200
        lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
        for each in lines:
            each.sendall(request(ENDLESS))
        assert until(lambda: len(grandchildren(server)) == 5)
        family = grandchildren(server)
        os.kill(server.process.pid, signal.SIGKILL)
        assert until(lambda: not any(map(alive, family)))
        for each in lines:
            each.settimeout(10)
            with suppress(ConnectionResetError):
                assert each.recv(1000)[:12] in {b"", b"HTTP/1.1 503"}
            each.close()


def test_a_child_that_is_killed_takes_its_answer_with_it_and_nothing_else() -> None:
    with serving("--no-access-log", "--timeout", "60", "--patience", "60") as server:
        (worker,) = grandchildren(server)
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(request(ENDLESS))
            assert until(lambda: len(grandchildren(server)) == 2)
            (child,) = set(grandchildren(server)) - {worker}
            os.kill(child, signal.SIGKILL)
            line.settimeout(10)
            assert line.recv(1000).startswith(b"HTTP/1.1 503")
        assert server.ask(SHORT).json["boolean"] is True
        assert until(lambda: grandchildren(server) == [worker])


def test_a_store_that_is_damaged_while_it_is_served_is_reported_of(tmp_path: Path, run_kb: Callable[..., Any]) -> None:
    store = tmp_path / "store"
    run_kb("build", "--store", str(store))
    with serving("--store", str(store), "--no-access-log", "--timeout", "50") as server:
        for each in store.rglob("*.sst"):
            each.chmod(0o600)
            each.write_bytes(b"\0" * each.stat().st_size)
        found = server.ask("SELECT ?s ?o { ?s skos:prefLabel ?o } ORDER BY ?o")
        said = next((code for code in ("KB653", "KB605") if code in found.text), "")  # the engine tells, or breaks down
        assert (found.status, said) in {(500, "KB653"), (503, "KB605")}
        assert str(tmp_path) not in found.text
        assert server.get("/health").status == 200
        assert server.ask("ASK {}").json["boolean"] is True


def test_a_log_that_has_no_room_keeps_nobody_from_an_answer() -> None:
    with serving("--access-log", "/dev/full") as server:
        assert [server.ask(SHORT).status for _ in range(3)] == [200, 200, 200]


def test_an_answer_that_there_is_no_room_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_size: int) -> NoReturn:
        raise OSError(28, "No space left on device")

    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        monkeypatch.setattr(gateway, "SpooledTemporaryFile", full)

        async def ask() -> gateway.Reply:
            asking = asyncio.ensure_future(gateway.send_query(ours, "me", QueryRequest("query", "ASK {}")))
            await asyncio.sleep(0)
            _, lines, _, _ = socket.recv_fds(theirs, messages.TICKET, 1)
            with socket.socket(fileno=lines[0]) as line:
                line.sendall(messages.pack(QueryResponse("select", 1, length=1 << 30)))
                return await asking

        problem = asyncio.run(ask()).response.problem
    assert problem is not None
    assert (problem.code, "no space" in problem.message) == ("KB627", True)
