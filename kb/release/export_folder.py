"""Folders of exports: the chosen formats, answers to the named queries, README and checksums."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from kb import queries
from kb.escaping import count_of
from kb.files import boundary, text_file
from kb.files.temporary import TEMPORARY
from kb.formats import registry
from kb.formats.registry import Format
from kb.model import KnowledgeBase
from kb.problems import KbError, Place, Problem, fail
from kb.queries import description
from kb.queries.compiled import Compiled
from kb.rdf.facts import Model
from kb.rdf.iris import names_of
from kb.rdf.quads import Quad
from kb.release.content import MEDIA, write_answers
from kb.release.draft import Draft, render
from kb.release.losses import rdf_losses
from kb.sparql.library import Query
from kb.sparql.values import Answer


def choose_formats(names: Sequence[str], output: str, statements: str, *, many: bool) -> list[Format]:
    """Choose the formats of an export.

    Args:
        names: The values of ``--format``.
        output: The file, whose suffix decides if no format is named; ``-`` or empty for none.
        statements: The statement model.
        many: Whether the output is a folder, which gets all formats if none is named.

    Raises:
        KbError: A format is unknown (KB702) or does not support the model (KB703).
    """
    suffix = Path(output).suffix
    if many and not names:
        return [fmt for fmt in registry.FORMATS if registry.can_carry(fmt, statements)]
    default = suffix or ("trig" if statements in {"named-graphs", "nanopubs"} else "turtle")
    chosen = [registry.find(name) for name in names or [default]]
    if len(chosen) > 1 and not many:
        raise fail("KB702", "Several formats need a folder.", "End --output with a slash.")
    for fmt in chosen:
        registry.require(fmt, statements)
    return chosen


def export_files(
    kb: KnowledgeBase,
    formats: Sequence[Format],
    statements: Model,
    *,
    complete: bool,
    tables: Mapping[str, tuple[bytes, str]] = MappingProxyType({}),
) -> dict[str, bytes]:
    """Return the files of a folder of exports: path below the folder to content.

    Args:
        kb: The knowledge base.
        formats: The RDF formats.
        statements: The statement model.
        complete: Whether to add the answers to the named queries.
        tables: Files in other formats: path below the folder to content and description.

    Raises:
        KbError: A nanopublication is too large (KB771), or a query cannot be answered.
    """
    draft = Draft(kb)
    quads, names = draft.compilation.quads(statements), names_of(kb)
    for fmt in formats:
        what = " ".join([f"{fmt.title}.", *(f"Left out: {loss}" for loss in rdf_losses(kb, fmt, statements))])
        draft.add(f"{kb.dataset.id}.{fmt.extension}", fmt.lines(quads, names), what, fmt.media_type)
    if complete:
        base = queries.compile_base(kb, draft.quads)
        for file in write_answers(base):
            draft.add(f"queries/{file.name}", file.text, _describe_answer(file.query, file.answer), file.media)
        _add_query_descriptions(draft, base)
    for name, (content, what) in tables.items():
        draft.add(name, content, what, MEDIA[Path(name).suffix])
    files, triples = list(draft.files.values()), len({quad[:3] for quad in quads})
    about = {"dataset": kb.dataset, "facts": len(kb.facts), "triples": triples, "statements": statements}
    readme = render("exports.md", **about, files=files)
    draft.add("README.md", readme, "This file.", "text/markdown", "text")
    draft.add_checksums()
    return draft.contents


def _describe_answer(query: Query, answer: Answer) -> str:
    results = {
        "select": count_of(len(answer.rows), "row"),
        "graph": f"{len(answer.triples)} triples",
        "ask": f"The answer is {'yes' if answer.truth else 'no'}",
    }
    return f"{query.question} {results[answer.form]}."


def _add_query_descriptions(draft: Draft, base: Compiled) -> None:
    """Add the named queries as SHACL describes them, for query editors."""
    turtle, language = registry.find("turtle"), draft.kb.dataset.language
    triples = {
        *description.describe_queries(queries.named_queries(base), base.names, "", language),
        *description.describe_prefixes(base.names),
    }
    lines = turtle.lines([Quad(*triple, "") for triple in sorted(triples)], base.names)
    what = "The named queries as SHACL executables, as editors read them (the form of sparql-examples)."
    draft.add("queries.ttl", lines, what, turtle.media_type)


def _raise(error: KbError) -> None:
    raise error


def other_files(path: Path, files: Mapping[str, bytes], report: Callable[[KbError], object] = _raise) -> list[str]:
    """Return the names of files in a folder that an export does not write, but for those of a writer that was killed.

    A folder that cannot be read is reported.
    """
    others = []
    for folder, entries in boundary.walk(path, report, path):
        entries[:] = [entry for entry in entries if not entry.name.endswith(TEMPORARY)]
        others += [str((folder / entry.name).relative_to(path)) for entry in entries if not entry.is_folder]
    return sorted(set(others) - files.keys())


def find_stale(path: Path, files: Mapping[str, bytes]) -> list[Problem]:
    """Return a problem for each file of a folder that is missing, differs from an export, or is not part of it.

    Raises:
        KbError: A file cannot be read (KB102), or leads out of the folder (KB113).
    """
    problems = []
    for file, content in ((path / name, content) for name, content in files.items()):
        if not text_file.has_content(file, content, path):
            problems.append(Problem(Place(str(file)), "KB706", "It is not up to date.", "Run 'kb export' again."))
    message, remedy = "It is not part of this export.", "Remove it, or move it to another folder."
    return problems + [Problem(Place(str(path / name)), "KB706", message, remedy) for name in other_files(path, files)]
