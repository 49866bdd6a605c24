"""The table of exports that are not RDF, for the command line, releases, docs and tests.

To add one, write a module with a function ``write``, and add an entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module

from kb.model import KnowledgeBase
from kb.problems import fail


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that an export omits.

    Args:
        number: How many.
        what: What is omitted and why; its number is printed after it.
        names: The omitted things, or their numbers by kind.
    """

    number: int
    what: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        examples = ", ".join(self.names[:_SHOWN])
        more = len(self.names) - _SHOWN
        return f"{self.what} ({self.number:,}){f': {examples}' if examples else ''}{f' and {more} more' if more > 0 else ''}."


_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Export:
    """The result of a writer.

    Args:
        files: The content of each file, by its path below the folder.
        losses: What the format omits.
        rows: The number of records of each file that is a table.
    """

    files: Mapping[str, bytes]
    losses: tuple[Loss, ...]
    rows: Mapping[str, int]


Writer = Callable[[KnowledgeBase], Export]


@dataclass(frozen=True, slots=True)
class TableFormat:
    """An export that is not RDF.

    Args:
        name: The name for ``--format``.
        title: A description for people.
        aliases: Other names that are accepted.
        module: The module that writes it.
        extra: The extra with its library, if it needs one.
        function: The function of the module.
    """

    name: str
    title: str
    aliases: tuple[str, ...]
    module: str
    extra: str = ""
    function: str = "write"

    @property
    def write(self) -> Writer:
        """The writer.

        Raises:
            KbError: The library that it needs is not installed (KB713).
        """
        try:
            writer: Writer = getattr(import_module(f"kb.formats.tables.{self.module}"), self.function)
        except ModuleNotFoundError as error:
            if not self.extra or (error.name or "").startswith("kb."):
                raise
            message = f"The format '{self.name}' needs {error.name}, which is not installed."
            raise fail("KB713", message, f"Run: pip install 'linked-kb[{self.extra}]'.") from error
        return writer


TABLES: tuple[TableFormat, ...] = (
    TableFormat("csv", "Flat tables for data frames and databases: facts, terms, mappings", ("tables",), "csv_tables"),
    TableFormat("spreadsheet", "Flat tables that spreadsheets open safely", ("excel",), "csv_tables", function="write_safe"),
    TableFormat("kgx", "KGX nodes and edges of the Biolink Model, TSV and JSON Lines", ("biolink",), "kgx"),
    TableFormat("neo4j", "Nodes and edges with the headers of neo4j-admin, CSV", ("neo4j-admin",), "neo4j"),
    TableFormat("parquet", "Nodes and edges for DuckDB, LadybugDB and data frames, Parquet", (), "parquet_graph", "tables"),
    TableFormat("graphml", "Nodes and edges for graph tools, GraphML", (), "graphml", "tables"),
    TableFormat("hrt", "Head, relation and tail of every plain triple, for embeddings, TSV", ("triples-tsv",), "hrt"),
)

_BY_NAME = {name: fmt for fmt in TABLES for name in (fmt.name, *fmt.aliases)}


def find(name: str) -> TableFormat | None:
    """Find an export by name or alias; nothing if there is none."""
    return _BY_NAME.get(name.lower())


def split_names(names: Iterable[str]) -> tuple[list[TableFormat], list[str]]:
    """Split names into the exports that are not RDF, and the other names."""
    formats = {name: find(name) for name in names}
    return list(dict.fromkeys(fmt for fmt in formats.values() if fmt)), [name for name, fmt in formats.items() if not fmt]


def describe_files(made: Mapping[str, Export]) -> dict[str, tuple[bytes, str]]:
    """Return the files of several exports, each with a description that names what it omits."""
    described = {}
    for name, export in made.items():
        about = next(fmt.title for fmt in TABLES if fmt.name == name)
        losses = " ".join(f"Left out: {loss}" for loss in export.losses)
        for file, content in export.files.items():
            rows = f" {export.rows[file]} rows." if file in export.rows else ""
            described[file] = (content, f"{about}.{rows} {losses}".rstrip())
    return described


def single_text(made: Mapping[str, Export], others: Iterable[str]) -> str:
    """Return the text of an export of one file.

    Raises:
        KbError: There are several files (KB702).
    """
    files = [content for export in made.values() for content in export.files.values()]
    if len(files) != 1 or list(others):
        raise fail("KB702", "That makes several files, which need a folder.", "End --output with a slash.")
    return files[0].decode("utf-8")
