"""``kb build``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from kb import pipeline
from kb.build.workers import count_processors
from kb.cli import console, options, stdin
from kb.escaping import count_of
from kb.pipeline import Shapes
from kb.problems import describe_size, exit_code
from kb.queries import store_build
from kb.rdf.facts import Model

_OF_CLUSTERS = ("master", "content_uri", "shards", "compress", "staging", "piece_bytes", "conf")


def _count_workers(_: click.Context, __: click.Parameter, number: int | None) -> int:
    return number or count_processors()


@click.command
@options.declare("build", shapes={"type": click.Choice(get_args(Shapes))}, workers={"callback": _count_workers})
def command(
    content: Path, output: str | None, engine: str, store: Path, workers: int, *, compact: bool, check: bool, **file: Any
) -> int:
    """Build a store on disk, or an RDF file of any size, from a knowledge base that is too large to load for each query.

    The new store is built beside the old one and replaces it when complete; commands that read the old one can finish.
    'kb query --store' warns if the knowledge base has changed since the build, and refuses a damaged store.

    With --output, memory is bounded and the output is byte for byte that of 'kb export'. The suffix chooses the format
    (.nq, .nt, .trig, .ttl, .jsonld, .rdf) and then the compression (.gz, .zst). Sorting uses the folder for temporary
    files (TMPDIR). docs/scale.md has figures and the options for Spark.
    """
    settings = {name: file.pop(name) for name in _OF_CLUSTERS}
    if (file["more"] or file["fmt"]) and (engine == "spark" or not output):
        raise click.UsageError("--facts and --format need --output FILE: stores and clusters have one format and no more facts.")
    if output == "-":
        raise click.UsageError("--output takes a file here. To write to a pipe, use 'kb export'.")
    if engine == "spark":
        return _build_on_spark(str(content), output, settings)
    if output:
        return _build_file(content, Path(output), workers, **file)
    return _check_store(store) if check else _build_store(content, store, workers, compact=compact)


def _build_on_spark(content: str, output: str | None, chosen: dict[str, Any]) -> int:
    from kb.cluster import spark

    if not output:
        raise click.UsageError("--engine spark writes a folder: name it with --output, by any path that Hadoop knows.")
    console.announce("Starting Spark; that takes some seconds.")
    built = spark.build(chosen.pop("content_uri") or content, output, spark.ClusterSettings(**chosen))
    if built.problems:
        console.emit(f"{problem}\n" for problem in built.problems)
        console.emit([f"{count_of(len(built.problems), 'problem')}; nothing was built. {output}/problems has them too.\n"])
        return exit_code(built.problems)
    facts, statements = count_of(built.counts["fact"], "fact"), count_of(built.counts["quads"], "statement")
    counts = f"{facts}, {statements} in {count_of(built.shards, 'shard')}"
    console.emit([f"Built {output}: {counts}.\n"])
    return 0


def _build_file(
    content: Path, output: Path, workers: int, *, more: tuple[str, ...], fmt: str, statements: Model, shapes: Shapes
) -> int:
    console.announce("Checking the records, then writing them.")
    with stdin.spooled(more) as (files, _):
        checked = pipeline.build(content, output, fmt=fmt, model=statements, shapes=shapes, workers=workers, more=files)
    shaped = f"{checked.shaped:,} of the facts" if checked.shaped else "none of the facts (see --shapes)"
    console.note(
        f"Wrote {count_of(checked.counts['fact'], 'fact')} of {count_of(checked.counts['document'], 'document')} to {output}."
    )
    console.note(f"Validated all records with the JSON Schemas, and {shaped} with the SHACL shapes.")
    return 0


def _check_store(store: Path) -> int:
    problems = list(store_build.check_store(store))
    console.emit([f"{problem}\n" for problem in problems] or ["The store is complete and up to date.\n"])
    return exit_code(problems)


def _build_store(content: Path, store: Path, workers: int, *, compact: bool) -> int:
    console.announce("Checking and compiling the records, then loading them.")
    manifest = store_build.build_store(content, store, workers=workers, compact=compact)
    size = f"{manifest['quads']:,} statements in {len(manifest['graphs']):,} graphs, {describe_size(manifest['bytes'])}"
    console.emit([f"Built {store}: {count_of(manifest['facts'], 'fact')}, {size}.\n"])
    return 0
