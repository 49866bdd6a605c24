"""Build and open stores on disk, and compare them with the knowledge bases that they were made from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kb.files import boundary
from kb.files.fingerprint import content_files, file_sha256
from kb.files.temporary import TemporaryFolder
from kb.problems import KbError, Place, Problem, fail
from kb.progress import track
from kb.queries.compiled import Compiled, controlled_words, from_plain, to_plain
from kb.queries.named import read_valid_queries
from kb.rdf.iris import Names
from kb.sparql.engines import disk_store
from kb.sparql.engines.disk_store import Build
from kb.sparql.parameters import MATCH, collect_matches

if TYPE_CHECKING:  # a query's child process opens the store
    from pyoxigraph import QuerySolutions, Store

# The space that a build needs, in bytes for each byte of N-Quads: for the store, and as much again while it is made.
_SPACE = 2
_SPACE_COMPACT = 4

_LABELS = (
    ("term", "term/", "SELECT ?node ?label { ?node a kb:Term ; skos:prefLabel ?label }"),
    ("term", "term/", "SELECT ?node ?label { ?node a kb:Term ; skos:altLabel ?label }"),
    ("predicate", "predicate/", "SELECT ?node ?label { ?node a kb:Predicate ; rdfs:label ?label }"),
    ("document", "document/", "SELECT ?node ?label { ?node a kb:Document ; dcterms:title ?label }"),
)
_MATCHES = """SELECT ?curie ?relation ?node {
  ?mapping a sssom:Mapping ; kb:curie ?curie ; owl:annotatedProperty ?relation ; owl:annotatedSource ?node }"""


def build_store(content: Path, store: Path, *, workers: int = 1, compact: bool = False) -> dict[str, Any]:
    """Build a store of a knowledge base, in bounded memory, and publish it.

    Args:
        content: The folder of the knowledge base.
        store: The folder of the store.
        workers: How many processes may check and compile; the store does not depend on it.
        compact: Whether to merge Oxigraph's files; see :func:`kb.sparql.engines.disk_store.build`.

    Returns:
        The manifest.

    Raises:
        KbError: The knowledge base has problems, or as :func:`kb.sparql.engines.disk_store.build`. If files are changed
            during the build, the store is reported as stale when it is opened.
    """
    from kb import pipeline

    with TemporaryFolder() as place:
        lines = Path(place) / "all.nq"
        sources = _measure_sources(content, {}) if content.is_dir() else {}  # where there is no folder, the pipeline reports it
        checked = pipeline.build(content, lines, workers=workers)
        if checked.about is None:  # impossible without problems
            raise fail("KB112", "The folder has no kb.yaml.", "Name the folder of a knowledge base.", str(content))
        dataset = checked.about
        about = {"id": dataset.id, "title": dataset.title, "version": dataset.version}
        facts = checked.counts["fact"]
        made_from = {"content": os.path.realpath(content), "about": about, "facts": facts, "sources": sources}
        with lines.open(encoding="utf-8", newline="\n") as nquads:
            describe = partial(_describe, content, Names(dataset.base, dataset.prefixes), about)
            needed = (_SPACE_COMPACT if compact else _SPACE) * lines.stat().st_size
            statements = track("loading", nquads, len, lines.stat().st_size)
            return disk_store.build(store, statements, describe, made_from, needed=needed, compact=compact)


def _describe(content: Path, names: Names, about: dict[str, str], store: Store) -> dict[str, Any]:
    """Read from a store what queries need beside its statements."""
    labels: dict[str, dict[str, tuple[str, ...]]] = {"term": {}, "predicate": {}, "document": {}, "word": controlled_words()}
    for sort, path, text in _LABELS:
        for node, label in _select(store, text, names):
            name = node.value.removeprefix(f"{names.base}{path}")
            labels[sort][name] = (*labels[sort].get(name, ()), label.value)
    matches = (
        (curie.value, *(names.compact(term.value) or "" for term in both)) for curie, *both in _select(store, _MATCHES, names)
    )
    labels[MATCH] = collect_matches((curie, relation, thing) for curie, relation, thing in matches)
    return describe(Compiled(content, about, names, labels, ()), store)


def describe(base: Compiled, store: Store) -> dict[str, Any]:
    """Add to what queries need the graphs of a store and the named queries, in values that JSON can hold."""
    base = replace(base, graphs=list_graphs(store), queries=read_valid_queries(base.folder))
    return {**to_plain(base), "written": {name: _size_and_time(query.path) for name, query in base.queries.items()}}


def list_graphs(store: Store) -> tuple[str, ...]:
    """Return the IRIs of the named graphs of a store, sorted."""
    return tuple(sorted(graph.value for graph in store.named_graphs() if isinstance(graph.value, str)))


def _select(store: Store, text: str, names: Names) -> QuerySolutions:
    return cast("QuerySolutions", store.query(text, prefixes=dict(names.prefixes), use_default_graph_as_union=True))


def _size_and_time(path: Path) -> list[int]:
    """Return size and modification time of a query's file; nothing if it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


def open_store(store: Path) -> Compiled:
    """Open a store for queries.

    Raises:
        KbError: There is none (KB651), or it is damaged (KB653).
    """
    return _open(store)[0]


def open_fresh(store: Path, report: Callable[[Problem], object]) -> Compiled:
    """Open a store for queries, and report if it is stale (KB655)."""
    compiled, manifest = _open(store)
    for problem in _check_sources(store, manifest):
        report(problem)
    return compiled


def check_store(store: Path) -> Iterator[Problem]:
    """Check a store: every byte of it, and whether it was made from its content as it is now."""
    problems = list(disk_store.verify(store))
    yield from problems
    if not problems:
        yield from _check_sources(store, _open(store)[1])


def _open(store: Path) -> tuple[Compiled, dict[str, Any]]:
    """Open a store; return it with its manifest."""
    build = disk_store.open_build(store)
    return compiled_of(build), build.manifest


def compiled_of(build: Build) -> Compiled:
    """Return what queries need of an open build."""
    stored = build.disk_store
    base = from_plain(Path(build.manifest["content"]), build.base)
    written = build.base.get("written", {})
    # A query whose file has changed since, such as a shipped one by a newer kb, is read from the file.
    unchanged = {name: query for name, query in base.queries.items() if _size_and_time(query.path) in ([], written.get(name))}
    return replace(base, queries=unchanged, quads=partial(disk_store.dump, stored), store=stored)


def _check_sources(store: Path, manifest: dict[str, Any]) -> Iterator[Problem]:
    """Check whether the content has changed; if it no longer exists, there is nothing to compare with."""
    folder = Path(manifest["content"])
    if boundary.exists(folder / "kb.yaml") and _measure_sources(folder, manifest["sources"]) != manifest["sources"]:
        message = f"The store was made from other content than {folder} has now."
        yield Problem(Place(str(store)), "KB655", message, "Run 'kb build' again.")


def _measure_sources(folder: Path, known: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return size, time and SHA-256 of each file of a knowledge base.

    Of those already known, a file with the same size and time is not read; one with the same digest keeps its entry. What cannot
    be read is left out; the pipeline reports it.
    """
    top = os.path.realpath(folder)
    sources: dict[str, list[Any]] = {}
    with suppress(OSError):
        for entry in content_files(top, follow_links=True):
            name, status = os.path.relpath(entry.path, top), entry.stat()
            size, time, digest = known.get(name, (-1, 0, ""))
            if (size, time) != (status.st_size, status.st_mtime_ns):
                before = digest
                try:
                    digest = file_sha256(entry.path)
                except KbError:
                    continue
                time = time if (size, before) == (status.st_size, digest) else status.st_mtime_ns
            sources[name] = [status.st_size, time, digest]
    return sources
