"""``kb redirects``."""

from __future__ import annotations

from pathlib import Path

import click

from kb import pipeline
from kb.cli import argument_types as types
from kb.cli import console, options
from kb.files import atomic
from kb.release import redirects


@click.command
@options.content
@click.option("--server", type=types.URL, metavar="URL", default="", help="The URL of a running 'kb serve'.")
@click.option("--files", type=types.URL, metavar="URL", default="", help="The URL of the folder with the files of a release.")
@click.option(
    "--homepage", type=types.URL, metavar="URL", default="", help="The page for browsers, if --files answers all other clients."
)
@options.repeated(
    "--contact", type=types.LINE, metavar="TEXT", purpose="A maintainer for w3id.org to contact, such as a GitHub user."
)
@options.output("DIR", "The folder to write.", required=True, type=options.PATH)
def command(content: Path, server: str, files: str, homepage: str, contact: tuple[str, ...], output: Path) -> None:
    """Write w3id.org redirects, so that the IRIs of a knowledge base resolve.

    The folder is laid out for https://github.com/perma-id/w3id.org: copy it there and open a pull request. Any Apache server
    for the base IRI can use the .htaccess file too. The defaults come from kb.yaml: endpoint, download, homepage and
    contact.

    \b
    Examples:
      kb redirects -o w3id/ --server https://kb.example.org/
      kb redirects -o w3id/ --files https://example.org/releases/1.0.0/ --contact '@curator on GitHub'
    """
    dataset = pipeline.load(content).dataset
    target = redirects.find_target(dataset, redirects.RedirectTarget(server, files, homepage, contact))
    files_by_name = redirects.redirect_files(dataset, target)
    atomic.write_folder(output, {name: [text] for name, text in files_by_name.items()})
    console.note(f"Wrote {len(files_by_name)} files to {output}.")
