"""``kb merge-driver``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options
from kb.curation import record_merge
from kb.files import atomic, text_file
from kb.problems import KbError


@click.command("merge-driver")
@options.declare("merge-driver")
def command(base: Path, ours: Path, theirs: Path, name: str, marker: int) -> int:
    """Merge two versions of a file of records for git, record by record; 'kb init --team' installs it.

    BASE, OURS and THEIRS are files with the three versions, and OURS gets the result. NAME is the path of the file in the
    repository. A record that both versions changed differently is a conflict around that record alone. If a version cannot be
    read, the whole file is one. Exit code 1: there is a conflict.
    """
    contents = [(str(path), text_file.read_bytes(path, str(path))) for path in (base, ours, theirs)]
    try:
        # Git gives an empty base for a file that both sides have added.
        sides = [text_file.decode(content, place) if content else "" for place, content in contents]
        merged = record_merge.merge(sides[0], sides[1], sides[2], name, marker)
    except KbError as error:
        console.note(*error.problems)
        sides = [content.decode("utf-8", "surrogateescape") for _, content in contents]
        merged = record_merge.MergeResult(record_merge.mark_conflict(sides[1], sides[2], marker=marker), (name,))
    atomic.write_file(ours, [merged.text.encode("utf-8", "surrogateescape")])
    console.note(*(f"{name}: both sides changed {conflict}." for conflict in merged.conflicts))
    return int(bool(merged.conflicts))
