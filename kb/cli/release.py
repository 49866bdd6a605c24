"""``kb release``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options


@click.command
@options.content
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    metavar="PREVIOUS",
    help="The folder of the release before, for the list of changes.",
)
@click.option("--check", is_flag=True, help="Make nothing; check the release that lies there, and exit 1 if something is wrong.")
def command(content: Path, folder: Path, since: Path | None, *, check: bool) -> int:
    """Make a release: one folder of all exports, with checksums, metadata, and what changed.

    The folder holds RDF, tables, KGX, property graphs, mappings and schemas; a README, LICENSE and CITATION.cff; RO-Crate, DCAT,
    Croissant, a data package, DataCite, Zenodo and schema.org metadata. The same content of the same version gives the same
    bytes. --check tells whether a release is whole and says the truth about itself.

    \b
    Examples:
      kb release releases/1.0.0
      kb release releases/1.1.0 --since releases/1.0.0
      kb release --check releases/1.0.0
    """
    if check:
        from kb.release import checking

        problems = checking.check_release(folder)
        console.note("\n".join(map(str, problems)) if problems else f"{folder} is whole.")
        return int(bool(problems))
    from kb import pipeline
    from kb.release import making

    draft = making.make(pipeline.load(content), folder, since, lambda part: console.progress(f"{part.name}: {part.what}"))
    size = sum(file.size for file in draft.files.values())
    console.note(f"Wrote {len(draft.files)} files, {size:,} bytes, to {folder}. losses.json tells what each format cannot carry.")
    return 0
