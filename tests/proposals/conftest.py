"""A knowledge base whose text ships, without its facts, and proposals for it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from kb import resources

#: A genuine proposal for the example.
RASH = {
    "subject": "zelorin",
    "predicate": "has side effect",
    "object": "skin rash",
    "quote": "In rare cases, zelorin may cause a serious skin rash.",
    "proposer": "model:example",
}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    top = Path(shutil.copytree(resources.example(), tmp_path / "kb"))
    (top / "facts/zelorin-leaflet.yaml").write_text("[]\n", encoding="utf-8")
    shutil.rmtree(top / "verification", ignore_errors=True)
    return top


def write_lines(content: Path, folder: str, *values: object) -> None:
    (content / folder).mkdir(exist_ok=True)
    lines = "".join(value if isinstance(value, str) else f"{json.dumps(value)}\n" for value in values)
    (content / folder / "zelorin-leaflet.jsonl").write_text(lines, encoding="utf-8")


def propose(content: Path, *changes: dict[str, Any]) -> None:
    write_lines(content, "proposals", *({**RASH, **change} for change in changes or [{}]))
