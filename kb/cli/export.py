"""``kb export``."""

from __future__ import annotations

from pathlib import Path

import click

from kb.cli import console, options
from kb.formats.registry import Format
from kb.rdf.facts import Model
from kb.rdf.iris import names_of


@click.command
@options.content
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT",
    help="RDF: turtle, jsonld, ntriples, nquads, trig, rdfxml. Tables and graphs: csv, kgx, neo4j, parquet, graphml, hrt. May be "
    "repeated.",
)
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    default="-",
    show_default=True,
    help="A file, a folder (ending in /), or - for standard output.",
)
@click.option(
    "--statements",
    type=click.Choice(["full", "plain", "named-graphs", "rdf12", "nanopubs"]),
    default="full",
    show_default=True,
    help="How statements are written: described rdf:Statements, bare triples, a graph for each fact, RDF 1.2 reifiers, or a "
    "nanopublication for each fact.",
)
@click.option(
    "--sign",
    "key",
    type=click.Path(path_type=Path),
    metavar="KEY",
    help="Sign nanopublications with the private RSA key in this file (extra nanopub).",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file of the folder differs from what would be written.")
def command(content: Path, formats: tuple[str, ...], output: str, statements: Model, key: Path | None, *, check: bool) -> int:
    """Write a knowledge base as RDF, tables or property graphs; the same content gives the same bytes.

    The format follows the suffix of the file unless --format names it. A folder gets one file per format (those of RDF
    unless some are named), the answers to the named queries, a README and checksums. What a format or a statement
    model cannot keep is told on standard error.

    \b
    Examples:
      kb export > clonazepam.ttl
      kb export -f jsonld -o clonazepam.jsonld
      kb export -o exports/
      kb export --statements named-graphs -o clonazepam.trig
      kb export --statements nanopubs -o clonazepam.trig
      kb export -f kgx -f csv -o tables/
    """
    from kb import pipeline
    from kb.formats.tables import table_registry
    from kb.rdf import signing
    from kb.release import export_folder

    folder = _is_folder(output)
    if check and not folder:
        raise click.UsageError("--check compares a folder: name it with --output, ending in a slash.")
    if key and (folder or statements != "nanopubs"):
        raise click.UsageError("--sign is for one file of --statements nanopubs.")
    tables, rest = table_registry.split(formats or [Path(output).suffix[1:]])
    if tables and not rest and statements != "full":
        raise click.UsageError("--statements is for formats of RDF.")
    chosen = export_folder.choose(rest if formats else (), "" if folder else output, statements, many=folder) if rest else []
    if not (tables or folder or statements in export_folder.HELD):
        return _stream(content, chosen[0], output, statements)
    kb = pipeline.load(content)
    made_tables = {fmt.name: fmt.write(kb) for fmt in tables}
    told = [line for fmt in chosen for line in export_folder.losses(kb, fmt, statements)]
    told += [str(loss) for made in made_tables.values() for loss in made.losses]
    for line in dict.fromkeys(told):
        console.note(f"loss: {line}")
    if tables and not folder:
        content_of_one = table_registry.only_file(made_tables, rest)
        export_folder.write_one(output, [content_of_one]) if output != "-" else console.emit([content_of_one])
        return 0
    if folder:
        made = export_folder.folder(kb, chosen, statements, complete=not formats, others=table_registry.described(made_tables))
        if check:
            stale = export_folder.stale(Path(output), made)
            console.note("\n".join(stale) if stale else f"{output} is up to date: {len(made)} files.")
            return int(bool(stale))
        export_folder.write(Path(output), made)
        others = len(export_folder.others(Path(output), made))
        console.note(f"Wrote {len(made)} files to {output}.")
        if others:
            console.note(f"{others} other files lie there; they are not from this export.")
        return 0
    quads = signing.sign_all(kb, key) if key else pipeline.compile_all(kb, statements)
    pieces = pipeline.write(quads, chosen[0], names_of(kb))
    export_folder.write_one(output, pieces) if output != "-" else console.emit(pieces)
    return 0


def _is_folder(output: str) -> bool:
    if not output:
        raise click.UsageError("--output is empty: name a file, a folder, or - for standard output.")
    return output.endswith("/") or (output != "-" and Path(output).is_dir())


def _stream(content: Path, fmt: Format, output: str, statements: Model) -> int:
    """Write one file in bounded memory."""
    from kb import pipeline
    from kb.formats import streaming
    from kb.release import export_folder

    with pipeline.stream(content, model=statements) as (checked, compiled):
        for line in export_folder.shared_losses(fmt, checked.counts["document"], checked.outdated):
            console.note(f"loss: {line}")
        pieces = streaming.write(fmt, compiled, compiled.names)
        export_folder.write_one(output, pieces) if output != "-" else console.emit(each.decode("utf-8") for each in pieces)
    return 0
