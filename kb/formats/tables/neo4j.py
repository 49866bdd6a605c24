"""Write nodes and edges as CSV for ``neo4j-admin database import full``, and the options for it (``import.args``).

The headers are those of the Neo4j Operations Manual: ``:ID``, ``:LABEL``, ``:START_ID``, ``:END_ID``, ``:TYPE``, ``name:type[]``.
The importer cuts lists at each separator, and knows no escape. So the separator is a character that no record can contain.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

import yaml

from kb.formats.tables import property_graph as graph
from kb.formats.tables.property_graph import Row
from kb.formats.tables.table_registry import Export
from kb.model import KnowledgeBase

_LIST = "\x1f"
_OPTIONS = "--multiline-fields=true --array-delimiter=U+001F --nodes=nodes.csv --relationships=edges.csv"
#: How Java reads the numbers that Python spells in its own way.
NUMBERS = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
_HEADER = {"label": ":LABEL", "from": ":START_ID", "to": ":END_ID", "type": ":TYPE", "id": "id:ID"}
_SUFFIX: dict[type, str] = {str: "", list: ":string[]", bool: ":boolean", int: ":long", float: ":double"}
_BIOCYPHER: dict[type, str] = {str: "str", list: "str[]", bool: "bool", int: "int", float: "float"}


def write(kb: KnowledgeBase) -> Export:
    """Write the property graph."""
    made = graph.build_graph(kb)
    files = {
        "neo4j/nodes.csv": _table(graph.NODE, made.nodes),
        "neo4j/edges.csv": _table(graph.edge_columns(made.edges), made.edges),
        "neo4j/import.args": "".join(f"{option}\n" for option in _OPTIONS.split()).encode("utf-8"),
        "neo4j/schema_config.yaml": _biocypher(made).encode("utf-8"),
    }
    return Export(files, made.losses, {"neo4j/nodes.csv": len(made.nodes), "neo4j/edges.csv": len(made.edges)})


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
        return _LIST.join(value)
    return "" if value is None else NUMBERS.get(str(value), str(value)) if isinstance(value, float) else str(value)


def _biocypher(made: graph.PropertyGraph) -> str:
    """Write a ``schema_config.yaml`` for BioCypher, which takes the labels of nodes and the types of edges as input labels."""
    entries: dict[str, dict[str, Any]] = {}
    for kind, rows, key, columns in (
        ("node", made.nodes, "label", graph.NODE),
        ("edge", made.edges, "type", dict(list(graph.edge_columns(made.edges).items())[2:])),
    ):
        for name in sorted({row[key] for row in rows}):
            words = re.sub("(?<=[a-z])(?=[A-Z])|_", " ", name).lower()
            used = {column for row in rows if row[key] == name for column in row} - {"id", key}
            kinds = {column: _BIOCYPHER[columns[column]] for column in columns if column in used}
            parent = "named thing" if kind == "node" else "association"
            entry = {"is_a": parent, "represented_as": kind, "preferred_id": "iri", "input_label": name, "properties": kinds}
            entries[f"{words} association" if words in entries else words] = entry  # a predicate may be named like a kind
    return yaml.safe_dump(entries, sort_keys=False, allow_unicode=True)
