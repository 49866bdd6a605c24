"""Knowledge bases in stores on disk: built, opened, and held against the content that they were made from."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kb.files.fingerprint import content_files, file_sha256
from kb.problems import Place, Problem, fail
from kb.progress import track
from kb.queries.compiled import Compiled, from_plain, to_plain
from kb.rdf.iris import Names
from kb.sparql.engines import disk_store

if TYPE_CHECKING:  # a store that is asked is opened by a child
    from pyoxigraph import QuerySolutions, Store

_ROOM = 2  # bytes of a store for each byte of N-Quads, at most, and as much again while it is made
_ROOM_COMPACT = 4  # as much for files that are merged


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
        KbError: The knowledge base has problems, or as :func:`disk_store.build`. Where files were
            changed meanwhile, the store tells so when it is asked.
    """
    from kb import pipeline

    with tempfile.TemporaryDirectory(prefix="kb-") as place:
        lines = Path(place) / "all.nq"
        sources = _sources(content) if content.is_dir() else {}  # where there is none, the line says so
        checked = pipeline.build(content, lines, workers=workers)
        if checked.about is None:  # which it cannot be where there are no problems
            raise fail("KB112", "The folder has no kb.yaml.", "Name the folder of a knowledge base.", str(content))
        about = checked.about
        told = {"id": about.id, "title": about.title, "version": about.version}
        made_from = {
            "content": os.path.realpath(content),
            "about": told,
            "facts": checked.counts["fact"],
            "sources": sources,
        }
        with lines.open(encoding="utf-8", newline="\n") as nquads:
            describe = partial(_describe, content, Names(about.base, about.prefixes), told)
            needed = (_ROOM_COMPACT if compact else _ROOM) * lines.stat().st_size
            statements = track("loading", nquads, len, lines.stat().st_size)
            return disk_store.build(store, statements, describe, made_from, needed=needed, compact=compact)


def _describe(content: Path, names: Names, about: dict[str, str], store: Store) -> dict[str, Any]:
    """Read from a store what asking takes beside its statements."""
    from kb.queries.named import well_formed
    from kb.schema import vocabulary

    words: dict[str, tuple[str, ...]] = {
        word: (each.label,) for name in vocabulary.listed() for word, each in vocabulary.values(name).items()
    }
    labels: dict[str, dict[str, tuple[str, ...]]] = {"term": {}, "predicate": {}, "document": {}, "word": words}
    for sort, start, text in (
        ("term", names.term(""), "SELECT ?x ?l { ?x a kb:Term ; skos:prefLabel ?l }"),
        ("term", names.term(""), "SELECT ?x ?l { ?x a kb:Term ; skos:altLabel ?l }"),
        ("predicate", names.predicate(""), "SELECT ?x ?l { ?x a kb:Predicate ; rdfs:label ?l }"),
        ("document", names.document(""), "SELECT ?x ?l { ?x a kb:Document ; dcterms:title ?l }"),
    ):
        for node, label in cast("QuerySolutions", store.query(text, prefixes=dict(names.prefixes))):
            name = node.value.removeprefix(start)
            labels[sort][name] = (*labels[sort].get(name, ()), label.value)
    graphs = tuple(sorted(graph.value for graph in store.named_graphs() if isinstance(graph.value, str)))
    base = Compiled(content, about, names, labels, graphs, {})
    queries = well_formed(base)
    return {
        **to_plain(base._replace(queries=queries)),
        "written": {name: _written(each["path"]) for name, each in queries.items()},
    }


def _written(path: str) -> list[int]:
    """Tell size and time of a query's file; nothing of one that is not there."""
    try:
        about = os.stat(path)
    except OSError:
        return []
    return [about.st_size, about.st_mtime_ns]


def open_store(store: Path) -> Compiled:
    """Open a store for asking.

    Raises:
        KbError: There is none (KB651), or it is damaged (KB653).
    """
    return _opened(store)[0]


def open_fresh(store: Path, tell: Callable[[Problem], object]) -> Compiled:
    """Open a store for asking; tell if it is stale (KB655)."""
    compiled, manifest = _opened(store)
    for problem in _stale(store, manifest):
        tell(problem)
    return compiled


def check_store(store: Path) -> Iterator[Problem]:
    """Check a store: every byte of it, and whether it is made of what its content is now."""
    problems = list(disk_store.verify(store))
    yield from problems
    if not problems:
        yield from _stale(store, _opened(store)[1])


def _opened(store: Path) -> tuple[Compiled, dict[str, Any]]:
    found = disk_store.open_build(store)
    written, queries = found.base.get("written", {}), found.base["queries"]
    # A query that was written again since, such as a shipped one by a newer kb, is read where it lies.
    same = {name: each for name, each in queries.items() if _written(each["path"]) in ([], written.get(name))}
    plain, stored = {**found.base, "queries": same}, found.stored
    return from_plain(
        Path(found.manifest["content"]), plain, quads=partial(disk_store.dump, stored), store=stored
    ), found.manifest


def _stale(store: Path, manifest: dict[str, Any]) -> Iterator[Problem]:
    """Find out whether the content has changed; where it is no longer there, there is nothing to compare with."""
    folder = Path(manifest["content"])
    if (folder / "kb.yaml").exists() and _sources(folder, manifest["sources"]) != manifest["sources"]:
        message = f"The store was made of other content than {folder} has now."
        yield Problem(Place(str(store)), "KB655", message, "Run 'kb build' again.")


def _sources(folder: Path, known: dict[str, Any] | None = None) -> dict[str, list[Any]]:
    """Give size, time and SHA-256 of each file that a knowledge base is read from; where size and time are known, as known."""
    top = os.path.realpath(folder)
    found: dict[str, list[Any]] = {}
    for entry in content_files(top, follow_links=True):
        name, about = os.path.relpath(entry.path, top), entry.stat()
        before: list[Any] | None = (known or {}).get(name)
        if before is not None and before[:2] == [about.st_size, about.st_mtime_ns]:
            found[name] = before
            continue
        digest = file_sha256(entry.path)
        touched = before is not None and (before[0], before[2]) == (about.st_size, digest)
        found[name] = before if before is not None and touched else [about.st_size, about.st_mtime_ns, digest]
    return found
