"""Stores on disk: Oxigraph files that are built in a new folder, published by a pointer, and never changed after that.

::

    DIR/current               the name of the build that readers take
    DIR/build-NAME/           a build
        manifest.json         what it was made from, counts, size and SHA-256 of every file
        base.json             what queries need beside the statements: names, labels, named queries
        data/                 Oxigraph's own files

A writer holds a lock on ``DIR``. A reader holds a shared lock on the manifest, so that its build is not removed while it is
read. Oxigraph's bulk loader does not fsync, and a RocksDB whose MANIFEST is truncated opens as an empty store without an
error. So every file is flushed here, and compared with our manifest each time a store is opened.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import RawIOBase
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from kb.files import atomic
from kb.files.durability import flush
from kb.files.fingerprint import file_sha256
from kb.files.locks import Lock, LockedError, lock, lock_shared
from kb.files.temporary import TEMPORARY
from kb.files.text_file import read_bytes
from kb.problems import KbError, Place, Problem, fail
from kb.sparql.values import DiskStore

if TYPE_CHECKING:  # only the child process of a query imports Oxigraph
    from pyoxigraph import Store

FORMAT = 2

_BUILD = re.compile(r"build-[A-Za-z0-9_]+")
_OURS = re.compile(rf"{_BUILD.pattern}|\.?current|.*{re.escape(TEMPORARY)}", re.DOTALL)
_SMALL = 1 << 20  # files up to this size are hashed at each opening
_CHUNK = 1 << 12  # lines that are read at once
_UNSTABLE = re.compile(r"LOG(\.old.*)?|LOCK")  # files that RocksDB may write again


class Build(NamedTuple):
    """A build that is open for reading; its lock keeps it from being removed while this value exists."""

    folder: Path
    manifest: dict[str, Any]
    base: dict[str, Any]
    lock: Lock

    @property
    def disk_store(self) -> DiskStore:
        """What an engine needs to open it."""
        return DiskStore(str(self.folder / "data"), self.manifest["graphs"], self.lock)


def build(  # noqa: PLR0913 - place, content, description and two options
    folder: Path,
    nquads: Iterable[str],
    describe: Callable[[Store], Mapping[str, Any]],
    made_from: Mapping[str, Any],
    *,
    needed: int = 0,
    compact: bool = False,
) -> dict[str, Any]:
    """Build a store and publish it; readers of the previous build keep it until they close it.

    Each statement is stored once, in its graph; queries see the union of all graphs.

    Args:
        folder: The folder of the store: it must not exist, be empty, or hold a store already.
        nquads: The statements in lines of canonical N-Quads, each in a named graph.
        describe: Reads from the finished store what queries need beside the statements, in values that JSON can hold.
        made_from: What the manifest says of the content, in values that JSON can hold.
        needed: The number of bytes that must be free.
        compact: Whether to merge Oxigraph's files, of which there is one for each index and million of statements: queries that
            read much take a third to a quarter of the time, for twice the time to build and half as much again on disk.

    Returns:
        The manifest.

    Raises:
        KbError: The folder holds something else (KB651), another process builds there (KB652), too little space
            is free (KB654), or it cannot be written (KB701).
    """
    if os.path.lexists(folder) and not folder.is_dir():
        raise _no_store_error(folder, "This is not a folder.", "Name another.")
    with atomic.make_folder(folder, folder), _lock_folder(folder):
        _require_space(folder, needed)
        made = Path(mkdtemp(prefix="build-", dir=folder))
        try:
            manifest = _fill(made, nquads, describe, made_from, compact=compact)
            atomic.write_file(folder / "current", [f"{made.name}\n"])
        finally:  # of what is published nothing is removed, also if the disk did not confirm it
            _sweep(folder)
        return manifest


def open_build(folder: Path) -> Build:
    """Open the published build of a store for reading, and compare its files with its manifest.

    Raises:
        KbError: There is no store (KB651), or it is damaged (KB653).
    """
    for _ in range(10):  # a build may be replaced and removed after its name is read
        made = folder / _current(folder)
        shared = lock_shared(made / "manifest.json")
        if shared:
            return _load(made, shared)
    raise _damage_error(folder, "the build that it points to is missing")


def open_read_only(location: DiskStore) -> Store:
    """Open Oxigraph's files read-only.

    Raises:
        OSError: It cannot be opened, or does not hold them.
    """
    from pyoxigraph import Store

    store = Store.read_only(location.data)
    if sum(1 for _ in store.named_graphs()) != location.graphs:
        raise OSError(0, "it does not hold the graphs that it was built with; it is damaged: run 'kb build' again")
    return store


def dump(location: DiskStore) -> bytes:
    """Write every statement in its graph, as sorted N-Quads; numbers in the canonical form that Oxigraph stores."""
    store = open_read_only(location)
    quads = (quad for graph in store.named_graphs() for quad in store.quads_for_pattern(None, None, None, graph))
    return "".join(sorted(f"{quad} .\n" for quad in quads)).encode("utf-8")


def verify(folder: Path) -> Iterator[Problem]:
    """Compare every byte of a store, and the number of its statements, with its manifest."""
    try:
        build = open_build(folder)
    except KbError as error:
        yield from error.problems
        return
    damaged = [name for name, (_, digest) in build.manifest["files"].items() if file_sha256(build.folder / name) != digest]
    for name in damaged:
        yield from _damage_error(folder, f"{name} is not what was written").problems
    if not damaged and len(open_read_only(build.disk_store)) != build.manifest["quads"]:
        yield from _damage_error(folder, "it does not hold all that it was built with").problems


class _Lines(RawIOBase):
    """A readable file, made from lines."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes."""
        if not self._left:
            self._left = memoryview("".join(islice(self._lines, _CHUNK)).encode())
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def _fill(
    made: Path,
    nquads: Iterable[str],
    describe: Callable[[Store], Mapping[str, Any]],
    made_from: Mapping[str, Any],
    *,
    compact: bool,
) -> dict[str, Any]:
    """Fill a new build, flush it to the disk, and return its manifest."""
    from pyoxigraph import RdfFormat, Store

    store = Store(str(made / "data"))
    # The lines are canonical and their IRIs were checked when they were made, so they need not be checked again.
    store.bulk_load(cast("IO[bytes]", _Lines(nquads)), format=RdfFormat.N_QUADS, lenient=True)
    if compact:
        store.optimize()
    store.flush()
    quads = len(store)
    graphs = sum(1 for _ in store.named_graphs())
    (made / "base.json").write_text(json.dumps(describe(store), indent=1), encoding="ascii")
    del store  # this closes it
    paths = sorted(path for path in made.rglob("*") if path.is_file())
    stable = [path for path in paths if not _UNSTABLE.fullmatch(path.name)]
    files = {str(path.relative_to(made)): [path.stat().st_size, file_sha256(path)] for path in stable}
    manifest = {
        "format": FORMAT,
        **made_from,
        "quads": quads,
        "graphs": graphs,
        "bytes": sum(size for size, _ in files.values()),
        "files": files,
    }
    (made / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="ascii")
    for path in [*paths, made / "manifest.json", made / "data", made]:
        flush(path)
    return manifest


def _sweep(folder: Path) -> None:
    """Remove builds that are neither published nor read: older ones, and those of processes that were killed or failed."""
    try:
        current = _current(folder) if os.path.lexists(folder / "current") else ""
    except KbError:  # any of them may be the published one
        return
    for made in folder.glob("build-*"):
        if made.name == current:
            continue
        with suppress(OSError):
            manifest = made / "manifest.json"
            if manifest.exists():
                with lock(manifest):
                    manifest.unlink()
            shutil.rmtree(made)


@contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """Lock a folder for building; it must hold nothing but a store."""
    try:
        with lock(folder):
            other = next((path.name for path in folder.iterdir() if not _OURS.fullmatch(path.name)), None)
            if other:
                message = f"The folder holds something other than a store, such as '{other}'."
                raise _no_store_error(folder, message, "Name a new or empty folder.")
            yield
    except LockedError as error:
        message = "Another process is building this store."
        raise fail("KB652", message, "Wait for it to end, or name another folder.", str(folder)) from error


def _require_space(folder: Path, needed: int) -> None:
    _sweep(folder)
    free = shutil.disk_usage(folder).free
    if free < needed:
        message = f"The store may need {needed >> 20:,} MB, and {free >> 20:,} MB are free."
        raise fail("KB654", message, "Free some space, or name a folder on another disk; nothing was changed.", str(folder))


def _current(folder: Path) -> str:
    pointer = folder / "current"
    if not os.path.lexists(pointer):
        raise _no_store_error(folder, "There is no store.", "Build one: kb build --store DIR.")
    try:
        name = read_bytes(pointer, str(pointer)).decode("ascii").strip()
    except (KbError, UnicodeDecodeError) as error:
        raise _damage_error(folder, "its pointer cannot be read") from error
    if not _BUILD.fullmatch(name):
        raise _damage_error(folder, "its pointer names no build")
    return name


def _load(made: Path, lock: Lock) -> Build:
    """Read a build's manifest and compare its files with it: the sizes of all, and the content of small ones."""
    place = made.parent
    try:
        with open(lock.handle, "rb", closefd=False) as file:
            manifest = json.load(file)
        if manifest["format"] != FORMAT:
            message = f"The store is of format {manifest['format']}; this version of kb reads {FORMAT}."
            raise fail("KB653", message, "Run 'kb build' again.", str(place))
        for name, (size, digest) in manifest["files"].items():
            path = made / name
            if path.stat().st_size != size or (size <= _SMALL and file_sha256(path) != digest):
                raise _damage_error(place, f"{name} is not what was written")
        return Build(made, manifest, json.loads((made / "base.json").read_bytes()), lock)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = "its manifest cannot be read"
        if isinstance(error, OSError):
            reason = f"{error.filename or 'a file'}: {error.strerror}"
        raise _damage_error(place, reason) from error


def _no_store_error(folder: Path, message: str, remedy: str) -> KbError:
    return fail("KB651", message, remedy, str(folder))


def _damage_error(folder: Path, reason: str) -> KbError:
    return KbError([Problem(Place(str(folder)), "KB653", f"The store is damaged: {reason}.", "Run 'kb build' again.")])
