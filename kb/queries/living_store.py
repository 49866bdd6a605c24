"""The living store of a large knowledge base: a store in the cache that follows the files of the knowledge base.

It is in ``~/.cache/linked-kb/living`` (or below ``XDG_CACHE_HOME``). Beside the statements, each of its builds has

::

    state.json       the stat and SHA-256 of each file, and the digest and the counts of each document, as they were compiled
    vocabulary.nq    the terms, predicates and mappings as N-Quads

A question compares the files with the state, compiles what changed (:mod:`kb.queries.living_changes`), and publishes a new
build. Where a change concerns everything, such as one of a predicate's kinds, the store is built anew. One process does this
at a time; others wait for it. Queries that are under way keep their build.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from kb import resources
from kb.files import cache_folder
from kb.files.boundary import LARGEST_READ
from kb.files.fingerprint import UNSETTLED, code_digest, content_files, stat_lines, stat_signature
from kb.problems import KbError, Problem
from kb.queries.compiled import Compiled
from kb.queries.living_state import State, digests, measure_files
from kb.sparql.engines import disk_store
from kb.sparql.engines.disk_store import Build

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


class _ChangedError(Exception):
    """Files were changed while they were compiled."""


def is_large(folder: Path) -> bool:
    """Return whether a knowledge base is so large that a store pays, and can be read in reasonable time."""
    try:
        return LEAST_SIZE <= sum(entry.stat().st_size for entry in content_files(os.path.realpath(folder))) <= LARGEST_READ
    except (OSError, ValueError):
        return False


def open_living(folder: Path, report: Report) -> Compiled | None:
    """Open the store of a knowledge base as its files are now.

    Args:
        folder: The folder of the knowledge base.
        report: Takes what is worth a note: a damaged store is made anew, or the cache cannot be used.

    Returns:
        The knowledge base; nothing if the cache cannot be used.

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
            return _compiled(folder, build)
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
    name = sha256(os.path.realpath(folder).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return resources.cache_folder("living") / name / "store"


def _compiled(folder: Path, build: Build) -> Compiled:
    from kb.queries.store_build import compiled_of

    compiled = compiled_of(build)
    return replace(compiled, folder=folder, store=build.disk_store._replace(is_cache=True))


def _open_current(folder: Path, place: Path, report: Report) -> Build | None:
    """Open the published build if it was made from the files as they are now."""
    build = _open_build(place, report)
    signature, seen = stat_signature(folder), place.parent / "seen"
    if build is None or signature is None:
        return None
    mark = b" ".join((build.folder.name.encode(), signature))
    if signature != UNSETTLED:
        with suppress(OSError):
            if cache_folder.read(seen, len(mark)) == mark:
                return build
    state = State.read(build.folder)
    if state.code != code_digest() or digests(state.files) != digests(measure_files(folder, state.files)):
        return None
    if signature != UNSETTLED and signature == stat_signature(folder):
        cache_folder.write(seen, (mark,))
    return build


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
    from kb.queries import living_changes

    before = _stat_files(folder)
    build = _open_build(place, lambda _: None)
    state = State.read(build.folder) if build else None
    files = measure_files(folder, state.files if state else {})
    make = living_changes.plan_changes(folder, build, state, files) if build and state else None

    def make_unless_changed(made: Path) -> dict[str, Any]:
        manifest = make(made) if make else living_changes.build_anew(folder, files, made)
        if before != _stat_files(folder):
            raise _ChangedError
        return manifest

    disk_store.publish(place, make_unless_changed)


def _stat_files(folder: Path) -> list[str]:
    return stat_lines(content_files(os.path.realpath(folder)))[0]


def _prune(place: Path) -> None:
    """Remove the stores that were not used for longest, if there are too many."""
    stores = sorted(place.parent.parent.glob("*/store"), key=lambda store: -store.parent.stat().st_mtime)
    for store in stores[MAX_STORES:]:
        with suppress(KbError, OSError):
            disk_store.remove(store)
            shutil.rmtree(store.parent)
