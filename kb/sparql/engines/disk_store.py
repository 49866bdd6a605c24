"""Stores on disk: Oxigraph files that are built in a new folder, published by a pointer, and never changed after that.

::

    DIR/current               the name of the build that readers take, and the SHA-256 of its manifest
    DIR/build-NAME/           a build
        manifest.json         what it was made from, counts, size and SHA-256 of every file
        base.json             what queries need beside the statements: names, labels, named queries
        data/                 Oxigraph's own files

A writer holds a lock on ``DIR``. A reader holds a shared lock on the manifest, so that its build is not removed while it is
read. Oxigraph's bulk loader does not fsync, and a RocksDB whose MANIFEST is truncated opens as an empty store without an
error. So every file is flushed here, and compared with our manifest before a store is used (:mod:`store_integrity`).

A build that differs little from the former one links to its ``.sst`` files, which RocksDB writes once and never again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from hashlib import sha256
from io import RawIOBase
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from kb.files import atomic
from kb.files.boundary import check_target
from kb.files.durability import flush
from kb.files.fingerprint import file_sha256
from kb.files.locks import Lock, LockedError, lock, lock_shared
from kb.files.temporary import TEMPORARY
from kb.files.text_file import read_bytes
from kb.problems import KbError, Place, Problem, fail
from kb.sparql.engines import store_integrity
from kb.sparql.values import DiskStore

if TYPE_CHECKING:  # only the child process of a query imports Oxigraph
    from pyoxigraph import Store

FORMAT = 3

_BUILD = re.compile(r"build-[A-Za-z0-9_]+")
_OURS = re.compile(rf"{_BUILD.pattern}|\.?current|.*{re.escape(TEMPORARY)}", re.DOTALL)
_CHUNK = 1 << 12  # lines that are read at once


class Build(NamedTuple):
    """A build that is open for reading; its lock keeps it from being removed while this value exists."""

    folder: Path
    manifest: dict[str, Any]
    base: dict[str, Any]
    lock: Lock

    def files(self) -> list[Path]:
        """Return the paths of its files."""
        return [self.folder / name for name in self.manifest["files"]]

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
    with lock_folder(folder):
        _require_space(folder, needed)
        return publish(folder, lambda made: fill(made, nquads, describe, made_from, compact=compact))


def publish(folder: Path, make: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """Make a build in a new folder and publish it; the caller holds the lock of the store.

    Args:
        folder: The folder of the store.
        make: Makes the build with its manifest in the folder that it is given, and returns the manifest.
    """
    made = Path(mkdtemp(prefix="build-", dir=folder))
    try:
        manifest = make(made)
        store_integrity.remember(made)
        atomic.write_file(folder / "current", [f"{made.name} {file_sha256(made / 'manifest.json')}\n"])
    finally:  # of what is published nothing is removed, also if the disk did not confirm it
        sweep(folder)
    return manifest


def open_build(folder: Path, most: int = store_integrity.MAX_BYTES) -> Build:
    """Open the published build of a store for reading, and compare its files with its manifest.

    Args:
        folder: The folder of the store.
        most: The most bytes that are compared before this returns.

    Raises:
        KbError: There is no store (KB651), or it is damaged (KB653).
    """
    for _ in range(10):  # a build may be replaced and removed after its name is read
        name, digest = _current(folder)
        shared = lock_shared(folder / name / "manifest.json")
        if shared:
            return _load(folder / name, shared, digest, most)
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


def require_whole(location: DiskStore) -> None:
    """Compare every byte of a store that was too large for that when it was opened.

    Raises:
        KbError: It is damaged (KB653).
    """
    made, manifest = Path(location.data).parent, json.loads(read_manifest(location))
    damaged = store_integrity.compare(made, manifest["files"]) if manifest["bytes"] > store_integrity.MAX_BYTES else ""
    if damaged:
        raise _damage_error(made.parent, f"{damaged} is not what was written")


def read_manifest(location: DiskStore) -> bytes:
    """Read the manifest of a store, which differs whenever its statements do."""
    return (Path(location.data).parent / "manifest.json").read_bytes()


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
    damaged = store_integrity.compare(build.folder, build.manifest["files"])
    if damaged:
        yield from _damage_error(folder, f"{damaged} is not what was written").problems
    elif len(open_read_only(build.disk_store)) != build.manifest["quads"]:
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


def fill(
    made: Path,
    nquads: Iterable[str],
    describe: Callable[[Store], Mapping[str, Any]],
    made_from: Mapping[str, Any],
    *,
    compact: bool,
) -> dict[str, Any]:
    """Make a build from statements; see :func:`build`."""
    from pyoxigraph import RdfFormat, Store

    store = Store(str(made / "data"))
    # The lines are canonical and their IRIs were checked when they were made, so they need not be checked again.
    store.bulk_load(cast("IO[bytes]", _Lines(nquads)), format=RdfFormat.N_QUADS, lenient=True)
    if compact:
        store.optimize()
    store.flush()
    counts = {"quads": len(store), "graphs": sum(1 for _ in store.named_graphs())}
    base = describe(store)
    del store  # this closes it
    return _complete(made, base, {**made_from, **counts}, {})


def revise(
    made: Path, former: Build, change: Callable[[Store], int], describe: Callable[[Store], Mapping[str, Any]], facts: int
) -> dict[str, Any]:
    """Make a build from a former one; what did not change takes neither time nor space.

    Args:
        made: The folder of the new build.
        former: The former build, which stays as it is.
        change: Changes the store; returns how many statements it has gained.
        describe: As for :func:`build`.
        facts: The number of facts.
    """
    from pyoxigraph import Store

    (made / "data").mkdir()
    with store_integrity.keep_remembered(former.folder):
        for path in former.files():
            new = made / path.relative_to(former.folder)
            if path.suffix == ".sst":
                os.link(path, new)
            elif path.parent != former.folder:
                shutil.copyfile(path, new)
    store = Store(str(made / "data"))
    gained = change(store)
    store.flush()
    counts = {"quads": former.manifest["quads"] + gained, "graphs": sum(1 for _ in store.named_graphs()), "facts": facts}
    base = describe(store)
    del store
    return _complete(made, base, {**former.manifest, **counts}, former.manifest["files"])


def _complete(made: Path, base: Mapping[str, Any], about: Mapping[str, Any], linked: store_integrity.Files) -> dict[str, Any]:
    """Add the description and the manifest to a build, and flush it to the disk, except for files linked from another build."""
    (made / "base.json").write_bytes(msgspec.json.encode(base))
    files, new = {}, [made / "manifest.json"]
    for name in store_integrity.list_files(made):
        path = made / name
        status = path.stat()
        if status.st_nlink > 1 and name in linked:
            files[name] = linked[name]
        else:
            files[name] = (status.st_size, file_sha256(path))
            new.append(path)
    manifest = {"format": FORMAT, **about, "bytes": sum(size for size, _ in files.values()), "files": files}
    (made / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    for path in [*new, made / "data", made]:
        flush(path)
    return manifest


def sweep(folder: Path) -> None:
    """Remove builds that are neither published nor read: older ones, and those of processes that were killed or failed."""
    try:
        current = _current(folder)[0] if os.path.lexists(folder / "current") else ""
    except KbError:  # any of them may be the published one
        return
    others = [made for made in folder.glob("build-*") if made.name != current and not made.is_symlink()]
    with store_integrity.keep_remembered(folder / current) if current and others else nullcontext():
        for made in others:
            with suppress(OSError):
                manifest = made / "manifest.json"
                if manifest.exists():
                    with lock(manifest):
                        manifest.unlink()
                shutil.rmtree(made)


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock a folder for building; it is made if need be, and must hold nothing but a store.

    Raises:
        KbError: It holds something else (KB651), another process builds there (KB652), or it cannot be written (KB701), here
            or inside the context.
    """
    check_target(folder)
    if os.path.lexists(folder) and not folder.is_dir():
        raise _no_store_error(folder, "This is not a folder.", "Name another.")
    with atomic.make_folder(folder, folder), _locked(folder):
        yield


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
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


def remove(folder: Path) -> None:
    """Remove a store, except for what is being read.

    Raises:
        KbError: As :func:`lock_folder`.
    """
    with lock_folder(folder):
        (folder / "current").unlink(missing_ok=True)
        sweep(folder)


def _require_space(folder: Path, needed: int) -> None:
    sweep(folder)
    free = shutil.disk_usage(folder).free
    if free < needed:
        message = f"The store may need {needed >> 20:,} MB, and {free >> 20:,} MB are free."
        raise fail("KB654", message, "Free some space, or name a folder on another disk; nothing was changed.", str(folder))


def _current(folder: Path) -> tuple[str, str]:
    """Return the name of the published build, and the SHA-256 of its manifest."""
    pointer = folder / "current"
    if not os.path.lexists(pointer):
        raise _no_store_error(folder, "There is no store.", "Build one: kb build --store DIR.")
    try:
        name, _, digest = read_bytes(pointer, str(pointer)).decode("ascii").strip().partition(" ")
    except (KbError, UnicodeDecodeError) as error:
        raise _damage_error(folder, "its pointer cannot be read") from error
    if not _BUILD.fullmatch(name):
        raise _damage_error(folder, "its pointer names no build")
    return name, digest


def _load(made: Path, lock: Lock, digest: str, most: int) -> Build:
    """Read a build's manifest and compare its files with it."""
    place = made.parent
    try:
        with open(lock.handle, "rb", closefd=False) as file:
            content = file.read()
        manifest = json.loads(content)
        if manifest["format"] != FORMAT:
            message = f"The store is of format {manifest['format']}; this version of kb reads {FORMAT}."
            raise fail("KB653", message, "Run 'kb build' again.", str(place))
        if sha256(content).hexdigest() != digest:
            raise _damage_error(place, "its manifest is not what was written")
        damaged = store_integrity.find_damage(made, manifest["files"], most)
        if damaged:
            raise _damage_error(place, f"{damaged} is not what was written")
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
