"""Write nodes and edges as GraphML with scalar attributes: lists are joined, absent values are omitted.

The attribute ``label`` is what Gephi and others show; the class of a node is ``class``.
"""

from __future__ import annotations

import io

import networkx as nx

from kb.formats.tables import property_graph as graph
from kb.formats.tables.neo4j import NUMBERS
from kb.formats.tables.property_graph import Row
from kb.formats.tables.row_values import join_list
from kb.formats.tables.table_registry import Export
from kb.model import KnowledgeBase


def write(kb: KnowledgeBase) -> Export:
    """Write the property graph; the key of an edge is the path of its fact."""
    made = graph.build_graph(kb)
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=kb.dataset.title)
    for row in made.nodes:
        network.add_node(row["id"], **{"label": row["name"], "class": row["label"]}, **_scalars(row, "id", "label", "name"))
    for row in made.edges:
        key = row["fact"].removeprefix(kb.dataset.base) if "fact" in row else row["from"]
        network.add_edge(row["from"], row["to"], key=key, label=row["type"], **_scalars(row, "from", "to"))
    # write_graphml would give other bytes if lxml is installed.
    writer = nx.readwrite.graphml.GraphMLWriter(prettyprint=True)
    writer.add_graph_element(network)
    types = {key.get("id"): key.get("attr.type") for key in writer.xml.iter("key")}
    for data in writer.xml.iter("data"):  # networkx spells values as Python does, and not as XML Schema and Java
        if types[data.get("key")] in {"boolean", "double"}:
            data.text = NUMBERS.get(str(data.text), str(data.text).lower())
    out = io.BytesIO()
    writer.dump(out)
    name = f"{kb.dataset.id}.graphml"
    return Export({name: out.getvalue()}, made.losses, {name: len(made.edges)})


def _scalars(row: Row, *ends: str) -> Row:
    return {key: join_list(value) if isinstance(value, list) else value for key, value in row.items() if key not in ends}
