"""``kb site``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import pipeline
from kb.cli import console, options
from kb.files import atomic
from kb.release import lineage


@click.command
@options.declare("site")
def command(content: Path, folder: Path | None, url: str, releases: tuple[Path, ...], *, workflow: bool) -> int:
    """Write a static site in DIR: pages for terms, facts, documents and questions, which need no server.

    The pages work from any folder; opened as files, all but the query page work too. Files that have not changed are left as
    they are, and pages of what is gone are removed. With --workflow, write the workflow that publishes the site on GitHub Pages
    instead; DIR is then the top of the repository, by default the current folder.
    """
    from kb.site import site_folder, site_pages

    if workflow:
        target = folder or Path()
        atomic.write_file(target / site_folder.WORKFLOW, [site_folder.read_workflow()])
        console.note(f"Wrote {target / site_folder.WORKFLOW}. Turn on 'GitHub Actions' as the source of Pages.")
        return 0
    if folder is None:
        raise click.UsageError("Name the folder to write.")
    kb, faults = pipeline.load_sound(content)
    left_out = console.report_left_out(faults)
    root = f"{url.rstrip('/')}/" if url else ""
    site = site_pages.Site(kb, root, lineage.locate_releases(releases, kb.dataset.base))
    written = site_folder.write_site(folder, site.files())
    changes = f"{written.changed:,} changed, {written.removed:,} removed, {written.same:,} unchanged"
    console.note(f"Wrote {folder}: {changes}; {written.size / 1_000_000:,.1f} MB.")
    if not site.has_engine:
        console.note("note: The query page answers no SPARQL: there are too many facts for a browser, or the engine is missing.")
        console.note("      Packages of kb have the engine; in a clone of the repository, 'make frontend' installs it.")
    if not root:
        console.note("note: There is no sitemap and no page for missing addresses, since --url is not given.")
    return left_out
