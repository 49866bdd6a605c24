"""The part of ``kb build`` that runs on a cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from kb.cli import console, options

Function = TypeVar("Function", bound=Callable[..., Any])

_SPARK = "With --engine spark:"


def settings(function: Function) -> Function:
    """Add the options of a build on a cluster, as one argument ``cluster``."""
    for add in reversed(
        (
            click.option("--master", metavar="URL", default="", help=f"{_SPARK} the cluster, such as spark://HOST:7077 or yarn."),
            click.option(
                "--content-uri",
                metavar="URI",
                default="",
                help=f"{_SPARK} the knowledge base on any file system that Hadoop knows, in place of --content.",
            ),
            click.option("--shards", type=click.IntRange(1), metavar="N", help=f"{_SPARK} how many shards.  [default: by size]"),
            click.option("--compress", is_flag=True, help=f"{_SPARK} write shards with gzip."),
            click.option(
                "--staging",
                metavar="DIR",
                default="",
                help=f"{_SPARK} a folder that every worker sees, for input that only Hadoop can read, and for Parquet.",
            ),
            click.option("--piece-bytes", type=click.IntRange(1), default=32 << 20, hidden=True),
            click.option(
                "--spark-conf",
                "conf",
                multiple=True,
                metavar="KEY=VALUE",
                callback=options.pairs,
                help=f"{_SPARK} a setting of Spark; may be repeated.",
            ),
        )
    ):
        function = add(function)
    return function


def build(content: str, output: str | None, chosen: dict[str, Any]) -> int:
    """Build on Spark, and tell what came of it."""
    from kb.cluster import spark
    from kb.problems import exit_code

    if not output or output == "-":
        raise click.UsageError("--engine spark writes a folder: name it with --output, as any path that Hadoop knows.")
    console.progress("Starting Spark; that takes some seconds.")
    built = spark.build(chosen.pop("content_uri") or content, output, spark.Settings(**chosen))
    if built.problems:
        console.emit(f"{problem}\n" for problem in built.problems)
        console.emit([f"{len(built.problems)} problems; nothing was built. They are also in {output}/problems.\n"])
        return exit_code(built.problems)
    counts = f"{built.counts['fact']:,} facts, {built.counts['quads']:,} statements in {built.shards:,} shards"
    console.emit([f"Built {output}: {counts}.\n"])
    return 0
