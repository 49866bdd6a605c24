"""Generated knowledge bases: the same for the same seed, cut anyhow, good where they should be and bad where not."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kb import pipeline

ROOT = Path(__file__).resolve().parents[2]
Generate = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def generate() -> Generate:
    def run(folder: Path, count: int, *options: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "benchmarks.generate", str(folder), str(count), *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
        made: dict[str, Any] = json.loads(done.stdout)
        return made

    return run


def lines(folder: Path, room: str) -> list[str]:
    return [line for path in sorted((folder / room).iterdir()) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_generated_knowledge_base_is_good(generate: Generate, tmp_path: Path) -> None:
    made = generate(tmp_path / "kb", 1500)
    checked = pipeline.check(tmp_path / "kb")
    assert checked.problems == []
    assert (checked.counts["fact"], checked.counts["document"], checked.counts["term"]) == (
        1500,
        made["documents"],
        made["terms"],
    )


def test_every_bad_record_is_told_by_the_code_that_was_announced(generate: Generate, tmp_path: Path) -> None:
    made = generate(tmp_path / "kb", 1500, "--bad", "0.05")
    found = Counter(problem.code for problem in pipeline.check(tmp_path / "kb").problems)
    assert dict(sorted(found.items())) == made["bad"]
    assert 40 < sum(made["bad"].values()) < 120


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(generate: Generate, tmp_path: Path) -> None:
    for name, seed in (("one", "7"), ("two", "7"), ("three", "8")):
        generate(tmp_path / name, 300, "--seed", seed)
    assert lines(tmp_path / "one", "facts") == lines(tmp_path / "two", "facts") != lines(tmp_path / "three", "facts")
    assert lines(tmp_path / "one", "documents") == lines(tmp_path / "two", "documents")


def test_a_larger_one_begins_with_a_smaller_one(generate: Generate, tmp_path: Path) -> None:
    generate(tmp_path / "small", 300)
    generate(tmp_path / "large", 900)
    assert lines(tmp_path / "large", "facts")[:300] == lines(tmp_path / "small", "facts")


def test_several_files_hold_what_one_holds(generate: Generate, tmp_path: Path) -> None:
    generate(tmp_path / "one", 900)
    generate(tmp_path / "four", 900, "--files", "4")
    for room in ("facts", "documents", "terms"):
        assert sorted(lines(tmp_path / "four", room)) == sorted(lines(tmp_path / "one", room))
    assert len(list((tmp_path / "four" / "facts").iterdir())) == 4


def test_effects_are_skewed_with_a_long_tail(generate: Generate, tmp_path: Path) -> None:
    generate(tmp_path / "kb", 20_000)
    counts = Counter(json.loads(line)["object"] for line in lines(tmp_path / "kb", "facts"))
    ranked = [count for _, count in counts.most_common()]
    assert sum(ranked[:100]) > 0.25 * sum(ranked)
    assert sum(1 for each in ranked if each == 1) > 0.2 * len(ranked)


def test_labels_and_notes_go_beyond_ascii(generate: Generate, tmp_path: Path) -> None:
    generate(tmp_path / "kb", 3000)
    assert any(not line.isascii() for line in lines(tmp_path / "kb", "terms"))
    assert any(not line.isascii() for line in lines(tmp_path / "kb", "facts"))
