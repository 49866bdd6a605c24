"""``kb export``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

import click

from kb import pipeline
from kb.cli import console, options
from kb.escaping import count_of
from kb.files import atomic
from kb.formats import streaming
from kb.formats.registry import Format
from kb.formats.tables import table_registry
from kb.formats.tables.table_registry import Loss, TableFormat
from kb.rdf import signing
from kb.rdf.facts import Model
from kb.rdf.iris import names_of
from kb.release import export_folder, losses


@click.command
@options.declare("export", statements={"type": click.Choice(get_args(Model))})
def command(content: Path, formats: tuple[str, ...], output: str, statements: Model, key: Path | None, *, check: bool) -> int:
    """Write a knowledge base as RDF, tables or property graphs; the same content gives the same bytes.

    A folder gets one file per format, the answers to the named queries, a README and checksums. What a format or a statement
    model cannot carry is reported on standard error as a loss.
    """
    if not output:
        raise click.UsageError("--output is empty: name a file, a folder, or - for standard output.")
    is_folder = output.endswith("/") or (output != "-" and Path(output).is_dir())
    if check and not is_folder:
        raise click.UsageError("--check compares a folder: name it with --output, ending in a slash.")
    if key and (is_folder or statements != "nanopubs"):
        raise click.UsageError("--sign is for one file of --statements nanopubs.")
    suffix = "" if is_folder else Path(output).suffix[1:]
    tables, rdf = table_registry.split_names(formats or filter(None, [suffix]))
    if tables and not rdf and statements != "full":
        raise click.UsageError("--statements is for formats of RDF.")
    if tables and not is_folder:
        return _export_table(content, tables, rdf, Path(output))
    chosen = export_folder.choose_formats(rdf, output, statements, many=is_folder) if rdf or not tables else []
    if is_folder:
        return _export_folder(content, chosen, tables, Path(output), statements, complete=not formats, check=check)
    return _export_file(content, chosen[0], Path(output), statements, key)


def _export_file(content: Path, fmt: Format, output: Path, statements: Model, key: Path | None) -> int:
    if statements in losses.IN_MEMORY_MODELS:
        kb = pipeline.load(content)
        _note_losses(losses.rdf_losses(kb, fmt, statements))
        quads = signing.sign_all(kb, key) if key else pipeline.compile_all(kb, statements)
        console.deliver(fmt.lines(quads, names_of(kb)), output)
        return 0
    with pipeline.stream(content, model=statements) as (checked, compiled):
        _note_losses(losses.model_independent_losses(fmt, checked.counts.get("document", 0), checked.outdated))
        console.deliver(streaming.write(fmt, compiled, compiled.names), output)
    return 0


def _export_table(content: Path, tables: Sequence[TableFormat], rdf: Sequence[str], output: Path) -> int:
    kb = pipeline.load(content)
    exports = {fmt.name: fmt.write(kb) for fmt in tables}
    text = table_registry.single_text(exports, rdf)
    _note_losses(loss for export in exports.values() for loss in export.losses)
    console.deliver([text], output)
    return 0


def _export_folder(
    content: Path,
    rdf: Sequence[Format],
    tables: Sequence[TableFormat],
    output: Path,
    statements: Model,
    *,
    complete: bool,
    check: bool,
) -> int:
    kb = pipeline.load(content)
    exports = {fmt.name: fmt.write(kb) for fmt in tables}
    _note_losses(loss for fmt in rdf for loss in losses.rdf_losses(kb, fmt, statements))
    _note_losses(loss for export in exports.values() for loss in export.losses)
    files = export_folder.export_files(kb, rdf, statements, complete=complete, tables=table_registry.describe_files(exports))
    if check:
        stale = export_folder.find_stale(output, files)
        console.note(*(stale or (f"{output} is up to date: {count_of(len(files), 'file')}.",)))
        return int(bool(stale))
    atomic.write_folder(output, {name: [data] for name, data in files.items()})
    console.note(f"Wrote {count_of(len(files), 'file')} to {output}.")
    others = export_folder.other_files(output, files, lambda _: None)
    if others:
        console.note(f"{len(others)} other files are there; they are not from this export.")
    return 0


def _note_losses(losses: Iterable[Loss]) -> None:
    for loss in dict.fromkeys(losses):
        console.note(f"loss: {loss}")
