"""The data dictionary: what each column of a table means, and which values it has, from the schemas of the records."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from kb import resources
from kb.schema import vocabulary

#: The ends of the names of tables that are described, each with the table in the dictionary.
_TABLES = {
    "facts.csv": "facts",
    "terms.csv": "terms",
    "mappings.csv": "mappings",
    "quantities.csv": "quantities",
    ".sssom.tsv": "mappings",
    "_nodes.tsv": "nodes",
    "_edges.tsv": "edges",
}
#: What each of these tables holds.
TITLES = {
    "facts": "The facts, each with all that grades or restricts it.",
    "terms": "The terms that facts speak of.",
    "mappings": "The mappings to outside vocabularies.",
    "quantities": "The quantities in facts, each with its unit or with what it counts.",
    "nodes": "The nodes of a knowledge graph, as KGX for the Biolink Model.",
    "edges": "The edges of a knowledge graph, as KGX for the Biolink Model.",
}
_SCHEMAS = {"facts": "fact", "terms": "term", "mappings": "mapping"}
# Columns whose cells are words of a list with nothing before them; a hedge of its own may stand before other qualifiers.
_STRICT = {"modality", "polarity", "kind", "predicate_id", "plain"}


class Column(NamedTuple):
    """A column: what it means, the type of its cells, and the words of the controlled list that it has.

    ``reference`` is ``key`` in the key of the table, or the table whose key the cells name; ``is_strict`` is whether each cell is
    exactly one of the words.
    """

    name: str
    meaning: str
    type: str = "string"
    reference: str = ""
    words: tuple[str, ...] = ()
    is_strict: bool = False

    @property
    def description(self) -> str:
        """What it means, with its words."""
        return f"{self.meaning} One of: {', '.join(self.words)}." if self.words else self.meaning


@cache
def _rows() -> dict[tuple[str, str], tuple[str, str, str]]:
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in resources.read_table("release", "columns.tsv")}


def find_table(file: str) -> str:
    """Return which table of the dictionary a file of a release is; nothing if it is none."""
    return next((table for end, table in _TABLES.items() if file.endswith(end)), "")


def describe_column(table: str, name: str) -> Column:
    """Describe a column of a table: by the dictionary, or else by the schema of its records."""
    kind, reference, meaning = _rows().get((table, name), ("", "", ""))
    about = vocabulary.schema(_SCHEMAS[table])["properties"].get(name, {}) if table in _SCHEMAS else {}
    listed = about.get("$ref", "").rpartition("/")[2]
    has_words = "oneOf" in vocabulary.schema("values")["$defs"].get(listed, {})
    words = ("yes", "no") if name == "plain" else tuple(vocabulary.values(listed)) if has_words else ()
    meaning = meaning or about.get("description") or f"The slot '{name}' of the Biolink Model."
    return Column(name, meaning, kind or "string", reference, words, name in _STRICT)


def find_key(table: str) -> str:
    """Return the column that is the key of a table; nothing if it has none."""
    return next((name for (of, name), (_, reference, _) in _rows().items() if (of, reference) == (table, "key")), "")
