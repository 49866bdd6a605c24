"""``kb release``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import pipeline
from kb.cli import console, options
from kb.escaping import count_of
from kb.problems import exit_code
from kb.release import checking, making


@click.command
@options.declare("release")
def command(
    content: Path, folder: Path, since: Path | None, key: Path | None, signers: Path | None, *, full: bool, check: bool
) -> int:
    """Make a release: a folder with data, metadata, checksums and the changes since the previous release.

    The folder contains the graph, tables, mappings, questions with their answers, and the records themselves; a README, a data
    dictionary, LICENSE and CITATION.cff; and RO-Crate, DCAT, Croissant, Data Package, DataCite, Zenodo and schema.org metadata.
    The same content and version give the same bytes. --check verifies that a release is complete, that its metadata agree with
    its files, and its answers with its data.
    """
    if signers and not check:
        raise click.UsageError("--signers is for --check.")
    if check and (since or key or full):
        raise click.UsageError("--check writes nothing: leave out --since, --full and --sign.")
    if check:
        problems = checking.check_release(folder, console.note, signers)
        console.note(*(problems or (f"{folder} is complete and consistent.",)))
        return exit_code(problems)
    kb = pipeline.load(content)
    draft = making.make(
        kb, folder, since, lambda part: console.announce(f"{part.name}: {part.what}"), making.ReleaseOptions(full, key)
    )
    size = sum(file.size for file in draft.files.values())
    written = f"Wrote {count_of(len(draft.files), 'file')}, {size:,} bytes, to {folder}."
    console.note(f"{written} metadata/losses.json lists what each format cannot carry.")
    return 0
