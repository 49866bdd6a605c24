"""Read versions of a knowledge base, in whatever form they are stored, as statements to compare.

A version is a folder with ``kb.yaml``, a release or a folder of exports, a file of N-Quads, or a git revision such as ``HEAD~1``
or ``v1.0:kb/content``. Of two folders or revisions, only the files of records that differ are read, and those that name what
facts are about.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from kb import pipeline
from kb.build import reading
from kb.files import boundary, text_file
from kb.files.temporary import TemporaryFolder
from kb.formats.rdf_reader import read_statements
from kb.model import KnowledgeBase
from kb.problems import KbError, Place, fail
from kb.rdf import documents
from kb.rdf.compilation import compile_vocabulary
from kb.rdf.facts import TYPE, Compiler
from kb.rdf.iris import DCAT, names_of
from kb.rdf.quads import Quad, iri, literal_value
from kb.reports import changed_files
from kb.reports.changed_files import RecordSource

# A line of canonical N-Quads without blank nodes, as exports contain.
_LINE = re.compile(
    r'(<[^<>"\s]*+>) (<[^<>"\s]*+>) (<[^<>"\s]*+>|"(?:[^"\\]++|\\.)*+"(?:@[A-Za-z0-9-]++|\^\^<[^<>"\s]*+>)?+) (<[^<>"\s]*+>) \.'
)
_LARGEST = 1 << 30  # bytes of an export, which is held in memory
# The files that are read even if they do not differ: they name what facts are about.
_VOCABULARY = re.compile(r"kb\.yaml|(?:terms|predicates)[./].*")


@dataclass(frozen=True, slots=True)
class Version:
    """A version as the user named it, its number, and its statements.

    Unless it is whole, these are the statements about records that may differ and about what these name.
    """

    name: str
    number: str
    quads: list[Quad]
    is_whole: bool = True


def make_version(name: str, quads: list[Quad]) -> Version:
    """Make a version of all its statements."""
    number = next((literal_value(quad.object).value for quad in quads if quad.predicate == f"<{DCAT}version>"), "")
    return Version(name, number, quads)


def read_versions(first: str, second: str, *, whole: bool = False) -> tuple[Version, Version]:
    """Read two versions to compare; with ``whole``, all of both.

    Raises:
        KbError: One is not a version (KB821), or it has problems.
    """
    if not whole:
        sources = _find_source(first, second), _find_source(second, first)
        if sources[0] and sources[1] and (parts := _read_differing(sources[0], sources[1])):
            (before, quads_before), (after, quads_after) = parts
            return Version(first, before, quads_before, is_whole=False), Version(second, after, quads_after, is_whole=False)
    return read_version(first, second), read_version(second, first)


def _find_source(name: str, other: str) -> RecordSource | None:
    """Find the records of a version; nothing if it is stored in another form."""
    path = Path(name)
    source = RecordSource(path) if boundary.exists(path) else changed_files.find_revision(name, _find_folder(other))
    return source if source and source.has("kb.yaml") else None


def _find_folder(other: str) -> Path:
    """Find the folder that a revision without a path refers to."""
    return Path(other) if Path(other).is_dir() else Path.cwd()


def _read_differing(first: RecordSource, second: RecordSource) -> list[tuple[str, list[Quad]]] | None:
    """Read the records in which two versions may differ, as version number and statements; nothing if that is not enough."""
    differing = changed_files.find_differing(first, second)
    with TemporaryFolder() as place:
        bases = [_read_records(source, differing, Path(place) / name) for source, name in ((first, "a"), (second, "b"))]
    if not bases[0] or not bases[1] or bases[0].dataset.prefixes != bases[1].dataset.prefixes:
        return None
    changed = {
        name
        for kind in ("terms", "predicates")
        for name in {*getattr(bases[0], kind), *getattr(bases[1], kind)}
        if _without_record(getattr(bases[0], kind).get(name)) != _without_record(getattr(bases[1], kind).get(name))
    }
    named = changed | {name for kb in bases if kb for fact in kb.facts for name in (fact.subject, fact.predicate, fact.object)}
    named |= {name for kb in bases if kb for fact in kb.facts for name in fact.values}
    return [(kb.dataset.version, list(_compile(kb, named))) for kb in bases if kb]


def _read_records(source: RecordSource, differing: Collection[str], place: Path) -> KnowledgeBase | None:
    """Read the records of some files with the terms and predicates; nothing if they have problems."""

    def is_read(name: str) -> bool:
        return name in differing or bool(_VOCABULARY.fullmatch(name))

    folder = source.folder
    if source.blobs is not None:
        folder = changed_files.extract(folder, {name: source.blobs[name] for name in filter(is_read, source.blobs)}, {}, place)
    read = reading.read(folder, only=lambda path, _: is_read(path.relative_to(folder).as_posix()))
    about = read.dataset()
    if about is None or read.problems or any(part.problems for part in read.parts):
        return None
    kb = reading.assemble(read, read.vocabulary(about), [], lambda document, _, __: document)
    has_known = all(fact.predicate in kb.predicates and fact.subject in kb.terms for fact in kb.facts)
    return kb if has_known else None


def _without_record(value: Any) -> Any:
    return value and value._replace(record=None)


def _compile(kb: KnowledgeBase, named: Collection[object]) -> Iterator[Quad]:
    """Compile the records of a version, and of its terms and predicates those that are named."""
    names, language = names_of(kb), kb.dataset.language
    compiler = Compiler(names, kb.predicates, language, terms=kb.terms)
    yield Quad(iri(names.base), TYPE, iri(f"{DCAT}Dataset"), iri(names.graph("dataset")))
    for fact in kb.stated_facts():
        yield from chain.from_iterable(compiler.quads(fact))
    for document in kb.documents.values():
        yield from documents.compile_document(document, (), names, language).quads()
    known = {name: term for name, term in kb.terms.items() if name in named}
    predicates = {name: predicate for name, predicate in kb.predicates.items() if name in named}
    yield from compile_vocabulary(kb._replace(terms=known, predicates=predicates), names)


def read_version(name: str, other: str) -> Version:
    """Read all of a version: a path or a git revision; one without a path refers to the folder of the other version.

    Raises:
        KbError: It is not a version (KB821), or it has problems.
    """
    path = Path(name)
    if boundary.exists(path):
        return make_version(name, _read_path(path))
    with TemporaryFolder() as place:
        try:
            folder = _find_folder(other)
            return make_version(
                name, _read_path(changed_files.extract(folder, *changed_files.list_files(name, folder), Path(place)))
            )
        except KbError as error:
            raise KbError(
                problem._replace(place=problem.place._replace(file=problem.place.file.replace(place, name)))
                for problem in error.problems
            ) from error


def _read_path(path: Path) -> list[Quad]:
    if path.is_dir() and boundary.exists(path / "kb.yaml"):
        return pipeline.compile_all(pipeline.load(path))
    file, within = find_export(path), path if path.is_dir() else None
    return read_statements(file, within=within)[0] if file.suffix == ".trig" else list(_read_lines(file, within))


def find_export(path: Path) -> Path:
    """Return the file that holds the whole graph in a release or a folder of exports; a file is returned as it is.

    Raises:
        KbError: There is none (KB821).
    """
    files = (_find_quads(path) or _find_quads(path / "data")) if path.is_dir() else [path]
    if len(files) != 1:
        message = f"It contains neither kb.yaml nor exactly one file of N-Quads or TriG, but {len(files)}."
        raise fail("KB821", message, "Name a knowledge base, a release, a file of N-Quads or a git revision.", str(path))
    return files[0]


def _find_quads(folder: Path) -> list[Path]:
    """Find the files of N-Quads in a folder, or else those of TriG that hold the whole graph."""
    names = [entry.name for entry in boundary.list_folder(folder)]
    found = [name for name in names if name.endswith(".nq")] or [name for name in names if re.fullmatch(r"[^.]+\.trig", name)]
    return [folder / name for name in found]


def _read_lines(path: Path, within: Path | None) -> Iterator[Quad]:
    data = text_file.read_bytes(path, str(path), _LARGEST, within)
    for number, line in enumerate(text_file.decode(data, str(path)).split("\n"), 1):
        if match := _LINE.fullmatch(line):
            yield Quad(*match.groups())
        elif line:
            message = "This is not a line of canonical N-Quads."
            raise fail("KB104", message, "Name an export that 'kb export -f nquads' wrote.", Place(str(path), number))
