"""``kb release``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import pipeline
from kb.cli import console, options
from kb.problems import exit_code
from kb.release import checking, making


@click.command
@options.content
@click.argument("folder", type=options.PATH, metavar="DIR")
@click.option(
    "--since", type=options.PATH, metavar="PREVIOUS", help="The folder of the previous release, to list the changes since."
)
@click.option("--check", is_flag=True, help="Write nothing; check the release in DIR, and exit 1 if it has problems.")
def command(content: Path, folder: Path, since: Path | None, *, check: bool) -> int:
    """Make a release: a folder with all exports, checksums, metadata and the changes since the previous release.

    The folder contains RDF, tables, KGX, property graphs, mappings and schemas; a README, LICENSE and CITATION.cff; and
    RO-Crate, DCAT, Croissant, Data Package, DataCite, Zenodo and schema.org metadata. The same content and version give the
    same bytes. --check verifies that a release is complete, and that its metadata agree with its files.

    \b
    Examples:
      kb release releases/1.0.0
      kb release releases/1.1.0 --since releases/1.0.0
      kb release --check releases/1.0.0
    """
    if check:
        problems = checking.check_release(folder)
        console.note(*(problems or (f"{folder} is complete and consistent.",)))
        return exit_code(problems)
    draft = making.make(pipeline.load(content), folder, since, lambda part: console.announce(f"{part.name}: {part.what}"))
    size = sum(file.size for file in draft.files.values())
    console.note(f"Wrote {len(draft.files)} files, {size:,} bytes, to {folder}. losses.json lists what each format cannot carry.")
    return 0
