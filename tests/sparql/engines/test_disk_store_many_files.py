from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from kb.queries import sandbox
from kb.queries.child_process import Limits
from kb.sparql import engines
from kb.sparql.values import DiskStore, Question


def test_a_store_of_more_files_than_the_engine_opens_at_once_is_queried(tmp_path: Path) -> None:
    """RocksDB opens sixteen files when it opens a store, and the others when it needs them."""
    store = ox.Store(str(tmp_path))
    for part in range(6):  # each makes a file for each index
        graph = ox.NamedNode(f"urn:g:{part}")
        store.bulk_extend(
            ox.Quad(ox.NamedNode(f"urn:s:{part}:{n}"), ox.NamedNode(f"urn:p:{n % 3}"), ox.Literal(f"{part}-{n}"), graph)
            for n in range(30)
        )
    store.flush()
    del store
    assert len(list(tmp_path.glob("*.sst"))) > 16
    stored = DiskStore(str(tmp_path), 6)
    for pattern in ("<urn:s:%d:7> ?p ?o", "?s <urn:p:1> ?o", '?s ?p "%d-7"'):
        for part in range(6):
            text = f"SELECT * {{ GRAPH <urn:g:{part}> {{ {pattern.replace('%d', str(part))} }} }}"
            question = Question(b"", text, {}, "urn:base:", store=stored)
            assert sandbox.answer(lambda: engines.import_engine("oxigraph"), question, Limits()).rows, text
