"""LadybugDB loads the Parquet files by their own Cypher, and answers in Cypher."""

import json
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import ladybug

os.chdir(Path(sys.argv[1]) / "parquet")
with tempfile.TemporaryDirectory() as place:
    connection = ladybug.Connection(ladybug.Database(f"{place}/store"))
    for line in Path("load.cypher").read_text(encoding="utf-8").splitlines():
        connection.execute(line)

    def ask(cypher):
        answer, rows = connection.execute(cypher), []
        while answer.has_next():
            rows.append(answer.get_next()[0])
        return rows

    effects = sorted(ask("MATCH ()-[f:Fact {predicate: 'has-side-effect'}]->(e) RETURN DISTINCT e.name"))
    found = {
        "version": version("ladybug"),
        "graph_nodes": ask("MATCH (n) RETURN count(n)")[0],
        "graph_edges": ask("MATCH ()-[f]->() RETURN count(f)")[0],
        "plain_edges": ask("MATCH ()-[f]->() WHERE f.plain RETURN count(f)")[0],
        "side_effects": len(effects),
        "first_effect": effects[0],
    }
print(json.dumps(found))
