"""Verdicts that are remembered."""

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


def test_what_was_in_order_is_not_checked_again() -> None:
    check = Check()
    assert [list(conformance_cache.check_once("a", [b"one"], check)) for _ in range(3)] == [[], [], []]
    assert check.times == 1


def test_what_was_wrong_is_told_every_time() -> None:
    check = Check(WRONG)
    assert [list(conformance_cache.check_once("a", [b"one"], check)) for _ in range(3)] == [[WRONG]] * 3


def test_a_verdict_holds_for_the_very_things_that_it_was_made_from() -> None:
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
