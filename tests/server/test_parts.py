"""The parts of the server on their own: queue, rate limit, cache, messages, query process, negotiation, log."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from importlib import util
from io import BytesIO
from pathlib import Path

import msgspec
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import queries
from kb.model import KnowledgeBase
from kb.pages.page_graph import Description
from kb.pages.thing_description import describe_thing
from kb.problems import KbError, Place, Problem
from kb.rdf.iris import Names
from kb.server import messages, serve
from kb.server.http import negotiation
from kb.server.http.app import AccessLog
from kb.server.http.gateway import Reply
from kb.server.http.quota import Quota
from kb.server.http.responses import ResponseCache
from kb.server.messages import QueryRequest, QueryResponse
from kb.server.processes import query_process
from kb.server.processes.loaded_dataset import LoadedDataset
from kb.server.queue import Queue
from kb.server.served_dataset import is_about_service
from kb.server.settings import LIMITS, ServerSettings
from kb.sparql.engines import oxigraph
from kb.sparql.values import Graphs, Question

BASE = "https://w3id.org/linked-kb/clonazepam/"


def settings_with(**limits: float) -> ServerSettings:
    every_limit = {limit.name: limit.default for limit in LIMITS} | limits
    return ServerSettings("127.0.0.1", 0, 1, BASE, (), (), (), rate_all=False, log="", limits=every_limit)


@pytest.fixture(scope="module")
def served(shipped: KnowledgeBase) -> LoadedDataset:
    base = queries.compile_base(shipped)
    store = oxigraph.load(Question(base.quads(), "", base.names.prefixes, base.names.base))
    return LoadedDataset(store, base.names, ox.Store())


def answer(served: LoadedDataset, asked: QueryRequest, **limits: float) -> tuple[QueryResponse, str]:
    said, body = query_process.answer(asked, served, settings_with(**limits))
    assert said.length == len(body)
    return said, (gzip.decompress(body) if said.gzip else body).decode("utf-8")


def test_clients_take_turns() -> None:
    queue: Queue[str] = Queue(10)
    for client, item in (("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")):
        assert queue.put(client, item) is None
    assert [queue.take() for _ in range(6)] == ["a1", "b1", "c1", "a2", "a3", None]


def test_of_a_full_queue_the_longest_line_is_cut() -> None:
    queue: Queue[str] = Queue(3)
    for item in ("a1", "a2", "a3"):
        queue.put("a", item)
    assert queue.put("b", "b1") == "a3"
    assert queue.put("a", "a4") == "a4"
    queue.remove("a", "a1")
    queue.remove("a", "not there")
    queue.remove("c", "nobody")
    assert [queue.take() for _ in range(3)] == ["a2", "b1", None]


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=60), st.integers(1, 5))
def test_a_queue_never_holds_more_than_it_may_and_loses_nothing(steps: list[tuple[int, bool]], most: int) -> None:
    queue: Queue[int] = Queue(most)
    put, out = set(), set()
    for number, (client, takes) in enumerate(steps):
        item = queue.take() if takes else queue.put(client, number)
        put |= set() if takes else {number}
        out |= set() if item is None else {item}
        assert len(queue) <= most
    out |= set(iter(queue.take, None))
    assert out == put


def allows(quota: Quota, client: str, now: float) -> bool:
    return quota.take(client, now, 1.0, at_least=1.0) >= 1


def test_a_rate_lets_bursts_through_and_then_its_measure() -> None:
    rate = Quota(2)
    assert sum(allows(rate, "a", 0.0) for _ in range(30)) == 20
    assert allows(rate, "b", 0.0)
    assert [allows(rate, "a", 1.0) for _ in range(3)] == [True, True, False]
    assert all(allows(Quota(0), "a", 0.0) for _ in range(100))


def test_a_rate_is_counted_by_all_processes_together_and_forgets_who_was_not_heard_of_longest() -> None:
    rate = Quota(0.1)
    child = os.fork()
    if child == 0:
        os._exit(0 if allows(rate, "a", 0.0) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert not allows(rate, "a", 0.0)
    assert sum(allows(rate, f"client {n}", 1.0) for n in range(20_000)) == 20_000
    assert not allows(rate, "client 19999", 1.0)


def test_what_is_kept_stays_within_its_bound() -> None:
    async def make(size: int = 500) -> Reply:
        return Reply(QueryResponse("select", length=size), BytesIO(b"x" * size))

    async def find_cached(cache: ResponseCache, names: str, size: int = 500) -> list[bool]:
        return [(await cache.answer(name, lambda: make(size)))[1] for name in names]

    kept = ResponseCache(3000)
    assert asyncio.run(find_cached(kept, "aabbccdd")) == [False, True] * 4
    assert asyncio.run(find_cached(kept, "dcba")) == [True, True, True, False]
    assert asyncio.run(find_cached(kept, "ee", 10_000)) == [False, False]
    assert asyncio.run(find_cached(ResponseCache(0), "aa", 1)) == [False, False]


def test_what_is_being_made_is_waited_for_and_made_once() -> None:
    async def ask(name: str) -> bytes:
        async def make() -> Reply:
            made.append(name)
            await asyncio.sleep(0.01)
            if name == "fails":
                raise KbError([])
            return Reply(QueryResponse(length=4), BytesIO(b"made"))

        with suppress(KbError):
            reply, _ = await kept.answer(name, make)
            return reply.body.read()
        return b"failed"

    async def ask_all() -> list[bytes]:
        return await asyncio.gather(*(ask(name) for name in ("a", "a", "b", "a", "fails", "fails")))

    kept, made = ResponseCache(3000), list[str]()
    assert asyncio.run(ask_all()) == [b"made"] * 4 + [b"failed"] * 2
    assert sorted(made) == ["a", "b", "fails", "fails"]


@given(st.text(), st.booleans(), st.lists(st.text()))
def test_messages_arrive_as_they_were_sent(text: str, packed: bool, graphs: list[str]) -> None:
    asked = QueryRequest("query", text, "csv", packed, Graphs(tuple(graphs)) if graphs else None)
    data = messages.pack(asked)
    assert messages.HEAD + messages.read_length(data[: messages.HEAD]) == len(data)
    assert msgspec.json.decode(data[messages.HEAD :], type=QueryRequest) == asked
    said = QueryResponse("select", rows=3, problem=Problem(Place("<query>", 1, 2), "KB602", text, ""))
    assert msgspec.json.decode(messages.pack(said)[messages.HEAD :], type=QueryResponse) == said


def test_an_answer_is_written_in_the_format_that_is_asked_for(served: LoadedDataset) -> None:
    query = "SELECT ?label { term:clonazepam skos:prefLabel ?label }"
    said, body = answer(served, QueryRequest("query", query, "csv"))
    assert (said.form, said.rows, body) == ("select", 1, "label\r\nclonazepam\r\n")
    said, body = answer(served, QueryRequest("query", query, "text/html"))
    assert json.loads(body) == ["select", ["label"], [['"clonazepam"@en']], False, 1, [], [], {}]
    said, body = answer(served, QueryRequest("query", "CONSTRUCT WHERE { term:clonazepam skos:prefLabel ?o }", "nt", gzip=True))
    assert (said.gzip, len(body.splitlines())) == (False, said.rows)
    said, body = answer(served, QueryRequest("query", "CONSTRUCT WHERE { ?s ?p ?o }", "nt", gzip=True))
    assert (said.gzip, len(body.splitlines())) == (True, said.rows)


def test_what_is_wrong_is_said_with_its_place(served: LoadedDataset) -> None:
    said, _ = answer(served, QueryRequest("query", "SELECT * {\n ?s kx:Drug ?o }"))
    assert said.problem is not None
    assert (said.problem.code, said.problem.place.line, said.problem.place.column) == ("KB602", 2, 5)
    assert "kx:" in said.problem.message


@given(st.lists(st.text(max_size=8), max_size=20), st.integers(0, 25), st.integers(0, 1500), st.sampled_from(["json", "tsv"]))
def test_rows_are_cut_at_the_end_of_one_that_fits(texts: list[str], most: int, size: int, fmt: str) -> None:
    literals = " ".join(json.dumps(each, ensure_ascii=False) for each in texts)
    dataset = LoadedDataset(ox.Store(), Names(BASE, {}), ox.Store())
    asked = QueryRequest("query", f"SELECT ?x {{ VALUES ?x {{ {literals} }} }}", fmt)
    said, body = answer(dataset, asked, rows=most, bytes_out=size)
    if fmt == "json":
        found = json.loads(body)
        assert [row["x"]["value"] for row in found["results"]["bindings"]] == texts[: said.rows]
        assert said.cut in found.get("cut", "")
    assert said.rows <= most
    assert bool(said.cut) == (said.rows < len(texts))
    if fmt == "tsv":
        assert said.rows == 0 or len(body.encode()) <= size


def test_an_answer_is_cut_where_it_is_longest_allowed(served: LoadedDataset) -> None:
    query = "SELECT ?s ?p ?o { ?s ?p ?o }"
    said, body = answer(served, QueryRequest("query", query), rows=7)
    assert (said.cut, said.limit, said.rows, json.loads(body)["cut"][:4]) == ("rows", 7, 7, "Cut:")
    said, body = answer(served, QueryRequest("query", query, "tsv"), bytes_out=5000)
    assert (said.cut, len(body) <= 5000, len(body.splitlines()) == said.rows + 1) == ("bytes", True, True)
    said, body = answer(served, QueryRequest("query", "SELECT ('" + "x" * 900 + "' AS ?x) {}"), bytes_out=500)
    assert (said.cut, said.rows, json.loads(body)["results"]["bindings"]) == ("bytes", 0, [])


def test_the_client_names_the_dataset(served: LoadedDataset) -> None:
    def count(default: Iterable[str], named: Iterable[str] = ()) -> int:
        query = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
        _, body = answer(served, QueryRequest("query", query, graphs=Graphs(tuple(default), tuple(named))))
        return int(json.loads(body)["results"]["bindings"][0]["n"]["value"])

    one, other = f"{BASE}graph/vocabulary", f"{BASE}graph/mappings"
    assert count([one, other]) == count([one]) + count([other])
    assert count([one, one]) == count([one])
    assert count([one], [other]) == count([one]) + count([other])
    assert count([one, other], [other]) == count([one]) + 2 * count([other])
    assert count(["urn:none"]) == 0


def test_a_thing_is_found_with_what_points_to_it(served: LoadedDataset) -> None:
    said, body = answer(served, QueryRequest("thing", f"{BASE}term/drowsiness"))
    own, others, labels, cut, context, _ = json.loads(body)
    assert {subject for subject, _, _ in own} == {f"<{BASE}term/drowsiness>"}
    fact = f"{BASE}fact/clonazepam-overview/clonazepam/has-side-effect/drowsiness"
    about = dict(others)[fact]
    assert any(predicate.endswith("#supports>") for _, predicate, _ in about)
    assert dict(others)[f"{BASE}term/clonazepam"] == [
        [f"<{BASE}term/clonazepam>", f"<{BASE}predicate/has-side-effect>", f"<{BASE}term/drowsiness>"]
    ]
    assert labels[f"{BASE}term/drowsiness"] == "drowsiness"
    assert (cut, said.form) == (False, "thing")
    assert f"<{BASE}document/clonazepam-overview/s3.3>" in {subject for subject, _, _ in context}
    found = describe_thing(served.store, f"{BASE}term/clonazepam", 3)
    assert (len(found.others), found.cut) == (3, True)
    assert [each for each, _ in describe_thing(served.store, f"{BASE}term/clonazepam", 2, 1).others][:1] == [found.others[2][0]]
    assert describe_thing(served.store, "urn:nothing", 3) == Description([], [], {}, cut=False)


def test_questions_about_the_service_are_reported_by_their_words() -> None:
    names = Names(BASE, {})
    aside = ox.Store()
    aside.add(ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("http://www.w3.org/ns/shacl#prefix"), ox.Literal("kb")))
    both = LoadedDataset(ox.Store(), names, aside)
    assert answer(both, QueryRequest("service", "SELECT * { ?s ?p ?o }"))[0].rows == 1
    assert answer(both, QueryRequest("query", "SELECT * { ?s ?p ?o }"))[0].rows == 0
    declared = "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX x: <urn:x:> "
    for text, asked in (
        (f"{declared} SELECT * {{ ?s sh:prefix ?p }}", True),
        (f"{declared} SELECT * {{ ?s ?p ?o }}", False),
        (f"{declared} SELECT * {{ ?s x:sh ?o }}", False),
        ("SELECT * { ?s <http://www.w3.org/ns/shacl#prefix> ?p }", True),
    ):
        assert is_about_service(text) is asked, text


def test_an_accept_header_that_cannot_be_read_is_none() -> None:
    answers = negotiation.answer_formats("select")
    for header in (None, "", "   ", ",,", ";;;", "text/csv;q=2", "\x00", "*/*;q=0.5;x=1"):
        found = negotiation.choose_best(header, answers)
        assert found is not None
    assert negotiation.choose_best("image/png", answers) is None


def test_every_format_can_be_asked_for_by_each_of_its_names() -> None:
    for form, words in {
        "select": ("JSON", ".csv", "srx", "text/csv", "tsv"),
        "graph": ("ttl", "json-ld", "n3", "nq", "owl", "xml"),
    }.items():
        for word in words:
            assert negotiation.choose_answer_format(form, "image/png", word)  # type: ignore[arg-type]
    with pytest.raises(KbError, match=r"KB624 The format 'odd' is not available here\. Request one of: text/turtle"):
        negotiation.choose_answer_format("graph", None, "odd")
    with pytest.raises(KbError, match=r"KB624 None of the formats in Accept \(image/png\) is available here\."):
        negotiation.choose_answer_format("graph", "image/png", "")


def test_a_missing_library_is_named_with_the_extra_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    serve.require_libraries()
    monkeypatch.setattr(serve, "find_spec", lambda name: None if name == "uvicorn" else util.find_spec(name))
    with pytest.raises(KbError, match=r"KB713 .*uvicorn\. .*linked-kb\[server\]"):
        serve.require_libraries()


def test_a_log_is_added_to(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    for _ in range(2):
        written = AccessLog(str(path))
        written.write(path="/\u2028\n")
    assert [json.loads(line)["path"] for line in path.read_text(encoding="ascii").split("\n") if line] == ["/\u2028\n"] * 2
    AccessLog("").write(path="/")
    assert path.stat().st_mode & 0o007 == 0


def test_every_limit_is_an_option_with_a_default() -> None:
    from kb.cli.serve import command

    options = {option: parameter for parameter in command.params for option in parameter.opts}
    for each in LIMITS:
        assert options[each.option].default == each.default
    assert len({each.name for each in LIMITS}) == len(LIMITS)
