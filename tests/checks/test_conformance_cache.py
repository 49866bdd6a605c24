"""Checks without problems are cached, and problems are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.checks import conformance_cache
from kb.problems import Place, Problem

WRONG = Problem(Place("here"), "KB609", "It is wrong.", "Correct it.")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


class Check:
    """A check that counts how often it is made."""

    def __init__(self, *problems: Problem) -> None:
        self.problems, self.times = problems, 0

    def __call__(self) -> Iterator[Problem]:
        self.times += 1
        yield from self.problems


def test_inputs_without_problems_are_not_checked_again() -> None:
    check = Check()
    assert [list(conformance_cache.check_once("a", [b"one"], check)) for _ in range(3)] == [[], [], []]
    assert check.times == 1


def test_problems_are_reported_every_time() -> None:
    check = Check(WRONG)
    assert [list(conformance_cache.check_once("a", [b"one"], check)) for _ in range(3)] == [[WRONG]] * 3


def test_other_inputs_are_checked() -> None:
    check = Check()
    for made_from in ([b"one", b"two"], [b"onetwo"], [b"two", b"one"], [b"one", b"two", b""]):
        assert list(conformance_cache.check_once("a", made_from, check)) == []
    assert list(conformance_cache.check_once("b", [b"one", b"two"], check)) == []
    assert check.times == 5


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "linked-kb").write_text("a file where a folder should be", encoding="utf-8")
    check = Check()
    assert [list(conformance_cache.check_once("a", [b"one"], check)) for _ in range(2)] == [[], []]
    assert check.times == 2
