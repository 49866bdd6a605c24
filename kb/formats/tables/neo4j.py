"""Write nodes and edges as CSV for ``neo4j-admin database import full --nodes=nodes.csv --relationships=edges.csv``.

The headers are those of the Neo4j Operations Manual: ``:ID``, ``:LABEL``, ``:START_ID``, ``:END_ID``, ``:TYPE``, ``name:type[]``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from kb.formats.tables import property_graph as graph
from kb.formats.tables.property_graph import Row
from kb.formats.tables.table_registry import Export, Loss
from kb.model import KnowledgeBase

_LIST = ";"
_HEADER = {"label": ":LABEL", "from": ":START_ID", "to": ":END_ID", "type": ":TYPE", "id": "id:ID"}
_SUFFIX: dict[type, str] = {str: "", list: ":string[]", bool: ":boolean"}


def write(kb: KnowledgeBase) -> Export:
    """Write the property graph."""
    made = graph.build_graph(kb)
    files = {"neo4j/nodes.csv": _table(graph.NODE, made.nodes), "neo4j/edges.csv": _table(graph.edge_columns(), made.edges)}
    changed = sum(
        _LIST in item for row in (*made.nodes, *made.edges) for value in row.values() if isinstance(value, list) for item in value
    )
    unsafe = [
        Loss(changed, "values of lists hold a semicolon, which separates the values of a list, and have a comma in its place")
    ]
    losses = (*made.losses, *(loss for loss in unsafe if loss.number))
    return Export(files, losses, {"neo4j/nodes.csv": len(made.nodes), "neo4j/edges.csv": len(made.edges)})


def _table(columns: dict[str, type], rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER.get(name, name + _SUFFIX[kind]) for name, kind in columns.items())
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue().encode("utf-8")


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return _LIST.join(item.replace(_LIST, ",") for item in value)
    return str(value or "")
