"""The data of a release: RDF in every format, answers, tables, mappings, schemas, and compressed copies."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

from kb import pipeline, queries, resources
from kb.formats import registry
from kb.formats.tables import mapping_set, table_registry
from kb.queries import description
from kb.queries.compiled import Compiled
from kb.rdf.facts import Model
from kb.rdf.iris import names_of
from kb.rdf.quads import Quad
from kb.release.draft import Draft
from kb.release.losses import rdf_losses
from kb.sparql import library, result_formats, scope
from kb.sparql.library import Query
from kb.sparql.values import Answer

#: The size in bytes from which a file gets a compressed copy.
LARGE = 1 << 18

_MODELS: dict[Model, str] = {"plain": "turtle", "named-graphs": "trig", "rdf12": "turtle", "nanopubs": "trig"}
TABLE_MEDIA = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".jsonl": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".graphml": "application/graphml+xml",
    ".cypher": "text/plain",
}
_CONTRACT_MEDIA = {
    ".json": "application/schema+json",
    ".jsonld": "application/ld+json",
    ".ttl": "text/turtle",
    ".md": "text/markdown",
}


def add_rdf(draft: Draft) -> None:
    """Add the graph in every format, and each other statement model in one format."""
    kb, names = draft.kb, names_of(draft.kb)
    triples = len({quad[:3] for quad in draft.quads})
    for fmt in registry.FORMATS:
        rows = len(draft.quads) if fmt.graphs else triples
        text = pipeline.write(draft.quads, fmt, names)
        draft.add(f"rdf/{kb.dataset.id}.{fmt.extension}", text, f"Everything, as {fmt.title}.", fmt.media_type, rows=rows)
        draft.losses.extend({"export": fmt.name, "what": loss} for loss in rdf_losses(kb, fmt, "full"))
    for model, name in _MODELS.items():
        fmt, quads = registry.find(name), draft.compilation.quads(model)
        what = f"The statement model '{model}', as {fmt.title}."
        rows = len(quads if fmt.graphs else {quad[:3] for quad in quads})
        file, text = f"rdf/{kb.dataset.id}.{model}.{fmt.extension}", pipeline.write(quads, fmt, names)
        draft.add(file, text, what, fmt.media_type, rows=rows)
        draft.losses.extend({"export": model, "what": loss} for loss in rdf_losses(kb, fmt, model))


def add_answers(draft: Draft) -> None:
    """Add the named queries with their answers."""
    base, names = queries.compile_base(draft.kb, draft.quads), names_of(draft.kb)
    for query in add_answer_files(draft, base, lambda query, _, form: f"{query.question or query.title} As {form}."):
        text = scope.keep_to_base(library.standalone_text(query.text, names), names)
        what = f"{query.question or query.title} The question in SPARQL."
        draft.add(f"queries/{query.name}.rq", text, what, "application/sparql-query")


def add_answer_files(draft: Draft, base: Compiled, describe: Callable[[Query, Answer, str], str]) -> list[Query]:
    """Add the answer to each query of the knowledge base: a table as CSV and JSON, a graph as Turtle, that to an ASK as JSON.

    Args:
        draft: The draft.
        base: The compiled knowledge base.
        describe: Returns the description of a file from the query, its answer and the title of the format.

    Returns:
        The queries.
    """
    turtle, answered = registry.find("turtle"), []
    for query, answer in queries.answer_named_queries(base):
        answered.append(query)
        if answer.form == "graph":
            lines = turtle.lines([Quad(*triple, "") for triple in answer.triples], base.names)
            what, triples = describe(query, answer, turtle.title), len(answer.triples)
            draft.add(f"queries/{query.name}.ttl", lines, what, turtle.media_type, rows=triples)
            continue
        rows = len(answer.rows) if answer.form == "select" else None
        for fmt in map(result_formats.find, ("csv", "json") if answer.form == "select" else ("json",)):
            columns = answer.variables if fmt.name == "csv" else ()
            name, what = f"queries/{query.name}.{fmt.extension}", describe(query, answer, fmt.name.upper())
            draft.add(name, fmt.lines(answer), what, fmt.media_type, rows=rows, columns=columns)
    return answered


def add_tables(draft: Draft) -> None:
    """Add tables and property graphs, each format in a folder of its name."""
    for fmt in table_registry.TABLES:
        export = fmt.write(draft.kb)
        for name, content in export.files.items():
            path = Path(fmt.name, Path(name).name)
            media = TABLE_MEDIA[path.suffix]
            columns = _columns(content, path.suffix) if path.suffix in {".csv", ".tsv"} and fmt.name != "hrt" else ()
            draft.add(path.as_posix(), content, f"{fmt.title}.", media, rows=export.rows.get(name), columns=columns)
        draft.losses.extend(
            {"export": fmt.name, "count": loss.number, "what": loss.what, "which": list(loss.names)} for loss in export.losses
        )


def _columns(content: bytes, suffix: str) -> tuple[str, ...]:
    """Read the header of a table."""
    text = io.StringIO(content.decode("utf-8"), newline="")
    rows = csv.reader(text) if suffix == ".csv" else csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(next(rows))


def add_mappings(draft: Draft) -> None:
    """Add all mappings as one SSSOM set."""
    kb, what = draft.kb, "All mappings as one SSSOM set."
    name = f"mappings/{kb.dataset.id}.sssom.tsv"
    draft.add(name, mapping_set.write_all(kb), what, TABLE_MEDIA[".tsv"], rows=len(kb.mappings), columns=mapping_set.COLUMNS)


def add_contracts(draft: Draft) -> None:
    """Add the schemas, shapes, context and ontology, and the prefixes."""
    for path in sorted(resources.schemas().iterdir()):
        if media := _CONTRACT_MEDIA.get(path.suffix):
            draft.add(f"schemas/{path.name}", path.read_bytes(), "A contract; schemas/README.md tells of each.", media)
    names = names_of(draft.kb)
    context = json.dumps({"@context": names.prefixes}, indent=2) + "\n"
    draft.add("schemas/prefixes.jsonld", context, "The prefixes as a JSON-LD context.", "application/ld+json")
    turtle = registry.find("turtle")
    quads = [Quad(*triple, "") for triple in description.describe_prefixes(names)]
    draft.add("schemas/prefixes.ttl", turtle.lines(quads, names), "The prefixes as SHACL declares them.", turtle.media_type)


def add_copies(draft: Draft) -> None:
    """Add a compressed copy of each large file, without a time stamp."""
    for file in draft.of("data"):
        if file.size >= LARGE:
            packed = gzip.compress(draft.read(file.name), compresslevel=9, mtime=0)
            draft.add(f"{file.name}.gz", packed, f"{file.what} Packed.", "application/gzip", "copy")


def add_losses(draft: Draft) -> None:
    """Add what each format cannot carry."""
    draft.add_json("losses.json", draft.losses, "What each format cannot carry, with counts.")
