"""Two real servers contain exactly what was pushed to them, whatever they contained before."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from kb import pipeline
from kb.files.sorting import SortedFile
from kb.http_client import RequestPolicy
from kb.model import KnowledgeBase
from kb.problems import KbError
from kb.push.credentials import ANONYMOUS, Credentials
from kb.push.profiles import PROFILES
from kb.push.remote_store import PushTarget, RemoteStore
from kb.push.transfer import TransferPlan
from kb.rdf.iris import ONTOLOGY, Names, names_of
from kb.rdf.quads import Quad, literal
from tests.push.cutting import cutting
from tests.push.double import Double
from tests.push.real import free_port, started
from tests.push.small import BASE, DBA, NAMES, VOCABULARY, client_of, graph_store, held, lines, push_all, quad, quads

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
Run = Callable[..., CompletedProcess[str]]


def test_a_server_holds_exactly_what_was_pushed(server: PushTarget) -> None:
    outcomes = push_all(quads(), server)
    assert held(server) == lines(quads())
    assert {name: each.action for name, each in outcomes.items()} == {
        "document/leaflet": "create",
        "vocabulary": "create",
        "dataset": "keep",
    }
    assert {each.compared for each in outcomes.values()} == {"statements"}


def test_the_shipped_knowledge_base_arrives_and_is_kept_the_second_time(server: PushTarget, shipped: KnowledgeBase) -> None:
    compiled, names = pipeline.compile_all(shipped), names_of(shipped)
    first = push_all(compiled, server, names=names)
    assert {each.action for each in first.values()} == {"create"}
    assert {each.compared for each in first.values()} <= {"statements", "values"}
    second = push_all(compiled, server, names=names)
    assert {each.action for each in second.values()} == {"keep"}
    counts = {name: len(found) for name, found in {**held(server, names.base), **held(server, ONTOLOGY)}.items()}
    assert counts == {name: len(found) for name, found in lines(compiled).items()}


def test_a_graph_is_replaced_as_a_whole(server: PushTarget) -> None:
    push_all(quads(), server)
    fewer = [each for each in quads() if each.subject != f"<{BASE}s1>"]
    assert push_all(fewer, server)["vocabulary"].action == "replace"
    assert held(server) == lines(fewer)


def test_a_dry_run_tells_what_would_change_and_changes_nothing(server: PushTarget) -> None:
    push_all(quads(), server)
    before = held(server)
    planned = push_all([*quads()[1:], quad(7, "mappings")], server, TransferPlan(dry_run=True, prune=True))
    assert {name: each.action for name, each in planned.items()} == {
        "document/leaflet": "replace",
        "mappings": "create",
        "vocabulary": "keep",
        "dataset": "keep",
    }
    assert held(server) == before


def test_graphs_that_are_gone_are_reported_and_removed_only_when_asked(server: PushTarget) -> None:
    push_all(quads(), server)
    left = [each for each in quads() if "document" not in each.graph]
    assert push_all(left, server)["document/leaflet"].action == "leave"
    assert held(server) == lines(quads())
    assert push_all(left, server, TransferPlan(dry_run=True, prune=True))["document/leaflet"].action == "remove"
    assert held(server) == lines(quads())
    assert push_all(left, server, TransferPlan(prune=True))["document/leaflet"].action == "remove"
    assert held(server) == lines(left)


def test_graphs_of_others_are_left_alone(server: PushTarget) -> None:
    other = Names(f"{BASE}graph/", {})
    foreign = [Quad("<urn:s>", "<urn:p>", '"x"', f"<{other.graph('vocabulary')}>")]
    push_all(foreign, server, names=other)
    push_all(quads(), server, TransferPlan(prune=True))
    assert held(server) == {**lines(quads()), **lines(foreign)}
    push_all([], server, TransferPlan(prune=True), other)
    assert held(server) == lines(quads())


def word(name: str, obj: str = '"x"') -> Quad:
    return Quad(f"<{ONTOLOGY}#{name}>", f"<{BASE}p>", obj, f"<{ONTOLOGY}>")


def test_words_of_the_shared_ontology_are_only_added(server: PushTarget) -> None:
    others = [Quad(f"<{ONTOLOGY}#{name}>", "<urn:p>", '"x"', f"<{ONTOLOGY}>") for name in ("can", "may")]
    push_all(others, server)
    added = [word("mild"), word("can", literal("1.50", f"{XSD}decimal"))]
    assert push_all([*quads(), *added], server, TransferPlan(prune=True))[ONTOLOGY].action == "add"
    held_words = held(server, ONTOLOGY)[ONTOLOGY]
    assert lines(others)[ONTOLOGY] < held_words
    assert len([line for line in held_words if f"<{BASE}p>" in line]) == 2
    assert push_all([*quads(), *added], server)[ONTOLOGY].action == "keep"
    assert push_all([*quads(), added[0]], server, TransferPlan(prune=True))[ONTOLOGY].action == "keep"
    assert held(server, ONTOLOGY)[ONTOLOGY] == held_words


def test_of_the_graph_of_claims_only_the_difference_is_sent(server: PushTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = [quad(number, "claims", literal(text)) for number, text in enumerate((*ODD, *map(str, range(200))))]
    push_all([*claims, quad(0, "dataset")], server)
    written: list[int] = []
    write = RemoteStore.write

    def record(self: RemoteStore, graph: str, ours: SortedFile, *rest: Any, **options: Any) -> None:
        written.append(ours.count)
        write(self, graph, ours, *rest, **options)

    monkeypatch.setattr(RemoteStore, "write", record)
    changed = [*claims[: len(ODD) // 2], *claims[len(ODD) :], *(quad(number, "claims") for number in (1000, 1001))]
    outcomes = push_all([*changed, quad(0, "dataset")], server)
    assert (outcomes["claims"].action, outcomes["claims"].compared, written) == ("replace", "statements", [2])
    assert len(held(server)[NAMES.graph("claims")]) == len(changed)


def test_a_store_without_updates_gets_the_graph_of_claims_as_a_whole(oxigraph: str) -> None:
    target = PushTarget(f"{oxigraph}/store", PROFILES["generic"], ANONYMOUS, f"{oxigraph}/query")
    for count in (20, 10, 30):
        statements = [quad(number, "claims") for number in range(count)]
        assert push_all([*statements, quad(0, "dataset")], target, TransferPlan(prune=True))["claims"].compared == "statements"


def test_a_store_that_hides_its_named_graphs_is_noticed(oxigraph: str, double: Double) -> None:
    reports: list[str] = []
    target = PushTarget(oxigraph, PROFILES["oxigraph"], ANONYMOUS)
    push_all(quads(), target, reports=reports)
    assert ["--union-default-graph" in report for report in reports] == [True]
    push_all(quads(), PushTarget(double.address, PROFILES["graphdb"], ANONYMOUS), reports=reports)
    assert len(reports) == 1
    double.has_union = False
    push_all(quads(), PushTarget(double.address, PROFILES["generic"], ANONYMOUS, f"{double.address}/query"), reports=reports)
    assert "docs" in reports[-1] or "documentation" in reports[-1]


ODD = [
    'plain "quotes" \\ back\nnew\ttab',
    "Grüße, 😀, \u200f\u202e, e\u0301",
    "\u0001\u000b\u007f",
    "",
    "<b>&amp;</b> ]]>",
    "%20 $1 {x} ?y",
]


def test_odd_texts_and_names_arrive_unchanged(server: PushTarget) -> None:
    graph = "document/l'été%20(1);x=~y"
    statements = [quad(number, graph, literal(text)) for number, text in enumerate(ODD)]
    statements += [quad(number, graph, literal(text, language="de-AT")) for number, text in enumerate(ODD)]
    statements += [quad(9, graph, f"<{BASE}term/%C3%A9;a=1,b(2)'*~é>"), quad(0, "dataset")]
    assert push_all(statements, server)[graph].compared == "statements"


XSD = "http://www.w3.org/2001/XMLSchema#"
NUMBERS = [
    ("1.50", "decimal"), ("01", "integer"), ("7", "nonNegativeInteger"), ("0.12345678901234567", "decimal"), ("-0", "integer"),
    ("1e3", "double"), ("INF", "double"), ("123456789.12", "double"), ("true", "boolean"), ("2026-01-31", "date"),
    ("2026-01-31T10:00:00.500Z", "dateTime"), ("2026", "gYear"), ("P1Y2M", "duration"), ("PT24H", "duration"),
    ("http://x/é", "anyURI"),
]  # fmt: skip


def test_literals_that_a_server_rewrites_are_compared_by_value(server: PushTarget) -> None:
    statements = [quad(number, obj=literal(value, XSD + kind)) for number, (value, kind) in enumerate(NUMBERS)]
    assert push_all([*statements, quad(0, "dataset")], server)["vocabulary"].compared == "values"
    statements[0] = quad(0, obj=literal("1.51", f"{XSD}decimal"))
    assert push_all([*statements, quad(0, "dataset")], server)["vocabulary"].action == "replace"


def test_a_graph_larger_than_a_request_may_be_goes_in_parts(server: PushTarget) -> None:
    small = replace(server, profile=server.profile._replace(part=1000), buffered=500)
    outcomes = push_all(quads(100), small)
    assert outcomes["vocabulary"].compared == "statements"
    assert held(server) == lines(quads(100))


def test_what_somebody_changed_in_a_server_is_noticed_and_repaired(server: PushTarget) -> None:
    push_all(quads(), server)
    with client_of(server) as other:
        body = {"content": b"<urn:a> <urn:b> <urn:c> .\n", "headers": {"Content-Type": "text/turtle"}}
        other.post(graph_store(server), params={"graph": VOCABULARY}, **body).raise_for_status()  # type: ignore[arg-type]
    assert VOCABULARY in held(server)
    assert held(server) != lines(quads())
    assert push_all(quads(), server)["vocabulary"].action == "replace"
    assert held(server) == lines(quads())


@pytest.mark.parametrize("after", [2500, 6000, 12000, 20000])
def test_after_a_connection_was_cut_a_second_push_leaves_exactly_what_was_pushed(after: int, server: PushTarget) -> None:
    statements = quads(200)
    with cutting(server.address, after) as address:
        plain = server.profile._replace(gzip=False)  # so that the cut comes in the middle of the statements
        cut = replace(server, address=address, profile=plain, policy=RequestPolicy(10.0, 2, 0.01))
        with pytest.raises(KbError, match="KB754"):
            push_all(statements, cut)
    assert held(server) != lines(statements)
    push_all(statements, server)
    assert held(server) == lines(statements)
    assert {each.action for each in push_all(statements, server).values()} == {"keep"}


def test_the_command_pushes_and_says_what_it_compared(server: PushTarget, run_kb: Run, make_kb: Callable[..., Path]) -> None:
    who = server.credentials
    args = ["push", server.address, "--profile", server.profile.name, "--content", str(make_kb()), "--format", "json"]
    args += ["--user", who.user] if who.user else []
    done = run_kb(*args, env={"KB_PUSH_PASSWORD": who.secret} if who.user else {})
    assert done.returncode == 0, done.stderr
    rows = {row["graph"]: row["statements"] for row in json.loads(done.stdout)}
    assert rows.pop(ONTOLOGY) <= len(held(server, ONTOLOGY)[ONTOLOGY])
    assert rows == {name: len(found) for name, found in held(server).items()}
    assert "graphs were sent" in done.stderr


@pytest.mark.xdist_group("virtuoso")
@pytest.mark.long("Virtuoso takes long to start, and answers slowly")
def test_a_large_graph_that_virtuoso_does_not_give_back_whole_is_counted_only(virtuoso: str) -> None:
    target = PushTarget(virtuoso, PROFILES["virtuoso"], DBA)
    assert push_all(quads(6000), target)["vocabulary"].compared == "count"
    push_all([quad(0, "dataset")], target, TransferPlan(prune=True))


@pytest.mark.xdist_group("virtuoso")
@pytest.mark.long("Virtuoso takes long to start, and answers slowly")
def test_a_wrong_password_is_reported_and_not_shown(virtuoso: str) -> None:
    target = PushTarget(virtuoso, PROFILES["virtuoso"], Credentials("digest", "dba", "hunter22"))
    with pytest.raises(KbError) as caught:
        push_all(quads(), target)
    assert {each.code for each in caught.value.problems} == {"KB753"}
    assert "hunter22" not in str(caught.value)


def test_an_address_of_the_graph_store_protocol_is_enough(oxigraph: str) -> None:
    push_all([quad(0, "dataset")], PushTarget(oxigraph, PROFILES["oxigraph"], ANONYMOUS), TransferPlan(prune=True))
    for query_url in ("", f"{oxigraph}/query"):
        target = PushTarget(f"{oxigraph}/store", PROFILES["generic"], ANONYMOUS, query_url)
        push_all([quad(0, "dataset")], target, TransferPlan(prune=True))
        assert push_all(quads(), target)["vocabulary"].compared == "statements"
        assert held(PushTarget(oxigraph, PROFILES["oxigraph"], ANONYMOUS)) == lines(quads())
        assert {each.action for each in push_all(quads(), target).values()} == {"keep"}


def test_what_a_loader_of_the_store_brought_in_is_there_already(
    make_kb: Callable[..., Path], tmp_path: Path, run_kb: Run, oxigraph: str
) -> None:
    content, program = str(make_kb()), Path(sys.executable).with_name("oxigraph")
    assert run_kb("build", "--content", content, "-o", str(tmp_path / "all.nq.gz")).returncode == 0
    load = [str(program), "load", "--location", str(tmp_path / "store"), "--file", str(tmp_path / "all.nq.gz")]
    subprocess.run(load, check=True, capture_output=True, timeout=60)
    address = f"http://127.0.0.1:{free_port()}"
    with started([program, "serve", "--location", tmp_path / "store", "--bind", address[7:]], address, tmp_path):
        done = run_kb("push", address, "--profile", "oxigraph", "--content", content, "--format", "json")
    assert {row["action"] for row in json.loads(done.stdout)} == {"keep"}, oxigraph
