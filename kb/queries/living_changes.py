"""Changes of a living store: what has to be compiled after files have changed, and the statements that differ.

A document is compiled anew if its record, its facts, its text or its results of verification have changed; of its statements,
those that differ are exchanged. A document that has not changed stays valid while the terms and predicates that its facts name
mean the same. So terms may come; they may go, or change kind or label, if no fact names them; predicates may come, change
definition or note, and change label if no fact names them. Any other change, and any problem, is left to a build of the whole
store, which validates everything and reports all problems.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from kb import pipeline
from kb.build.joining import DocumentDigest, digest_documents
from kb.build.reading import BuildInput, read
from kb.build.writing import BuildPlan, lines_of_documents
from kb.files.fingerprint import Files, code_digest, list_digests
from kb.problems import Problem
from kb.queries.named import read_valid_queries
from kb.queries.store_build import (
    DocumentState,
    State,
    describe_documents,
    encode_base,
    list_names,
    read_base,
    relative_paths,
)
from kb.rdf import dataset, ontology
from kb.rdf.compilation import compile_vocabulary
from kb.rdf.dataset import DatasetCounts
from kb.rdf.iris import KB, ONTOLOGY, RDF, RDFS, SKOS, Names, word_iri
from kb.rdf.quads import Quad
from kb.records.folder import find_inputs
from kb.schema.vocabulary import restricting_qualifiers
from kb.sparql.engines import disk_store
from kb.sparql.engines.disk_store import Build

Make = Callable[[Path], Mapping[str, Any]]

_VOCABULARY = frozenset({"kb", "biolink", "terms", "predicates", "mappings", "cues", "imports"})
_TYPE = ox.NamedNode(f"{RDF}type")
_LABELS = ox.NamedNode(f"{SKOS}prefLabel"), ox.NamedNode(f"{RDFS}label")
# The properties of a predicate that say nothing about how facts may use it.
_WORDS = frozenset(map(ox.NamedNode, (f"{RDFS}label", f"{SKOS}definition", f"{SKOS}editorialNote")))
_CLAIM = [ox.NamedNode(RDF + name) for name in ("subject", "predicate", "object")]
_STATED = """ASK {{
  GRAPH ?document {{ ?fact <{rdf}subject> ?s ; <{rdf}predicate> ?p ; <{rdf}object> ?o ; <{kb}modality> ?modality }}
  ?p <{kb}plainModality> ?modality
  FILTER (?document NOT IN ({replaced}))
  FILTER NOT EXISTS {{ ?fact ?restricting ?value VALUES ?restricting {{ {restricting} }} }}
}}"""


def plan_changes(folder: Path, build: Build, state: State, files: Files) -> Make | None:
    """Plan a build that differs from the former one in what has changed; nothing if everything has to be built anew.

    ``state`` is what the former build was made from, ``files`` are the files now.
    """
    before, now = list_digests(state.files), list_digests(files)
    changed = {path for path in before | now if before.get(path) != now.get(path)}
    problems: list[Problem] = []
    kinds = {str(path.relative_to(folder)): (path, kind) for path, kind in find_inputs(folder, problems)}
    selection = None if problems or state.code != code_digest() else _select(folder, state.documents, changed, kinds)
    if selection is None:
        return None
    checked, plan = pipeline.check_input(selection.read)
    # An input without documents is no problem here: the others have not changed.
    if plan is None or any(problem.code != "KB405" for problem in checked.problems) or list_names(plan) != state.names:
        return None
    documents = {name: entry for name, entry in state.documents.items() if name not in selection.gone}
    documents.update(describe_documents(folder, plan, selection.documents))
    rooms = set(map(_room, changed))
    difference = _Difference.of(build, plan, selection, documents, is_vocabulary_changed=not _VOCABULARY.isdisjoint(rooms))
    if not documents or not difference:
        return None
    former = read_base(build)
    titles = {name: title for name, (title,) in former.labels["document"].items() if name in documents}
    titles.update({name: document.title for name, document in selection.documents.items()})

    def make(made: Path) -> Mapping[str, Any]:
        State(state.code, state.names, files, documents).write(made)
        base = encode_base(plan, titles, read_valid_queries(folder) if "queries" in rooms else former.queries)
        return disk_store.revise(made, build, difference, base, _count(plan, documents).facts)

    return make


@dataclass(frozen=True)
class _Selection:
    """The documents that have changed: their ids, those that are gone, and their records with all of the vocabulary."""

    read: BuildInput
    documents: Mapping[str, DocumentDigest]
    gone: Collection[str]


def _room(path: str) -> str:
    """Return the folder of a knowledge base that a file is in, or the name of a single file."""
    return path.partition("/")[0].partition(".")[0]


def _select(
    folder: Path, known: Mapping[str, DocumentState], changed: set[str], kinds: Mapping[str, tuple[Path, str]]
) -> _Selection | None:
    """Find the documents that have changed, and read them; nothing if something cannot be read."""
    forced = {Path(path).name.rpartition(".")[0] for path in changed if _room(path) == "verification" or path not in kinds}
    names = {name for name, entry in known.items() if name in forced or not changed.isdisjoint(entry.files)}
    while True:
        wanted = kinds.keys() & changed.union(*_files(known, names))
        chosen = {path for name, (path, _) in kinds.items() if name in wanted or _room(name) in _VOCABULARY}
        made = read(folder, only=partial(_is_one_of, chosen))
        if not made.is_complete:
            return None
        found = {document.id: document for document in digest_documents(made.source("fact"), made.source("document"))}
        names |= {name for name, document in found.items() if not changed.isdisjoint(relative_paths(document, folder))}
        if wanted >= kinds.keys() & set(chain.from_iterable(_files(known, names))):
            break
    new = {
        name: document
        for name, document in found.items()
        if name in names and (name in forced or name not in known or not _is_same(known[name], document, folder))
    }
    gone = [name for name in names if name in known and name not in found]
    return _Selection(replace(made, documents=frozenset(new)), new, gone)


def _is_one_of(chosen: Container[Path], path: Path, _: str) -> bool:
    return path in chosen


def _is_same(known: DocumentState, document: DocumentDigest, folder: Path) -> bool:
    return (known.digest, known.files) == (document.digest, relative_paths(document, folder))


def _files(known: Mapping[str, DocumentState], names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    return (known[name].files for name in names if name in known)


class _Difference(NamedTuple):
    """The statements that only a former build has, and those that only the new one has."""

    removed: set[ox.Quad]
    added: set[ox.Quad]

    @classmethod
    def of(
        cls,
        build: Build,
        plan: BuildPlan,
        selection: _Selection,
        documents: Mapping[str, DocumentState],
        *,
        is_vocabulary_changed: bool,
    ) -> _Difference | None:
        """Compare the graphs that are compiled anew; nothing if unchanged documents may be invalid, or compile to others."""
        names, store = plan.names, disk_store.open_read_only(build.disk_store)
        rest = [compile_vocabulary(plan.kb, names)] if is_vocabulary_changed else []
        rest += [dataset.compile_dataset(plan.kb.dataset, _count(plan, documents), names)]
        rest += dataset.compile_members(sorted(documents), names)
        new = _load(chain(lines_of_documents(plan), map(_line, chain.from_iterable(rest))))
        others = ("vocabulary", "mappings", "dataset") if is_vocabulary_changed else ("dataset",)
        replaced = [*others, *(f"document/{name}" for name in chain(selection.documents, selection.gone))]
        graphs = [ox.NamedNode(names.graph(name)) for name in replaced]
        old, now = ({quad for graph in graphs for quad in _match(side, graph)} for side in (store, new))
        difference = cls(old - now, now - old)
        claims = ox.NamedNode(names.graph("claims"))
        if is_vocabulary_changed and not difference._is_safe(store, names, {*graphs, claims}):
            return None
        difference._add_claims(store, claims, old, set(_match(new, claims)), graphs)
        difference._add_ontology(store)
        return difference

    def _is_safe(self, store: ox.Store, names: Names, replaced: Collection[ox.NamedNode]) -> bool:
        """Return whether documents that have not changed stay valid, and their statements the same."""
        predicate, term = f"<{names.predicate('')}", f"<{names.term('')}"
        subjects = {quad.subject for quad in self.removed}
        new = {quad.subject for quad in self.added if quad.predicate == _TYPE} - subjects
        for quad in chain(self.removed, self.added):
            if str(quad.subject).startswith(predicate) and quad.subject not in new and quad.predicate not in _WORDS:
                return False
        words = {_TYPE, *_LABELS}  # a fact is put into words with the labels of its parts
        changed = {quad.subject for quad in self.removed if quad.predicate in words}
        changed = {node for node in changed if str(node).startswith((predicate, term))}
        return not any(_is_used(store, node, replaced) for node in changed)

    def _add_claims(
        self, store: ox.Store, graph: ox.NamedNode, old: Iterable[ox.Quad], claimed: set[ox.Quad], replaced: Collection[Any]
    ) -> None:
        """Add the plain triples that differ: those that facts had in the graphs that are replaced, and those that they have."""
        parts: dict[Any, dict[Any, Any]] = {}
        for quad in old:
            if quad.predicate in _CLAIM:
                parts.setdefault(quad.subject, {})[quad.predicate] = quad.object
        subject, predicate, obj = _CLAIM
        former = {ox.Quad(fact[subject], fact[predicate], fact[obj], graph) for fact in parts.values()}
        restricting = " ".join(f"<{word_iri(name)}>" for name in restricting_qualifiers())
        stated = _STATED.format(rdf=RDF, kb=KB, restricting=restricting, replaced=", ".join(map(str, replaced)))
        self.added.update(quad for quad in claimed if quad not in store)
        for quad in former - claimed:
            values = {ox.Variable("s"): quad.subject, ox.Variable("p"): quad.predicate, ox.Variable("o"): quad.object}
            if quad in store and not store.query(stated, use_default_graph_as_union=True, substitutions=values):
                self.removed.add(quad)

    def _add_ontology(self, store: ox.Store) -> None:
        """Add the words of the ontology that are used now or no longer."""
        graph = ox.NamedNode(ONTOLOGY)
        added = {term for quad in self.added for term in (quad.predicate, quad.object)}
        nodes = [ox.NamedNode(entry.iri) for entry in ontology.list_entries()]
        used = {str(node) for node in nodes if node in added or _is_used(store, node, {graph}, self.removed)}
        old, now = set(_match(store, graph)), set(_match(_load(map(_line, ontology.compile_used(used))), graph))
        self.removed.update(old - now)
        self.added.update(now - old)


def _load(lines: Iterable[str]) -> ox.Store:
    """Load statements into a store in memory, which spells literals as every store does."""
    store = ox.Store()
    store.load("".join(lines).encode("utf-8"), format=ox.RdfFormat.N_QUADS, lenient=True)
    return store


def _match(store: ox.Store, graph: ox.NamedNode) -> Iterator[ox.Quad]:
    return store.quads_for_pattern(None, None, None, graph)


def _is_used(
    store: ox.Store, node: Any, except_in: Collection[ox.NamedNode], except_for: Collection[ox.Quad] = frozenset()
) -> bool:
    """Return whether a statement in another graph has a node as predicate or object."""
    quads = chain(store.quads_for_pattern(None, node, None), store.quads_for_pattern(None, None, node))
    return any(quad.graph_name not in except_in and quad not in except_for for quad in quads)


def _count(plan: BuildPlan, documents: Mapping[str, DocumentState]) -> DatasetCounts:
    facts, sentences, decided = (sum(state.counts[index] for state in documents.values()) for index in range(3))
    return DatasetCounts(facts, len(plan.kb.terms), sentences, decided)


def _line(quad: Quad) -> str:
    return f"{' '.join(quad)} .\n"
