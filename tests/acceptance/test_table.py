"""The table of clients: what a client must read comes from the knowledge base, and one that reads something else has failed."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline
from kb.model import KnowledgeBase
from tools.acceptance import expected, questions, run

HERE = Path(run.HERE)
CLIENTS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "clients.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CLIENTS)
def test_every_client_has_a_check_or_a_reason(name: str) -> None:
    client = CLIENTS[name]
    if "skip" in client:
        assert len(client["skip"].split()) > 3
    else:
        assert (HERE / (client["env"] if client["env"] in {"node", "comunica"} else "python") / client["check"]).is_file()
        assert client.get("install") or client["env"] in {"project", "node", "comunica", "debian"}
        assert all("==" in each for each in client.get("install", []))


def test_the_page_tells_of_every_client_and_none_has_failed() -> None:
    page = run.PAGE.read_text(encoding="utf-8")
    assert all(f"| {name} |" in page for name in CLIENTS)
    assert "FAILED" not in page


def test_ci_asks_the_shipped_questions_of_six_stores() -> None:
    stores = {name.removesuffix(": shipped questions"): client["fast"] for name, client in CLIENTS.items() if "shipped" in name}
    assert stores == {
        **dict.fromkeys(("pyoxigraph", "Oxigraph server", "Apache Jena TDB2", "rdflib Dataset", "Virtuoso"), True),
        "Comunica": "one",  # all of them take it minutes
    }


def test_a_client_that_runs_one_case_gets_the_questions_of_that_alone(tmp_path: Path) -> None:
    job = tmp_path / "questions.json"
    job.write_text('{"one": {"questions": [1]}, "three": {"questions": [1, 2]}}', encoding="utf-8")
    assert questions.select(job, "True") == job
    assert questions.count(questions.select(job, "one")) == {"questions_of_one": 1}


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({"version": "1", "facts": 60}, "ok"),
        ({"version": "1", "facts": 59}, "FAILED"),
        ({"version": "1"}, "FAILED"),
        (None, "FAILED"),
        ({"skip": "it is not there"}, "skipped: it is not there"),
    ],
)
def test_what_was_read_decides_and_not_the_exit_code(
    said: dict[str, Any] | None, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shipped: KnowledgeBase
) -> None:
    script = tmp_path / "check.py"
    script.write_text(f"print({json.dumps(json.dumps(said)) if said is not None else repr('no JSON')})", encoding="utf-8")
    monkeypatch.setattr(run, "prepare", lambda _: [sys.executable, str(script)])
    row = run.run("a client", {"env": "project"}, tmp_path, expected.values(shipped), tmp_path / "questions.json")
    assert row.verdict == verdict


def test_what_clients_must_read_is_worked_out_from_the_knowledge_base(shipped: KnowledgeBase) -> None:
    right = expected.values(shipped)
    assert (right["facts"], right["terms"], right["mappings"]) == (60, 64, 206)
    assert right["turtle"] == len({quad[:3] for quad in pipeline.compile_all(shipped)})


def test_a_client_that_is_run_alone_leaves_the_others_on_the_page() -> None:
    known = run.read_page()
    alone = run.Row("KGX", "2.7.0", "kgx nodes 1", "", "ok")
    lines = run.page([alone], known, list(CLIENTS)).splitlines()
    assert "| KGX | 2.7.0 | kgx nodes 1 | ok |" in lines
    assert {known[name] for name in CLIENTS if name != "KGX"} <= set(lines)
