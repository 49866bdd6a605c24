"""A small good knowledge base in files, to be spoilt, and what ``kb validate`` says of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kb import cli
from kb.problems import Place

GOOD = Path(__file__).parent / "good"


class Verdict(NamedTuple):
    """The result of a run: its exit code, and every problem as ``place: code message``, with the suggestion if there is one."""

    exit: int
    messages: list[str]


@pytest.fixture
def spoil(tmp_path: Path) -> Callable[..., Path]:
    """Copy the good knowledge base with some files replaced: text, bytes, or None to remove one."""

    def copy(files: dict[str, str | bytes | None] | None = None) -> Path:
        top = tmp_path / "kb"
        shutil.copytree(GOOD, top)
        for name, content in (files or {}).items():
            path = top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return top

    return copy


@pytest.fixture
def validate(capsys: pytest.CaptureFixture[str]) -> Callable[[Path], Verdict]:
    """Run ``kb validate`` in this process and parse its report."""

    def run(top: Path) -> Verdict:
        code = cli.run(["validate", "--shapes", "none", "--format", "json", "--content", str(top)])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        if not captured.out:  # no knowledge base: the problem is on standard error
            return Verdict(code, captured.err.replace(f"{top}/", "").splitlines())
        problems: list[dict[str, Any]] = json.loads(captured.out)["problems"]
        return Verdict(code, [_message(problem).replace(f"{top}/", "") for problem in problems])

    return run


def _message(problem: dict[str, Any]) -> str:
    assert problem["message"].strip()
    assert problem["remedy"].strip()
    place = Place(problem["file"], problem["line"], problem["column"])
    suggestion = f" {problem['remedy']}" if problem["remedy"].startswith("Did you mean") else ""
    return f"{place}: {problem['code']} {problem['message']}{suggestion}"
