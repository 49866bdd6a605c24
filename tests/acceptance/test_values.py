"""What other tools read back from exports is what the facts say: value by value, as each tool reads, from every hard case."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import networkx as nx
import pandas as pd
import pytest
import rdflib
from rdflib.namespace import SKOS

from kb import pipeline
from kb.formats import registry
from kb.formats.tables import kgx
from kb.model import KnowledgeBase
from kb.rdf.iris import names_of
from tools.acceptance import hard_cases
from tools.acceptance.hard_cases import BASE, EDGES, EDGES_TSV, FACTS, FOLDER, ID, LABEL

Rows = tuple[list[dict[Any, Any]], Mapping[Any, Any]]
DRUG = f"{BASE}term/odd-drug"


@pytest.fixture(scope="module")
def hard() -> KnowledgeBase:
    return pipeline.load(FOLDER)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every export."""
    return hard_cases.write(tmp_path_factory.mktemp("hard") / "exports")


def read_pandas(folder: Path) -> Rows:
    facts, terms = (pd.read_csv(folder / "csv" / f"{name}.csv") for name in ("facts", "terms"))
    assert facts["object_number"].dtype.kind == "f"
    rows = [{**row, "object": row["object_label"], "number": row["object_number"]} for row in facts.to_dict("records")]
    (drug,) = (row for row in terms.to_dict("records") if row["term"] == "odd-drug")
    return rows, drug


def read_duckdb(folder: Path) -> Rows:
    nodes, edges = (str(folder / "parquet" / f"{name}.parquet") for name in ("nodes", "edges"))
    joined = "SELECT n.name AS object, n.number, e.* FROM query_table(?) e JOIN query_table(?) n ON e.to = n.id"
    answer = duckdb.execute(f"{joined} WHERE e.fact IS NOT NULL", [edges, nodes])
    columns = [column[0] for column in answer.description or ()]
    rows = [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
    ((label, aliases),) = duckdb.execute("SELECT name, aliases FROM query_table(?) WHERE label = 'Drug'", [nodes]).fetchall()
    return rows, {"label": label, "aliases": aliases}


def read_networkx(folder: Path) -> Rows:
    graph = nx.read_graphml(folder / "graphml" / f"{ID}.graphml", force_multigraph=True)
    facts = [(graph.nodes[end], data) for _, end, data in graph.edges(data=True) if "fact" in data]
    return [{**data, "object": end["label"], "number": end.get("number")} for end, data in facts], graph.nodes[DRUG]


def read_neo4j(folder: Path) -> Rows:
    """Read as ``neo4j-admin`` does: by the types in the headers and the options, lists cut at each separator."""
    options = dict(line.split("=") for line in (folder / "neo4j" / "import.args").read_text(encoding="utf-8").splitlines())
    separator = chr(int(options["--array-delimiter"].removeprefix("U+"), 16))
    tables = []
    for name in (options["--nodes"], options["--relationships"]):
        with (folder / "neo4j" / name).open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
            tables.append([{key: cast(key, cell, separator) for key, cell in zip(header, row, strict=True)} for row in rows])
    nodes = {row["id:ID"]: row for row in tables[0]}
    facts = [
        {**row, "object": end["name"], "number": end["number:double"], "plain": row["plain:boolean"]}
        for row in tables[1]
        if row["fact"] and (end := nodes[row[":END_ID"]])
    ]
    assert {row[":TYPE"] for row in facts if not row["plain"]} == {"STATED"}
    return facts, {"label": nodes[DRUG]["name"], "aliases": nodes[DRUG]["aliases:string[]"]}


def cast(key: str, cell: str, separator: str) -> Any:
    kind = key.partition(":")[2]
    casts: dict[str, Callable[[str], Any]] = {
        "boolean": lambda text: text.strip().lower() == "true",
        "double": lambda text: {"Infinity": float("inf"), "-Infinity": float("-inf")}[text] if "I" in text else float(text),
        "long": int,
        "string[]": lambda text: text.split(separator),
    }
    return casts[kind](cell) if cell and kind in casts else cell or None


@pytest.mark.parametrize("read", [read_pandas, read_duckdb, read_networkx, read_neo4j])
def test_tables_and_graphs_are_read_back_by_value(read: Callable[[Path], Rows], folder: Path) -> None:
    assert hard_cases.read_rows(*read(folder)) == FACTS


def read_kgx_tsv(path: Path) -> list[dict[str, Any]]:
    """Read as KGX does: every cell is text; one of a boolean slot is cast by ``bool``, which takes any word as true."""
    with path.with_suffix(".tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    lists = {"qualifiers", "synonym"}
    return [{key: cell.split("|") if key in lists else cell for key, cell in row.items()} for row in rows]


def read_kgx_json(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()]


def test_kgx_reads_what_the_facts_say(folder: Path) -> None:
    edges, nodes = (folder / "kgx" / f"{ID}_{sort}" for sort in ("edges", "nodes"))
    assert hard_cases.read_edges(read_kgx_json(edges), read_kgx_json(nodes)) == EDGES
    assert hard_cases.read_edges(read_kgx_tsv(edges), read_kgx_tsv(nodes)) == EDGES_TSV


@pytest.mark.parametrize("read", [read_kgx_json, read_kgx_tsv])
def test_an_edge_that_kgx_merges_with_others_is_one_of_them_and_no_mixture(
    read: Callable[[Path], list[dict[str, Any]]], folder: Path
) -> None:
    edges = read(folder / "kgx" / f"{ID}_edges")
    ends: list[tuple[str, ...]] = [tuple(edge[end] for end in ("subject", "predicate", "object")) for edge in edges]
    assert len(set(ends)) < len(ends)
    merged: dict[tuple[str, ...], dict[str, Any]] = {}
    for key, edge in zip(ends, edges, strict=True):  # as KGX does in its graph, without empty values
        merged.setdefault(key, {}).update({name: value for name, value in edge.items() if value not in ("", [""])})
    given = [{name: value for name, value in edge.items() if value not in ("", [""])} for edge in edges]
    assert all(edge in given for edge in merged.values())
    losses = {loss.what.partition(":")[0]: loss for loss in kgx.write(pipeline.load(FOLDER)).losses}
    assert len(losses["facts assert what another denies"].names) == 2
    assert losses["edges have the ends and predicate of another, and differ in id and description"].number == 1


def test_a_spreadsheet_gets_numbers_as_numbers_and_formulas_as_text(folder: Path) -> None:
    text = (folder / "spreadsheet" / "facts.spreadsheet.csv").read_text(encoding="utf-8")
    (row,) = (row for row in csv.DictReader(io.StringIO(text)) if row["object_datatype"] == "xsd:integer")
    assert (row["object_label"], row["object_number"]) == ("-5", "-5")


@pytest.mark.parametrize("model", hard_cases.MODELS)
def test_rdflib_reads_value_and_hedge_together(model: str, folder: Path) -> None:
    for path in sorted((folder / "rdf").glob(f"*.{model}.*")):
        statements = [[str(term) for term in quad[:3]] for quad in rdflib.Dataset().parse(path).quads()]
        assert hard_cases.read_statements(statements) == FACTS, path.name
        assert not [one for one in statements if one[1].endswith("#severity") and one[2].endswith("#mild")]


def test_what_a_client_read_wrongly_or_not_at_all_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {
            "object": "cough",
            "fact": f"{BASE}fact/leaflet/odd-drug/has-side-effect/cough",
            "modality": "can",
            "severity": "mild",
            "plain": True,
        }
    ]  # the hedge is lost
    read, number = hard_cases.count_right({"rows": {"csv": [rows, {"label": LABEL, "aliases": ["a|b"]}]}, "facts": 8})
    assert (read, number) == ({"facts": 8, "hard_cases": 0}, len(FACTS))
    assert "'can, mild', 'can, rare, usually mild'" in capsys.readouterr().err


def test_the_lean_profile_has_plain_claims_with_our_identifiers_and_with_those_of_others(hard: KnowledgeBase) -> None:
    graph = rdflib.Graph().parse(
        data="".join(registry.find("turtle").lines(pipeline.compile_all(hard, "lean"), names_of(hard))), format="turtle"
    )
    effect, level = (rdflib.URIRef(f"{BASE}predicate/{name}") for name in ("has-side-effect", "has-level"))
    drug, outside = rdflib.URIRef(DRUG), rdflib.URIRef("https://example.org/mesh/D000001")
    cough = rdflib.URIRef(f"{BASE}term/cough"), rdflib.URIRef("http://purl.obolibrary.org/obo/HP_0012735")
    fever = rdflib.URIRef(f"{BASE}term/fever")
    ache = rdflib.URIRef(f"{BASE}term/ache"), rdflib.URIRef("http://purl.obolibrary.org/obo/HP_0012531")
    claims = {(node, obj) for at, node in enumerate((drug, outside)) for obj in (cough[at], ache[at], fever)}
    assert set(graph.subject_objects(effect)) == claims
    numbers = {(subject, str(number).upper()) for subject, number in graph.subject_objects(level)}
    literals = ("-5", "-INF", "FALSE", 'NO "MORE" | THAN; 5')
    assert numbers == {(subject, number) for subject in (drug, outside) for number in literals}
    assert {str(label) for label in graph.objects(None, SKOS.prefLabel)} == {LABEL, "ache", "cough", "fever"}
    assert not list(graph.triples((None, SKOS.closeMatch, None)))
