"""The knowledge base of two documents and several drugs, all made up, that the comparing queries need."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import pipeline, queries
from kb.queries import Compiled


@pytest.fixture(scope="session")
def two() -> Compiled:
    return queries.compile_base(pipeline.load(Path(__file__).parent / "two-documents"))
