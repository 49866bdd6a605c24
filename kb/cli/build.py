"""``kb build``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import options, report


@click.command
@options.content
@click.option(
    "--store",
    type=click.Path(path_type=Path),
    default=Path("kb-store"),
    show_default=True,
    metavar="DIR",
    help="The folder of the store: new, empty, or a store already.",
)
@click.option("--check", is_flag=True, help="Build nothing; check every byte of the store, and whether it is up to date.")
def command(content: Path, store: Path, *, check: bool) -> int:
    """Build a store on disk, for knowledge bases that are too large to be loaded for each question.

    The store is built beside the one that is there and takes its place when it is whole; those who read the old one keep
    it until they are done. It remembers what it was made from: `kb query --store` says when that has changed, and refuses a
    store that is damaged.

    \b
    Examples:
      kb build --content my-kb --store my-store
      kb query side-effects --store my-store
      kb build --check --store my-store
    """
    from kb import asking, pipeline  # noqa: PLC0415 - late, so that --help is fast
    from kb.problems import exit_code  # noqa: PLC0415 - as above

    if check:
        problems = list(asking.check_store(store))
        report.emit([*(f"{each}\n" for each in problems), *([] if problems else ["The store is whole and up to date.\n"])])
        return exit_code(problems)
    report.progress("Checking and compiling the records, then loading them.")
    made = asking.build_store(pipeline.load(content), store)
    about = f"{made['facts']:,} facts, {made['quads']:,} statements in {made['graphs']:,} graphs, {made['bytes'] / 1e6:,.1f} MB"
    report.emit([f"Built {store}: {about}.\n"])
    return 0
