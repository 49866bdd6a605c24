"""Write nodes and edges as GraphML with scalar attributes: lists are joined, absent values are omitted."""

from __future__ import annotations

import io

import networkx as nx

from kb.formats.tables import property_graph as graph
from kb.formats.tables.property_graph import Row
from kb.formats.tables.row_values import JOINED
from kb.formats.tables.table_registry import Export
from kb.model import KnowledgeBase


def write(kb: KnowledgeBase) -> Export:
    """Write the property graph; the key of an edge is the path of its fact."""
    made = graph.build_graph(kb)
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=kb.dataset.title)
    for row in made.nodes:
        network.add_node(row["id"], **_scalars(row, "id"))
    for row in made.edges:
        network.add_edge(row["from"], row["to"], key=row["fact"].removeprefix(kb.dataset.base), **_scalars(row, "from", "to"))
    out = io.BytesIO()
    # write_graphml would give other bytes if lxml is installed.
    nx.write_graphml_xml(network, out, prettyprint=True)
    name = f"{kb.dataset.id}.graphml"
    return Export({name: out.getvalue()}, made.losses, {name: len(made.edges)})


def _scalars(row: Row, *ends: str) -> Row:
    return {key: _scalar(value) for key, value in row.items() if key not in ends}


def _scalar(value: object) -> str:
    """Write a value as text: networkx spells booleans as Python does, and not as XML Schema."""
    if isinstance(value, list):
        return JOINED.join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
