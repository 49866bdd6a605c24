"""Write nodes and edges as Parquet, and the Cypher that loads them into LadybugDB (or Kùzu)."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pyarrow as pa
from pyarrow import parquet

from kb.formats.tables import property_graph as graph
from kb.formats.tables.property_graph import Row
from kb.formats.tables.table_registry import Export
from kb.model import KnowledgeBase

_ARROW = {str: pa.string(), list: pa.list_(pa.string()), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
_CYPHER: dict[type, str] = {str: "STRING", list: "STRING[]", bool: "BOOLEAN", int: "INT64", float: "DOUBLE"}


def write(kb: KnowledgeBase) -> Export:
    """Write the property graph."""
    made = graph.build_graph(kb)
    edge = graph.edge_columns(made.edges)
    files = {
        "parquet/nodes.parquet": _table(graph.NODE, made.nodes),
        "parquet/edges.parquet": _table(edge, made.edges),
        "parquet/load.cypher": _load(edge).encode("utf-8"),
    }
    rows = {"parquet/nodes.parquet": len(made.nodes), "parquet/edges.parquet": len(made.edges)}
    return Export(files, made.losses, rows)


def _table(columns: dict[str, type], rows: Iterable[Row]) -> bytes:
    schema = pa.schema([(name, _ARROW[kind]) for name, kind in columns.items()])
    table = pa.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows], schema=schema)
    out = io.BytesIO()
    parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _load(edge: dict[str, type]) -> str:
    nodes = ", ".join(f"`{name}` {_CYPHER[kind]}" for name, kind in graph.NODE.items())
    properties = ", ".join(f"`{name}` {_CYPHER[kind]}" for name, kind in list(edge.items())[2:])
    return (
        f"CREATE NODE TABLE Node({nodes}, PRIMARY KEY (`id`));\n"
        f"CREATE REL TABLE Fact(FROM Node TO Node, {properties});\n"
        'COPY Node FROM "nodes.parquet";\n'
        'COPY Fact FROM "edges.parquet";\n'
    )
