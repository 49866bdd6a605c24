"""Read the pieces of a knowledge base into parts, by one process or many, and assemble what is held in memory."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from heapq import nsmallest
from itertools import chain
from pathlib import Path
from typing import Any
from zlib import crc32

from kb.build import imports, part_cache, parts, sorted_runs
from kb.build.chunks import Piece, cut
from kb.build.joining import Complete, MergedRecords, complete
from kb.build.parts import Part
from kb.build.step import is_inside, use_declared
from kb.build.workers import share
from kb.files.text_file import read_bytes
from kb.metadata import BiolinkProfile, Dataset
from kb.model import Document, KnowledgeBase, Record
from kb.problems import KbError, Place, Problem
from kb.progress import track
from kb.records import folder as records
from kb.records import parquet, resolve
from kb.schema import vocabulary

#: How many bytes of values are held in memory; further parts are written to files.
MOST_HELD = 32 * 1024 * 1024

#: The least size of the input, in bytes, for which more than one process is started.
LEAST_SHARED = 4 * 1024 * 1024

#: SHACL engines are slow; since JSON Schema and shapes agree, a sample of a larger knowledge base is enough.
LARGEST_SHAPED = 200

KINDS = ("kb", "document", "term", "predicate", "fact", "mapping")


@dataclass(frozen=True)
class BuildInput:
    """What was read of a knowledge base.

    Args:
        pieces: The pieces of its files, in order; a piece that was read as several parts occurs as often.
        parts: The part of each piece.
        problems: The problems of the folder itself.
        documents: The documents to process, with their facts; all by default.
        has_vocabulary: Whether its vocabulary is valid; otherwise nothing but ``kb.yaml`` was read.
    """

    folder: Path
    pieces: tuple[Piece, ...]
    parts: tuple[Part, ...]
    problems: tuple[Problem, ...]
    documents: Container[str] | None = None
    has_vocabulary: bool = True

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each kind were read."""
        counts = Counter[str]()
        for piece, part in zip(self.pieces, self.parts, strict=True):
            counts[piece.kind] += part.records
        return {kind: counts[kind] for kind in KINDS}

    @property
    def is_complete(self) -> bool:
        """Whether everything could be read."""
        return self.has_vocabulary and not self.problems and not any(part.unreadable for part in self.parts)

    @property
    def broken(self) -> frozenset[tuple[str, str]]:
        """Kind and id of the records that break their schema."""
        both = zip(self.pieces, self.parts, strict=True)
        return frozenset((piece.kind, name) for piece, part in both for name in part.broken)

    @property
    def document_files(self) -> dict[str, str] | None:
        """The file of each document, by its id; nothing if a file or a document could not be read."""
        both = [(piece, part) for piece, part in zip(self.pieces, self.parts, strict=True) if piece.kind == "document"]
        is_known = self.is_complete and not any(part.broken for _, part in both)
        return {name: str(piece.path) for piece, part in both for name in part.ids} if is_known else None

    def source(self, kind: str) -> MergedRecords:
        """Return the runs of a kind with their pieces."""
        both = [(part.run, piece) for piece, part in zip(self.pieces, self.parts, strict=True) if piece.kind == kind]
        return MergedRecords([run for run, _ in both], [piece for _, piece in both], self.documents)

    def values(self, kind: str) -> Iterator[Any]:
        """Yield the values of a kind as they were read, each with its record."""
        source = self.source(kind)
        for run, piece in zip(source.runs, source.pieces, strict=True):
            yield from parts.locate(kind, sorted_runs.read(run), piece)

    def dataset(self) -> Dataset | None:
        """Return the metadata of the knowledge base, if they are valid."""
        return next(map(resolve.parse_dataset, self.values("kb")), None)

    def add_import_problems(self) -> BuildInput:
        """Return this with the problems of what is imported, which make it incomplete."""
        wrong = chain.from_iterable(imports.check(record, self.folder) for record in self.values("kb"))
        return replace(self, problems=(*self.problems, *wrong))

    def placeholder_dataset(self) -> Dataset | None:
        """Return a placeholder for invalid metadata, so that the rest can be checked."""
        invalid_metadata = [value for part in self.parts for value in part.invalid_metadata]
        datasets = (resolve.placeholder_dataset(Record("kb", value, Place(""))) for value in invalid_metadata)
        return next(filter(None, datasets), None)

    def vocabulary(self, about: Dataset) -> KnowledgeBase:
        """Return the knowledge base without its facts and documents, and take its vocabulary in use."""
        vocabulary.use(about.vocabulary)
        localize = partial(resolve.localize, language=about.language)
        known = imports.read_imports(self.folder) if about.imports else {}
        own_terms, own_predicates = (imports.add_origins(self.values(kind), kind, known) for kind in ("term", "predicate"))
        terms = sorted(map(localize, own_terms), key=lambda term: str(term.id))
        predicates = sorted(map(localize, own_predicates), key=lambda predicate: str(predicate.id))
        about, rows = resolve.adopt_prefixes(about, self.values("mapping"))
        mappings = sorted(rows, key=lambda row: (row.subject, row.match, row.object))
        return KnowledgeBase(
            self.folder,
            about,
            {},
            {term.id: term for term in terms if not term.deprecated},
            {predicate.id: predicate for predicate in predicates},
            (),
            tuple(row for row in mappings if row.is_ours),
            tuple(row for row in mappings if not row.is_ours),
            next(map(resolve.parse_biolink, self.values("biolink")), BiolinkProfile()),
            tuple(self.values("cue")),
            {term.id: term for term in terms if term.deprecated},
        )


def read(
    path: Path, folder: str = "", workers: int = 1, facts: Sequence[str] = (), only: Callable[[Path, str], bool] | None = None
) -> BuildInput:
    """Read a knowledge base.

    Args:
        path: The folder that holds ``kb.yaml``.
        folder: The folder for parts that do not fit into memory; empty to hold all of them in memory.
        workers: How many processes may read.
        facts: Files of more facts, folders or patterns.
        only: Whether to read a file of a kind; by default all are.

    Raises:
        KbError: The folder holds no knowledge base.
    """
    parts.forget_reread()
    problems: list[Problem] = []
    has_words = use_vocabulary(path)
    files = chain(records.find_inputs(path, problems), records.match_files(facts, "fact", problems))
    pieces = tuple(cut(file for file in files if (only is None or only(*file)) and (has_words or file[1] == "kb")))
    total = sum(map(_size, pieces))
    if workers > 1 and folder and total > LEAST_SHARED:
        work = share(lambda piece: [spill(part, folder) for part in part_cache.read_parts(piece)], pieces, workers)
        both = track("reading", zip(pieces, work, strict=True), lambda pair: _size(pair[0]), total)
        made = [(piece, part) for piece, parts_ in both for part in parts_]
    else:
        made, held = [], 0
        for piece in track("reading", pieces, _size, total):
            for part in part_cache.read_parts(piece):
                held += len(part.run.data)
                made.append((piece, spill(part, folder) if folder and held > MOST_HELD else part))
    part_cache.prune()
    whole = BuildInput(path, tuple(piece for piece, _ in made), tuple(part for _, part in made), tuple(problems), None, has_words)
    return whole.add_import_problems()


def use_vocabulary(path: Path) -> bool:
    """Take the vocabulary of a knowledge base in use; return false if it is invalid, so that nothing else can be read by it."""
    vocabulary.use("")
    try:
        if b"vocabulary" in read_bytes(path / "kb.yaml", "kb.yaml"):
            return all(map(use_declared, records.read_file(path / "kb.yaml", "kb")))
    except KbError:  # reading the file reports it
        pass
    return True


def _size(piece: Piece) -> int:
    try:
        if piece.end < 0:
            return os.stat(piece.path).st_size
        return (piece.end - piece.start) * (parquet.ROW if parquet.is_parquet(piece.path) else 1)
    except OSError:
        return 0


def spill(part: Part, folder: str) -> Part:
    """Write the values of a part to a file."""
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
        file.write(part.run.data)
    return part._replace(run=part.run._replace(data=b"", path=file.name))


def assemble(read: BuildInput, kb: KnowledgeBase, problems: list[Problem], complete: Complete = complete) -> KnowledgeBase:
    """Return a knowledge base with all its facts and documents.

    ``kb`` is without them, and problems of texts and results are added to ``problems``.
    """
    source = read.source("fact")
    facts = sorted(map(source.locate, source.merge()), key=lambda fact: str(fact.path))
    return kb._replace(facts=tuple(facts), documents=assemble_documents(read, kb, problems, complete))


def assemble_documents(
    read: BuildInput,
    kb: KnowledgeBase,
    problems: list[Problem],
    complete: Complete = complete,
    only: Container[str] | None = None,
) -> dict[str, Document]:
    """Return the documents by id, or some of them; see :func:`assemble`."""
    source = read.source("document")
    located = (source.locate(entry) for entry in source.merge() if only is None or entry[0].id in only)
    last = {document.id: document for document in sorted(located, key=lambda document: str(document.id))}
    return {name: complete(document, kb.folder, problems) for name, document in last.items()}


def sample(read: BuildInput, kb: KnowledgeBase) -> KnowledgeBase:
    """Return a small knowledge base with everything, or facts drawn from a large one with all that they name.

    Facts are drawn by the digest of their path, so that a change elsewhere does not change the sample.
    """
    source = read.source("fact")
    if read.counts["fact"] <= LARGEST_SHAPED:
        return assemble(read, kb, [])
    drawn = nsmallest(LARGEST_SHAPED // 2, source.merge(), key=lambda entry: crc32(entry[0].path.encode()))
    facts = sorted(map(source.locate, drawn), key=lambda fact: str(fact.path))
    named = {name for fact in facts for name in (fact.subject, fact.object, *fact.values)}
    cited = {(fact.document, sentence) for fact in facts for sentence in fact.sentences}
    documents = assemble_documents(read, kb, [], only={fact.document for fact in facts})
    return kb._replace(
        facts=tuple(facts),
        terms={name: term for name, term in kb.terms.items() if name in named},
        documents={
            name: document._replace(
                sentences=tuple(sentence for sentence in document.sentences if (name, sentence.id) in cited),
                replaces=tuple(other for other in document.replaces if other in documents),
            )
            for name, document in documents.items()
        },
        mappings=(),
        retired={},
    )


def find_place(iri: str, kb: KnowledgeBase) -> Place:
    """Find the place of the record that a node of the graph comes from, or else the folder."""
    path = iri.removeprefix(kb.dataset.base)
    kind, _, name = path.partition("/")
    value: Any = None
    if kind == "fact":
        value = next((fact for fact in kb.facts if is_inside(path, fact)), None)
    elif kind in {"term", "predicate", "document"}:
        values: Mapping[str, Any] = {"term": {**kb.terms, **kb.retired}, "predicate": kb.predicates, "document": kb.documents}[
            kind
        ]
        value = values.get(name.partition("/")[0])
    return value.record.place if value and value.record else Place(str(kb.folder))
