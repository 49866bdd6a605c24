"""Each statement stands in exactly one graph, so that the union of all graphs, as a default graph, has no duplicates."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kb import pipeline, resources
from kb.model import KnowledgeBase
from kb.rdf.facts import Model
from kb.rdf.iris import ONTOLOGY
from kb.rdf.quads import Quad, iri

TESTS = Path(__file__).resolve().parents[1]
FOLDERS = {
    "shipped": resources.content(),
    "zelorin": resources.content().parent / "examples" / "zelorin",
    "brightol": TESTS / "golden" / "content",
    "two-documents": TESTS / "queries" / "two-documents",
}


@pytest.fixture(scope="module")
def bases() -> dict[str, KnowledgeBase]:
    return {name: pipeline.load(folder) for name, folder in FOLDERS.items()}


def repeated(quads: list[Quad]) -> list[tuple[str, ...]]:
    return [triple for triple, count in Counter(quad[:3] for quad in quads).items() if count > 1]


@pytest.mark.parametrize("model", ["full", "plain", "rdf12"])
@pytest.mark.parametrize("name", FOLDERS)
def test_no_statement_of_a_knowledge_base_is_written_twice(name: str, model: Model, bases: dict[str, KnowledgeBase]) -> None:
    assert repeated(pipeline.compile_all(bases[name], model)) == []


def test_no_triple_of_several_knowledge_bases_together_stands_in_two_graphs(bases: dict[str, KnowledgeBase]) -> None:
    assert len({kb.dataset.base for kb in bases.values()}) == len(FOLDERS)
    quads = {quad for kb in bases.values() for quad in pipeline.compile_all(kb)}
    assert repeated(list(quads)) == []


def test_knowledge_bases_share_the_graph_of_the_ontology_and_nothing_else(bases: dict[str, KnowledgeBase]) -> None:
    graphs = [{quad.graph for quad in pipeline.compile_all(kb)} for kb in bases.values()]
    assert [graph for graph, count in Counter(graph for each in graphs for graph in each).items() if count > 1] == [iri(ONTOLOGY)]


def test_a_claim_of_two_documents_is_one_triple_in_a_build_of_bounded_memory(tmp_path: Path) -> None:
    for name, folder in FOLDERS.items():
        pipeline.build(folder, tmp_path / f"{name}.nq", workers=2)
        expected = pipeline.export(pipeline.load(folder), "nquads")
        assert (tmp_path / f"{name}.nq").read_text(encoding="utf-8") == expected
        assert len(expected.splitlines()) == len({line.rpartition(" <")[0] for line in expected.splitlines()})
