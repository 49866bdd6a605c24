"""Proposals and decisions are beside the knowledge base: nothing exports, counts or asks them, and 'kb validate' checks them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kb import pipeline
from tests.proposals.conftest import RASH, write_lines

DECISION = {
    "proposal": "0" * 32,
    "decision": "rejected",
    "by": "person:me",
    "when": "2026-11-29T12:00:00Z",
    "proposer": "lexicon",
}
Run = Callable[..., Any]


def outputs(content: Path, run_kb: Run) -> list[str]:
    commands = ("stats", "coverage", "query side-effects", "validate", "show zelorin")
    exports = [pipeline.export(content, fmt) for fmt in ("nquads", "turtle", "jsonld")]
    return exports + [run_kb(*words.split(), "--content", str(content)).stdout for words in commands]


def test_exports_counts_and_answers_are_the_same_with_and_without_proposals(content: Path, run_kb: Run) -> None:
    before = outputs(content, run_kb)
    write_lines(content, "proposals", RASH)
    write_lines(content, "decisions", DECISION)
    assert outputs(content, run_kb) == before


def test_validate_checks_both_folders_against_their_schemas(content: Path, run_kb: Run) -> None:
    write_lines(content, "proposals", RASH, {**RASH, "proposer": "nobody"}, "not json\n")
    write_lines(content, "decisions", {**DECISION, "decision": "maybe"})
    result = run_kb("validate", "--content", str(content))
    assert result.returncode == 3
    codes = [line.split(": ")[1].split()[0] for line in result.stdout.splitlines() if ".jsonl:" in line]
    assert codes == ["KB204", "KB205", "KB104"]


def test_a_folder_that_is_spelled_almost_so_is_reported(content: Path, run_kb: Run) -> None:
    (content / "proposal").mkdir()
    assert "KB116" in run_kb("validate", "--content", str(content)).stdout


def test_propose_stores_each_proposal_once_and_ends_bad_lines_with_reasons(content: Path, tmp_path: Path, run_kb: Run) -> None:
    answers = tmp_path / "answers.jsonl"
    lines = [json.dumps(RASH), "{", json.dumps({"subject": "zelorin"}), json.dumps({**RASH, "proposer": "lexicon"})]
    answers.write_text("\n".join(lines), encoding="utf-8")
    result = run_kb("propose", str(answers), "--content", str(content))
    assert result.returncode == 3
    assert f"{answers}:2:2: KB104" in result.stderr
    assert f"{answers}:3:1: KB201" in result.stderr
    assert len((content / "proposals/zelorin-leaflet.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    assert "0 new" in run_kb("propose", str(answers), "--content", str(content)).stdout
