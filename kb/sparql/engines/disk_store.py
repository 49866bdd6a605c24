"""Stores on disk: Oxigraph, built beside, published by a pointer, and never changed after that.

::

    DIR/current               the name of the build that readers take
    DIR/build-NAME/           a build
        manifest.json         what it was made from, counts, size and SHA-256 of every file
        base.json             what asking takes beside the statements: names, labels, named queries
        data/                 Oxigraph's own files

Who writes holds a lock on ``DIR``; who reads holds a shared one on the manifest, so that a build that is read stays until
its readers have gone. Nothing is fsynced by Oxigraph's bulk loader itself, and a RocksDB whose MANIFEST is cut off opens as
an empty store without a word; so every file is flushed here, and held against our manifest at each opening.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import RawIOBase
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from kb.files import atomic
from kb.files.fingerprint import file_sha256
from kb.files.locks import Lock, LockedError, lock, lock_shared
from kb.problems import KbError, Place, Problem, fail
from kb.sparql.values import Stored

if TYPE_CHECKING:  # the parent of a question does without
    from pyoxigraph import QuerySolutions, Store

FORMAT = 1

_BUILD = re.compile(r"build-[A-Za-z0-9_]+")
_SMALL = 1 << 20  # files up to this size are hashed at each opening
_CHUNK = 1 << 20
_UNSTABLE = re.compile(r"LOG(\.old.*)?|LOCK")  # which RocksDB writes for people, and may write again


class Build(NamedTuple):
    """A build that is open for reading.

    Args:
        folder: Where it lies.
        manifest: What it was made from, counts, and files.
        base: What asking takes beside the statements.
        lock: What keeps the build in place for as long as somebody refers to it.
    """

    folder: Path
    manifest: dict[str, Any]
    base: dict[str, Any]
    lock: Lock

    @property
    def stored(self) -> Stored:
        """What an engine needs to open it."""
        return Stored(str(self.folder / "data"), self.manifest["graphs"], self.lock)


def build(  # noqa: PLR0913 - where, what, what is told of it, and two choices
    folder: Path,
    nquads: Iterable[str],
    describe: Callable[[Store], Mapping[str, Any]],
    made_from: Mapping[str, Any],
    *,
    needed: int = 0,
    compact: bool = False,
) -> dict[str, Any]:
    """Build a store and publish it; those who read the one before keep it until they close it.

    Every triple stands in the default graph as well. That takes half as much again on disk (three indexes beside the six
    of a named graph); left to Oxigraph's union of graphs instead, a triple would be answered once for each graph that
    holds it, ``FROM`` would be passed over, and scans would take longer.

    Args:
        folder: Where to: a folder that is not there, is empty, or holds a store already.
        nquads: The statements in lines of canonical N-Quads, each in a named graph.
        describe: Tells of the finished store what asking takes beside the statements, in values that JSON can hold.
        made_from: What is told of the content, in values that JSON can hold.
        needed: How many bytes must be free.
        compact: Whether to merge Oxigraph's files, of which there is one for each index and million of statements: questions that
            read much are answered three to four times as fast, for twice the time to build and half as much again on disk.

    Returns:
        The manifest.

    Raises:
        KbError: The folder holds something else (KB651), another process builds there (KB652), there is too little room
            (KB654), or it cannot be written (KB701).
    """
    try:
        with _locked(folder):
            _make_room(folder, needed)
            made = Path(mkdtemp(prefix="build-", dir=folder))
            try:
                manifest = _fill(made, nquads, describe, made_from, compact=compact)
                _publish(folder, made.name)
            except BaseException:
                shutil.rmtree(made, ignore_errors=True)
                raise
            _sweep(folder)
            return manifest
    except OSError as error:
        message = f"The store cannot be written: {error.strerror or error}."
        raise fail("KB701", message, "Check the path and the free space; nothing was changed.", str(folder)) from error


def open_build(folder: Path) -> Build:
    """Open the published build of a store for reading; its files are held against its manifest.

    Raises:
        KbError: There is no store (KB651), or it is damaged (KB653).
    """
    for _ in range(10):  # a build may be replaced and removed between the two looks
        name = _current(folder)
        shared = lock_shared(folder / name / "manifest.json")
        if shared:
            return _checked(folder / name, shared)
    raise _damaged(folder, "the build that it points to is missing")


def open_stored(stored: Stored) -> Store:
    """Open Oxigraph's files read-only.

    Raises:
        OSError: It cannot be opened, or does not hold them.
    """
    from pyoxigraph import Store

    store = Store.read_only(stored.data)
    if sum(1 for _ in store.named_graphs()) != stored.graphs:
        raise OSError(0, "it does not hold the graphs that it was built with; it is damaged: run 'kb build' again")
    return store


def dump(stored: Stored) -> bytes:
    """Give every statement in its graph, as sorted N-Quads; numbers as Oxigraph keeps them, by value."""
    store = open_stored(stored)
    quads = (quad for graph in store.named_graphs() for quad in store.quads_for_pattern(None, None, None, graph))
    return "".join(sorted(f"{quad} .\n" for quad in quads)).encode("utf-8")


def verify(folder: Path) -> Iterator[Problem]:
    """Hold every byte of a store, and the number of its statements, against its manifest."""
    try:
        found = open_build(folder)
    except KbError as error:
        yield from error.problems
        return
    bad = [name for name, (_, digest) in found.manifest["files"].items() if file_sha256(found.folder / name) != digest]
    for name in bad:
        yield from _damaged(folder, f"{name} is not what was written").problems
    if not bad and len(open_stored(found.stored)) != found.manifest["quads"] + found.manifest["triples"]:
        yield from _damaged(folder, "it does not hold all that it was built with").problems


class _Lines(RawIOBase):
    """A file to read from, made of lines of N-Quads: each statement in its graph and in the default graph."""

    def __init__(self, nquads: Iterable[str]) -> None:
        self._nquads = iter(nquads)
        self._left = memoryview(b"")
        self.met = False

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give the next bytes."""
        if not self._left:
            self._left = memoryview(b"".join(self._more()))
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def _more(self) -> Iterator[bytes]:
        size = 0
        for line in self._nquads:
            both = f"{line}{line.rpartition(' <')[0]} .\n".encode()
            yield both
            size += len(both)
            if size >= _CHUNK:
                return


def _fill(
    made: Path,
    nquads: Iterable[str],
    describe: Callable[[Store], Mapping[str, Any]],
    made_from: Mapping[str, Any],
    *,
    compact: bool,
) -> dict[str, Any]:
    from pyoxigraph import RdfFormat, Store

    store = Store(str(made / "data"))
    # The lines are canonical, and of IRIs that were checked; so nothing is checked again. They can be read, and that is all.
    store.bulk_load(cast("IO[bytes]", _Lines(nquads)), format=RdfFormat.N_QUADS, lenient=True)
    if compact:
        store.optimize()
    store.flush()
    quads = len(store)
    (counted,) = cast("QuerySolutions", store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"))
    triples = int(counted[0].value)
    graphs = sum(1 for _ in store.named_graphs())
    _write(made / "base.json", describe(store))
    del store, counted  # which closes it
    names = sorted(str(path.relative_to(made)) for path in made.rglob("*") if path.is_file())
    files = {name: [(made / name).stat().st_size, file_sha256(made / name)] for name in names if _is_stable(name)}
    manifest = {
        "format": FORMAT,
        **made_from,
        "quads": quads - triples,
        "triples": triples,
        "graphs": graphs,
        "bytes": sum(size for size, _ in files.values()),
        "files": files,
    }
    _write(made / "manifest.json", manifest)
    for path in [*(made / name for name in names), made / "data", made]:
        atomic.flush(path)
    return manifest


def _publish(folder: Path, name: str) -> None:
    atomic.write_file(folder / "current", [f"{name}\n"])


def _sweep(folder: Path) -> None:
    """Remove builds that nobody published or reads: older ones, and what processes that were killed left."""
    current = _current(folder) if (folder / "current").exists() else ""
    for left in folder.glob("build-*"):
        if left.name == current:
            continue
        with suppress(OSError):
            manifest = left / "manifest.json"
            if manifest.exists():
                with lock(manifest):
                    manifest.unlink()
            shutil.rmtree(left)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder for building; it is made if need be, and must hold nothing but a store."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise _no_store(folder, "This is no folder.", "Name another.") from error
    try:
        with lock(folder):
            others = [path.name for path in folder.iterdir() if not _is_ours(path.name)]
            if others:
                raise _no_store(folder, f"The folder holds other things, such as '{others[0]}'.", "Name a new or empty folder.")
            yield
    except LockedError as error:
        message = "Another process is building this store."
        raise fail("KB652", message, "Wait for it to end, or name another folder.", str(folder)) from error


def _is_ours(name: str) -> bool:
    return name in {"current", ".current"} or name.endswith(atomic.TEMPORARY) or _BUILD.fullmatch(name) is not None


def _make_room(folder: Path, needed: int) -> None:
    _sweep(folder)
    free = shutil.disk_usage(folder).free
    if free < needed:
        message = f"The store may need {needed >> 20:,} MB, and {free >> 20:,} MB are free."
        raise fail("KB654", message, "Make room, or name a folder on another disk; nothing was changed.", str(folder))


def _current(folder: Path) -> str:
    try:
        name = (folder / "current").read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _no_store(folder, "There is no store.", "Make one: kb build --store DIR.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(folder, "its pointer cannot be read") from error
    if not _BUILD.fullmatch(name):
        raise _damaged(folder, "its pointer names no build")
    return name


def _checked(made: Path, lock: Lock) -> Build:
    """Read a build's manifest and hold its files against it: all sizes, and the content of what is small."""
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
                raise _damaged(place, f"{name} is not what was written")
        return Build(made, manifest, json.loads((made / "base.json").read_bytes()), lock)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"{error.filename or 'a file'}: {error.strerror}" if isinstance(error, OSError) else "its manifest cannot be read"
        raise _damaged(place, what) from error


def _no_store(folder: Path, message: str, remedy: str) -> KbError:
    return fail("KB651", message, remedy, str(folder))


def _damaged(folder: Path, what: str) -> KbError:
    return KbError([Problem(Place(str(folder)), "KB653", f"The store is damaged: {what}.", "Run 'kb build' again.")])


def _is_stable(name: str) -> bool:
    return not _UNSTABLE.fullmatch(Path(name).name)


def _write(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1), encoding="ascii")
