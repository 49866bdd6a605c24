"""DuckDB reads Parquet, CSV, TSV and JSON Lines by itself."""

import json
import os
import sys
from importlib.metadata import version

import duckdb

os.chdir(sys.argv[1])


def count(source, where="true"):
    return duckdb.execute(f"SELECT count(*) FROM {source} WHERE {where}").fetchall()[0][0]


found = {
    "version": version("duckdb"),
    "graph_nodes": count("'data/parquet/nodes.parquet'"),
    "graph_edges": count("'data/parquet/edges.parquet'"),
    "plain_edges": count("'data/parquet/edges.parquet'", "plain"),
    "facts": count("'data/facts.csv'"),
    "terms": count("'data/terms.csv'"),
    "mappings": count("'data/mappings.csv'"),
    "kgx_nodes": count("read_json('data/clonazepam_nodes.jsonl', format = 'newline_delimited')"),
    "kgx_edges": count("read_csv('data/clonazepam_edges.tsv', delim = '\t', quote = '')"),
    "hrt_triples": count("read_csv('data/clonazepam.hrt.tsv', delim = '\t', header = false)"),
}
hard = os.environ["KB_HARD_CASES"]


def read(text):
    answer = duckdb.execute(text)
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


facts = f"""SELECT n.name AS object, n.number, e.* EXCLUDE (evidence, sentences) FROM '{hard}/parquet/edges.parquet' e
    JOIN '{hard}/parquet/nodes.parquet' n ON e.to = n.id WHERE e.fact IS NOT NULL"""
table = f"SELECT *, object_label AS object, object_number AS number FROM '{hard}/csv/facts.csv'"
found["rows"] = {
    "parquet": [read(facts), *read(f"SELECT name AS label, aliases FROM '{hard}/parquet/nodes.parquet' WHERE label = 'Drug'")],
    "csv": [read(table), *read(f"SELECT label, aliases FROM '{hard}/csv/terms.csv' WHERE term = 'odd-drug'")],
}
found["mapping_cells"] = {"csv": [read(f"FROM '{hard}/csv/mappings.csv'")]}
lines = f"FROM read_json('{hard}/kgx/hard-cases_{{}}.jsonl', format = 'newline_delimited')"
found["edges"] = {"kgx": [read(lines.format("edges")), read(lines.format("nodes"))]}
print(json.dumps(found, default=str))
