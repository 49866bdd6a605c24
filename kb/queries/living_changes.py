"""Changes of a living store: what has to be compiled after files have changed, and the differences that this makes.

A document is compiled anew if its record, its facts, its text or its results of verification have changed; of its statements,
those that differ are exchanged. A document that has not changed stays valid while the terms and predicates that its facts name
mean the same. So terms may come; they may go or change their kind if no fact names them, and change their label if no fact has
them in a qualifier; predicates may come, and change label, definition or note. Any other change, and any problem, is left to a
build of the whole store, which validates everything and reports all problems.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kb import pipeline
from kb.build.document_digests import DocumentDigest, digest_documents
from kb.build.reading import BuildInput, read
from kb.build.workers import count_processors
from kb.build.writing import BuildPlan, lines_of_documents
from kb.files.fingerprint import code_digest
from kb.problems import Problem
from kb.progress import track
from kb.queries.compiled import Compiled, controlled_words, to_plain
from kb.queries.living_state import DocumentState, Files, State, digests
from kb.queries.store_build import describe, list_graphs
from kb.rdf import dataset, ontology
from kb.rdf.compilation import compile_vocabulary
from kb.rdf.dataset import DatasetCounts
from kb.rdf.iris import KB, ONTOLOGY, RDF, RDFS, SKOS, Names
from kb.rdf.quads import Quad, iri
from kb.records.folder import find_files
from kb.schema.vocabulary import qualifiers, restricting_qualifiers
from kb.sparql.engines import disk_store
from kb.sparql.engines.disk_store import Build
from kb.sparql.engines.store_changes import StoreChanges

if TYPE_CHECKING:
    from pyoxigraph import Store

Make = Callable[[Path], dict[str, Any]]

_VOCABULARY_FILE = "vocabulary.nq"
_VOCABULARY = frozenset({"kb", "biolink", "terms", "predicates", "mappings", "cues"})
# The properties of a predicate that say nothing about how facts may use it.
_WORDS = tuple(iri(name) for name in (f"{RDFS}label", f"{SKOS}definition", f"{SKOS}editorialNote"))


def build_anew(folder: Path, files: Files, made: Path) -> dict[str, Any]:
    """Make a build of everything.

    Args:
        folder: The folder of the knowledge base.
        files: Its files.
        made: The folder of the build.

    Raises:
        KbError: The knowledge base has problems; all of them.
    """
    with pipeline.stream(folder, workers=count_processors()) as (_, statements):
        plan = statements.plan
        found = {document.id: document for document in digest_documents(plan.facts, plan.documents)}
        documents = _describe_documents(folder, plan, found)
        labels = {**plan.kb.labels(), "document": {name: (document.title,) for name, document in found.items()}}
        _write_state(made, plan, files, documents)
        _write_vocabulary(made, plan)
        chunks = track("loading", statements.lines(), len)
        lines = (f"{line}\n" for chunk in chunks for line in chunk.decode("utf-8").split("\n") if line)
        about = {"content": os.path.realpath(folder), "facts": _count(documents).facts}
        return disk_store.fill(made, lines, partial(describe, _compiled(folder, plan, labels)), about, compact=True)


def plan_changes(folder: Path, build: Build, state: State, files: Files) -> Make | None:
    """Plan a build that differs from the former one in what has changed.

    Args:
        folder: The folder of the knowledge base.
        build: The former build.
        state: What it was made from.
        files: The files now.

    Returns:
        What makes the build; nothing if everything has to be built anew.
    """
    before, now = digests(state.files), digests(files)
    changed = {path for path in before | now if before.get(path) != now.get(path)}
    problems: list[Problem] = []
    kinds = {str(path.relative_to(folder)): (path, kind) for path, kind in find_files(folder, problems)}
    selection = None if problems or state.code != code_digest() else _select(folder, state.documents, changed, kinds)
    if selection is None:
        return None
    checked, plan = pipeline.check_input(selection.read)
    # An input without documents is no problem here: the others have not changed.
    if plan is None or any(problem.code != "KB405" for problem in checked.problems) or _names(plan) != state.names:
        return None
    documents = {name: entry for name, entry in state.documents.items() if name not in selection.gone}
    documents.update(_describe_documents(folder, plan, selection.documents))
    exchange = None
    if not _VOCABULARY.isdisjoint(map(_room, changed)):
        former = (build.folder / _VOCABULARY_FILE).read_text("utf-8").split("\n")
        exchange = _Exchange.between(former, _vocabulary(plan))
    changes = _Changes(folder, build, state, files, selection, plan, documents, exchange)
    return changes.make if documents and changes.is_safe() else None


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
        wanted = {path for path in changed if path in kinds}.union(*_files(known, names))
        chosen = {path for name, (path, _) in kinds.items() if name in wanted or _room(name) in _VOCABULARY}
        made = read(folder, only=partial(_is_one_of, chosen))
        if not made.is_complete:
            return None
        found = {document.id: document for document in digest_documents(made.source("fact"), made.source("document"))}
        paths = {str(kinds[path][0]): path for path in wanted if path in kinds}
        more = {name for name, document in found.items() if not changed.isdisjoint(paths[path] for path in document.files)}
        if wanted.issuperset(chain.from_iterable(_files(known, more - names))):
            break
        names |= more
    names |= more
    new = {
        name: found[name]
        for name in names & found.keys()
        if name in forced or name not in known or not _is_same(known[name], found[name], folder)
    }
    gone = [name for name in names if name in known and name not in found]
    return _Selection(replace(made, documents=frozenset(new)), new, gone)


def _is_one_of(chosen: Container[Path], path: Path, _: str) -> bool:
    return path in chosen


def _is_same(known: DocumentState, document: DocumentDigest, folder: Path) -> bool:
    return (known.digest, known.files) == (document.digest, _relative_paths(document, folder))


def _relative_paths(document: DocumentDigest, folder: Path) -> tuple[str, ...]:
    return tuple(sorted(os.path.relpath(path, folder) for path in document.files))


def _files(known: Mapping[str, DocumentState], names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    return (known[name].files for name in names if name in known)


class _Exchange(NamedTuple):
    """The lines that one text has and another has not."""

    removed: set[str]
    added: set[str]

    @classmethod
    def between(cls, former: Iterable[str], now: Iterable[str]) -> _Exchange:
        """Compare two collections of lines."""
        before, after = set(filter(None, former)), set(now)
        return cls(before - after, after - before)


@dataclass(frozen=True)
class _Changes:
    """What differs from a former build."""

    folder: Path
    build: Build
    state: State
    files: Files
    selection: _Selection
    plan: BuildPlan
    documents: Mapping[str, DocumentState]
    vocabulary: _Exchange | None

    def is_safe(self) -> bool:
        """Return whether documents that have not changed stay valid, and their statements the same."""
        if self.vocabulary is None:
            return True
        names, kind = self.plan.names, iri(f"{RDF}type")
        predicate, term = f"<{names.base}predicate/", f"<{names.base}term/"
        removed, added = ([line.split(" ", 2)[:2] for line in lines] for lines in self.vocabulary)
        new = {node for node, name in added if name == kind} - {node for node, _ in removed}
        if any(node.startswith(predicate) and node not in new and name not in _WORDS for node, name in chain(removed, added)):
            return False
        changed, renamed = (
            {node[1:-1] for node, name in removed if node.startswith(term) and name == word}
            for word in (kind, iri(f"{SKOS}prefLabel"))
        )
        graphs = [f"document/{name}" for name in chain(self.selection.documents, self.selection.gone)]
        others = {names.graph(name) for name in ("vocabulary", "mappings", "claims", *graphs)}
        if not (changed or renamed):
            return True
        changes = self._changes(disk_store.open_read_only(self.build.disk_store))
        parts = [KB + qualifier.name for qualifier in qualifiers().values() if not qualifier.listed]
        return not (
            any(changes.is_used(node, except_in=others) for node in changed)
            or any(changes.is_value(node, parts) for node in renamed)  # what restricts a fact is written on it in words
        )

    def make(self, made: Path) -> dict[str, Any]:
        """Make the build; see :func:`disk_store.publish`."""
        _write_state(made, self.plan, self.files, self.documents)
        if self.vocabulary is None:
            os.link(self.build.folder / _VOCABULARY_FILE, made / _VOCABULARY_FILE)
        else:
            _write_vocabulary(made, self.plan)
        base = _compiled(self.folder, self.plan, self._labels())
        return disk_store.revise(made, self.build, self._apply, partial(self._describe, base), _count(self.documents).facts)

    def _describe(self, base: Compiled, store: Store) -> dict[str, Any]:
        """Describe the build; the named queries are read again if one has changed."""
        former = self.build.base
        if _queries(self.state.files) != _queries(self.files):
            return describe(base, store)
        return {**to_plain(replace(base, graphs=list_graphs(store))), **{key: former[key] for key in ("queries", "written")}}

    def _changes(self, store: Store) -> StoreChanges:
        return StoreChanges(store, self.plan.names.graph("claims"), restricting_qualifiers())

    def _apply(self, store: Store) -> int:
        """Change the store; return how many statements it has gained."""
        names, changes = self.plan.names, self._changes(store)
        graphs, gone = (
            [names.graph(f"document/{name}") for name in part] for part in (self.selection.documents, self.selection.gone)
        )
        changes.replace_documents(lines_of_documents(self.plan), graphs, gone)
        if self.vocabulary:
            changes.exchange(*self.vocabulary)
        former, now = self.state.documents.keys(), self.documents.keys()
        changes.exchange(_members(former - now, names), _members(now - former, names))
        changes.exchange(*_Exchange.between(self.state.description, _description(self.plan, self.documents)))
        used = {iri(entry.iri) for entry in ontology.list_entries() if changes.is_used(entry.iri, except_in={ONTOLOGY})}
        changes.replace_graph(ONTOLOGY, map(_line, ontology.compile_used(used)))
        return changes.gained

    def _labels(self) -> dict[str, Any]:
        titles = {name: title for name, title in self.build.base["labels"]["document"].items() if name in self.documents}
        titles.update({name: (document.title,) for name, document in self.selection.documents.items()})
        return {**self.plan.kb.labels(), "document": titles}


def _describe_documents(folder: Path, plan: BuildPlan, found: Mapping[str, DocumentDigest]) -> dict[str, DocumentState]:
    states = {}
    for summary in plan.joined.documents:
        document = found[summary.id]
        states[summary.id] = DocumentState(document.digest, _relative_paths(document, folder), summary.counts)
    return states


def _queries(files: Files) -> dict[str, str]:
    return {path: digest for path, digest in digests(files).items() if _room(path) == "queries"}


def _names(plan: BuildPlan) -> tuple[str, str, dict[str, str]]:
    about = plan.kb.dataset
    return about.base, about.language, dict(about.prefixes)


def _count(documents: Mapping[str, DocumentState]) -> DatasetCounts:
    facts, sentences, decided = (sum(state.counts[index] for state in documents.values()) for index in range(3))
    return DatasetCounts(facts, 0, sentences, decided)


def _compiled(folder: Path, plan: BuildPlan, labels: Mapping[str, Any]) -> Compiled:
    about = plan.kb.dataset
    known = {**labels, "word": controlled_words()}
    return Compiled(folder, {"id": about.id, "title": about.title, "version": about.version}, plan.names, known, ())


def _write_state(made: Path, plan: BuildPlan, files: Files, documents: Mapping[str, DocumentState]) -> None:
    state = State(code_digest(), _names(plan), files, dict(documents), sorted(_description(plan, documents)))
    state.write(made)


def _write_vocabulary(made: Path, plan: BuildPlan) -> None:
    (made / _VOCABULARY_FILE).write_text("\n".join(sorted(_vocabulary(plan))), encoding="utf-8", newline="\n")


def _vocabulary(plan: BuildPlan) -> set[str]:
    return set(map(_line, compile_vocabulary(plan.kb, plan.names)))


def _description(plan: BuildPlan, documents: Mapping[str, DocumentState]) -> set[str]:
    counts = replace(_count(documents), terms=len(plan.kb.terms))
    return set(map(_line, dataset.compile_dataset(plan.kb.dataset, counts, plan.names)))


def _members(names_of_documents: Iterable[str], names: Names) -> Iterator[str]:
    return map(_line, chain.from_iterable(dataset.compile_members(sorted(names_of_documents), names)))


def _line(quad: Quad) -> str:
    return f"{' '.join(quad)} ."
