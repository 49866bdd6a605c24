"""The shipped knowledge base in every format and statement model: one graph, and the same bytes every time."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys

import pyoxigraph as ox
import pytest
import rdflib
from pyld import jsonld

from kb import pipeline
from kb.formats import registry
from kb.formats.registry import FORMATS
from kb.model import KnowledgeBase
from kb.rdf.facts import Model
from kb.rdf.iris import Names, names_of

OXIGRAPH = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
RDFLIB = {"turtle": "turtle", "trig": "trig", "ntriples": "nt", "nquads": "nquads", "jsonld": "json-ld", "rdfxml": "xml"}
TRIPLES = [fmt.name for fmt in FORMATS if not fmt.graphs]
QUADS = [fmt.name for fmt in FORMATS if fmt.graphs]


def text_of(kb: KnowledgeBase, name: str, model: Model = "full") -> str:
    return "".join(registry.find(name).lines(pipeline.compile_all(kb, model), names_of(kb)))


def read(name: str, text: str) -> set[tuple[str, ...]]:
    graphs = registry.find(name).graphs
    found = ox.parse(text.encode("utf-8"), format=OXIGRAPH[name])
    return {
        (str(quad.subject), str(quad.predicate), str(quad.object), *([str(quad.graph_name)] if graphs else [])) for quad in found
    }


def expected(kb: KnowledgeBase, name: str, model: Model = "full") -> set[tuple[str, ...]]:
    return {tuple(quad) if registry.find(name).graphs else tuple(quad[:3]) for quad in pipeline.compile_all(kb, model)}


@pytest.mark.parametrize("name", OXIGRAPH)
def test_the_shipped_statements_read_back_in_oxigraph(name: str, shipped: KnowledgeBase) -> None:
    assert read(name, text_of(shipped, name)) == expected(shipped, name)


@pytest.mark.parametrize("name", OXIGRAPH)
def test_the_shipped_statements_read_back_in_rdflib(name: str, shipped: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    dataset = rdflib.Dataset()
    target = dataset if name in QUADS else dataset.default_graph
    target.parse(data=text_of(shipped, name), format=RDFLIB[name])
    statements = {(s.n3(), p.n3(), o.n3(), *([g.n3()] if name in QUADS and g else [])) for s, p, o, g in dataset.quads()}
    assert len(statements) == len(expected(shipped, name))
    whole = {each for each in expected(shipped, name) if "\\" not in each[2]}  # rdflib writes escapes in its own way
    assert {each for each in statements if "\\" not in each[2] and '"""' not in each[2]} == whole


def test_the_shipped_json_ld_reads_back_in_pyld_without_any_address(shipped: KnowledgeBase) -> None:
    def refuse(url: str, _: object) -> None:
        raise AssertionError(url)

    found = jsonld.to_rdf(json.loads(text_of(shipped, "jsonld")), {"documentLoader": refuse, "format": "application/n-quads"})
    assert read("ntriples", found) == expected(shipped, "jsonld")


@pytest.mark.parametrize("name", [fmt.name for fmt in FORMATS if fmt.rdf12])
def test_rdf_1_2_reads_back_in_oxigraph(name: str, shipped: KnowledgeBase) -> None:
    def terms(quad: ox.Quad) -> tuple[str, ...]:
        obj = quad.object
        triple = f"<<( {obj.subject} {obj.predicate} {obj.object} )>>" if isinstance(obj, ox.Triple) else str(obj)
        return (str(quad.subject), str(quad.predicate), triple, *([str(quad.graph_name)] if name in QUADS else []))

    found = {terms(quad) for quad in ox.parse(text_of(shipped, name, "rdf12").encode("utf-8"), format=OXIGRAPH[name])}
    assert found == expected(shipped, name, "rdf12")
    assert any(each[2].startswith("<<(") for each in found)


@pytest.mark.parametrize("name", QUADS)
def test_named_graphs_read_back(name: str, shipped: KnowledgeBase) -> None:
    found = read(name, text_of(shipped, name, "named-graphs"))
    assert found == expected(shipped, name, "named-graphs")
    assert len({each[3] for each in found}) > len(shipped.facts) / 2  # a graph for each fact that holds plainly


@pytest.mark.parametrize("name", TRIPLES)
def test_plain_triples_are_all_among_the_full_ones(name: str, shipped: KnowledgeBase) -> None:
    plain = read(name, text_of(shipped, name, "plain"))
    assert plain == expected(shipped, name, "plain")
    # what the dataset says of its own size differs with the model
    assert {each for each in plain if "void#" not in each[1]} <= expected(shipped, name)


@pytest.mark.parametrize("name", OXIGRAPH)
def test_the_order_of_statements_changes_no_byte(name: str, shipped: KnowledgeBase, names: Names) -> None:
    quads = pipeline.compile_all(shipped)
    text = "".join(registry.find(name).lines(quads, names))
    random.Random(7).shuffle(quads)
    assert "".join(registry.find(name).lines(quads, names)) == text


SCRIPT = """
import sys
sys.stdout.reconfigure(encoding='utf-8')
from kb import pipeline, resources
from kb.formats.registry import FORMATS
from kb.rdf.iris import names_of
kb = pipeline.load(resources.content())
for model in ("full", "plain", "named-graphs", "rdf12"):
    for fmt in FORMATS:
        if (model != "named-graphs" or fmt.graphs) and (model != "rdf12" or fmt.rdf12):
            sys.stdout.writelines(fmt.lines(pipeline.compile_all(kb, model), names_of(kb)))
"""


def test_every_process_writes_the_same_bytes() -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("0", "4242")
    ]
    texts = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert len(texts[0]) > 1_000_000
    assert texts[0] == texts[1]
