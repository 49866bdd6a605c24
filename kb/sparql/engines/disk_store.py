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
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from tempfile import mkdtemp
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from kb.files import atomic
from kb.files.boundary import check_target
from kb.files.durability import flush
from kb.files.fingerprint import file_sha256
from kb.files.locks import GoneError, Lock, LockedError, lock, lock_shared
from kb.files.sorting import PiecesFile
from kb.files.temporary import TEMPORARY, discard
from kb.files.text_file import read_bytes
from kb.problems import KbError, Place, Problem, describe_size, fail
from kb.sparql.engines import store_integrity
from kb.sparql.values import DiskStore

if TYPE_CHECKING:  # only the child process of a query imports Oxigraph
    from pyoxigraph import Quad, Store

FORMAT = 4

_BUILD = re.compile(r"build-[A-Za-z0-9_]+")
_OURS = re.compile(rf"{_BUILD.pattern}|\.?current|.*{re.escape(TEMPORARY)}", re.DOTALL)


class Build(NamedTuple):
    """A build that is open for reading; its lock keeps it from being removed while this value exists."""

    folder: Path
    manifest: Mapping[str, Any]
    lock: Lock

    @property
    def disk_store(self) -> DiskStore:
        """What an engine needs to open it."""
        return DiskStore(str(self.folder / "data"), len(self.manifest["graphs"]), self.lock)


def build(folder: Path, make: Callable[[Path], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Build a store and publish it; readers of the previous build keep it until they close it.

    The folder must not exist, be empty, or hold a store already. ``make`` makes the build in the folder that it is given, by
    :func:`fill` or :func:`revise`, and returns the manifest.

    Raises:
        KbError: The folder holds something else (KB651), another process builds there (KB652), or it cannot be written (KB701).
    """
    with lock_folder(folder):
        sweep(folder)
        return publish(folder, make)


def publish(folder: Path, make: Callable[[Path], Mapping[str, Any]]) -> Mapping[str, Any]:
    """As :func:`build`, where the caller holds the lock of the store."""
    made = Path(mkdtemp(prefix="build-", dir=folder))
    try:
        manifest = make(made)
        store_integrity.remember(made)
        atomic.write_file(folder / "current", [f"{made.name} {file_sha256(made / 'manifest.json')}\n"])
    finally:  # of what is published nothing is removed, also if the disk did not confirm it
        sweep(folder)
    return manifest


def open_build(folder: Path, most: int = store_integrity.MAX_BYTES) -> Build:
    """Open the published build of a store for reading, and compare its files with its manifest, up to ``most`` bytes at once.

    Raises:
        KbError: There is no store (KB651), or it is damaged (KB653).
    """
    for _ in range(10):  # a build may be replaced and removed after its name is read
        name, digest = _current(folder)
        try:
            irregular = store_integrity.find_irregular(folder / name)
            shared = None if irregular else lock_shared(folder / name / "manifest.json")
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _damage_error(folder, f"{error.filename}: {error.strerror}") from error
        if irregular:
            raise _damage_error(folder, f"{irregular} is a link, or neither a file nor the folder of a store")
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
    if len(_list_graphs(store)) != location.graphs:
        raise OSError(0, "it does not hold the graphs that it was built with; it is damaged: run 'kb build' again")
    return store


def _list_graphs(store: Store) -> list[str]:
    return sorted(str(graph.value) for graph in store.named_graphs())


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


def fill(
    made: Path, nquads: Iterable[bytes], base: bytes, made_from: Mapping[str, Any], *, compact: bool = False
) -> Mapping[str, Any]:
    """Make a build from canonical N-Quads, each in a named graph; each is stored once, and queries see the union of all graphs.

    ``base`` is what queries need beside the statements, ``made_from`` what the manifest says of the content. ``compact`` merges
    Oxigraph's files, of which there is one for each index and million of statements: queries that read much take a third to a
    quarter of the time, for twice the time to build and half as much again on disk.
    """
    from pyoxigraph import RdfFormat

    def load(store: Store) -> int:
        # The lines are canonical and their IRIs were checked when they were made, so they need not be checked again.
        store.bulk_load(cast("IO[bytes]", PiecesFile(nquads)), format=RdfFormat.N_QUADS, lenient=True)
        if compact:
            store.optimize()
        return len(store)

    return _complete(made, load, base, made_from, {})


def revise(
    made: Path, former: Build, difference: tuple[Collection[Quad], Collection[Quad]], base: bytes, facts: int
) -> Mapping[str, Any]:
    """Make a build from a former one, which stays as it is; what did not change takes neither time nor space.

    The difference is the statements that only the former build has, and those that only the new one has.
    """
    removed, added = difference

    def change(store: Store) -> int:
        for quad in removed:
            store.remove(quad)
        store.extend(added)
        for graph in {quad.graph_name for quad in removed}:
            if next(store.quads_for_pattern(None, None, None, graph), None) is None:
                store.remove_graph(graph)
        return int(former.manifest["quads"]) + len(added) - len(removed)

    open_read_only(former.disk_store).backup(str(made / "data"))  # it links to the files that are never written again
    return _complete(made, change, base, {**former.manifest, "facts": facts}, former.manifest["files"])


def _complete(
    made: Path, change: Callable[[Store], int], base: bytes, about: Mapping[str, Any], known: store_integrity.Files
) -> Mapping[str, Any]:
    """Fill a store, add its description and manifest, and flush all to the disk but files linked from another build."""
    from pyoxigraph import Store

    store = Store(str(made / "data"))
    quads = change(store)
    store.flush()
    graphs = _list_graphs(store)
    del store  # this closes it
    (made / "base.json").write_bytes(base)
    files, new = {}, [made / "manifest.json"]
    for name in store_integrity.list_files(made):
        path = made / name
        status = path.stat()
        if status.st_nlink > 1 and name in known:
            files[name] = known[name]
        else:
            files[name] = (status.st_size, file_sha256(path))
            new.append(path)
    size = sum(size for size, _ in files.values())
    manifest = {**about, "format": FORMAT, "quads": quads, "graphs": graphs, "bytes": size, "files": files}
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
    for made in folder.glob("build-*"):
        if made.name != current and not made.is_symlink():
            with suppress(OSError):
                manifest = made / "manifest.json"
                if manifest.exists():
                    with lock(manifest):
                        manifest.unlink()
                discard(made)


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
            pointer = folder / "current"
            if os.path.lexists(pointer) and not S_ISREG(pointer.lstat().st_mode):
                raise _no_store_error(pointer, "This is a link, or no file.", "Remove it, or name a new or empty folder.")
            yield
    except (GoneError, LockedError) as error:
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


def require_space(folder: Path, needed: int) -> None:
    """Require free space for a build, in bytes.

    Raises:
        KbError: There is less (KB654).
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        message = f"The store may need {describe_size(needed)}, and {describe_size(free)} are free."
        raise fail("KB654", message, "Free some space, or name a folder on another disk; nothing was changed.", str(folder))


def _current(folder: Path) -> tuple[str, str]:
    """Return the name of the published build, and the SHA-256 of its manifest."""
    pointer = folder / "current"
    if not os.path.lexists(pointer):
        raise _no_store_error(folder, "There is no store.", "Build one: kb build --store DIR.")
    try:
        name, _, digest = read_bytes(pointer, str(pointer), within=folder).decode("ascii").strip().partition(" ")
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
        return Build(made, manifest, lock)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = "its manifest cannot be read"
        if isinstance(error, OSError):
            reason = f"{error.filename or 'a file'}: {error.strerror}"
        raise _damage_error(place, reason) from error


def _no_store_error(folder: Path, message: str, remedy: str) -> KbError:
    return fail("KB651", message, remedy, str(folder))


def _damage_error(folder: Path, reason: str) -> KbError:
    return KbError([Problem(Place(str(folder)), "KB653", f"The store is damaged: {reason}.", "Run 'kb build' again.")])
