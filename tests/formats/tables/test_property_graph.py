"""The property graph is read by those it is made for, and answers questions as SPARQL does."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
import yaml

from kb import pipeline
from kb.formats.tables import csv_tables, graphml, hrt, neo4j, parquet_graph, table_registry
from kb.formats.tables import property_graph as graph
from kb.model import KnowledgeBase, LiteralObject
from kb.problems import KbError
from kb.rdf import quantities
from kb.rdf.facts import has_plain_triple
from kb.rdf.iris import names_of

_GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "content"

#: The same questions in Cypher and in SPARQL.
QUESTIONS = {
    "side effects with their frequency": (
        'MATCH (d:Node)-[f:Fact {type: "HAS_SIDE_EFFECT"}]->(e:Node) RETURN d.name, e.name, coalesce(f.frequency, "")',
        """SELECT ?d ?e (COALESCE(REPLACE(STR(?f), "^.*#", ""), "") AS ?frequency) {
             ?fact rdf:subject/skos:prefLabel ?d ; rdf:predicate pred:has-side-effect ; rdf:object/skos:prefLabel ?e .
             ?fact rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o . ?s ?p ?o . OPTIONAL { ?fact kb:frequency ?f } }""",
    ),
    "what is stated only under a trigger": (
        "MATCH (d:Node)-[f:Fact {type: 'STATED'}]->(e:Node), (t:Node) WHERE f.`trigger` = t.id RETURN d.name, e.name, t.name",
        """SELECT ?d ?e ?t {
             ?fact rdf:subject/skos:prefLabel ?d ; rdf:object/skos:prefLabel ?e ; kb:trigger/skos:prefLabel ?t }""",
    ),
    "plain facts that rest on more than one sentence": (
        "MATCH (d:Node)-[f:Fact]->(e:Node) WHERE f.plain AND size(f.sentences) > 1 RETURN d.id, f.predicate, e.id",
        """SELECT ?d ?p ?e { { SELECT ?fact (COUNT(?s) AS ?count) { ?fact a kb:Fact ; prov:wasDerivedFrom ?s } GROUP BY ?fact }
             FILTER(?count > 1) ?fact rdf:subject ?si ; rdf:predicate ?pi ; rdf:object ?oi . ?si ?pi ?oi .
             BIND(STR(?si) AS ?d) BIND(REPLACE(STR(?pi), "^.*/", "") AS ?p) BIND(STR(?oi) AS ?e) }""",
    ),
}


#: LadybugDB maps so much memory that it has a process of its own; queries come on standard input, a line each.
_LADYBUG = """
import json, ladybug, sys
connection = ladybug.Connection(ladybug.Database("store"))
for line in open("load.cypher", encoding="utf-8"):
    connection.execute(line)
for line in sys.stdin:
    found, rows = connection.execute(line), []
    while found.has_next():
        rows.append([str(each) for each in found.get_next()])
    print(json.dumps(sorted(rows)))
"""


@pytest.fixture(scope="module")
def in_ladybug(shipped: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """The answers of LadybugDB, after it was loaded by ``load.cypher`` in the folder of the export."""
    folder = tmp_path_factory.mktemp("ladybug")
    for name, content in parquet_graph.write(shipped).files.items():
        (folder / Path(name).name).write_bytes(content)
    asked = [*_COUNTS, *(cypher for cypher, _ in QUESTIONS.values())]
    found = subprocess.run(
        [sys.executable, "-c", _LADYBUG],
        input="".join(f"{each}\n" for each in asked),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return dict(zip(asked, map(json.loads, found.stdout.splitlines()), strict=True))


_COUNTS = ("MATCH (n:Node) RETURN count(n)", "MATCH ()-[f:Fact]->() RETURN count(f)")


def test_ladybug_holds_every_node_and_edge(in_ladybug: dict[str, list[list[str]]], shipped: KnowledgeBase) -> None:
    sentences = sum(len(document.sentences) for document in shipped.documents.values())
    nodes, edges = len(shipped.terms) + len(shipped.documents) + sentences, len(shipped.facts) + sentences
    assert [in_ladybug[count] for count in _COUNTS] == [[[str(nodes)]], [[str(edges)]]]


@pytest.mark.parametrize("question", QUESTIONS)
def test_cypher_answers_as_sparql_does(in_ladybug: dict[str, list[list[str]]], shipped: KnowledgeBase, question: str) -> None:
    cypher, sparql = QUESTIONS[question]
    store = pyoxigraph.Store()
    store.load(pipeline.export(shipped, "ntriples").encode(), format=pyoxigraph.RdfFormat.N_TRIPLES)
    answer: Any = store.query(sparql, prefixes=names_of(shipped).prefixes)
    values = sorted([cell.value for cell in row] for row in answer)
    assert values
    assert in_ladybug[cypher] == values


def test_duckdb_reads_the_same_counts_from_parquet_and_csv(shipped: KnowledgeBase, tmp_path: Path) -> None:
    import duckdb

    for export in (parquet_graph.write(shipped), neo4j.write(shipped)):
        for name, content in export.files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
        for name, count in export.rows.items():
            assert duckdb.execute("SELECT count(*) FROM query_table(?)", [str(tmp_path / name)]).fetchall() == [(count,)]
    edges = str(tmp_path / "parquet" / "edges.parquet")
    found = duckdb.execute("SELECT count(*) FROM read_parquet(?) WHERE type = 'STATED'", [edges]).fetchall()
    assert found == [(sum(not has_plain_triple(fact, shipped.predicates[fact.predicate]) for fact in shipped.facts),)]


@pytest.mark.parametrize("folder", [None, _GOLDEN])
def test_networkx_reads_graphml_back(shipped: KnowledgeBase, folder: Path | None) -> None:
    import networkx as nx

    kb = pipeline.load(folder) if folder else shipped
    (content,) = graphml.write(kb).files.values()
    network = nx.read_graphml(io.BytesIO(content), force_multigraph=True)
    made = graph.build_graph(kb)
    assert set(network.nodes) == {row["id"] for row in made.nodes}
    facts = [row for row in made.edges if "fact" in row]
    read = [(*ends, data) for *ends, data in network.edges(data=True) if "fact" in data]
    assert {(*ends, data["fact"], data["plain"], data["label"]) for *ends, data in read} == {
        (row["from"], row["to"], row["fact"], row["plain"], row["type"]) for row in facts
    }
    assert {type(data["plain"]) for *_, data in read} == {bool}
    assert {network.nodes[row["id"]]["label"] for row in made.nodes} == {row["name"] for row in made.nodes}


def test_the_headers_are_those_of_neo4j_admin_and_every_row_fits(traps: KnowledgeBase) -> None:
    made = neo4j.write(traps)
    nodes, edges = (
        list(csv.reader(io.StringIO(made.files[f"neo4j/{name}.csv"].decode(), newline=""))) for name in ("nodes", "edges")
    )
    assert {"id:ID", ":LABEL", "aliases:string[]"} <= set(nodes[0])
    assert {":START_ID", ":END_ID", ":TYPE", "plain:boolean", "sentences:string[]"} <= set(edges[0])
    assert all(
        re.fullmatch(r":[A-Z_]+|[a-z]+(:ID|:boolean|:long|:double|:string\[\])?", name.replace("sha256", "digest"))
        for name in (*nodes[0], *edges[0])
    )
    ids = [row[0] for row in nodes[1:]]
    assert len(ids) == len(set(ids))
    assert all(len(row) == len(edges[0]) and {row[0], row[1]} <= set(ids) for row in edges[1:])
    aliases = nodes[0].index("aliases:string[]")
    assert "a|b;c" in [item for row in nodes[1:] for item in row[aliases].split("\x1f")]


def test_only_facts_that_hold_plainly_have_the_type_of_their_predicate(traps: KnowledgeBase) -> None:
    for row, fact in zip((row for row in graph.build_graph(traps).edges if "fact" in row), traps.facts, strict=True):
        plain = has_plain_triple(fact, traps.predicates[fact.predicate])
        assert row["type"] == (fact.predicate.upper().replace("-", "_") if plain else graph.STATED)
        assert row["plain"] is plain


def test_the_triples_for_embeddings_are_the_plain_ones_without_a_header(shipped: KnowledgeBase) -> None:
    (content,) = hrt.write(shipped).files.values()
    lines = content.decode().splitlines()
    held = [
        fact
        for fact in shipped.facts
        if has_plain_triple(fact, shipped.predicates[fact.predicate]) and not isinstance(fact.object, LiteralObject)
    ]
    assert lines == sorted({f"{fact.subject}\t{fact.predicate}\t{fact.object}" for fact in held})
    assert "clonazepam\thas-side-effect\tdrowsiness" in lines
    assert not [line for line in lines if "withdrawal-symptom\t" in line]


def test_a_fact_that_two_documents_claim_is_one_triple_and_counted() -> None:
    export = hrt.write(pipeline.load(_GOLDEN))
    assert any(loss.number == 2 and "another document" in loss.what for loss in export.losses)


@pytest.mark.parametrize("name", [each.name for each in table_registry.TABLES])
def test_the_same_content_gives_the_same_bytes(name: str, traps: KnowledgeBase) -> None:
    fmt = table_registry.find(name)
    assert fmt
    again = pipeline.load(traps.folder)
    assert fmt.write(traps).files == fmt.write(again).files


def test_a_missing_library_is_reported_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError(name="pyarrow")

    monkeypatch.setattr(table_registry, "import_module", missing)
    fmt = table_registry.find("parquet")
    assert fmt
    with pytest.raises(KbError, match=r"KB713.*pyarrow.*pip install 'linked-kb\[tables\]'"):
        _ = fmt.write


def test_evidence_that_a_curator_infers_is_marked_in_every_table(shipped: KnowledgeBase) -> None:
    inferred = {"s3.3 usually: course, within, since (ECO:0000305)", "s3.3 usually: severity"}
    (row,) = (row for row in graph.build_graph(shipped).edges if row.get("fact", "").endswith("has-side-effect/drowsiness"))
    assert inferred < set(row["evidence"])
    lines = table_registry.TABLES[0].write(shipped).files["facts.csv"].decode().splitlines()
    assert all(words in next(line for line in lines if "has-side-effect/drowsiness" in line) for words in inferred)


@pytest.mark.parametrize(
    ("quantity", "number"),
    [
        ("7;", 7.0),
        ("7;mg", 7.0),
        ("7;mg;approx=true", None),
        ("..5;mg", None),
        ("2!..;g", None),
        ("10..35;cm", None),
        ("1;;per=100", None),
    ],
)
def test_a_quantity_has_a_number_only_if_the_number_alone_says_no_more(
    quantity: str, number: float | None, traps: KnowledgeBase
) -> None:
    literal = LiteralObject(quantities.word(quantity), "kb:Quantity", quantity=quantity)
    kb = traps._replace(facts=(traps.facts[0]._replace(object=literal),))
    (node,) = (row for row in graph.build_graph(kb).nodes if row["label"] == "Literal")
    (row,) = csv.DictReader(io.StringIO(csv_tables.write(kb).files["facts.csv"].decode("utf-8"), newline=""))
    assert (node.get("number"), row["object_number"]) == (
        number,
        "7" if quantity == "7;" else "",
    )  # nodes have the unit beside it
    assert (node.get("value"), node["name"], row["object_label"]) == (
        None if number is None else "7",
        literal.value,
        literal.value,
    )


def test_the_schema_for_biocypher_has_every_label_and_type_even_if_a_predicate_is_named_like_a_kind(
    shipped: KnowledgeBase,
) -> None:
    predicate = shipped.predicates["has-side-effect"]
    facts = tuple(fact._replace(predicate="symptom") for fact in shipped.facts if fact.predicate == predicate.id)
    kb = shipped._replace(facts=facts, predicates={**shipped.predicates, "symptom": predicate._replace(id="symptom")})
    schema = yaml.safe_load(neo4j.write(kb).files["neo4j/schema_config.yaml"])
    made = graph.build_graph(kb)
    labels = {(entry["represented_as"], entry["input_label"]) for entry in schema.values()}
    assert labels == {*(("node", row["label"]) for row in made.nodes), *(("edge", row["type"]) for row in made.edges)}
    assert ("node", "Symptom") in labels
    assert ("edge", "SYMPTOM") in labels
