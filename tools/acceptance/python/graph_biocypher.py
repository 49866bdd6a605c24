"""BioCypher makes its graph of our nodes and edges by our schema, without an ontology to fetch, and gives it as data frames."""

import csv
import json
import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from biocypher import BioCypher

CASTS = {"boolean": lambda cell: cell == "true", "long": int, "double": lambda cell: float(cell.replace("Infinity", "inf"))}


def read_rows(folder, name, separator):
    """Read a table as its header types it, without empty cells."""
    casts = {**CASTS, "string[]": lambda cell: cell.split(separator)}
    with Path(folder, name).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    for row in rows:
        cells = ((*key.rpartition(":")[::2], cell) for key, cell in zip(header, row, strict=True) if cell)
        yield {name or kind: casts.get(kind, str)(cell) for name, kind, cell in cells}


def load(folder):
    options = dict(line.split("=") for line in Path(folder, "import.args").read_text(encoding="utf-8").splitlines())
    separator = chr(int(options["--array-delimiter"].removeprefix("U+"), 16))
    knowledge = BioCypher(biocypher_config_path="config.yaml", schema_config_path=str(Path(folder, "schema_config.yaml")))
    nodes = read_rows(folder, options["--nodes"], separator)
    knowledge.add([(row.pop("ID" if "ID" in row else "id"), row.pop("LABEL"), row) for row in nodes])
    edges = read_rows(folder, options["--relationships"], separator)
    knowledge.add([(row.get("fact"), row.pop("START_ID"), row.pop("END_ID"), row.pop("TYPE"), row) for row in edges])
    rows = [row for table in knowledge.get_kg().values() for row in table.to_dict("records")]
    return {row["node_id"]: row for row in rows if "node_id" in row}, [row for row in rows if "source_id" in row]


with tempfile.TemporaryDirectory() as place:
    release, hard = Path(sys.argv[1]).resolve(), Path(os.environ["KB_HARD_CASES"]).resolve()
    os.chdir(place)
    settings = {"dbms": "pandas", "offline": False, "head_ontology": None, "log_to_disk": False}
    Path("config.yaml").write_text(json.dumps({"biocypher": settings}), encoding="utf-8")
    nodes, edges = load(release / "data" / "neo4j")
    effects = sorted({nodes[row["target_id"]]["name"] for row in edges if row.get("predicate") == "has-side-effect"})
    found = {"version": version("biocypher"), "graph_nodes": len(nodes), "graph_edges": len(edges)}
    found |= {"plain_edges": sum(row.get("plain") is True for row in edges), "first_effect": effects[0]}
    nodes, edges = load(hard / "neo4j")
    ends = [(row, nodes[row["target_id"]]) for row in edges if isinstance(row.get("fact"), str)]
    (drug,) = (node for node in nodes.values() if node["node_label"] == "drug")
    facts = [{**row, "object": end["name"], "number": end.get("number")} for row, end in ends]
    found["rows"] = {"neo4j": [facts, {"label": drug["name"], "aliases": drug["aliases"]}]}
print(json.dumps(found, default=str))
