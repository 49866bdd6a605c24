"""``kb redirects``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import pipeline
from kb.cli import console, options
from kb.escaping import count_of
from kb.files import atomic
from kb.release import redirects


@click.command
@options.declare("redirects")
def command(content: Path, server: str, files: str, site: str, homepage: str, contact: tuple[str, ...], output: Path) -> None:
    """Write w3id.org redirects, so that the IRIs of a knowledge base resolve.

    The folder is laid out for https://github.com/perma-id/w3id.org: copy it there and open a pull request. Any Apache server
    for the base IRI can use the .htaccess file too. The defaults come from kb.yaml: endpoint, download, homepage and
    contact.
    """
    if server and site:
        raise click.UsageError("Give --server or --site: a server answers browsers with its own pages.")
    dataset = pipeline.load(content).dataset
    target = redirects.find_target(dataset, redirects.RedirectTarget(server, files, site, homepage, contact))
    files_by_name = redirects.redirect_files(dataset, target)
    atomic.write_folder(output, {name: [text] for name, text in files_by_name.items()})
    console.note(f"Wrote {count_of(len(files_by_name), 'file')} to {output}.")
