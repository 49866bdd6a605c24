"""Knowledge bases in stores on disk: built, opened, and held against the content that they were made from."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.asking import cache
from kb.asking.compiled import Compiled, compile_base, from_plain, to_plain
from kb.problems import Place, Problem
from kb.stores import disk

if TYPE_CHECKING:  # as in kb.asking.compiled
    from kb.model import KnowledgeBase

_ROOM = 40  # bytes of a store for each byte of records, by far


def build_store(kb: KnowledgeBase, store: Path) -> dict[str, Any]:
    """Build a store of a knowledge base, and publish it.

    Args:
        kb: The knowledge base.
        store: The folder of the store.

    Returns:
        The manifest.

    Raises:
        KbError: As :func:`kb.stores.disk.build`; or files were changed meanwhile, and then the store tells so when asked.
    """
    from kb import pipeline  # noqa: PLC0415 - a store that is asked does without
    from kb.asking.named import well_formed  # noqa: PLC0415 - as above

    sources = _sources(kb.folder)
    quads = pipeline.compile_all(kb)
    base = compile_base(kb, quads)
    made_from = {"content": os.path.realpath(kb.folder), "about": base.about, "facts": len(kb.facts), "sources": sources}
    plain = to_plain(base._replace(queries=well_formed(base)))
    needed = _ROOM * sum(size for size, _, _ in sources.values())
    return disk.build(store, (f"{' '.join(quad)} .\n" for quad in quads), plain, made_from, needed=needed)


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
    problems = list(disk.verify(store))
    yield from problems
    if not problems:
        yield from _stale(store, _opened(store)[1])


def _opened(store: Path) -> tuple[Compiled, dict[str, Any]]:
    found = disk.open_build(store)
    return from_plain(Path(found.manifest["content"]), found.base, store=found.stored), found.manifest


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
    for path in cache.files(top, links=True):
        name, about = os.path.relpath(path, top), Path(path).stat()
        before: list[Any] | None = (known or {}).get(name)
        if before is not None and before[:2] == [about.st_size, about.st_mtime_ns]:
            found[name] = before
            continue
        with open(path, "rb") as file:  # noqa: PTH123 - by thousands
            digest = file_digest(file, sha256).hexdigest()
        touched = before is not None and (before[0], before[2]) == (about.st_size, digest)
        found[name] = before if before is not None and touched else [about.st_size, about.st_mtime_ns, digest]
    return found
