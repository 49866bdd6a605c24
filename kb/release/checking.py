"""Check a release: the files against their checksums, and the metadata against the files."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, cast

import pyoxigraph as ox

from kb.files import boundary
from kb.files.text_file import read_bytes
from kb.formats import registry
from kb.problems import KbError, Place, Problem, collect, fail
from kb.rdf.iris import DCAT, VOID
from kb.release.draft import CHECKSUMS

_SPDX = "http://spdx.org/rdf/terms#"
# The most bytes of a file, which some checks hold in memory, and of all files.
_LARGEST, _LARGEST_RELEASE = 1 << 30, 1 << 34
_REMEDY = "Download the release again, or make it again."


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """The size of a file in bytes, and its digest."""

    size: int
    sha256: str


def check_release(folder: Path) -> list[Problem]:
    """Return all problems of a release (KB712).

    Raises:
        KbError: The folder is not a release (KB101).
    """
    if not boundary.exists(folder / CHECKSUMS):
        raise fail("KB101", f"There is no {CHECKSUMS}.", "Name the folder of a release.", str(folder))
    problems: list[Problem] = []
    files = _measure(folder, problems)
    refused = {problem.place.file for problem in problems}
    problems.extend(_checksums(folder, files, refused))
    if refused:  # the metadata would seem to describe missing files
        return collect(problems)
    damaged = bool(problems)
    for check in (_copies, _graphs, _datapackage, _mappings, _croissant, _crate, _schemaorg, _catalogue):
        try:
            problems.extend(check(folder, files))
        except KbError as error:
            problems.extend(error.problems)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError, EOFError) as error:
            if not damaged:  # else the damaged files are reported already
                problems.append(_make_problem("", f"It cannot be checked: {type(error).__name__}: {error}."))
    return collect(problems)


def _make_problem(name: str, message: str) -> Problem:
    return Problem(Place(name or CHECKSUMS), "KB712", message, _REMEDY)


def _measure(folder: Path, problems: list[Problem]) -> dict[str, MeasuredFile]:
    """Measure the files of a release, by their paths below its folder; those that cannot be read are problems."""
    files: dict[str, MeasuredFile] = {}
    left = _LARGEST_RELEASE
    for above, entries in boundary.walk(folder, lambda error: problems.extend(error.problems), folder):
        for name in ((above / entry.name).relative_to(folder).as_posix() for entry in entries if not entry.is_folder):
            try:
                with boundary.open_file(folder / name, name, folder) as file:
                    size = os.fstat(file.fileno()).st_size
                    if size > min(left, _LARGEST):
                        message = f"With {size:,} bytes, it is too large to be checked."
                        raise fail("KB110", message, "Check it with 'sha256sum --check SHA256SUMS'.", name)
                    files[name] = MeasuredFile(size, file_digest(file, sha256).hexdigest())
                    left -= size
            except KbError as error:
                problems.extend(error.problems)
    return files


def _read(folder: Path, name: str) -> bytes:
    return read_bytes(folder / name, name, _LARGEST, folder)


def _checksums(folder: Path, files: dict[str, MeasuredFile], refused: set[str]) -> Iterator[Problem]:
    if CHECKSUMS in refused:
        return
    listed = {}
    for number, line in enumerate(_read(folder, CHECKSUMS).decode("utf-8", "replace").splitlines(), 1):
        digest, separator, name = line.partition("  ")
        if not separator or len(digest) != 64 or name in listed:
            yield Problem(Place(CHECKSUMS, number), "KB712", "The line is not a checksum and a name.", _REMEDY)
        listed[name] = digest
    for name, digest in listed.items():
        if name in refused:
            continue
        if name not in files:
            yield _make_problem(name, "It is missing.")
        elif files[name].sha256 != digest:
            yield _make_problem(name, "It was changed: its checksum differs.")
    for name in files.keys() - listed.keys() - {CHECKSUMS}:
        yield _make_problem(name, "It is not part of the release.")


def _copies(folder: Path, files: dict[str, MeasuredFile]) -> Iterator[Problem]:
    for name in files:
        if name.endswith(".gz"):
            original = name.removesuffix(".gz")
            if original in files:
                with gzip.open(io.BytesIO(_read(folder, name))) as file:
                    content = file.read(files[original].size + 1)
            if original not in files or sha256(content).hexdigest() != files[original].sha256:
                yield _make_problem(name, f"It is not a copy of {original}.")


def _graphs(folder: Path, files: dict[str, MeasuredFile]) -> Iterator[Problem]:
    """Compare the formats of the graph: without blank nodes, isomorphic graphs are equal sets."""
    known: dict[bool, tuple[str, set[Any]]] = {}
    for fmt in registry.FORMATS:
        for name in files:
            stem = name.removeprefix("rdf/").removesuffix(f".{fmt.extension}")
            if name != f"rdf/{stem}.{fmt.extension}" or "." in stem:
                continue
            quads = set(ox.parse(_read(folder, name), format=ox.RdfFormat.from_media_type(fmt.media_type)))
            statements: set[Any] = quads if fmt.graphs else {quad.triple for quad in quads}
            first, expected = known.setdefault(fmt.graphs, (name, statements))
            if statements != expected:
                yield _make_problem(name, f"Its {len(statements)} statements differ from the {len(expected)} of {first}.")
    if len(known) == 2 and {quad.triple for quad in known[True][1]} != known[False][1]:
        yield _make_problem(known[True][0], f"Its triples differ from those of {known[False][0]}.")


def _json(folder: Path, name: str) -> Any:
    return json.loads(_read(folder, name))


def _claims(
    file: str, files: dict[str, MeasuredFile], name: str, size: object = None, digest: object = None
) -> Iterator[Problem]:
    """Compare what one file says about another with the file."""
    if name not in files:
        yield _make_problem(file, f"It describes {name}, which is missing.")
        return
    if size is not None and int(str(size).removesuffix(" B")) != files[name].size:
        yield _make_problem(file, f"It states {size} bytes for {name}, which has {files[name].size}.")
    if digest is not None and str(digest).removeprefix("sha256:") != files[name].sha256:
        yield _make_problem(file, f"It states a wrong checksum for {name}.")


def _datapackage(folder: Path, files: dict[str, MeasuredFile]) -> Iterator[Problem]:
    file = "datapackage.json"
    for resource in _json(folder, file)["resources"]:
        name = resource["path"]
        yield from _claims(file, files, name, resource["bytes"], resource["hash"])
        if name in files:
            text = _read(folder, name).decode("utf-8")
            rows = _rows(text, resource["dialect"]["delimiter"])
            if rows != resource["rows"]:
                yield _make_problem(file, f"It states {resource['rows']} rows for {name}, which has {rows}.")


def _mappings(folder: Path, files: dict[str, MeasuredFile]) -> Iterator[Problem]:
    """Compare the SSSOM set with the table of mappings, because readers of SSSOM skip rows that they cannot read."""
    (name,) = (name for name in files if name.endswith(".sssom.tsv"))
    lines = [line for line in _read(folder, name).decode("utf-8").splitlines() if not line.startswith("#")]
    expected = _rows(_read(folder, "csv/mappings.csv").decode("utf-8"), ",")
    rows = sum(1 for _ in csv.reader(lines, delimiter="\t")) - 1
    if rows != expected:
        yield _make_problem(name, f"It has {rows} mappings; csv/mappings.csv has {expected}.")


def _rows(text: str, delimiter: str) -> int:
    if delimiter == "\t":  # KGX has no quotes
        return text.count("\n") - 1
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)) - 1


def _croissant(folder: Path, files: dict[str, MeasuredFile]) -> Iterator[Problem]:
    for file in _json(folder, "croissant.json")["distribution"]:
        yield from _claims("croissant.json", files, file["contentUrl"], file["contentSize"], file["sha256"])


def _crate(folder: Path, files: dict[str, MeasuredFile]) -> Iterator[Problem]:
    file = "ro-crate-metadata.json"
    entities = {entity["@id"]: entity for entity in _json(folder, file)["@graph"] if entity["@type"] == "File"}
    for name, entity in entities.items():
        yield from _claims(file, files, name, entity.get("contentSize"))
    for name in files.keys() - entities.keys() - {file}:
        yield _make_problem(file, f"It does not describe {name}.")


def _schemaorg(folder: Path, files: dict[str, MeasuredFile]) -> Iterator[Problem]:
    for file in _json(folder, "schemaorg.jsonld")["distribution"]:
        yield from _claims("schemaorg.jsonld", files, file["name"], file["contentSize"])


def _catalogue(folder: Path, files: dict[str, MeasuredFile]) -> Iterator[Problem]:
    """Compare the sizes, checksums and number of triples in the catalogue with the files."""
    file, store = "dcat.ttl", ox.Store()
    store.load(_read(folder, file), format=ox.RdfFormat.TURTLE)
    sparql = f"""SELECT ?name ?size ?sum {{ ?d a <{DCAT}Distribution> ; <http://purl.org/dc/terms/title> ?name ;
        <{DCAT}byteSize> ?size ; <{_SPDX}checksum>/<{_SPDX}checksumValue> ?sum }}"""
    for row in cast("ox.QuerySolutions", store.query(sparql)):
        yield from _claims(file, files, row["name"].value, row["size"].value, row["sum"].value)
    sparql = f"SELECT ?n {{ ?d a <{DCAT}Dataset> ; <{VOID}triples> ?n }}"
    (stated,) = {row["n"].value for row in cast("ox.QuerySolutions", store.query(sparql))}
    name = next(name for name in files if name.startswith("rdf/") and name.endswith(".nt"))
    triples = len({line for line in _read(folder, name).decode("utf-8").splitlines() if line})
    if int(stated) != triples:
        yield _make_problem(file, f"It states {stated} triples; {name} has {triples}.")
