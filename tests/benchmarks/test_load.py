"""The load benchmark runs: it asks both servers, meets no error, and says what it found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import load


@pytest.mark.long("two servers under load, for seconds on each core")
def test_it_puts_load_on_both_servers_and_writes_figures(tmp_path: Path) -> None:
    output = tmp_path / "load.json"
    options = ["--seconds", "0.6", "--clients", "3", "--deaths", "0", "--output", str(output)]
    command = [sys.executable, "-m", "benchmarks.load", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(output.read_text("utf-8"))
    assert [each["name"] for each in figures["rounds"]] == [
        "kb serve, under attack",
        "kb serve",
        "kb serve, answers kept",
        "oxigraph",
    ]
    for each in figures["rounds"]:
        assert each["errors"] == {}
        assert each["requests"] > 0
        assert 0 < each["p50"] <= each["p95"] <= each["slowest"]
        assert each["memory_after"] > 1
    assert figures["kb serve to oxigraph, requests a second"] > 0
    assert "p99" in done.stdout


def test_a_query_of_death_is_late_only_beyond_its_time_and_the_queue() -> None:
    in_time = load.Tried(504, load.TIMEOUT + load.GRACE + 0.9)
    assert not load.is_late(in_time, waited=1.0)
    assert load.is_late(in_time, waited=0.5)
    assert load.is_late(load.Tried(0, 0.1), waited=1.0)
