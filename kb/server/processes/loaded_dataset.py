"""Open the dataset that is served, and collect the details that workers need at startup.

Queries count what it contains, which works for a dataset of any size. A store never changes, so its counts are cached in
``~/.cache/linked-kb/counts`` (or ``XDG_CACHE_HOME``) under the digest of its manifest, which contains those of all its files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256

import msgspec
import pyoxigraph as ox

from kb import resources
from kb.files import cache_folder
from kb.pages import citations
from kb.problems import KbError
from kb.queries import Compiled, named_queries, sandbox
from kb.queries.child_process import Limits
from kb.queries.counting import count_dataset
from kb.queries.description import GraphCounts
from kb.rdf.iris import DCTERMS, KB, RDFS, Names
from kb.rdf.ontology import compile_own
from kb.rdf.quads import iri, iri_value
from kb.schema import vocabulary
from kb.server.served_dataset import ServedDataset
from kb.sparql.engines import disk_store, oxigraph
from kb.sparql.label_language import choose_labels
from kb.sparql.values import Answer, DiskStore, Question, Row

#: The largest living store (:mod:`kb.queries.compiled_cache`) that is held in memory, in statements: about 450 MB. Queries that
#: read much are five to eight times as fast there.
MAX_HELD = 1_000_000

_COUNT_LIMITS = Limits(30.0, 1 << 13)  # of each query that counts something for the description
_MAX_CACHED = 32  # stores


@dataclass(frozen=True, slots=True)
class LoadedDataset:
    """A dataset with its store open."""

    store: ox.Store
    names: Names
    # the service description, in a store of its own. It is not part of the dataset, so that the answers of the dataset
    # are the same here as everywhere
    service_store: ox.Store
    stored: DiskStore | None = None
    base: Compiled | None = None  # what queries need beside the statements, to say why an answer is empty
    used: frozenset[str] = frozenset()  # the properties and classes that occur

    @property
    def language(self) -> str:
        """The language of the knowledge base."""
        return next(iter(self.base.languages if self.base else ()), "")

    def ask(self, text: str) -> Answer:
        """Answer a query of the server's own, without limits."""
        text = choose_labels(text, self.base.languages if self.base else ())
        return oxigraph.ask(self.store, Question("", text, self.names.prefixes, self.names.base, store=self.stored))


def load_dataset(base: Compiled) -> tuple[LoadedDataset, ServedDataset]:
    """Open the store of a knowledge base; return it, and the details that workers need."""
    names = base.names
    if base.store:
        disk_store.require_whole(base.store)
    store = oxigraph.load(Question(b"" if base.store else base.quads(), "", names.prefixes, names.base, store=base.store))
    if base.store and base.store.is_cache and json.loads(disk_store.read_manifest(base.store))["quads"] <= MAX_HELD:
        store, base = _copy(store), replace(base, store=None, quads=partial(disk_store.read_manifest, base.store))
    served = _describe(base, store)
    lines = "".join(f"{' '.join(triple)} .\n" for triple in served.describe_service(names.base)).encode("utf-8")
    service_store = ox.Store()
    service_store.load(lines, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(names.graph("service")))
    used = frozenset(map(iri_value, [*served.counts.properties, *served.counts.classes]))
    base = replace(base, quads=bytes, queries={query.name: query for query in served.queries})
    return LoadedDataset(store, names, service_store, base.store, base, used), served


def _copy(store: ox.Store) -> ox.Store:
    """Copy a store into memory."""
    held = ox.Store()
    held.bulk_extend(quad for graph in store.named_graphs() for quad in store.quads_for_pattern(None, None, None, graph))
    return held


def _describe(base: Compiled, store: ox.Store) -> ServedDataset:
    """Collect the details of a dataset; child processes count what it contains, within limits."""
    names = base.names

    def select(text: str) -> Iterable[Row]:
        question = Question(b"", text, names.prefixes, names.base, store=base.store)
        try:
            return sandbox.answer(lambda: (lambda _: store, oxigraph.ask), question, _COUNT_LIMITS).rows
        except KbError:  # it takes too long: the description of a large store lacks that part
            return []

    def values_of(predicate: str, subject: str = names.base) -> tuple[str, ...]:
        found = store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None)
        return tuple(quad.object.value for quad in found if isinstance(quad.object, (ox.Literal, ox.NamedNode)))

    count = partial(count_dataset, select)
    counts = count_store(base.store, count) if base.store else count()
    counts = counts._replace(graphs={iri(graph): counts.graphs.get(iri(graph), 0) for graph in base.graphs})
    content = disk_store.read_manifest(base.store) if base.store else base.quads()
    vocabulary.use(base.vocabulary)
    own = (quad[:3] for quad in compile_own(names))
    ontology = ox.parse((resources.schemas() / "ontology.ttl").read_bytes(), format=ox.RdfFormat.TURTLE)
    return ServedDataset(
        names,
        base.about["title"],
        next(iter(values_of(f"{DCTERMS}language")), "en"),
        next(iter(values_of(f"{KB}disclaimer")), ""),
        values_of(f"{DCTERMS}license"),
        tuple(sorted(url for agent in values_of(f"{DCTERMS}creator") for url in values_of(f"{RDFS}seeAlso", agent))),
        sha256(content).hexdigest()[:16],
        counts,
        named_queries(base),
        sorted([*((str(one.subject), str(one.predicate), str(one.object)) for one in ontology), *own]),
        citations.cite_dataset(names.base, select(citations.query_dataset(names))),
        base.labels,
        base.languages,
    )


def count_store(stored: DiskStore, count: Callable[[], GraphCounts]) -> GraphCounts:
    """Return the cached counts of a store, or else count it."""
    path = resources.cache_folder("counts") / sha256(disk_store.read_manifest(stored)).hexdigest()[:32]
    with suppress(msgspec.DecodeError):
        return msgspec.msgpack.decode(cache_folder.read(path) or b"", type=GraphCounts)
    counts = count()
    if counts.triples:  # saved even where a part is missing: it would take too long at each start
        cache_folder.write(path, msgspec.msgpack.encode(counts), most=_MAX_CACHED)
    return counts
