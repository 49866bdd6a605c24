"""A compiled knowledge base: everything that queries need, in plain values that a cache or a store can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kb.files.sorting import encode_chunks
from kb.rdf.iris import Names, names_of
from kb.schema import vocabulary
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
        about: Its id, title, version and languages.
        names: Its names.
        labels: The labels of its terms, predicates and documents, and of the words of controlled lists; and what identifiers of
            other vocabularies match.
        graphs: The IRIs of its named graphs.
        queries: Named queries that have been read already, by name.
        quads: Returns every statement in its graph, as N-Quads.
        store: A store on disk that answers in place of ``quads``, if any.
        vocabulary: The vocabulary that it declares; see :func:`kb.schema.vocabulary.declare`.
    """

    folder: Path
    about: Mapping[str, str]
    names: Names
    labels: Labels = field(repr=False)
    graphs: tuple[str, ...] = field(default=(), repr=False)
    queries: Mapping[str, Query] = field(default_factory=dict, repr=False)
    quads: Callable[[], bytes] = field(default=bytes, repr=False)
    store: DiskStore | None = None
    vocabulary: str = field(default="", repr=False)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its labels, its own first."""
        return tuple(self.about.get("languages", "").split())


def describe(kb: KnowledgeBase) -> Compiled:
    """Collect what queries need of a knowledge base beside its statements."""
    return Compiled(
        folder=kb.folder,
        about={
            "id": kb.dataset.id,
            "title": kb.dataset.title,
            "version": kb.dataset.version,
            "languages": " ".join(kb.languages),
        },
        names=names_of(kb),
        labels={
            **kb.labels(),
            "word": _controlled_words(),
            MATCH: collect_matches((mapping.object, mapping.match, mapping.subject) for mapping in kb.mappings),
        },
        vocabulary=kb.dataset.vocabulary,
    )


def compile_base(kb: KnowledgeBase, quads: Sequence[Quad] = ()) -> Compiled:
    """Compile a knowledge base for queries; ``quads`` are its statements in the model ``full``, if they are already compiled."""
    from kb import pipeline

    quads = quads or pipeline.compile_all(kb)
    return replace(
        describe(kb),
        graphs=tuple(sorted({quad.graph[1:-1] for quad in quads})),
        quads=lambda: b"".join(encode_chunks(f"{' '.join(quad)} .\n" for quad in quads)),
    )


def _controlled_words() -> dict[str, tuple[str, ...]]:
    """Return the words of controlled lists, such as ``common``, with their labels."""
    return {word: (value.label,) for name in vocabulary.controlled_lists() for word, value in vocabulary.values(name).items()}


class _Encoded(msgspec.Struct):
    about: dict[str, str]
    base: str
    prefixes: dict[str, str]
    labels: dict[str, dict[str, tuple[str, ...]]]
    graphs: tuple[str, ...]
    queries: dict[str, Query]
    vocabulary: str


def encode(compiled: Compiled) -> bytes:
    """Encode everything but the statements, as a line of JSON."""
    names, queries = compiled.names, dict(compiled.queries)
    labels = {sort: dict(known) for sort, known in compiled.labels.items()}
    plain = _Encoded(
        dict(compiled.about), names.base, dict(names.prefixes), labels, compiled.graphs, queries, compiled.vocabulary
    )
    return msgspec.json.encode(plain, enc_hook=str)


def decode(folder: Path, content: bytes) -> Compiled:
    """Undo :func:`encode`, and take the vocabulary in use; the statements are left to the caller.

    Raises:
        ValueError: ``content`` was not made by it.
    """
    plain = msgspec.json.decode(content, type=_Encoded, dec_hook=lambda kind, value: kind(value))
    vocabulary.use(plain.vocabulary)
    names = Names(plain.base, plain.prefixes)
    return Compiled(folder, plain.about, names, plain.labels, plain.graphs, plain.queries, vocabulary=plain.vocabulary)
