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
    "graph_nodes": count("'parquet/nodes.parquet'"),
    "graph_edges": count("'parquet/edges.parquet'"),
    "plain_edges": count("'parquet/edges.parquet'", "plain"),
    "facts": count("'csv/facts.csv'"),
    "terms": count("'csv/terms.csv'"),
    "mappings": count("'csv/mappings.csv'"),
    "kgx_nodes": count("read_json('kgx/clonazepam_nodes.jsonl', format = 'newline_delimited')"),
    "kgx_edges": count("read_csv('kgx/clonazepam_edges.tsv', delim = '\t', quote = '')"),
    "hrt_triples": count("read_csv('hrt/clonazepam.hrt.tsv', delim = '\t', header = false)"),
}
print(json.dumps(found))
