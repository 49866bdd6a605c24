"""What belongs to the installed package is never written."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import cli, resources
from kb.files import boundary
from kb.problems import KbError


@pytest.mark.parametrize(
    "command", [["format"], ["migrate"], ["fact", "add"], ["verify", "--record"], ["document", "add", "kb.txt"]]
)
def test_outside_a_knowledge_base_no_command_writes_into_the_installation(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kb.txt").write_text("A text.", encoding="utf-8")
    assert cli.run(command) == 2
    assert "KB709" in capsys.readouterr().err


def test_nothing_is_written_below_the_package_by_any_path(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(resources.content())
    for path in (resources.content() / "new.ttl", tmp_path / "link" / "facts" / "new.yaml", resources.example()):
        with pytest.raises(KbError, match="KB709"):
            boundary.check_target(path)
