"""``kb release``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import pipeline
from kb.cli import console, options
from kb.escaping import count_of
from kb.problems import KbError, exit_code
from kb.release import checking, making
from kb.release.requirements import REQUIREMENTS, find_unmet


@click.command
@options.declare("release")
def command(
    content: Path,
    folder: Path,
    since: Path | None,
    key: Path | None,
    signers: Path | None,
    require: str,
    *,
    full: bool,
    check: bool,
) -> int:
    """Make a release: a folder with data, metadata, checksums and the changes since the previous release.

    The folder contains the graph, tables, mappings, questions with their answers, and the records themselves; a README, a data
    dictionary, LICENSE and CITATION.cff; and RO-Crate, DCAT, Croissant, Data Package, DataCite, Zenodo and schema.org metadata.
    The same content and version give the same bytes. --require refuses if a fact is not as required, and lists all of them;
    deprecated facts are left out of that. --check verifies that a release is complete, that its metadata agree with
    its files, and its answers with its data.
    """
    if signers and not check:
        raise click.UsageError("--signers is for --check.")
    if check and (since or key or full or require):
        raise click.UsageError("--check writes nothing: leave out --since, --full, --require and --sign.")
    wanted = set(filter(None, require.split(",")))
    if wanted - set(REQUIREMENTS):
        raise click.UsageError(f"--require takes {' and '.join(REQUIREMENTS)}, separated by a comma.")
    if check:
        problems = checking.check_release(folder, console.note, signers)
        console.note(*(problems or (f"{folder} is complete and consistent.",)))
        return exit_code(problems)
    kb = pipeline.load(content)
    if unmet := list(find_unmet(kb, wanted)):
        raise KbError(unmet)
    draft = making.make(
        kb, folder, since, lambda part: console.announce(f"{part.name}: {part.what}"), making.ReleaseOptions(full, key)
    )
    size = sum(file.size for file in draft.files.values())
    written = f"Wrote {count_of(len(draft.files), 'file')}, {size:,} bytes, to {folder}."
    console.note(f"{written} metadata/losses.json lists what each format cannot carry.")
    return 0
