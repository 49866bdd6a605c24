"""networkx reads the GraphML."""

import json
import sys
from pathlib import Path

import networkx as nx

network = nx.read_graphml(Path(sys.argv[1]) / "graphml" / "clonazepam.graphml", force_multigraph=True)
edges = [data for *_, data in network.edges(data=True)]
effects = sorted(
    {network.nodes[end]["name"] for _, end, data in network.edges(data=True) if data["predicate"] == "has-side-effect"}
)
found = {"version": nx.__version__, "graph_nodes": len(network), "graph_edges": len(edges), "first_effect": effects[0]}
print(json.dumps(found | {"plain_edges": sum(data["plain"] == "true" for data in edges)}))
