"""A compiled knowledge base: everything that queries need, in plain values that a cache or a store can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.rdf.iris import Names, names_of
from kb.sparql import library
from kb.sparql.library import Query
from kb.sparql.parameters import MATCH, collect_matches
from kb.sparql.values import DiskStore

if TYPE_CHECKING:  # with a warm cache, neither the model nor the pipeline is imported
    from kb.model import KnowledgeBase
    from kb.rdf.quads import Quad
    from kb.sparql.parameters import Labels


@dataclass(frozen=True, slots=True)
class Compiled:
    """Everything that queries of a knowledge base need.

    Args:
        folder: The folder that it was read from.
        about: Its id, title and version.
        names: Its names.
        labels: The labels of its terms, predicates and documents, and of the words of controlled lists; and what identifiers of
            other vocabularies match.
        graphs: The IRIs of its named graphs.
        queries: Named queries that have been read already, by name.
        triples: Every triple once, as N-Triples.
        quads: Returns every statement in its graph, as N-Quads; few queries need them.
        store: A store on disk that answers in place of ``triples`` and ``quads``, if any.
    """

    folder: Path
    about: Mapping[str, str]
    names: Names
    labels: Labels = field(repr=False)
    graphs: tuple[str, ...] = field(repr=False)
    queries: Mapping[str, Query] = field(default_factory=dict, repr=False)
    triples: bytes = field(default=b"", repr=False)
    quads: Callable[[], bytes] = field(default=bytes, repr=False)
    store: DiskStore | None = None


def compile_base(kb: KnowledgeBase, quads: Sequence[Quad] = ()) -> Compiled:
    """Compile a knowledge base for queries; ``quads`` are its statements in the model ``full``, if they are already compiled."""
    from kb import pipeline

    quads = quads or pipeline.compile_all(kb)
    triples = dict.fromkeys(f"{quad[0]} {quad[1]} {quad[2]} .\n" for quad in quads)
    return Compiled(
        folder=kb.folder,
        about={"id": kb.dataset.id, "title": kb.dataset.title, "version": kb.dataset.version},
        names=names_of(kb),
        labels={
            **kb.labels(),
            "word": controlled_words(),
            MATCH: collect_matches((mapping.object, mapping.match, mapping.subject) for mapping in kb.mappings),
        },
        graphs=tuple(sorted({quad.graph[1:-1] for quad in quads})),
        triples="".join(triples).encode("utf-8"),
        quads=lambda: "".join(f"{' '.join(quad)} .\n" for quad in quads).encode("utf-8"),
    )


def controlled_words() -> dict[str, tuple[str, ...]]:
    """Return the words of controlled lists, such as ``common``, with their labels."""
    from kb.schema import vocabulary

    return {word: (value.label,) for name in vocabulary.controlled_lists() for word, value in vocabulary.values(name).items()}


def to_plain(compiled: Compiled) -> dict[str, Any]:
    """Convert everything but the statements to values that JSON can hold."""
    return {
        "about": compiled.about,
        "base": compiled.names.base,
        "prefixes": compiled.names.prefixes,
        "labels": compiled.labels,
        "graphs": compiled.graphs,
        "queries": {name: library.to_plain(query) for name, query in compiled.queries.items()},
    }


def from_plain(folder: Path, plain: Mapping[str, Any]) -> Compiled:
    """Undo :func:`to_plain`; the statements are left to the caller.

    Raises:
        KeyError, TypeError, ValueError: ``plain`` was not made by it.
    """
    return Compiled(
        folder=folder,
        about=plain["about"],
        names=Names(plain["base"], plain["prefixes"]),
        labels={sort: {name: tuple(words) for name, words in known.items()} for sort, known in plain["labels"].items()},
        graphs=tuple(plain["graphs"]),
        queries={name: library.from_plain(query) for name, query in plain["queries"].items()},
    )
