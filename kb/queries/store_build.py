"""Build stores on disk, open them, and compare them with the files of the knowledge bases that they were made from.

Beside the statements, a build has ``state.json``: the stat and SHA-256 of each file that it was made from, and the digest and the
counts of each document as it was compiled.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from kb.files import boundary, text_file
from kb.files.fingerprint import Files, are_current, code_digest, measure_files
from kb.problems import KbError, Place, Problem
from kb.progress import track
from kb.queries.compiled import Compiled, decode, describe, encode
from kb.queries.named import read_valid_queries
from kb.sparql.engines import disk_store
from kb.sparql.engines.disk_store import Build
from kb.sparql.library import Query

if TYPE_CHECKING:  # an open store does without
    from kb.build.joining import DocumentDigest
    from kb.build.writing import BuildPlan

_STATE = "state.json"
# The space that a build may need, in bytes for each fact and sentence: twice what they take, and more while files are merged.
_SPACE, _SPACE_COMPACT = 10_000, 20_000


class DocumentState(NamedTuple):
    """A document as it was compiled: the digest of its records, their files, and numbers of facts, sentences and decisions."""

    digest: str
    files: tuple[str, ...]
    counts: tuple[int, int, int]


class State(msgspec.Struct):
    """What a build was made from: the digest of kb's code; base, language and prefixes; files; and documents by id."""

    code: str
    names: tuple[str, str, dict[str, str]]
    files: Files
    documents: dict[str, DocumentState]

    @classmethod
    def read(cls, build: Path) -> State:
        """Read the state of a build."""
        return msgspec.json.decode((build / _STATE).read_bytes(), type=cls)

    def write(self, build: Path) -> None:
        """Write the state of a new build."""
        (build / _STATE).write_bytes(msgspec.json.encode(self))


def build_store(content: Path, store: Path, *, workers: int = 1, compact: bool = False) -> Mapping[str, Any]:
    """Build a store of a knowledge base, in bounded memory, publish it, and return its manifest.

    It does not depend on the number of workers; on ``compact`` see :func:`kb.sparql.engines.disk_store.fill`.

    Raises:
        KbError: The knowledge base has problems, or as :func:`kb.sparql.engines.disk_store.build`. If files are changed
            during the build, the store is reported as stale when it is opened.
    """
    make = partial(build_anew, content, measure_files(content, {}), workers=workers, compact=compact)
    return disk_store.build(store, make)


def build_anew(folder: Path, files: Files, made: Path, *, workers: int, compact: bool) -> Mapping[str, Any]:
    """Make a build of everything in a folder.

    Raises:
        KbError: The knowledge base has problems, all of them; or too little space is free (KB654).
    """
    from kb import pipeline
    from kb.build.joining import digest_documents

    with pipeline.stream(folder, workers=workers) as (_, plan):
        needed = (plan.joined.facts + plan.joined.sentences) * (_SPACE_COMPACT if compact else _SPACE)
        disk_store.require_space(made.parent, needed)
        documents = {document.id: document for document in digest_documents(plan.facts, plan.documents)}
        State(code_digest(), list_names(plan), files, describe_documents(folder, plan, documents)).write(made)
        base = encode_base(plan, {name: document.title for name, document in documents.items()}, read_valid_queries(folder))
        made_from = {"content": os.path.realpath(folder), "facts": plan.joined.facts}
        return disk_store.fill(made, track("loading", plan.lines(), len), base, made_from, compact=compact)


def describe_documents(folder: Path, plan: BuildPlan, documents: Mapping[str, DocumentDigest]) -> dict[str, DocumentState]:
    """Return the state of each document of a plan."""
    both = ((summary, documents[summary.id]) for summary in plan.joined.documents)
    return {
        summary.id: DocumentState(document.digest, relative_paths(document, folder), summary.counts) for summary, document in both
    }


def relative_paths(document: DocumentDigest, folder: Path) -> tuple[str, ...]:
    """Return the paths of the files of a document below the folder of the knowledge base."""
    return tuple(sorted(os.path.relpath(path, folder) for path in document.files))


def list_names(plan: BuildPlan) -> tuple[str, str, dict[str, str]]:
    """Return the base, the language and the prefixes of a knowledge base."""
    about = plan.kb.dataset
    return about.base, about.language, dict(about.prefixes)


def encode_base(plan: BuildPlan, titles: Mapping[str, str], queries: Mapping[str, Query]) -> bytes:
    """Encode what queries need beside the statements."""
    base = describe(plan.kb)
    labels = {**base.labels, "document": {name: (title,) for name, title in sorted(titles.items())}}
    return encode(replace(base, labels=labels, queries=queries))


def open_store(store: Path) -> Compiled:
    """Open a store for queries.

    Raises:
        KbError: There is none (KB651), or it is damaged (KB653).
    """
    return read_base(disk_store.open_build(store))


def open_fresh(store: Path, report: Callable[[Problem], object]) -> Compiled:
    """Open a store for queries, and report if it is stale (KB655)."""
    build = disk_store.open_build(store)
    for problem in _check_sources(build):
        report(problem)
    return read_base(build)


def check_store(store: Path) -> Iterator[Problem]:
    """Check a store: every byte of it, and whether it was made from its content as it is now."""
    problems = list(disk_store.verify(store))
    yield from problems or _check_sources(disk_store.open_build(store))


def read_base(build: Build) -> Compiled:
    """Return what queries need of an open build."""
    stored = build.disk_store
    base = decode(Path(build.manifest["content"]), (build.folder / "base.json").read_bytes())
    queries = {name: query for name, query in base.queries.items() if _is_current(query)}
    dump = partial(disk_store.dump, stored)
    return replace(base, graphs=tuple(build.manifest["graphs"]), queries=queries, quads=dump, store=stored)


def _is_current(query: Query) -> bool:
    """Return whether a query's file is as it was, or is gone; one that has changed, such as by a newer kb, is read anew."""
    try:
        return text_file.read_text(query.path, str(query.path)) == query.text
    except KbError:
        return True


def _check_sources(build: Build) -> Iterable[Problem]:
    """Check whether the content has changed; if it no longer exists, there is nothing to compare with."""
    folder, state = Path(build.manifest["content"]), State.read(build.folder)
    if boundary.exists(folder / "kb.yaml") and not are_current(folder, state.files):
        message = f"The store was made from other content than {folder} has now."
        yield Problem(Place(str(build.folder.parent)), "KB655", message, "Run 'kb build' again.")
