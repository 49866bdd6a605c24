"""Read versions of a knowledge base, in whatever form they are stored, as statements to compare.

A version is a folder with ``kb.yaml``, a release or a folder of exports, a file of N-Quads, or a git revision such as ``HEAD~1``
or ``v1.0:kb/content``. Of two folders or revisions, only the files of records that differ are read, and those that name what
facts are about.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

from kb import pipeline
from kb.build import assembly, reading
from kb.files import boundary, text_file
from kb.files.temporary import TemporaryFolder
from kb.model import KnowledgeBase
from kb.problems import KbError, Place, fail
from kb.rdf import documents, terms
from kb.rdf.facts import BASIS, TYPE, Compiler
from kb.rdf.iris import DCAT, names_of
from kb.rdf.quads import Quad, iri, literal_value
from kb.reports import changed_files
from kb.reports.changed_files import FolderVersion, RevisionVersion

# A line of canonical N-Quads without blank nodes, as exports contain.
_LINE = re.compile(
    r'(<[^<>"\s]*+>) (<[^<>"\s]*+>) (<[^<>"\s]*+>|"(?:[^"\\]++|\\.)*+"(?:@[A-Za-z0-9-]++|\^\^<[^<>"\s]*+>)?+) (<[^<>"\s]*+>) \.'
)
_LARGEST = 1 << 30  # bytes of an export, which is held in memory
# The files that are read even if they do not differ: they name what facts are about.
_VOCABULARY = re.compile(r"kb\.yaml|(?:terms|predicates)[./].*")


@dataclass(frozen=True, slots=True)
class Version:
    """A version as the user named it, and its statements.

    Args:
        name: Its name.
        number: Its version number.
        quads: Its statements, or those about records that may differ and about what these name.
        is_whole: Whether these are all statements.
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


def _find_source(name: str, other: str) -> FolderVersion | RevisionVersion | None:
    """Find the records of a version; nothing if it is stored in another form."""
    path = Path(name)
    if boundary.exists(path):
        return FolderVersion(path) if path.is_dir() and boundary.exists(path / "kb.yaml") else None
    revision = changed_files.find_revision(name, _find_folder(other))
    return revision if revision and "kb.yaml" in revision.blobs else None


def _find_folder(other: str) -> Path:
    """Find the folder that a revision without a path refers to."""
    return Path(other) if Path(other).is_dir() else Path.cwd()


def _read_differing(
    first: FolderVersion | RevisionVersion, second: FolderVersion | RevisionVersion
) -> list[tuple[str, list[Quad]]] | None:
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
    named |= {name for kb in bases if kb for fact in kb.facts for name in fact.qualifiers.values()}
    return [(kb.dataset.version, list(_compile(kb, named))) for kb in bases if kb]


def _read_records(source: FolderVersion | RevisionVersion, differing: Collection[str], place: Path) -> KnowledgeBase | None:
    """Read the records of some files with the terms and predicates; nothing if they have problems."""
    folder = source.extract(differing, _VOCABULARY, place)

    def is_read(path: Path, _: str) -> bool:
        name = path.relative_to(folder).as_posix()
        return name in differing or bool(_VOCABULARY.fullmatch(name))

    read = reading.read(folder, only=is_read)
    about = read.dataset()
    if about is None or read.problems or any(part.problems for part in read.parts):
        return None
    kb = assembly.assemble(read, read.vocabulary(about), [], lambda document, _, __: document)
    has_known = all(fact.predicate in kb.predicates and fact.subject in kb.terms for fact in kb.facts)
    return kb if has_known else None


def _without_record(value: Any) -> Any:
    return value and value._replace(record=None)


def _compile(kb: KnowledgeBase, named: Collection[object]) -> Iterator[Quad]:
    """Compile the records of a version, and of its terms and predicates those that are named."""
    names, language = names_of(kb), kb.dataset.language
    compiler = Compiler(names, kb.predicates, language, terms=kb.terms)
    yield Quad(iri(names.base), TYPE, iri(f"{DCAT}Dataset"), iri(names.graph("dataset")))
    for fact in kb.facts:
        yield from chain.from_iterable(compiler.quads(fact))
    for document in kb.documents.values():
        rows = documents.compile_document(document, (), names, language)
        yield from rows.quads()
        if document.evidence:
            yield Quad(rows.node[0], BASIS, iri(names.expand(document.evidence) or ""), rows.graph)
    for term in kb.terms.values():
        if term.id in named:
            yield from terms.compile_term(term, names, language)
    for predicate in kb.predicates.values():
        if predicate.id in named:
            yield from terms.compile_predicate(predicate, names, language)
    for mapping in kb.mappings:
        yield from terms.compile_mapping(mapping, names)


def read_version(name: str, other: str) -> Version:
    """Read all of a version.

    Args:
        name: A path or a git revision.
        other: The version to compare with; a revision without a path refers to its folder.

    Raises:
        KbError: It is not a version (KB821), or it has problems.
    """
    path = Path(name)
    if boundary.exists(path):
        return make_version(name, _read_path(path))
    with TemporaryFolder() as place:
        _extract(name, _find_folder(other), Path(place))
        try:
            return make_version(name, _read_path(Path(place)))
        except KbError as error:
            raise KbError(
                problem._replace(place=problem.place._replace(file=problem.place.file.replace(place, name)))
                for problem in error.problems
            ) from error


def _read_path(path: Path) -> list[Quad]:
    if path.is_dir() and boundary.exists(path / "kb.yaml"):
        return pipeline.compile_all(pipeline.load(path))
    files = (_find_nquads(path) or _find_nquads(path / "rdf")) if path.is_dir() else [path]
    if len(files) != 1:
        message = f"It contains neither kb.yaml nor exactly one file of N-Quads, but {len(files)}."
        raise fail("KB821", message, "Name a knowledge base, a release, a file of N-Quads or a git revision.", str(path))
    return list(_read_lines(files[0], path))


def _find_nquads(folder: Path) -> list[Path]:
    return [folder / entry.name for entry in boundary.list_folder(folder) if entry.name.endswith(".nq")]


def _read_lines(path: Path, version: Path) -> Iterator[Quad]:
    data = text_file.read_bytes(path, str(path), _LARGEST, version if version.is_dir() else None)
    for number, line in enumerate(text_file.decode(data, str(path)).split("\n"), 1):
        if match := _LINE.fullmatch(line):
            yield Quad(*match.groups())
        elif line:
            message = "This is not a line of canonical N-Quads."
            raise fail("KB104", message, "Name an export that 'kb export -f nquads' wrote.", Place(str(path), number))


def _extract(name: str, folder: Path, place: Path) -> None:
    """Extract a git revision into a folder."""
    top, tree = changed_files.find_tree(name, folder)
    # Below the top, git archive extracts only a part of the tree.
    with tarfile.open(fileobj=BytesIO(changed_files.run_git(top, name, "archive", "--format=tar", tree))) as archive:
        archive.extractall(place, filter="data")
