"""What comes before a request is understood: its limits, refusals, connections, and what it costs its client."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.problems import KbError
from kb.server.http import negotiation, sparql_endpoint
from kb.server.http.gateway import WorkProcess
from kb.server.http.quota import BodyMemory, Quota, network_of
from kb.server.http.request_gate import MAX_ACCEPT, MAX_COUNT, MAX_HEADERS, RequestGate
from kb.server.http.worker import ConnectionTable
from kb.server.queue import UNKNOWN, Queue, RecentUse
from kb.server.served_dataset import is_about_service
from kb.sparql import guard, syntax
from tests.server.client import Server, serving

pytestmark = pytest.mark.allow_hosts([f"127.0.0.{number}" for number in range(1, 40)])
HOST = b"Host: localhost\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sparql-query\r\n"


def exchange(server: Server, request: bytes, source: str = "127.0.0.1") -> bytes:
    """Send bytes, and read until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), 20, (source, 0)) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(65536), b""))


REFUSED = {
    "an Accept header of 64 KB": (
        b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + HOST + b"Accept: " + b"\t;" * 32_000,
        431,
        "KB632",
    ),
    "an Accept header above its limit": (b"GET / HTTP/1.1\r\n" + HOST + b"Accept: " + b"a/b," * 300, 431, "KB632"),
    "several Accept headers": (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n".join([b"Accept: " + b"a/b," * 100] * 3), 431, "KB632"),
    "headers of 9 KB": (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 9_000, 431, "KB632"),
    "many headers": (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n".join([b"X: x"] * 100), 431, "KB632"),
    "a request line of 300 KB": (b"GET /sparql?query=" + b"x" * 300_000 + b" HTTP/1.1\r\n" + HOST, 431, "KB632"),
    "a path of 9 KB": (b"GET /term/" + b"x" * 9_000 + b" HTTP/1.1\r\n" + HOST, 431, "KB632"),
    "no version": (b"GET /\r\n" + HOST, 400, "KB622"),
    "another version": (b"GET / HTTP/9.9\r\n" + HOST, 400, "KB622"),
    "a method that is no word": (b"G@T / HTTP/1.1\r\n" + HOST, 400, "KB622"),
    "a header without a colon": (b"GET / HTTP/1.1\r\n" + HOST + b"X", 400, "KB622"),
    "a continued header": (b"GET / HTTP/1.1\r\n" + HOST + b"X: x\r\n y", 400, "KB622"),
    "a control character": (b"GET / HTTP/1.1\r\n" + HOST + b"X: \0", 400, "KB622"),
    "both lengths": (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked", 400, "KB622"),
    "two lengths": (POST + b"Content-Length: 5\r\nContent-Length: 6", 400, "KB622"),
    "a length that is none": (POST + b"Content-Length: +5", 400, "KB622"),
    "another coding": (POST + b"Transfer-Encoding: gzip, chunked", 400, "KB622"),
    "two codings": (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 400, "KB622"),
    "a coding in HTTP/1.0": (POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked", 400, "KB622"),
    "a chunk without a length": (POST + b"Transfer-Encoding: chunked\r\n\r\nx", 400, "KB622"),
    "a chunk longer than announced": (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabcd", 400, "KB622"),
    "an endless line of a chunk": (POST + b"Transfer-Encoding: chunked\r\n\r\n1;" + b" " * 60_000 + b"\n", 400, "KB622"),
    "very small chunks": (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 3_000, 400, "KB622"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "KB622"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_before_it_is_understood_is_a_problem_like_any_other(server: Server, name: str) -> None:
    request, status, code = REFUSED[name]
    answer = exchange(server, request + b"\r\n\r\n")
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert f" {code} ".encode() in answer.partition(b"\r\n\r\n")[2]
    assert re.search(rb"(?i)\r\nconnection: close\r\n", answer)
    assert b"X-Content-Type-Options: nosniff" in answer


def test_a_refusal_is_json_for_who_accepts_that(server: Server) -> None:
    answer = exchange(
        server, POST + b"Accept: application/problem+json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    assert (json.loads(body)["status"], json.loads(body)["code"]) == (400, "KB622")


@pytest.mark.parametrize(
    ("kind", "size", "status"), [("text/plain", 1_000_000, 415), ("application/sparql-query", 2_000_000, 413)]
)
def test_a_refusal_reaches_a_client_that_is_still_sending(server: Server, kind: str, size: int, status: int) -> None:
    head = f"POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n"
    answer = exchange(server, head.encode() + b"x" * size)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"\r\nconnection: close\r\n" in answer.lower()


def test_an_answer_does_not_wait_for_an_endless_body(server: Server) -> None:
    answer = exchange(server, b"GET /health HTTP/1.1\r\n" + HOST + b"Content-Length: 999999999999\r\n\r\n" + b"x" * 100_000)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nconnection: close\r\n" in answer.lower()


def test_a_smuggled_request_is_not_answered(server: Server) -> None:
    hidden = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = exchange(server, POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden)
    assert answer.count(b"HTTP/1.1") == 1


def test_requests_that_come_together_are_answered_in_turn_and_what_is_wrong_after_them(server: Server) -> None:
    good = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n4;x=1\r\nASK \r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n"
    answer = exchange(server, good + b"\r\n" + chunked + good + b"GET / HTTP/7.7\r\n\r\n")
    assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"200", b"200", b"200", b"400"]
    assert b'"boolean"' in answer


@pytest.mark.parametrize(
    "value", ["bytes=9-1,a", "bytes=-0", "bytes=0-0", "bytes=" + ",".join(f"{at}-{at}" for at in range(900)), "x"]
)
def test_a_file_is_sent_whole_whatever_range_is_asked_for(server: Server, value: str) -> None:
    """Ranges would have refusals of their own."""
    found = server.get("/static/style.css", Range=value)
    assert (found.status, found.body) == (200, server.get("/static/style.css").body)


def test_a_long_query_may_be_in_a_url(server: Server) -> None:
    query = "ASK {} #" + "é" * 20_000
    request = f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert exchange(server, request.encode()).startswith(b"HTTP/1.1 200 ")


@given(st.lists(st.integers(1, 9), max_size=30), st.lists(st.binary(max_size=40), max_size=6))
def test_a_body_arrives_whole_however_it_is_cut(cuts: list[int], chunks: list[bytes]) -> None:
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    request = head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks if chunk) + b"0\r\n\r\n"
    gate, passed = RequestGate(1000), b""
    while request:
        size = cuts.pop() if cuts else len(request)
        given_on, problem = gate.read(request[:size])
        assert problem is None
        passed, request = passed + given_on, request[size:]
    assert not gate.is_receiving
    assert passed.startswith(head)
    body, rest = b"", passed.removeprefix(head)
    while not rest.startswith(b"0\r\n"):
        length, _, rest = rest.partition(b"\r\n")
        body, rest = body + rest[: int(length, 16)], rest[int(length, 16) + 2 :]
    assert body == b"".join(chunks)


@given(st.binary(max_size=300), st.lists(st.integers(1, 50), max_size=30))
def test_the_gate_passes_on_or_refuses_whatever_comes(data: bytes, cuts: list[int]) -> None:
    def read(pieces: Iterator[int]) -> tuple[bytes, str]:
        gate, passed, rest = RequestGate(200), b"", data
        while rest:
            size = next(pieces, len(rest))
            given_on, problem = gate.read(rest[:size])
            passed, rest = passed + given_on, rest[size:]
            if problem:
                return passed, problem.code
        return passed, ""

    assert read(iter(())) == read(iter(cuts))


def test_limits_of_heads_are_as_documented() -> None:
    def code(*lines: bytes) -> str:
        problem = RequestGate(100_000).read(b"\r\n".join([b"GET / HTTP/1.1", *lines, b"", b""]))[1]
        return problem.code if problem else ""

    assert (code(b"Accept: " + b"a" * MAX_ACCEPT), code(b"Accept: " + b"a" * (MAX_ACCEPT + 1))) == ("", "KB632")
    assert (code(*[b"X: x"] * MAX_COUNT), code(*[b"X: x"] * (MAX_COUNT + 1))) == ("", "KB632")
    assert (code(b"X: " + b"x" * (MAX_HEADERS - 10)), code(b"X: " + b"x" * MAX_HEADERS)) == ("", "KB632")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("text/csv;q=0.5, text/tab-separated-values", "tsv"),
        ("text/*;q=0.5, text/csv;q=0.4, image/png", "tsv"),
        ("*/*;q=0.1, TEXT/CSV ; Q=0.2", "csv"),
        ('text/csv;a="x, */*";q=0.3, text/html;q=0.2', "csv"),
        ("application/json;q=1.5", "json"),
        ("text/html, image/gif, *; q=.2, */*; q=.2", "json"),
        ("text/csv;q=0, */*;q=0.0", None),
        ("*/*, text/csv;q=0, application/*;q=0, text/tab-separated-values;q=0, text/xml;q=0.1", "text/html"),
    ],
)
def test_the_format_with_the_highest_quality_is_chosen(accept: str, chosen: str | None) -> None:
    choice = negotiation.choose_best(accept, negotiation.answer_formats("select"))
    assert (choice and choice.name) == chosen


@pytest.mark.parametrize(
    ("header", "accepted"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("identity, gzip;q=0.5", False), ("*", True), ("gzip;q=0, *", False), ("", False)],
)
def test_gzip_is_used_where_it_is_accepted(header: str, accepted: bool) -> None:
    assert negotiation.accepts_gzip(header) is accepted


NASTY = [
    "(",
    "<",
    '"',
    "'''",
    "\\",
    ":",
    ".",
    "a.",
    "a:.",
    "_:a.",
    "1.",
    "@a-",
    "#\n",
    "\\u",
    "?",
    "{}",
    "FROM <a> ",
    "'\\",
    "<a",
    "%",
    "\t",
    ";",
]


@pytest.mark.parametrize("piece", NASTY)
def test_reading_the_texts_of_strangers_takes_time_in_proportion_to_their_length(piece: str) -> None:
    length = guard.MAX_LENGTH // 4
    text = (piece * length)[:length]
    begun = time.process_time()
    for query in (text, "SELECT * {" + text[20:], "ASK { " + text[30:] + " http://www.w3.org/ns/shacl#"):
        next(guard.check(query, (), {}, "http://example.org/"), None)
        syntax.find_form(query)
        guard.read_dataset(query, {}, "http://example.org/")
        is_about_service(query)
    negotiation.choose_best(text, negotiation.answer_formats("select"))
    negotiation.accepts_gzip(text)
    sparql_endpoint.prefers_lenient([text])
    RequestGate(1 << 20).read(text.encode())
    assert time.process_time() - begun < 5  # where it grows with the square, it takes minutes


def test_a_body_that_is_too_long_for_a_query_is_not_decoded() -> None:
    with pytest.raises(KbError, match="KB606"):
        sparql_endpoint.decode(b"", "application/sparql-query", b"\xff" * 5000, 1000, [])


def test_connections_that_wait_longest_make_room_and_those_at_work_do_not() -> None:
    table: ConnectionTable[int] = ConnectionTable(10)
    for number in range(10):
        assert table.add(number, f"client {number % 5}") == (True, None)
    table.move(0, "working")
    table.move(1, "idle")
    assert table.add(10, "new") == (True, 2)
    table.move(3, "unread")
    for number in range(4, 11):
        table.move(number, "working")
    assert table.add(11, "new") == (True, 1)
    table.move(11, "working")
    assert table.add(12, "new") == (True, 3)
    table.move(12, "working")
    assert table.add(13, "new") == (False, None)
    table.remove(5)
    table.remove(5)
    assert table.add(13, "new") == (True, None)


def test_a_client_makes_room_for_itself() -> None:
    table: ConnectionTable[int] = ConnectionTable(1000)
    places = [table.add(number, "one") for number in range(200)]
    assert [removed for _, removed in places[:63]] == [None] * 62 + [0]
    assert table.add(200, "two") == (True, None)
    assert table.add(201, "one", shared=True) == (True, None)
    assert [table.park(number) for number in range(300, 1301)][-1] == 300


def test_what_counts_as_one_client() -> None:
    assert network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1%eth0") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("[odd:") == "[odd:"


def test_a_client_pays_for_what_it_sends_and_for_the_work_that_it_causes() -> None:
    quota = Quota(2, ("127.0.0.1",))
    assert sum(quota.allows("192.0.2.1") for _ in range(30)) == 20
    for cost in ({"received": 2 << 20}, {"sent": 8 << 20}, {"seconds": 1.0}, {"requests": 20}):
        assert not quota.is_exhausted(str(cost))
        quota.charge(str(cost), **cost)
        assert quota.is_exhausted(str(cost))
    quota.charge("127.0.0.1", seconds=100)
    assert quota.allows("127.0.0.1")


def test_bodies_take_bounded_memory_and_small_ones_are_always_read() -> None:
    memory = BodyMemory()
    with ExitStack() as stack:
        for number in range(64):
            stack.enter_context(memory.reserve(f"client {number % 8}"))(1 << 20)
        with memory.reserve("client 0") as own, memory.reserve("client 9") as other:
            for grow_to in (own, other):
                with pytest.raises(KbError, match="KB627"):
                    grow_to(2 << 20)
                grow_to(10_000)
    with memory.reserve("client 9") as other:
        other(8 << 20)


def test_of_two_servers_on_one_address_one_ends_with_its_exit_code() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "kb", "serve", "--no-access-log", "--port", str(port)]
    servers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    while all(server.poll() is None for server in servers):
        time.sleep(0.05)
    loser, winner = sorted(servers, key=lambda server: server.poll() is None)
    assert (loser.wait(), "KB620" in loser.communicate()[1]) == (5, True)
    assert winner.stderr is not None
    assert f":{port}/" in winner.stderr.readline()
    winner.send_signal(signal.SIGINT)
    winner.communicate()
    assert winner.wait(20) == 0


def test_a_proxy_is_believed_about_the_address_of_a_client_and_nobody_else_is() -> None:
    def statuses(source: str, *clients: str) -> list[bytes]:
        head = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Forwarded-For: "
        return [exchange(server, f"{head}{client}\r\n\r\n".encode(), source)[9:12] for client in clients]

    with serving("--rate", "0.1", "--no-access-log", "--trust-proxy", "127.0.0.20") as server:
        assert statuses("127.0.0.20", "a", "b", "a", "spoofed, b", "c") == [b"200", b"200", b"429", b"429", b"200"]
        assert statuses("127.0.0.21", "d", "e") == [b"200", b"429"]


def test_clients_that_cost_less_come_first() -> None:
    costs = {"a": 2.0, "b": 1.5, "c": 1.0}
    queue: Queue[str] = Queue(4, lambda client: costs[str(client)])
    for client in "abc":
        queue.put(client, client)
    assert queue.put("b", "b2") is None
    assert queue.put("c", "c2") == "b2"
    assert [queue.take() for _ in range(5)] == ["c", "c2", "b", "a", None]


def test_clients_known_to_use_little_come_before_many_new_ones() -> None:
    use = RecentUse(UNKNOWN)
    queue: Queue[str] = Queue(100, lambda client: use.get(str(client), 0.0))
    use.add("costly", 5.0, 0.0)
    use.add("known", 0.1, 0.0)
    new = [f"new {number}" for number in range(20)]
    for client in [*new, "costly", "known"]:
        queue.put(client, client)
    assert [queue.take() for _ in range(22)] == ["known", *new, "costly"]


def test_what_a_client_used_counts_half_after_ten_seconds_and_is_forgotten() -> None:
    use = RecentUse()
    use.add("a", 4.0, 0.0)
    assert [use.get("a", now) for now in (0.0, 10.0, 20.0)] == [4.0, 2.0, 1.0]
    for number in range(5000):
        use.add(str(number), 1.0, 20.0)
    assert (use.get("a", 20.0), len(use._uses) < 5000) == (1.0, True)


def fail_slowly(code: str) -> None:
    raise KbError(list(guard.check(code, (), {}, "")))


def test_work_is_done_in_another_process_that_is_replaced_when_it_ends() -> None:
    async def use() -> None:
        work.start()
        assert await work.run("a", sum, [1, 2]) == 3
        with pytest.raises(KbError, match="KB603"):
            await work.run("a", fail_slowly, "DROP ALL")
        with pytest.raises(KbError, match="KB627"):
            await work.run("a", exit)
        assert await asyncio.gather(*(work.run(f"client {n}", sum, [n]) for n in range(20))) == list(range(20))
        work.stop()

    work = WorkProcess(Quota(0), RecentUse())
    work.register(sum, fail_slowly, exit)
    asyncio.run(use())


def test_refusals_cost_much_and_idle_connections_do_not_help() -> None:
    with serving("--rate", "2", "--no-access-log") as server:
        good = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        assert {exchange(server, good, "127.0.0.8")[9:12] for _ in range(10)} == {b"200"}
        update = b"GET /sparql?query=DROP+ALL HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        for source, bad, status in (("127.0.0.9", b"GET / HTTP/9.9\r\n\r\n", b"400"), ("127.0.0.12", update, b"403")):
            assert [exchange(server, bad, source)[9:12] for _ in range(3)] == [status, status, b"429"]
        for _ in range(3):
            exchange(server, update, "127.0.0.9")  # whoever goes on owes more than a bucket holds
        assert exchange(server, good, "127.0.0.9").startswith(b"HTTP/1.1 429")
        document = good.replace(b"/health", b"/sparql").replace(b"\r\n\r\n", b"\r\nAccept: text/turtle\r\n\r\n")
        exchange(server, document, "127.0.0.14")  # who asks first pays for making it
        assert {exchange(server, document, "127.0.0.13")[9:12] for _ in range(4)} == {b"200"}
        with ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 20, ("127.0.0.10", 0)))
            assert exchange(server, good, "127.0.0.11").startswith(b"HTTP/1.1 200")
