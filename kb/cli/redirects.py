"""``kb redirects``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options


@click.command
@options.content
@click.option("--server", metavar="URL", default="", help="The address of a running 'kb serve'.")
@click.option("--files", metavar="URL", default="", help="The address below which the files of a release lie.")
@click.option("--homepage", metavar="URL", default="", help="What browsers are shown, where files answer.")
@click.option("--contact", metavar="TEXT", multiple=True, help="Whom w3id.org can ask, such as a GitHub user; may be repeated.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", required=True, help="Where to.")
def command(content: Path, server: str, files: str, homepage: str, contact: tuple[str, ...], output: Path) -> None:
    """Write what w3id.org needs to make the IRIs of a knowledge base lead somewhere, for good.

    The folder has the shape of https://github.com/perma-id/w3id.org: copy it there and ask for it to be taken in. Any other
    Apache that answers for the base takes the .htaccess as well. What is not given is taken from kb.yaml: endpoint,
    download, homepage and contact.

    \b
    Examples:
      kb redirects -o w3id/ --server https://kb.example.org/
      kb redirects -o w3id/ --files https://example.org/releases/1.0.0/ --contact '@curator on GitHub'
    """
    from kb import pipeline
    from kb.files import atomic as written
    from kb.release import redirects

    dataset = pipeline.load(content).dataset
    to = redirects.find_target(dataset, redirects.RedirectTarget(server, files, homepage, contact))
    made = redirects.redirect_files(dataset, to)
    written.write_folder(output, {name: [text] for name, text in made.items()})
    console.note(f"Wrote {len(made)} files to {output}.")
