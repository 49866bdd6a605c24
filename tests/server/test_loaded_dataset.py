"""What the server holds in memory, and what it leaves on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kb import queries
from kb.queries import compiled_cache
from kb.server.processes import loaded_dataset
from kb.sparql.engines import oxigraph
from kb.sparql.values import Question

ASK = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o"


def test_a_compiled_cache_is_held_in_memory_up_to_a_limit(
    make_kb: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(compiled_cache, "LEAST_SIZE", 0)
    base = queries.open_base(make_kb())
    held, served = loaded_dataset.load_dataset(base)
    assert held.stored is None
    monkeypatch.setattr(loaded_dataset, "MAX_HELD", 100)
    on_disk, also_served = loaded_dataset.load_dataset(base)
    assert on_disk.stored == base.store
    question = Question(b"", ASK, base.names.prefixes, base.names.base)
    rows = oxigraph.ask(held.store, question).rows
    assert len(rows) > 100
    assert rows == oxigraph.ask(on_disk.store, question).rows
    assert served.counts == also_served.counts
    assert served.digest == also_served.digest
