"""Bars: on a terminal they tell how far long work has come and leave nothing behind; elsewhere there is none."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from kb import cli
from kb.cli import progress_bar

TABLE = "drug\teffect\n" + "".join(f"examplol\teffect {number}\n" for number in range(20))
IMPORT = ["table", "import", "pairs.tsv", "--subject", "drug", "--object", "effect", "--content", "kb", "--license"]
LICENSE = "https://creativecommons.org/publicdomain/zero/1.0/"
BUILD = ["build", "--content", "kb", "--workers", "1", "-o"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Draw bars at once, in a folder with a table."""
    monkeypatch.setattr(progress_bar, "_DELAY", 0.0)
    monkeypatch.setattr(progress_bar, "_INTERVAL", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    Path("pairs.tsv").write_text(TABLE, encoding="utf-8")


def told(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, args: list[str]) -> str:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        assert cli.run(args) == 0
    return stream.getvalue()


def test_bars_tell_what_is_done_of_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = told(monkeypatch, Terminal(), [*IMPORT, LICENSE])
    assert re.search(r"reading .*\d/\d.*(bytes|kB)", shown)
    assert "writing facts" in shown
    shown = told(monkeypatch, Terminal(), [*BUILD, "out.ttl"])
    assert all(work in shown for work in ("reading", "compiling", "ordering", "writing"))
    assert "Wrote 20 facts" in re.split(r"\x1b\[2K", shown)[-1]


def test_nothing_is_drawn_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "reading" not in told(monkeypatch, io.StringIO(), [*IMPORT, LICENSE])
    lines = told(monkeypatch, io.StringIO(), [*BUILD, "out.ttl"]).splitlines()
    assert [each.split()[0] for each in lines] == ["Wrote", "Validated"]


def test_short_work_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_bar, "_DELAY", 3600.0)
    assert "\x1b" not in told(monkeypatch, Terminal(), [*IMPORT, LICENSE])
