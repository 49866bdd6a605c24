"""The small knowledge base of the golden files."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import pipeline
from kb.model import KnowledgeBase


@pytest.fixture(scope="session")
def brightol() -> KnowledgeBase:
    return pipeline.load(Path(__file__).resolve().parents[1] / "golden" / "content")
