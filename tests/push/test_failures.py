"""Failures are noticed, retried where that may help, and reported, and nothing that failed is reported as done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kb.http_client import RequestPolicy
from kb.problems import KbError
from kb.push.credentials import Credentials
from kb.push.remote_store import PushTarget
from kb.push.transfer import TransferPlan
from tests.push.double import Double
from tests.push.small import NAMES, VOCABULARY, lines, push_all, quad, quads

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
Failing = Callable[..., PushTarget]


def codes(error: KbError) -> set[str]:
    return {each.code for each in error.problems}


def refused(target: PushTarget, reports: list[str] | None = None) -> KbError:
    with pytest.raises(KbError) as caught:
        push_all(quads(), target, reports=reports)
    return caught.value


@pytest.mark.parametrize("profile", ["oxigraph", "fuseki", "virtuoso", "blazegraph", "qlever", "neptune"])
def test_every_way_of_a_profile_brings_the_graphs_in(profile: str, double: Double, failing: Failing) -> None:
    assert {each.compared for each in push_all(quads(), failing(profile)).values()} == {"statements"}
    assert double.graphs == lines(quads())
    methods = {method for method, _, _ in double.requests}
    assert methods == ({"GET", "POST", "DELETE"} if profile == "blazegraph" else {"GET", "PUT"})


def test_without_queries_graphs_are_compared_by_reading_them(double: Double, failing: Failing) -> None:
    assert {each.compared for each in push_all(quads(), failing("generic")).values()} == {"statements"}
    assert {each.action for each in push_all(quads(), failing("generic")).values()} == {"keep"}
    assert double.graphs == lines(quads())
    assert not [path for path in double.sent("GET") if "query=" in path]


def test_an_address_of_queries_of_its_own_is_asked(double: Double, failing: Failing) -> None:
    push_all(quads(), replace(failing("generic"), query_url=f"{double.address}/elsewhere"))
    assert {path.partition("?")[0] for path in double.sent("GET") if "query=" in path} == {"/elsewhere"}


@pytest.mark.parametrize("fault", ["cut", "later", "408", "429", "500", "502", "503", "504", "moved"])
@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_what_may_pass_is_tried_again(fault: str, method: str, double: Double, failing: Failing) -> None:
    double.faults[method] = ["", fault, fault]
    reports: list[str] = []
    outcomes = push_all(quads(), failing(), reports=reports)
    assert {each.compared for each in outcomes.values()} == {"statements"}
    assert double.graphs == lines(quads())
    assert bool(reports) == (fault != "moved")


@pytest.mark.parametrize(
    ("fault", "code"),
    [("cut", "KB754"), ("503", "KB755"), ("500", "KB755"), ("400", "KB755"), ("401", "KB753"), ("403", "KB753")],
)
def test_a_lasting_failure_is_reported_and_nothing_after_it_is_sent(
    fault: str, code: str, double: Double, failing: Failing
) -> None:
    double.faults["PUT"] = ["", *[fault] * 9]
    assert codes(refused(failing())) == {code}
    assert set(double.graphs) == {NAMES.graph("document/leaflet")}
    assert len(double.sent("PUT")) == (4 if fault in {"cut", "503", "500"} else 2)
    double.faults.clear()
    assert push_all(quads(), failing())["document/leaflet"].action == "keep"
    assert double.graphs == lines(quads())


def test_silence_ends_at_the_time_limit(double: Double, failing: Failing) -> None:
    double.faults["PUT"] = ["silent"] * 9
    target = replace(failing(), policy=RequestPolicy(0.2, 2, 0.01))
    error = refused(target)
    assert codes(error) == {"KB754"}
    assert "not respond within 0.2 seconds" in str(error)


def test_an_answer_that_trickles_is_given_up(double: Double, failing: Failing) -> None:
    push_all(quads(), failing())
    double.faults["GET"] = ["", "", "trickle", "", "trickle"]
    with pytest.raises(KbError, match="too slow"):
        push_all(quads(), replace(failing(), policy=RequestPolicy(0.3, 1, 0.01)))


@pytest.mark.parametrize("fault", ["half", "lie", "change"])
def test_a_store_that_takes_something_else_than_it_says_is_sent_the_graph_again(
    fault: str, double: Double, failing: Failing
) -> None:
    double.faults["PUT"] = [fault, fault]
    reports: list[str] = []
    assert push_all(quads(), failing(), reports=reports)["document/leaflet"].compared == "statements"
    assert double.graphs == lines(quads())
    assert len(reports) == 2


@pytest.mark.parametrize("fault", ["half", "lie", "change"])
def test_a_store_that_never_keeps_what_it_takes_is_reported_and_not_reported_as_done(
    fault: str, double: Double, failing: Failing
) -> None:
    double.faults["PUT"] = [fault] * 9
    error = refused(failing())
    assert codes(error) == {"KB758"}
    assert error.exit_code == 5
    assert "accepted 40 statements of " in str(error)
    double.faults.clear()
    assert push_all(quads(), failing())["document/leaflet"].action == ("create" if fault == "lie" else "replace")
    assert double.graphs == lines(quads())


def test_a_push_that_was_cut_off_is_finished_by_pushing_again(double: Double, failing: Failing) -> None:
    double.faults["PUT"] = ["", *["cut halfway"] * 3]
    assert codes(refused(failing("virtuoso"))) == {"KB754"}
    assert 0 < len(double.graphs[VOCABULARY]) < 40
    assert NAMES.graph("dataset") not in double.graphs
    double.requests.clear()
    assert push_all(quads(), failing("virtuoso"))["vocabulary"].action == "replace"
    assert double.graphs == lines(quads())
    assert len(double.sent("PUT")) == 2  # the one that was half there, and the dataset


def test_an_answer_that_was_cut_off_is_asked_for_again(double: Double, failing: Failing) -> None:
    push_all(quads(), failing())
    double.faults["GET"] = ["", "", "cut halfway"]
    assert {each.action for each in push_all(quads(), failing()).values()} == {"keep"}


@pytest.mark.parametrize("fault", ["truncated", "html", "broken"])
def test_a_graph_that_does_not_come_back_whole_is_counted_only(fault: str, double: Double, failing: Failing) -> None:
    double.faults["GET"] = ["", "", "", fault]
    assert push_all(quads(), failing())["document/leaflet"].compared == "count"


def test_a_graph_that_can_only_be_counted_is_sent_again(double: Double, failing: Failing) -> None:
    push_all(quads(), failing())
    double.faults["GET"] = ["", "", "truncated"]
    assert push_all(quads(), failing())["document/leaflet"].action == "replace"


@pytest.mark.parametrize("fault", ["miscount", "nonsense", "404"])
def test_an_answer_that_is_none_is_reported(fault: str, double: Double, failing: Failing) -> None:
    double.faults["GET"] = ["" if fault == "miscount" else fault, fault]
    assert codes(refused(failing())) == {"KB756"}


def test_an_address_without_a_graph_store_is_reported(double: Double, failing: Failing) -> None:
    double.faults["PUT"] = ["404"]
    error = refused(failing())
    assert codes(error) == {"KB755"}
    assert "--profile" in str(error)


def test_nothing_is_sent_to_another_host(double: Double, failing: Failing) -> None:
    double.faults["PUT"] = ["http://me:word@other.example.org/x?y"]
    error = refused(failing())
    assert codes(error) == {"KB757"}
    assert "http://other.example.org/x" in str(error)
    assert "word" not in str(error)


def test_redirects_without_end_are_reported(double: Double, failing: Failing) -> None:
    double.faults["GET"] = ["moved"] * 9
    assert codes(refused(failing())) == {"KB757"}


def test_a_store_that_takes_only_small_requests_gets_small_ones(double: Double, failing: Failing) -> None:
    double.largest = 1 << 20
    long = f'"{"x" * 9000}"'
    statements = [*(quad(each, obj=f"{long[:-1]}{each}{long[-1]}") for each in range(400)), quad(0, "dataset")]
    outcomes = push_all(statements, failing("fuseki", part=4 << 20))
    assert outcomes["vocabulary"].compared == "statements"
    assert double.graphs == lines(statements)
    double.largest = 1000
    double.graphs.clear()
    with pytest.raises(KbError, match="refuses bodies of one mebibyte"):
        push_all(statements, failing("fuseki", part=4 << 20))


def test_a_store_that_does_not_remove_is_reported(double: Double, failing: Failing) -> None:
    push_all(quads(), failing())
    double.faults["DELETE"] = ["lie"]
    with pytest.raises(KbError, match="KB758 The store still holds"):
        push_all([quad(0, "dataset")], failing(), TransferPlan(prune=True))


def test_a_token_is_sent_with_every_request(double: Double, failing: Failing) -> None:
    double.password = "s3cret"
    push_all(quads(), failing("qlever", Credentials("token", "", "s3cret")))
    assert double.graphs == lines(quads())
    assert codes(refused(failing("qlever", Credentials("token", "", "wrong")))) == {"KB753"}
    with pytest.raises(KbError, match="it requires bearer authentication"):
        push_all(quads(), failing("qlever"))
