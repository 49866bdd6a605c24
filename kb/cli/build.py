"""``kb build``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kb import pipeline
from kb.cli import cluster, console, options, stdin
from kb.pipeline import Shapes
from kb.problems import exit_code
from kb.queries import store_build
from kb.rdf.facts import Model


@click.command
@options.content
@options.output("PATH", "Write an RDF file instead of a store; with --engine spark, a folder on any file system of Hadoop.")
@click.option(
    "-f", "--format", "fmt", default="", metavar="FORMAT", help="With --output: the format, if the suffix does not name it."
)
@options.choice("--engine", values=["local", "spark"], purpose="Where the build runs.")
@cluster.settings
@options.facts
@click.option(
    "--store",
    type=options.PATH,
    default=Path("kb-store"),
    show_default=True,
    metavar="DIR",
    help="The folder of the store: new, empty, or an earlier store, which is replaced.",
)
@options.statements(
    "full", "plain", "named-graphs", "rdf12", purpose="With --output: the statement model; see 'kb export --help'."
)
@options.shapes("none", "With --output: validate the graph with the SHACL shapes too.")
@options.workers
@click.option("--compact", is_flag=True, help="Merge the files of the store: slower to build, faster to query.")
@click.option("--check", is_flag=True, help="Build nothing; verify every byte of the store, and that it is up to date.")
def command(
    content: Path, output: str | None, engine: str, store: Path, workers: int, *, compact: bool, check: bool, **file: Any
) -> int:
    """Build a store on disk, or an RDF file of any size, from a knowledge base that is too large to load for each query.

    The new store is built beside the old one and replaces it when complete; commands that read the old one can finish.
    'kb query --store' warns if the knowledge base has changed since the build, and refuses a damaged store.

    With --output, memory is bounded and the output is byte for byte that of 'kb export'. The suffix chooses the format
    (.nq, .nt, .trig, .ttl, .jsonld, .rdf) and then the compression (.gz, .zst). Sorting uses the folder for temporary
    files (TMPDIR). docs/scale.md has figures and the options for Spark.

    \b
    Examples:
      kb build --content my-kb --store my-store
      kb query side-effects --store my-store
      kb build --check --store my-store
      kb build --content my-kb -o my-kb.nq.zst
      kb build --content my-kb -o all.nq --facts 'more/*.jsonl.zst' --facts even-more.parquet
      zcat more.jsonl.gz | kb build --content my-kb -o all.nq --facts -
      kb build --engine spark --master spark://HOST:7077 --content /shared/my-kb -o hdfs:///data/my-kb
    """
    settings = {name: file.pop(name) for name in cluster.NAMES}
    if (file["more"] or file["fmt"]) and (engine == "spark" or not output):
        raise click.UsageError("--facts and --format need --output FILE: stores and clusters have one format and no more facts.")
    if output == "-":
        raise click.UsageError("--output takes a file here. To write to a pipe, use 'kb export'.")
    if engine == "spark":
        return cluster.build(str(content), output, settings)
    if output:
        return _build_file(content, Path(output), workers, **file)
    return _check_store(store) if check else _build_store(content, store, workers, compact=compact)


def _build_file(
    content: Path, output: Path, workers: int, *, more: tuple[str, ...], fmt: str, statements: Model, shapes: Shapes
) -> int:
    console.announce("Checking the records, then writing them.")
    with stdin.spooled(more) as (files, _):
        checked = pipeline.build(content, output, fmt=fmt, model=statements, shapes=shapes, workers=workers, more=files)
    shaped = f"{checked.shaped:,} of the facts" if checked.shaped else "none of the facts (see --shapes)"
    console.note(f"Wrote {checked.counts['fact']:,} facts of {checked.counts['document']:,} documents to {output}.")
    console.note(f"Validated all records with the JSON Schemas, and {shaped} with the SHACL shapes.")
    return 0


def _check_store(store: Path) -> int:
    problems = list(store_build.check_store(store))
    console.emit([f"{problem}\n" for problem in problems] or ["The store is complete and up to date.\n"])
    return exit_code(problems)


def _build_store(content: Path, store: Path, workers: int, *, compact: bool) -> int:
    console.announce("Checking and compiling the records, then loading them.")
    manifest = store_build.build_store(content, store, workers=workers, compact=compact)
    size = f"{manifest['quads']:,} statements in {manifest['graphs']:,} graphs, {manifest['bytes'] / 1e6:,.1f} MB"
    console.emit([f"Built {store}: {manifest['facts']:,} facts, {size}.\n"])
    return 0
