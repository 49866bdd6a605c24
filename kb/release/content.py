"""The data of a release: RDF, tables, mappings, answers, records and schemas."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kb import queries, resources
from kb.checks import shape_writer
from kb.files import boundary
from kb.files.text_file import read_bytes
from kb.formats import rdf_reader, registry
from kb.formats.registry import Format
from kb.formats.tables import mapping_set, table_registry
from kb.formats.tables.omissions import list_omissions
from kb.queries.compiled import Compiled
from kb.rdf import nanopubs
from kb.rdf.facts import Model
from kb.rdf.iris import names_of
from kb.rdf.nanopubs import Published
from kb.rdf.quads import Quad
from kb.records import folder
from kb.release import dictionary
from kb.release.dictionary import Column
from kb.release.draft import Draft, render
from kb.release.lineage import RECORDS
from kb.release.losses import list_losses, rdf_losses
from kb.schema import vocabulary
from kb.sparql import library, result_formats, scope
from kb.sparql.library import Query
from kb.sparql.values import Answer
from kb.texts import sources
from kb.texts.normal_form import SUFFIXES

#: The ends of the names of the files of data that every release has.
LEAN = (
    *(".ttl", ".jsonld", ".trig", ".nanopubs.trig", ".sssom.tsv", "_nodes.tsv", "_edges.tsv"),
    *("facts.csv", "terms.csv", "quantities.csv"),
)
#: The schemas that every release has: those of the graph. Those of records stand beside the records.
GRAPH_SCHEMAS = ("context.jsonld", "ontology.ttl", "shapes.ttl", "shapes-sparql.ttl")

_MODELS: dict[Model, str] = {"plain": "turtle", "lean": "turtle", "named-graphs": "trig", "rdf12": "turtle", "nanopubs": "trig"}
_LARGEST = 1 << 32  # bytes of a file of records
_TITLES = {"full": "Everything", "nanopubs": "Each fact as a nanopublication"}
#: The media types of files of data, by suffix.
MEDIA = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".jsonl": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".graphml": "application/graphml+xml",
    ".cypher": "text/plain",
    ".args": "text/plain",
    ".yaml": "application/yaml",
    ".json": "application/schema+json",
    ".jsonld": "application/ld+json",
    ".ttl": "text/turtle",
    ".md": "text/markdown",
}


def _is_wanted(draft: Draft, name: str) -> bool:
    """Return whether a release has a file of data."""
    stem = draft.kb.dataset.id
    return draft.full or name in {end if end[0].isalpha() else f"{stem}{end}" for end in LEAN}


def add_rdf(draft: Draft) -> None:
    """Add the graph in every format, and each other statement model in one format."""
    kb, names = draft.kb, names_of(draft.kb)
    exports: list[tuple[Model, Format]] = [("full", fmt) for fmt in registry.FORMATS]
    exports += [(model, registry.find(name)) for model, name in _MODELS.items()]
    for model, fmt in exports:
        file = f"{kb.dataset.id}.{fmt.extension}" if model == "full" else f"{kb.dataset.id}.{model}.{fmt.extension}"
        if not _is_wanted(draft, file):
            continue
        quads = _nanopubs(draft, file) if model == "nanopubs" else draft.compilation.quads(model)
        what = f"{_TITLES.get(model, f'The statement model {model}')}, as {fmt.title}."
        rows = len(quads if fmt.graphs else {quad[:3] for quad in quads})
        draft.add(f"data/{file}", fmt.lines(quads, names), what, fmt.media_type, rows=rows)
        draft.losses.extend(list_losses(fmt.name if model == "full" else model, rdf_losses(kb, fmt, model)))


def _nanopubs(draft: Draft, file: str) -> list[Quad]:
    """Make the nanopublications; those of the previous release stay, or are superseded or retracted."""
    published: dict[str, Published] = {}
    if draft.since and boundary.exists(draft.since.folder / "data" / file):
        published = nanopubs.read_published(
            rdf_reader.read_statements(draft.since.folder / "data" / file, within=draft.since.folder)[0]
        )
    return list(nanopubs.compile_nanopubs(draft.kb, names_of(draft.kb), published))


def add_answers(draft: Draft) -> None:
    """Add the named queries with their answers, and a list of them."""
    names = names_of(draft.kb)
    files: dict[str, bytes] = {}
    answers: dict[str, AnswerFile] = {}
    for file in write_answers(queries.compile_base(draft.kb, draft.quads)):
        text = scope.keep_to_base(library.standalone_text(file.query.text, names), names)
        files |= {file.name: "".join(file.text).encode("utf-8"), f"{file.query.name}.rq": text.encode("utf-8")}
        answers[file.query.name] = file
    if answers:
        empty = sum(file.answer.is_empty for file in answers.values())
        values = {"answers": answers.values(), "rows": count_rows, "dataset": draft.kb.dataset}
        files["README.md"] = render("queries.md", **values).encode("utf-8")
        draft.add_archive("queries.zip", files, describe_answers(len(answers), empty))


def describe_answers(questions: int, empty: int) -> str:
    """Describe the archive of questions, as the README of a release does."""
    return f"{questions} questions in SPARQL with their answers; {empty} answers are empty."


def count_rows(answer: Answer) -> str:
    """Return the number of rows or statements of an answer, as the README of the questions states it."""
    return "yes or no" if answer.form == "ask" else str(len(answer.rows or answer.triples) or "none")


class AnswerFile(NamedTuple):
    """A file that holds the answer to a named query, with its media type."""

    query: Query
    answer: Answer
    name: str
    text: Iterator[str]
    media: str


def write_answers(base: Compiled) -> Iterator[AnswerFile]:
    """Write the answer to each query of the knowledge base: a table as CSV and JSON, a graph as Turtle, an ASK as JSON."""
    turtle = registry.find("turtle")
    for query, answer in queries.answer_named_queries(base):
        if answer.form == "graph":
            lines = turtle.lines([Quad(*triple, "") for triple in answer.triples], base.names)
            yield AnswerFile(query, answer, f"{query.name}.ttl", lines, turtle.media_type)
            continue
        for fmt in map(result_formats.find, ("csv", "json") if answer.form == "select" else ("json",)):
            yield AnswerFile(query, answer, f"{query.name}.{fmt.extension}", fmt.lines(answer), fmt.media_type)


def add_tables(draft: Draft) -> None:
    """Add tables and property graphs."""
    for fmt in table_registry.TABLES:
        if not (draft.full or fmt.name in {"csv", "kgx"}):
            continue
        export = fmt.write(draft.kb)
        for name, content in export.files.items():
            if _is_wanted(draft, name):
                media = MEDIA[name[name.rindex(".") :]]
                rows, columns = export.rows.get(name), _columns(name, content)
                draft.add(
                    f"data/{name}",
                    content,
                    dictionary.TITLES.get(dictionary.find_table(name), f"{fmt.title}."),
                    media,
                    rows=rows,
                    columns=columns,
                )
        draft.losses.extend(list_losses(fmt.name, export.losses))


def _columns(name: str, content: bytes) -> tuple[Column, ...]:
    """Read the header of a table that the dictionary describes."""
    table, text = dictionary.find_table(name), io.StringIO(content.decode("utf-8"), newline="") if name.endswith("v") else None
    if not table or text is None:
        return ()
    rows = csv.reader(text) if name.endswith(".csv") else csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(dictionary.describe_column(table, column) for column in next(rows))


def add_mappings(draft: Draft) -> None:
    """Add the mappings as SSSOM: one set of the knowledge base, and each set of others under its own licence."""
    for file in mapping_set.list_sets(draft.kb):
        what, terms = "The mappings of the knowledge base as one SSSOM set.", ""
        if file.name != draft.kb.dataset.id:
            terms = file.about.license
            what = f"Mappings of others, under {terms}: {file.about.slots.get('mapping_set_title', file.about.id)}."
        columns, rows = tuple(dictionary.describe_column("mappings", name) for name in file.columns), len(file.rows)
        name, media = f"data/{file.name}.sssom.tsv", MEDIA[".tsv"]
        draft.add(name, file.lines(), what, media, rows=rows, columns=columns, terms=terms)
    draft.losses.extend(list_losses("sssom", list_omissions(draft.kb, "facts", "terms", "predicates", "documents", "sentences")))


def add_records(draft: Draft) -> None:
    """Add the records as they are, with the texts that ship and the schemas of these records."""
    kb, found = draft.kb, list(folder.find_inputs(draft.kb.folder, []))
    paths, kinds = {path for path, _ in found}, {"values", *(kind for _, kind in found)}
    for name in ("queries", "verification", "schemas"):
        entries = boundary.list_folder(kb.folder / name)
        paths |= {kb.folder / name / entry.name for entry in entries if not entry.is_folder and entry.name[0] != "."}
    paths |= {copy / "kb.yaml" for copy in folder.list_imports(kb.folder, [])}
    texts = (document for document in kb.documents.values() if document.text == sources.SHIPPED)
    paths |= {kb.folder / "documents" / f"{document.id}{SUFFIXES.get(document.mediatype, '.txt')}" for document in texts}
    contents = {path.relative_to(kb.folder).as_posix(): read_bytes(path, str(path), _LARGEST, kb.folder) for path in paths}
    for path in sorted(resources.schemas().glob("*.schema.json")):
        if {path.name.partition(".")[0], path.name.partition(".")[0].removesuffix("s")} & kinds:
            contents.setdefault(f"schemas/{path.name}", _read_contract(path))
    draft.add_archive(RECORDS, contents, "The records themselves, with their schemas: a folder that kb reads.")


def add_contracts(draft: Draft) -> None:
    """Add the shapes, context and ontology of the graph; with every format, also the schemas of records."""
    for path in sorted(resources.schemas().iterdir()):
        media = MEDIA.get(path.suffix)
        if media and (draft.full or path.name in GRAPH_SCHEMAS):
            draft.add(f"schemas/{path.name}", _read_contract(path), "A schema.", media, "text")


def _read_contract(path: Path) -> bytes:
    """Return the content of a published schema, with the words of the vocabulary in use."""
    name, _, kind = path.name.partition(".")
    if not vocabulary.in_use():
        return path.read_bytes()
    if name.startswith("shapes"):
        return shape_writer.list_shapes()[name != "shapes"].encode("utf-8")
    if name != "context" and kind != "schema.json":
        return path.read_bytes()
    made = {"@context": vocabulary.context()} if name == "context" else vocabulary.schema(name)
    return f"{json.dumps(made, indent=2, ensure_ascii=False)}\n".encode()


def add_losses(draft: Draft) -> None:
    """Add what each format cannot carry."""
    draft.add_json("metadata/losses.json", draft.losses, "What each format cannot carry, with counts.")
