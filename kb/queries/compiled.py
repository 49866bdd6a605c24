"""A compiled knowledge base: all that it takes to ask it, in plain values that a cache or a store can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.files.fingerprint import stat_signature
from kb.queries import compiled_cache
from kb.rdf.iris import Names, names_of
from kb.sparql.values import Stored

if TYPE_CHECKING:  # importing the line takes longer than asking; a warm cache does without
    from kb.model import KnowledgeBase
    from kb.rdf.quads import Quad
    from kb.sparql.parameters import Labels


def _nothing() -> None:
    """Keep nothing: it is kept already, or cannot be."""


class Compiled(NamedTuple):
    """All that it takes to ask a knowledge base.

    Args:
        folder: The folder that it was read from.
        about: Its id, title and version.
        names: Its names.
        labels: What it calls its terms, predicates and documents, and the words of controlled lists.
        graphs: The IRIs of its named graphs.
        queries: Named queries that were read and found in order already, by name, in plain values.
        triples: Every triple once, as N-Triples.
        quads: Gives every statement in its graph, as N-Quads; few questions ask for that.
        store: A store on disk that answers in place of ``triples`` and ``quads``, or nothing.
        keep: Keeps it for the next time; best called while an engine is at work, since it takes as long as one.
    """

    folder: Path
    about: Mapping[str, str]
    names: Names
    labels: Labels
    graphs: tuple[str, ...]
    queries: Mapping[str, Mapping[str, Any]]
    triples: bytes = b""
    quads: Callable[[], bytes] = bytes
    store: Stored | None = None
    keep: Callable[[], None] = _nothing


def open_base(folder: Path) -> Compiled:
    """Give a knowledge base for asking: from the cache where it holds this very content, else compiled.

    Args:
        folder: The folder that holds ``kb.yaml``.

    Raises:
        KbError: There is no knowledge base, or it has problems.
    """
    kept = open_kept(folder)
    if kept:
        return kept
    looks, key = stat_signature(folder), compiled_cache.key(folder)
    compiled = _compile(folder)
    return compiled._replace(keep=lambda: _keep(compiled, looks, key)) if key else compiled


def open_kept(folder: Path) -> Compiled | None:
    """Give a knowledge base for asking, if the cache holds this very content."""
    kept = compiled_cache.read(folder)
    if not kept:
        return None
    return from_plain(
        folder, kept.plain, kept.triples, quads=lambda: compiled_cache.read_quads(folder, kept.key) or _compile(folder).quads()
    )


def _keep(compiled: Compiled, looks: bytes | None, key: str) -> None:
    from kb.queries.named import well_formed

    whole = compiled._replace(queries=well_formed(compiled))
    if key == compiled_cache.key(compiled.folder):  # or somebody changed a file while it was read
        compiled_cache.write(compiled.folder, looks, key, to_plain(whole), (whole.triples, whole.quads()))


def _compile(folder: Path) -> Compiled:
    from kb import pipeline

    return compile_base(pipeline.load(folder))


def compile_base(kb: KnowledgeBase, quads: Sequence[Quad] = ()) -> Compiled:
    """Compile a knowledge base for asking.

    Args:
        kb: The knowledge base.
        quads: Its statements in the model ``full``, where they are compiled already.
    """
    from kb import pipeline

    quads = quads or pipeline.compile_all(kb)
    labels, names = vocabulary(kb)
    about = {"id": kb.dataset.id, "title": kb.dataset.title, "version": kb.dataset.version}
    graphs = tuple(sorted({quad.graph[1:-1] for quad in quads}))
    triples = dict.fromkeys(f"{quad[0]} {quad[1]} {quad[2]} .\n" for quad in quads)
    return Compiled(
        kb.folder,
        about,
        names,
        labels,
        graphs,
        {},
        "".join(triples).encode("utf-8"),
        lambda: "".join(f"{' '.join(quad)} .\n" for quad in quads).encode("utf-8"),
    )


def vocabulary(kb: KnowledgeBase | Compiled) -> tuple[Labels, Names]:
    """Give what a knowledge base calls things, the words of controlled lists included, and its names."""
    if isinstance(kb, Compiled):
        return kb.labels, kb.names
    from kb.schema import vocabulary as contracts

    words = {word: (each.label,) for name in contracts.listed() for word, each in contracts.values(name).items()}
    return {**kb.labels(), "word": words}, names_of(kb)


def to_plain(compiled: Compiled) -> dict[str, Any]:
    """Give all but the statements in values that JSON can hold."""
    return {
        "about": compiled.about,
        "base": compiled.names.base,
        "prefixes": compiled.names.prefixes,
        "labels": compiled.labels,
        "graphs": compiled.graphs,
        "queries": compiled.queries,
    }


def from_plain(
    folder: Path, plain: dict[str, Any], triples: bytes = b"", *, quads: Callable[[], bytes] = bytes, store: Stored | None = None
) -> Compiled:
    """Undo :func:`to_plain`.

    Raises:
        KeyError, TypeError, ValueError: It was not made by it.
    """
    return Compiled(
        folder,
        plain["about"],
        Names(plain["base"], plain["prefixes"]),
        {sort: {name: tuple(words) for name, words in known.items()} for sort, known in plain["labels"].items()},
        tuple(plain["graphs"]),
        plain["queries"],
        triples,
        quads,
        store,
    )
