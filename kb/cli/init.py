"""``kb init``."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path

import click

from kb.cli import console, options
from kb.curation import formatting, init
from kb.files import boundary


@click.command
@options.declare("init")
def command(
    folder: Path, name: str, title: str, base: str, template: str, source: Path | None, owners: tuple[str, ...], *, team: bool
) -> int:
    """Create a knowledge base in DIR, with a small example that validates.

    DIR must be new or empty. The example is one short text, two facts, and the terms and predicates that they use; replace
    them with your own. With --from, the knowledge base is read back from a release, a folder of exports, or an export (full or
    nanopubs) instead; exit code 1: some of its statements do not come back. With --team, DIR may be a knowledge base: it is
    prepared for several curators who keep it in git (docs/teams.md). Each of them runs this once in a clone.
    """
    if owners and not team:
        raise click.UsageError("--owner is for --team.")
    if owners:
        from kb.curation import team as team_files

        team_files.check_owners(owners)
    if source and (name or title or base or template != "medicines"):
        raise click.UsageError("--id, --title, --base and --template are for a new knowledge base; --from brings its own.")
    if team and boundary.exists(folder / "kb.yaml") and not source:
        _prepare(folder, owners)
        return 0
    if source:
        code = _restore(folder, source)
    else:
        console.emit(f"{folder / path}\n" for path in init.create(folder, name=name, title=title, base=base, template=template))
    if team:
        _prepare(folder, owners)
    if source:
        return code
    where = shlex.quote(str(folder))
    steps = (
        ("kb validate --content {}", "check it"),
        (f"kb query {'side-effects' if template == 'medicines' else 'facts'} --content {{}}", "query it"),
        ("kb document add FILE --content {}", "add a text"),
        ("kb fact add --content {}", "add a fact; terms are in terms/, predicates in predicates.yaml"),
        ("kb coverage --content {}", "list sentences without a decision"),
        ("kb export --content {} -o exports/", "write RDF"),
    )
    console.note("", "Next:")
    console.note(*(f"  {step.format(where):<48}  {what}" for step, what in steps))
    return 0


def _restore(folder: Path, source: Path) -> int:
    """Create a knowledge base from another form of it; return 1 if statements are lost, else 0."""
    from kb import pipeline
    from kb.importers import rdf_import

    read = rdf_import.read_base(source)
    console.emit(f"{folder / path}\n" for path in init.create_from(folder, read.records, read.files, read.source))
    lost = read.find_lost(pipeline.load(folder)) if read.quads else []
    console.note(*(f"note: {text}" for text in read.notes))
    if lost:
        console.note(f"note: {len(lost)} of {len(read.quads)} statements do not come back, such as: {' '.join(lost[0])}")
    return int(bool(lost))


def _prepare(folder: Path, owners: tuple[str, ...]) -> None:
    """Write the files that a team needs, and install the merge driver."""
    from kb.curation import team

    written = formatting.rewrite(folder, partial(team.find_changes, owners=owners))
    console.emit(f"{path}\n" for path in written)
    if not team.install_driver(folder):
        console.note("note: It is in no git repository: run the same command again after 'git init' or 'git clone'.")
