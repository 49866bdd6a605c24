"""Several writers and an editor change one knowledge base at the same time, and nothing that was acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import writers


@pytest.mark.long("it runs fifty commands in five processes")
def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    totals, outcomes, flaws = writers.run(tmp_path, writers=5, rounds=10, seed=1)
    assert flaws == []
    assert totals["edits"]
    assert outcomes["fact add"]["acknowledged"] > 1
