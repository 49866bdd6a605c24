"""Checks without problems are cached, and problems are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.checks import shacl
from kb.problems import Place, Problem

WRONG = Problem(Place("here"), "KB609", "It is wrong.", "Correct it.")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


class Check:
    """A check that counts how often it is made."""

    def __init__(self, *problems: Problem) -> None:
        self.problems, self.times = problems, 0

    def __call__(self, *_: object) -> Iterator[Problem]:
        self.times += 1
        yield from self.problems


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Check:
    made = Check()
    monkeypatch.setattr(shacl, "_violations", made)
    return made


def run(graph: str) -> list[Problem]:
    return list(shacl.check(graph, lambda _: Place("here")))


def test_a_graph_without_problems_is_not_checked_again(check: Check) -> None:
    assert [run("one") for _ in range(3)] == [[], [], []]
    assert check.times == 1


def test_problems_are_reported_every_time(check: Check) -> None:
    check.problems = (WRONG,)
    assert [run("one") for _ in range(3)] == [[WRONG]] * 3


def test_other_graphs_and_other_code_are_checked(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [run(graph) for graph in ("one", "two", "onetwo", "")] == [[]] * 4
    assert check.times == 4
    monkeypatch.setattr(shacl, "code_digest", lambda: "other")
    assert run("one") == []
    assert check.times == 5


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(check: Check, tmp_path: Path) -> None:
    (tmp_path / "linked-kb").write_text("a file where a folder should be", encoding="utf-8")
    assert [run("one") for _ in range(2)] == [[], []]
    assert check.times == 2
