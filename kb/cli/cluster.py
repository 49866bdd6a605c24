"""The part of ``kb build`` that runs on a cluster."""

from __future__ import annotations

from typing import Any

import click

from kb.cli import console, options

_SPARK = "With --engine spark:"
_OPTIONS = (
    click.option("--master", metavar="URL", default="", help=f"{_SPARK} the cluster, such as spark://HOST:7077 or yarn."),
    click.option(
        "--content-uri",
        metavar="URI",
        default="",
        help=f"{_SPARK} read the knowledge base from any file system of Hadoop, instead of --content.",
    ),
    click.option("--shards", type=click.IntRange(1), metavar="N", help=f"{_SPARK} the number of shards.  [default: by size]"),
    click.option("--compress", is_flag=True, help=f"{_SPARK} compress shards with gzip."),
    click.option(
        "--staging",
        metavar="DIR",
        default="",
        help=f"{_SPARK} a folder that every worker can read, for Parquet and for input from Hadoop.",
    ),
    click.option("--piece-bytes", type=click.IntRange(1), default=32 << 20, hidden=True),
    options.pairs("--spark-conf", "conf", metavar="KEY=VALUE", purpose=f"{_SPARK} a Spark setting."),
)
#: The names of their parameters.
NAMES = ("master", "content_uri", "shards", "compress", "staging", "piece_bytes", "conf")


def settings(command: options.Function) -> options.Function:
    """Add the options of a build on a cluster."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


def build(content: str, output: str | None, chosen: dict[str, Any]) -> int:
    """Build on Spark and report the result."""
    from kb.cluster import spark
    from kb.problems import exit_code

    if not output:
        raise click.UsageError("--engine spark writes a folder: name it with --output, by any path that Hadoop knows.")
    console.announce("Starting Spark; that takes some seconds.")
    built = spark.build(chosen.pop("content_uri") or content, output, spark.ClusterSettings(**chosen))
    if built.problems:
        console.emit(f"{problem}\n" for problem in built.problems)
        console.emit([f"{len(built.problems)} problems; nothing was built. {output}/problems has them too.\n"])
        return exit_code(built.problems)
    counts = f"{built.counts['fact']:,} facts, {built.counts['quads']:,} statements in {built.shards:,} shards"
    console.emit([f"Built {output}: {counts}.\n"])
    return 0
