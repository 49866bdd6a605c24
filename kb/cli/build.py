"""``kb build``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kb.cli import cluster, console, options, stdin
from kb.cli.options import Shapes
from kb.rdf.facts import Model


@click.command
@options.content
@click.option(
    "-o", "--output", metavar="PATH", help="Write a file in a format of RDF instead; with --engine spark, a folder anywhere."
)
@click.option(
    "-f", "--format", "fmt", default="", metavar="FORMAT", help="With --output: the format, where its suffix does not tell it."
)
@click.option(
    "--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True, help="What runs it; see docs/scale.md."
)
@cluster.settings
@options.facts
@click.option(
    "--store",
    type=click.Path(path_type=Path),
    default=Path("kb-store"),
    show_default=True,
    metavar="DIR",
    help="The folder of the store: new, empty, or a store already.",
)
@click.option(
    "--statements",
    type=click.Choice(["full", "plain", "named-graphs", "rdf12"]),
    default="full",
    show_default=True,
    help="With --output: how statements are written, as in 'kb export'.",
)
@click.option(
    "--shapes",
    type=click.Choice(["none", "sample", "all"]),
    default="none",
    show_default=True,
    help="With --output: hold the graph against the SHACL shapes too.",
)
@options.workers
@click.option("--compact", is_flag=True, help="Merge the files of the store: slower to build, faster to read; see docs/scale.md.")
@click.option("--check", is_flag=True, help="Build nothing; check every byte of the store, and whether it is up to date.")
def command(
    content: Path,
    output: str | None,
    fmt: str,
    engine: str,
    more: tuple[str, ...],
    store: Path,
    statements: Model,
    shapes: Shapes,
    workers: int,
    *,
    compact: bool,
    check: bool,
    **chosen: Any,
) -> int:
    """Build a store on disk or a file of any size, for knowledge bases that are too large to be loaded for each question.

    The store is built beside the one that is there and takes its place when it is whole; those who read the old one keep
    it until they are done. It remembers what it was made from: `kb query --store` says when that has changed, and refuses a
    store that is damaged.

    With --output, a file is written in bounded memory: the same bytes as those of 'kb export'. Its name decides on the
    format (.nq, .nt, .trig, .ttl, .jsonld, .rdf) and, with .gz or .zst after that, on compression. N-Quads and N-Triples come
    sorted out of the records; the others are sorted once more on disk, in the folder for temporary files (TMPDIR).

    \b
    Examples:
      kb build --content my-kb --store my-store
      kb build --content my-kb -o my-kb.nq.zst
      kb build --content my-kb -o my-kb.ttl
      kb build --content my-kb -o all.nq --facts 'more/*.jsonl.zst' --facts even-more.parquet
      zcat more.jsonl.gz | kb build --content my-kb -o all.nq --facts -
      kb query side-effects --store my-store
      kb build --check --store my-store
      kb build --engine spark --master spark://HOST:7077 --content /shared/my-kb -o hdfs:///data/my-kb
    """
    from kb import queries
    from kb.build.workers import available
    from kb.problems import exit_code

    if (more or fmt) and (engine == "spark" or not output):
        raise click.UsageError(
            "--facts and --format go with --output: a store and a cluster have one form, and the folder's facts."
        )
    if output == "-":
        raise click.UsageError(
            "--output is a file: what is built takes its place when it is whole. 'kb export' writes to a pipe."
        )
    if engine == "spark":
        return cluster.build(str(content), output, chosen)
    if output:
        return _write(content, Path(output), more, fmt=fmt, model=statements, shapes=shapes, workers=workers or available())
    if check:
        problems = list(queries.check_store(store))
        console.emit([*(f"{each}\n" for each in problems), *([] if problems else ["The store is whole and up to date.\n"])])
        return exit_code(problems)
    console.progress("Checking and compiling the records, then loading them.")
    made = queries.build_store(content, store, workers=workers or available(), compact=compact)
    about = f"{made['facts']:,} facts, {made['quads']:,} statements in {made['graphs']:,} graphs, {made['bytes'] / 1e6:,.1f} MB"
    console.emit([f"Built {store}: {about}.\n"])
    return 0


def _write(content: Path, output: Path, more: tuple[str, ...], **how: Any) -> int:
    from kb import pipeline

    console.progress("Checking the records, then writing them.")
    with stdin.spooled(more) as (named, _):
        checked = pipeline.build(content, output, more=named, **how)
    held = f"{checked.shaped:,} of its facts" if checked.shaped else "none of its facts (see --shapes)"
    facts, documents = checked.counts["fact"], checked.counts["document"]
    console.note(f"Wrote {facts:,} facts of {documents:,} documents to {output}.")
    console.note(f"All records were held against their schemas, and {held} against the SHACL shapes.")
    return 0
