"""The caches of compiled knowledge bases, in ``~/.cache/linked-kb`` (or below ``XDG_CACHE_HOME``).

Of a small one, ``compiled`` has a file: a line of JSON on the files and the code that it was made from, one on all but the
statements, and N-Quads. It is used only if files and code are the same (:mod:`kb.files.fingerprint`).

Of a large one, ``living`` has a store that follows its files. A question compares the files with the state of the store, compiles
what changed (:mod:`kb.queries.living_changes`), and publishes a new build. Where a change concerns everything, such as one of a
predicate's kinds, the store is built anew. One process does this at a time; others wait for it. Queries that are under way keep
their build.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from kb.files import cache_folder
from kb.files.boundary import LARGEST_READ
from kb.files.fingerprint import Files, are_current, are_same, code_digest, content_files, measure_files
from kb.problems import KbError, Problem
from kb.queries import store_build
from kb.queries.compiled import Compiled, compile_base, decode, encode
from kb.queries.named import read_valid_queries
from kb.queries.store_build import State, read_base
from kb.sparql.engines import disk_store
from kb.sparql.engines.disk_store import Build

#: The most bytes that are cached in a file.
MAX_BYTES = 64 << 20
#: The number of files; of more knowledge bases, those written last are cached.
MAX_FILES = 32
#: The least size of the files of a knowledge base that gets a store, in bytes. Below it, parsing the statements takes less time
#: than opening a store and querying it on disk.
LEAST_SIZE = 1 << 20
#: The most stores that are kept; of more, those that were used last.
MAX_STORES = 8
#: Seconds to wait for another process that builds the same store.
MAX_WAIT = 600

_POLL = 0.05
# The cache cannot be used; the knowledge base is compiled in memory instead.
_UNUSABLE = frozenset({"KB651", "KB652", "KB654", "KB701"})
_ATTEMPTS = 3  # while files are changed as they are compiled

Report = Callable[[Problem], object]


def open_base(folder: Path, report: Report = lambda _: None) -> Compiled:
    """Open the knowledge base in a folder for queries: from the cache where it has this content, else compiled.

    What is worth a note is reported; see :func:`open_living`.

    Raises:
        KbError: There is no knowledge base, or it has problems.
    """
    living = open_living(folder, report) if is_large(folder) else None
    if living:
        return living
    cached = read(folder)
    if cached:
        return cached
    from kb import pipeline

    sources = _Sources(code_digest(), measure_files(folder, {}))
    compiled = replace(compile_base(pipeline.load(folder)), queries=read_valid_queries(folder))
    if current := sources.renew(folder):  # no file was changed while it was read
        _write(folder, current, b"\n".join((encode(compiled), compiled.quads())))
    return compiled


def open_sound(folder: Path, report: Report) -> tuple[Compiled, Sequence[Problem]]:
    """Open what is sound of a knowledge base for queries, with the problems of the rest; see :func:`open_base`.

    Raises:
        KbError: There is no knowledge base, or nothing of it is sound.
    """
    try:
        return open_base(folder, report), ()
    except KbError:
        from kb import pipeline

        kb, problems = pipeline.load_sound(folder)
        return replace(compile_base(kb), queries=read_valid_queries(folder)), problems


class _Sources(msgspec.Struct, frozen=True):
    """What a file was made from: the digest of kb's code, and the files of the knowledge base."""

    code: str
    files: Files

    def renew(self, folder: Path) -> _Sources | None:
        """Return the sources with the stat that the files have now; nothing if code or files have changed."""
        files = measure_files(folder, self.files)
        is_same = self.code == code_digest() and are_same(self.files, files)
        return _Sources(self.code, files) if is_same else None


def read(folder: Path) -> Compiled | None:
    """Read what is cached of a knowledge base; nothing unless it was made from the files as they are now."""
    content = cache_folder.read(cache_folder.locate("compiled", folder), 2 * MAX_BYTES)
    if content is None:
        return None
    head, body = content.split(b"\n", 1)
    about, quads = body.split(b"\n", 1)
    with suppress(msgspec.DecodeError):  # another version of kb wrote it
        sources = msgspec.json.decode(head, type=_Sources)
        if current := sources.renew(folder):
            if current != sources:  # so that they need not be read the next time
                _write(folder, current, body)
            return replace(decode(folder, about), quads=lambda: quads)
    return None


def _write(folder: Path, sources: _Sources, body: bytes) -> None:
    if len(body) <= MAX_BYTES:
        content = b"\n".join((msgspec.json.encode(sources), body))
        cache_folder.write(cache_folder.locate("compiled", folder), content, most=MAX_FILES)


class _ChangedError(Exception):
    """Files were changed while they were compiled."""


def is_large(folder: Path) -> bool:
    """Return whether a knowledge base is so large that a store pays, and can be read in reasonable time."""
    try:
        sizes = (entry.stat(follow_symlinks=False).st_size for entry in content_files(os.path.realpath(folder)))
        return LEAST_SIZE <= sum(sizes) <= LARGEST_READ
    except OSError:
        return False


def open_living(folder: Path, report: Report) -> Compiled | None:
    """Open the store of a knowledge base as its files are now; nothing if the cache cannot be used.

    What is worth a note is reported: a damaged store is made anew, or the cache cannot be used.

    Raises:
        KbError: The knowledge base has problems.
    """
    place = locate(folder)
    notes: set[Problem] = set()  # each is reported once

    def note(problem: Problem) -> None:
        if problem not in notes:
            notes.add(problem)
            report(problem)

    try:
        return _wait(folder, place, note)
    except _ChangedError:
        return None
    except KbError as error:
        problem = error.problems[0]
        if problem.code not in _UNUSABLE or problem.place.file != str(place):
            raise
        note(problem._replace(remedy="Queries are slow without it: the knowledge base is compiled for each."))
        return None


def _wait(folder: Path, place: Path, report: Report) -> Compiled:
    """Open the store when it is current, whether this process makes it so or another one."""
    deadline, attempts = time.monotonic() + MAX_WAIT, 0
    while True:
        build = _open_current(folder, place, report)
        if build:
            base = read_base(build)
            return replace(base, folder=folder, store=build.disk_store._replace(is_cache=True))
        try:
            with disk_store.lock_folder(place):
                _follow(folder, place)
        except _ChangedError:
            attempts += 1
            if attempts == _ATTEMPTS:
                raise
        except KbError as error:
            if error.problems[0].code != "KB652" or time.monotonic() > deadline:
                raise
            time.sleep(_POLL)


def locate(folder: Path) -> Path:
    """Return the folder of the store of a knowledge base."""
    return cache_folder.locate("living", folder) / "store"


def _open_current(folder: Path, place: Path, report: Report) -> Build | None:
    """Open the published build if it was made from the files as they are now."""
    build = _open_build(place, report)
    state = State.read(build.folder) if build else None
    if state and state.code == code_digest() and are_current(folder, state.files):
        return build
    return None


def _open_build(place: Path, report: Report) -> Build | None:
    """Open the published build; nothing if there is none, or if it is damaged, which is reported."""
    try:
        if place.exists():
            cache_folder.require_own(place)
        return disk_store.open_build(place)
    except KbError as error:
        (problem,) = error.problems
        if problem.code != "KB651":
            report(problem._replace(remedy="It is made anew."))
        return None


def _follow(folder: Path, place: Path) -> None:
    """Make the store that of the files as they are now; the caller holds its lock."""
    if not _open_current(folder, place, lambda _: None):  # or another process has done it
        _publish_changes(folder, place)
        disk_store.sweep(place)  # the former build, which this process no longer reads
        _prune(place)


def _publish_changes(folder: Path, place: Path) -> None:
    from kb.build.workers import count_processors
    from kb.queries import living_changes

    build = _open_build(place, lambda _: None)
    state = State.read(build.folder) if build else None
    files = measure_files(folder, state.files if state else {})
    make = living_changes.plan_changes(folder, build, state, files) if build and state else None
    make = make or partial(store_build.build_anew, folder, files, workers=count_processors(), compact=True)

    def make_unless_changed(made: Path) -> Mapping[str, Any]:
        manifest = make(made)
        if not are_current(folder, files):
            raise _ChangedError
        return manifest

    disk_store.publish(place, make_unless_changed)


def _prune(place: Path) -> None:
    """Remove the stores that were not used for longest, if there are too many."""
    stores = sorted(place.parent.parent.glob("*/store"), key=lambda store: -store.parent.stat().st_mtime)
    for store in stores[MAX_STORES:]:
        with suppress(KbError, OSError):
            disk_store.remove(store)
            shutil.rmtree(store.parent)
