"""networkx reads the GraphML."""

import json
import os
import sys
from pathlib import Path

import networkx as nx

network = nx.read_graphml(Path(sys.argv[1]) / "data" / "clonazepam.graphml", force_multigraph=True)
edges = [data for *_, data in network.edges(data=True)]
effects = sorted(
    {network.nodes[end]["label"] for _, end, data in network.edges(data=True) if data.get("predicate") == "has-side-effect"}
)
found = {"version": nx.__version__, "graph_nodes": len(network), "graph_edges": len(edges), "first_effect": effects[0]}
hard = nx.read_graphml(Path(os.environ["KB_HARD_CASES"], "graphml", "hard-cases.graphml"), force_multigraph=True)
facts = [
    {**data, "object": hard.nodes[end]["label"], "number": hard.nodes[end].get("number")}
    for _, end, data in hard.edges(data=True)
    if "fact" in data
]
found["rows"] = {"graphml": [facts, hard.nodes["https://example.org/hard-cases/term/odd-drug"]]}
print(json.dumps(found | {"plain_edges": sum(data.get("plain", False) for data in edges)}))
