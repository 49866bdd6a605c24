"""Progress bars: a terminal shows them while work is long and removes them afterwards; elsewhere there are none."""

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


def standard_error(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, args: list[str]) -> str:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        assert cli.run(args) == 0
    return stream.getvalue()


def test_bars_show_bytes_done_and_total(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = standard_error(monkeypatch, Terminal(), [*IMPORT, LICENSE])
    assert re.search(r"reading .*\d/\d.*(bytes|kB)", screen)
    assert "writing facts" in screen
    screen = standard_error(monkeypatch, Terminal(), [*BUILD, "out.ttl"])
    assert all(work in screen for work in ("reading", "compiling", "ordering", "writing"))
    assert "Wrote 20 facts" in re.split(r"\x1b\[2K", screen)[-1]


def test_nothing_is_drawn_unless_standard_error_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "reading" not in standard_error(monkeypatch, io.StringIO(), [*IMPORT, LICENSE])
    lines = standard_error(monkeypatch, io.StringIO(), [*BUILD, "out.ttl"]).splitlines()
    assert [line.split()[0] for line in lines] == ["Wrote", "Validated"]


def test_short_work_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_bar, "_DELAY", 3600.0)
    assert "\x1b" not in standard_error(monkeypatch, Terminal(), [*IMPORT, LICENSE])
