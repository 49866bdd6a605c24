"""The knowledge base of two documents and several drugs, all made up, that the comparing queries need."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import asking, pipeline
from kb.asking import Compiled


@pytest.fixture(scope="session")
def two() -> Compiled:
    return asking.compile_base(pipeline.load(Path(__file__).parent / "two-documents"))
