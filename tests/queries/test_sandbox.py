"""The sandbox: each query in a child process that can compute and answer, and nothing else; no guard checks it here."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kb.problems import KbError
from kb.queries import sandbox
from kb.queries.child_process import Limits
from kb.sparql import engines, values
from kb.sparql.values import Answer, EngineError, Question

DATA = "".join(
    f'<http://e.org/s{i}> <http://e.org/p> "{i}" <http://e.org/g> .\n'
    f"<http://e.org/s{i}> <http://e.org/n> <http://e.org/s{i * 7 % 320}> <http://e.org/g> .\n"
    for i in range(320)
)
ENGINES = pytest.mark.parametrize("engine", values.ENGINES)
engines.import_engine("rdflib")  # once, rather than in each child process


def ask(text: str, engine: str = "oxigraph", limits: Limits = Limits()) -> Answer:
    return sandbox.answer(partial(engines.import_engine, engine), question(text), limits)


def question(text: str, data: str = DATA) -> Question:
    return Question(data, text, {"e": "http://e.org/"}, "http://e.org/")


def code_of(text: str, engine: str, limits: Limits = Limits()) -> str:
    with pytest.raises(KbError) as raised:
        ask(text, engine, limits)
    (problem,) = raised.value.problems
    return problem.code


def stub(answering: Callable[[], Any]) -> sandbox.Engine:
    """An engine that does one thing when asked."""
    return lambda: ((lambda _: None), (lambda _, __: answering()))


def seconds_of_children() -> float:
    """Give the processor time of all children that have ended: unlike the clock, other work on the machine leaves it alone."""
    times = os.times()
    return times.children_user + times.children_system


@pytest.fixture
def listener(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    request.getfixturevalue("socket_enabled")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def address(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}/"


REMOTE = [
    "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
    "SELECT * { \\u0053ERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { { SELECT * { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } } } }",
    "SELECT * { BIND(<URL> AS ?u) SERVICE SILENT ?u { ?s ?p ?o } }",
    "ASK { FILTER EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * FROM <URL> { ?s ?p ?o }",
    "SELECT * FROM NAMED <URL> { GRAPH ?g { ?s ?p ?o } }",
    "LOAD <URL>",
]


@ENGINES
def test_no_query_reaches_another_address(engine: str, listener: socket.socket) -> None:
    for query in REMOTE:
        asked = question(query.replace("URL", address(listener)), DATA.partition(".\n")[0] + ".")
        with suppress(KbError):
            sandbox.answer(partial(engines.import_engine, engine), asked, Limits())
        with pytest.raises(BlockingIOError):
            listener.accept()


@ENGINES
def test_it_is_the_kernel_that_refuses(engine: str, listener: socket.socket) -> None:
    with pytest.raises(KbError, match="Too many open files"):
        ask(REMOTE[0].replace("URL", address(listener)), engine)


@ENGINES
def test_without_the_sandbox_the_same_query_would_get_out(engine: str, listener: socket.socket) -> None:
    listener.settimeout(10)

    def meet() -> None:
        listener.accept()[0].close()

    met = threading.Thread(target=meet)
    met.start()
    load, unguarded = engines.import_engine(engine)
    asked = question(REMOTE[0].replace("URL", address(listener)))
    with suppress(EngineError):
        unguarded(load(asked), asked)
    met.join(timeout=10)
    assert not met.is_alive()


@ENGINES
@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM <URL> { ?s ?p ?o }",
        "SELECT * FROM NAMED <URL> { GRAPH ?g { ?s ?p ?o } }",
        "CONSTRUCT { ?s ?p ?o } FROM <URL> { ?s ?p ?o }",
        "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
        "LOAD <URL>",
    ],
)
def test_no_query_reads_a_file(engine: str, query: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.ttl"
    secret.write_text('<http://e.org/x> <http://e.org/y> "hidden" .\n', encoding="utf-8")
    try:
        said = repr(ask(query.replace("URL", secret.as_uri()), engine))
    except KbError as error:
        said = str(error)
    assert "hidden" not in said


@ENGINES
def test_after_loading_nothing_can_be_opened(engine: str) -> None:
    load, _ = engines.import_engine(engine)
    with pytest.raises(KbError, match="Too many open files"):
        sandbox.answer(lambda: (load, lambda *_: os.open(os.devnull, os.O_RDONLY)), question(""), Limits())  # type: ignore[arg-type, return-value]


DEATHS = {
    "2,500 subselects": "SELECT * {" + "{ SELECT * {" * 2500 + "}}" * 2500 + "}",
    "5,000 parentheses": "SELECT * { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
    "9,400 negations": "SELECT * { FILTER(" + "!" * 9400 + "true) }",
    "20,000 groups": "SELECT * {" + "{" * 20000 + "}" * 20000 + "}",
    "cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }",
    "sorted cross product": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i LIMIT 1",
    "paths of paths": "SELECT (COUNT(*) AS ?n) { ?a (e:n*)* ?b . ?c (e:n*)* ?d . ?e (e:n+)+ ?f }",
    "growing text": "SELECT (STRLEN(" + "REPLACE(" * 9 + "'aaaaaaaa'" + ", 'a', 'aaaaaaaaaaaaaaaa')" * 9 + ") AS ?x) {}",
    "endless rows": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
}


@ENGINES
@pytest.mark.parametrize("query", DEATHS.values(), ids=DEATHS)
def test_a_query_of_death_ends_with_its_code_in_time_and_we_live(engine: str, query: str) -> None:
    before = seconds_of_children()
    found = code_of(query, engine, Limits(0.4, 600))
    assert found in {"KB604", "KB605", "KB606", "KB608"} | ({"KB602"} if engine == "rdflib" and "!!" in query else set())
    assert seconds_of_children() - before < 1.4


def test_6500_unions_are_answered_or_refused_in_time() -> None:
    before = seconds_of_children()
    with suppress(KbError):
        ask("SELECT * { " + " UNION ".join(["{}"] * 6500) + " }", limits=Limits(3.0, 600))
    assert seconds_of_children() - before < 4


def test_a_regular_expression_that_explodes_is_stopped() -> None:
    query = f"SELECT * {{ BIND(REGEX('{'a' * 40}!', '^(a+)+$') AS ?x) }}"
    assert code_of(query, "rdflib", Limits(1.5)) == "KB604"
    assert ask(query).rows == (('"false"^^<http://www.w3.org/2001/XMLSchema#boolean>',),)


def test_each_way_to_end_has_its_code() -> None:
    limits = Limits(20.0, 450)
    assert code_of(DEATHS["20,000 groups"], "oxigraph", Limits(20.0)) == "KB608"
    assert code_of(DEATHS["20,000 groups"], "rdflib", Limits(20.0)) == "KB606"
    assert code_of(DEATHS["growing text"], "oxigraph", limits) == "KB605"
    assert code_of(DEATHS["growing text"], "rdflib", limits) == "KB605"


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), "KB608"),
        (os.abort, "KB605"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "KB605"),
        (lambda: os.kill(os.getpid(), signal.SIGXCPU), "KB604"),
        (lambda: os._exit(0), "KB608"),
        (lambda: sys.exit(3), "KB608"),
        (lambda: [0] * 10**12, "KB605"),
        (lambda: 1 // 0, "KB608"),
        (lambda: Answer("select", rows=((b"",),)), "KB608"),  # type: ignore[arg-type]
    ],
)
def test_however_the_child_ends_it_is_reported(ending: Callable[[], Any], code: str) -> None:
    with pytest.raises(KbError) as raised:
        sandbox.answer(stub(ending), question(""), Limits())
    assert [each.code for each in raised.value.problems] == [code]


def test_an_answer_that_is_larger_than_the_limit_is_not_read() -> None:
    large = Answer("select", ("x",), (("x" * 5_000_000,),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "limit_resources", lambda *_: None)
        with pytest.raises(KbError, match="KB605 The query needed more than 4 MB"):
            sandbox.answer(stub(lambda: large), question(""), Limits(megabytes=4))


def test_a_hundred_thousand_rows_pass_intact() -> None:
    answer = ask("SELECT ?a ?b ?x { ?a e:p ?x . ?b e:p ?y }")
    assert len(answer.rows) == 320 * 320
    assert set(answer.rows) == {
        (f"<http://e.org/s{i}>", f"<http://e.org/s{j}>", f'"{i}"') for i in range(320) for j in range(320)
    }


def test_any_text_passes_intact() -> None:
    rows = (('"\x00\ud800\u2028😀\\"\n"', None), (None, "_:b"))
    triples = (("<a:b>", "<a:b>", '"é"'),)
    for answer in (Answer("select", ("a", "é"), rows), Answer("ask", truth=True), Answer("graph", triples=triples)):
        assert sandbox.answer(stub(lambda answer=answer: answer), question(""), Limits()) == answer  # type: ignore[misc]


def test_what_the_child_says_on_its_streams_is_not_heard(capfd: pytest.CaptureFixture[str]) -> None:
    def noisy() -> Answer:
        sys.stdout.write("noise " * 10_000)
        sys.stdout.flush()
        os.write(1, b"noise")
        os.write(2, b"noise")
        return Answer("ask", truth=not os.read(0, 1))

    sys.stdout.write("ours, not flushed")
    assert sandbox.answer(stub(noisy), question(""), Limits()).truth
    assert capfd.readouterr() == ("ours, not flushed", "")


TWO_HUNDRED = """
import os
from kb.sparql.values import Answer, Question
from kb.problems import KbError
from kb.queries.child_process import Limits
from kb.queries.sandbox import answer
def ask(number):
    return Answer("ask") if number % 2 else os._exit(1)
before, refused = os.listdir("/proc/self/fd"), 0
for number in range(200):
    try:
        answer(lambda: ((lambda _: None), (lambda *_: ask(number))), Question("", "", {}, ""), Limits())
    except KbError:
        refused += 1
assert refused == 100
assert os.listdir("/proc/self/fd") == before
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("no children")
"""


def test_two_hundred_questions_leave_no_descriptor_and_no_process() -> None:
    done = subprocess.run([sys.executable, "-c", TWO_HUNDRED], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("no children\n", "")


def descriptors() -> list[str]:
    return sorted(path.name for path in Path("/proc/self/fd").iterdir())


def test_where_no_process_can_be_started_that_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    before = descriptors()
    monkeypatch.setattr(os, "fork", full)
    with pytest.raises(KbError, match="KB608 No process could be started"):
        ask("ASK {}")
    assert descriptors() == before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_queries_run_from_threads() -> None:
    truths: list[bool] = []
    threads = [threading.Thread(target=lambda: truths.append(ask("ASK { ?s ?p ?o }").truth)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert truths == [True] * 3


ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def wait_until(true: Callable[[], Any]) -> Any:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if result := true():
            return result
        time.sleep(0.005)
    raise TimeoutError


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)])
@ENGINES
def test_the_child_ends_with_its_parent(engine: str, number: int, code: int, kb_command: list[str]) -> None:
    command = [*kb_command, "query", "--engine", engine, "-e", ENDLESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        (child,) = wait_until(lambda: children(process.pid))
        process.send_signal(number)
        out, error = process.communicate(timeout=20)
    assert process.returncode == code
    assert out == ""
    assert "Traceback" not in error
    wait_until(lambda: not is_running(child))


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_a_question_is_answered_where_standard_streams_are_closed(closed: str, kb_command: list[str]) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {closed}', "sh", *kb_command, "query", "-e", "ASK {}"],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "true\n")


@ENGINES
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("SELECT ?s { ?s ?p ?o } LIMIT x", 1, None),
        ("SELECT *\n{ ?s nobody:p ?o }", 2, 6),
        ("# Grüße\r\nSELECT *\r\n{\t?s\tnobody:p ?o }", 3, 6),
    ],
)
def test_a_syntax_error_is_shown_in_its_line_with_a_caret(engine: str, text: str, line: int, column: int | None) -> None:
    with pytest.raises(KbError) as raised:
        ask(text, engine)
    (problem,) = raised.value.problems
    assert problem.code == "KB602"
    assert problem.place.line == line
    assert column in {None, problem.place.column}
    shown, caret = problem.message.split("\n")[1:3]
    assert shown.strip() == text.split("\n")[line - 1].strip()
    assert len(caret.rstrip()) - len("    ") == problem.place.column
    assert caret.rstrip().endswith("^")


@pytest.mark.parametrize("place", [(0, 0), (9, 1), (1, 0)])
def test_an_error_without_a_place_is_reported_without_a_line(place: tuple[int, int]) -> None:
    def refuse() -> None:
        raise EngineError("KB602", "odd", *place)

    with pytest.raises(KbError) as raised:
        sandbox.answer(stub(refuse), question("ASK"), Limits())
    assert raised.value.problems[0].message == "The query cannot be read: odd."


def test_of_a_long_line_only_what_lies_near_the_error_is_shown() -> None:
    with pytest.raises(KbError) as raised:
        ask(f"SELECT * {{ {'?s ?p ?o . ' * 3000} ?x nobody:p ?y . {'?s ?p ?o . ' * 2000} }}")
    message = raised.value.problems[0].message
    assert len(message) < 500
    shown, caret = message.split("\n")[1:3]
    assert shown[caret.index("^") :].startswith("nobody:p")


@ENGINES
def test_an_unknown_prefix_is_named_with_the_nearest_that_is_known(engine: str) -> None:
    def told(text: str) -> str:
        with pytest.raises(KbError) as raised:
            sandbox.answer(
                lambda: engines.import_engine(engine), Question(DATA, text, {"term": "http://e.org/"}, "http://e.org/"), Limits()
            )
        return str(raised.value)

    assert "KB602 The query cannot be read: the prefix 'trem:' is not declared (did you mean 'term:'?)" in told(
        "ASK { ?s trem:p 1 }"
    )
    words = told("PREFIX mine: <x:> ASK { ?s mine:p 'q:r', <s:t> ; # u:v\n zzz:p 1 }")
    assert re.search(r"^<query>:2:2: KB602 .*'zzz:' is not declared \(declare it: PREFIX zzz: <\.\.\.>\)", words)
