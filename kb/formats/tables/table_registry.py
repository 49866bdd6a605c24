"""The one table of exports that are no RDF: read by the command line, the releases, the docs and the tests.

A new one is a module with a function ``write`` and a row here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module

from kb.model import KnowledgeBase
from kb.problems import fail


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that an export leaves out.

    Args:
        number: How many.
        what: Of what, and why; read after the number.
        names: Which ones, or how many of which sort.
    """

    number: int
    what: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = ", ".join(self.names[:_SHOWN])
        more = len(self.names) - _SHOWN
        return f"{self.number} {self.what}{f': {shown}' if shown else ''}{f' and {more} more' if more > 0 else ''}."


_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Export:
    """What a writer makes.

    Args:
        files: Path below the folder to content.
        losses: What could not be carried.
        rows: Path to the number of records in the file.
    """

    files: Mapping[str, bytes]
    losses: tuple[Loss, ...]
    rows: Mapping[str, int]


Writer = Callable[[KnowledgeBase], Export]


@dataclass(frozen=True, slots=True)
class TableFormat:
    """An export that is no RDF.

    Args:
        name: The name for ``--format``.
        title: What it is, for people.
        aliases: Other names that are accepted.
        module: The module that writes it.
        extra: The extra that brings its library, if it needs one.
    """

    name: str
    title: str
    aliases: tuple[str, ...]
    module: str
    extra: str = ""

    @property
    def write(self) -> Writer:
        """The writer.

        Raises:
            KbError: The library that it needs is not installed (KB713).
        """
        try:
            writer: Writer = import_module(f"kb.formats.tables.{self.module}").write
        except ModuleNotFoundError as error:
            if not self.extra or (error.name or "").startswith("kb."):
                raise
            message = f"The format '{self.name}' needs {error.name}, which is not installed."
            raise fail("KB713", message, f"Run: pip install 'linked-kb[{self.extra}]'.") from error
        return writer


TABLES: tuple[TableFormat, ...] = (
    TableFormat("csv", "Flat tables for spreadsheets: facts, terms, mappings", ("tables", "spreadsheet"), "flat"),
    TableFormat("kgx", "KGX nodes and edges of the Biolink Model, TSV and JSON Lines", ("biolink",), "kgx"),
    TableFormat("neo4j", "Nodes and edges with the headers of neo4j-admin, CSV", ("neo4j-admin",), "neo4j"),
    TableFormat("parquet", "Nodes and edges for DuckDB, LadybugDB and data frames, Parquet", (), "parquet_graph", "tables"),
    TableFormat("graphml", "Nodes and edges for graph tools, GraphML", (), "graphml", "tables"),
    TableFormat("hrt", "Head, relation and tail of every plain triple, for embeddings, TSV", ("triples-tsv",), "hrt"),
)

_BY_NAME = {name: each for each in TABLES for name in (each.name, *each.aliases)}


def find(name: str) -> TableFormat | None:
    """Find an export by name or alias; nothing if there is none."""
    return _BY_NAME.get(name.lower())


def split_names(names: Iterable[str]) -> tuple[list[TableFormat], list[str]]:
    """Tell the names of exports that are no RDF from the others."""
    found = {name: find(name) for name in names}
    return list(dict.fromkeys(each for each in found.values() if each)), [name for name, each in found.items() if not each]


def describe_files(made: Mapping[str, Export]) -> dict[str, tuple[bytes, str]]:
    """Give every file of several exports, by name of the export, with what it is and what it leaves out."""
    found = {}
    for name, export in made.items():
        about = next(each.title for each in TABLES if each.name == name)
        losses = " ".join(f"Left out: {loss}" for loss in export.losses)
        for file, content in export.files.items():
            rows = f" {export.rows[file]} rows." if file in export.rows else ""
            found[file] = (content, f"{about}.{rows} {losses}".rstrip())
    return found


def single_text(made: Mapping[str, Export], others: Iterable[str]) -> str:
    """Give the text of the one file that was made.

    Raises:
        KbError: Several were made (KB702), or it is no text.
    """
    files = [content for export in made.values() for content in export.files.values()]
    if len(files) != 1 or list(others):
        raise fail("KB702", "That makes several files, which need a folder.", "End --output with a slash.")
    return files[0].decode("utf-8")
