"""LadybugDB loads the Parquet files by their own Cypher, and answers in Cypher."""

import json
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import ladybug


def load(folder, store):
    os.chdir(folder)
    connection = ladybug.Connection(ladybug.Database(store))
    for line in Path("load.cypher").read_text(encoding="utf-8").splitlines():
        connection.execute(line)
    return connection


def list_rows(connection, cypher):
    answer, rows = connection.execute(cypher), []
    while answer.has_next():
        rows.append(answer.get_next())
    return rows


with tempfile.TemporaryDirectory() as place:
    connection = load(Path(sys.argv[1]) / "data" / "parquet", f"{place}/store")

    def ask(cypher):
        return [row[0] for row in list_rows(connection, cypher)]

    effects = sorted(ask("MATCH ()-[f:Fact {predicate: 'has-side-effect'}]->(e) RETURN DISTINCT e.name"))
    found = {
        "version": version("ladybug"),
        "graph_nodes": ask("MATCH (n) RETURN count(n)")[0],
        "graph_edges": ask("MATCH ()-[f]->() RETURN count(f)")[0],
        "plain_edges": ask("MATCH ()-[f]->() WHERE f.plain RETURN count(f)")[0],
        "side_effects": len(effects),
        "first_effect": effects[0],
    }
    hard = load(Path(os.environ["KB_HARD_CASES"], "parquet"), f"{place}/hard")
    keys = ("fact", "polarity", "modality", "frequency", "severity", "plain")
    keys += ("population", "trigger", "condition", "manner", "agent", "location")
    cypher = f"MATCH ()-[f:Fact]->(o) WHERE f.fact IS NOT NULL RETURN o.name, o.number, {', '.join(f'f.`{key}`' for key in keys)}"
    facts = [dict(zip(("object", "number", *keys), row, strict=True)) for row in list_rows(hard, cypher)]
    ((label, aliases),) = list_rows(hard, "MATCH (n:Node {label: 'Drug'}) RETURN n.name, n.aliases")
    found["rows"] = {"parquet": [facts, {"label": label, "aliases": aliases}]}
print(json.dumps(found))
