"""``kb query`` as people use it: grouped lists, fitted tables, reported limits, explanations."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import queries
from kb.cli import run

TWO = str(Path(__file__).parents[1] / "queries" / "two-documents")
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def on_a_terminal(command: list[str], **environment: str) -> str:
    """Run a command with a terminal for its output; give what it showed."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "70", "LINES": "24", "PAGER": "cat", **environment}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=env) as process:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end of the terminal is closed
                break
            if not part:
                break
            parts.append(part)
        process.wait(timeout=60)
    os.close(ours)
    return b"".join(parts).decode("utf-8").replace("\r\n", "\n")


def test_a_terminal_lists_the_named_queries_in_groups(kb_command: list[str], tmp_path: Path) -> None:
    screen = on_a_terminal([*kb_command, "query"], XDG_CACHE_HOME=str(tmp_path))
    groups = [screen.index(title) for title in ("About a drug", "From symptoms", "Hedges", "Views for other models")]
    assert groups == sorted(groups)
    assert "withdrawal-and-side-effect" in screen
    assert "kb query NAME" in screen
    assert max(map(len, screen.splitlines())) <= 70


def test_a_table_too_wide_for_the_terminal_has_narrower_columns_and_then_blocks(kb_command: list[str], tmp_path: Path) -> None:
    cells = ["SELECT", *(f'("{word} {word} value" AS ?{word})' for word in ("one", "two", "three", "four", "five", "six")), "{}"]
    command = [*kb_command, "query", "--content", TWO, "-e", " ".join(cells)]
    narrow = re.sub("\x1b\\[[0-9;]*m", "", on_a_terminal(command, XDG_CACHE_HOME=str(tmp_path), COLUMNS="60"))
    assert max(map(len, narrow.splitlines())) <= 60
    assert all(word in narrow.split() for word in ("one", "three", "six", "value"))
    blocks = on_a_terminal(command, XDG_CACHE_HOME=str(tmp_path), COLUMNS="35")
    assert blocks.splitlines()[:2] == ["one    one one value", "two    two two value"]


def test_a_cut_answer_names_the_parameters_that_narrow_it(capsys: Captured) -> None:
    assert run(["query", "side-effects", "--content", TWO, "--limit", "1"]) == 0
    assert "because of --limit. Narrow it: -p drug=… or -p effect=…." in capsys.readouterr().err
    assert run(["query", "side-effects", "--content", TWO, "--limit", "1", "-p", "drug=velaril"]) == 0
    assert "because of --limit. Narrow it: -p effect=…." in capsys.readouterr().err


@pytest.mark.parametrize(("fmt", "start"), [("markdown", "| drug |"), ("html", "<!DOCTYPE html>")])
def test_rows_are_written_for_people(fmt: str, start: str, tmp_path: Path, capsys: Captured) -> None:
    assert run(["query", "side-effects", "--content", TWO, "-f", fmt]) == 0
    out = capsys.readouterr().out
    assert out.startswith(start)
    path = tmp_path / f"rows.{'md' if fmt == 'markdown' else fmt}"
    assert run(["query", "side-effects", "--content", TWO, "-o", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == out


def test_output_longer_than_the_terminal_goes_through_the_pager(kb_command: list[str], tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text(f"#!/bin/sh\ncat > {tmp_path}/paged\n", encoding="utf-8")
    pager.chmod(0o755)
    command = [*kb_command, "query", "withdrawal", "--content", TWO]
    assert on_a_terminal(command, PAGER=str(pager), XDG_CACHE_HOME=str(tmp_path), LINES="5").strip() == ""
    assert "restlessness" in (tmp_path / "paged").read_text(encoding="utf-8")
    (tmp_path / "paged").unlink()
    screen = on_a_terminal(command, PAGER=str(pager), XDG_CACHE_HOME=str(tmp_path))
    assert "restlessness" in screen
    assert not (tmp_path / "paged").exists()


@pytest.mark.parametrize(("fmt", "first"), [("table", "velaril"), ("csv", "velaril,"), ("tsv", '"velaril"')])
def test_rows_and_headers_are_omitted_on_request_and_the_cut_is_reported(fmt: str, first: str, capsys: Captured) -> None:
    assert run(["query", "side-effects", "--content", TWO, "-p", "drug=velaril", "-f", fmt, "--limit", "2", "--no-header"]) == 0
    out, error = capsys.readouterr()
    assert [line.startswith(first) for line in out.splitlines()] == [True, True]
    assert "only the first 2 of 5 rows are written, because of --limit" in error
    assert run(["query", "side-effects", "--content", TWO, "-f", fmt, "--limit", "100"]) == 0
    assert "--limit" not in capsys.readouterr().err


def test_triples_are_cut_too(capsys: Captured) -> None:
    assert run(["query", "plain-view", "--content", TWO, "-f", "nt", "--limit", "3"]) == 0
    out, error = capsys.readouterr()
    assert len(out.splitlines()) == 3
    assert "only the first 3 of 36 triples" in error


@pytest.mark.parametrize("arguments", [["-f", "json"], ["-f", "xml"]])
def test_formats_that_need_a_header_refuse_to_omit_it(arguments: list[str], capsys: Captured) -> None:
    assert run(["query", "withdrawal", "--content", TWO, "--no-header", *arguments]) == 2
    assert "--no-header is for" in capsys.readouterr().err


def test_an_explanation_stands_below_each_row(capsys: Captured) -> None:
    assert run(["query", "withdrawal", "--content", TWO, "--explain", "--limit", "1"]) == 0
    out, error = capsys.readouterr()
    assert out.splitlines() == [
        "drug: velaril  trigger: slow stop  symptom: shaking  modality: may  restrictions: trigger: slow stop",
        "    velaril has withdrawal symptom shaking (may; trigger: slow stop)",
        "        The leaflet, s1.4",
    ]
    assert "only the first 1 of 3 rows" in error


def test_an_explanation_as_json_lists_what_is_unknown(capsys: Captured) -> None:
    assert run(["query", "identifiers", "--content", TWO, "--explain", "-f", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [row["facts"] for row in report["rows"]] == [[], []]
    assert "2 rows name no fact" in report["unknown"][0]
    assert run(["query", "serious-effects", "--content", TWO, "--explain", "-f", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["row"]["effect"] == "restlessness"
    assert row["facts"][0]["fact"] == "https://example.org/two/fact/leaflet/velaril/has-side-effect/restlessness"
    assert row["facts"][0]["sentences"] == ["s1.2"]
    assert run(["query", "identifiers", "--content", TWO, "--explain"]) == 0
    out, error = capsys.readouterr()
    assert "(names no fact)" in out
    assert "note: 2 rows name no fact" in error
    assert run(["query", "serious-effects", "--content", TWO, "--explain", "-f", "csv"]) == 2


def test_an_unknown_term_or_predicate_of_a_query_is_reported_with_the_nearest(capsys: Captured) -> None:
    text = "SELECT * { term:velari pred:has-side-efect ?x ; pred:has-risk 'term:none' } # pred:nothing"
    assert run(["query", "--content", TWO, "-e", text]) == 0
    error = capsys.readouterr().err
    assert "has no predicate 'has-side-efect', which the query asks for. Did you mean 'pred:has-side-effect'?" in error
    assert "has no term 'velari', which the query asks for. Did you mean 'term:velaril'?" in error
    assert "nothing" not in error


def test_a_listed_word_is_a_parameter_and_its_nearest_is_suggested(capsys: Captured) -> None:
    assert run(["query", "graded-effects", "--content", TWO, "-p", "grade=rare", "-f", "csv", "--no-header"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert run(["query", "graded-effects", "--content", TWO, "-p", "grade=rar"]) == 2
    assert "There is no word 'rar'. Did you mean 'rare'?" in capsys.readouterr().err


def test_an_error_shows_its_line(run_kb: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    (tmp_path / "odd.rq").write_text("SELECT * {\n  ?s skso:prefLabel ?o\n}\n", encoding="utf-8")
    done = run_kb("query", str(tmp_path / "odd.rq"), "--content", TWO)
    assert done.returncode == 2
    assert "<query>:2:6: KB602" in done.stderr
    assert "\n      ?s skso:prefLabel ?o\n         ^\n" in done.stderr
    assert "did you mean 'skos:'?" in done.stderr


def test_a_pipe_gets_the_list_of_named_queries_as_a_table(capsys: Captured) -> None:
    assert run(["query", "--content", TWO, "--no-header"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 70


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ASK { ?d a kb:Durg }", "no word 'Durg', which the query asks for. Did you mean 'kb:Drug'?"),
        ("ASK { ?f kb:frequency kb:comon }", "no word 'comon', which the query asks for. Did you mean 'kb:common'?"),
        ("ASK { ?f <https://w3id.org/linked-kb/ontology#severty> ?x }", "no word 'severty'"),
        ("ASK { <BASEterm/velari> ?p ?o }", "no term 'velari', which the query asks for. Did you mean 'term:velaril'?"),
        ("ASK { ?f prov:hadPrimarySource <BASEdocument/leaflt> }", "no document 'leaflt', which the query asks for."),
        ("ASK { ?d a kb:Drug ; kb:modality kb:can FILTER(?d != 'kb:Durg') } # kb:Durg", ""),
        ("PREFIX kb: <http://e.org/> ASK { ?d a kb:Durg }", ""),
    ],
)
def test_an_unknown_name_is_reported_with_the_nearest(text: str, message: str, capsys: Captured) -> None:
    base = queries.open_base(Path(TWO)).names.base
    assert run(["query", "--content", TWO, "-e", text.replace("BASE", base)]) == 0
    error = capsys.readouterr().err
    assert message in error if message else "has no" not in error
